//! The service itself, and how its deployments go.

use std::rc::Rc;

use super::{FargateService, checks, load_balancing, network, roles, scaling, task_definition};
use crate::block::Vpc;
use crate::block::lowering::{Lowering, RecordOrigin};
use crate::cfn;
use crate::cfn::{LogicalId, Map, Ref, Resource, Value};

const GRACE_PERIOD_SECONDS: i64 = 60;
const HEALTHY_PERCENT: (i64, i64) = (100, 200);

impl FargateService {
    pub(crate) fn lower(self: &Rc<Self>, scope: &mut Lowering<'_>) {
        checks::all(self, scope);
        roles::lower(self, scope);
        task_definition::lower(self, scope);
        let Some(vpc) = network::of(self, scope) else { return };
        network::security_group(self, &vpc, scope);
        let gates = load_balancing::lower(self, &vpc, scope);
        self.service(&vpc, &gates, scope);
        scaling::lower(self, scope);
    }

    /// Whether other services reach this one by Service Connect.
    pub(crate) fn connects(&self) -> bool {
        self.cluster.as_ref().is_some_and(|cluster| cluster.value.namespace.is_some())
    }

    fn service(self: &Rc<Self>, vpc: &Vpc, gates: &[LogicalId], scope: &mut Lowering<'_>) {
        let Some(cluster) = scope.neighbours.cluster(self).cloned() else { return };
        let Some(placement) = network::place(self, vpc, scope) else { return };
        let service = Resource::new("AWS::ECS::Service", self.name.origin.clone())
            .with("Cluster", cluster.name())
            .with("TaskDefinition", Ref::to(self.task()))
            .marked("Cluster", self.cluster.as_ref());
        let service = self.capacity(service);
        let service = self.count(service);
        let service = service.with("DeploymentConfiguration", self.deployment_configuration());
        let service = self.deployment_marks(service).with("EnableECSManagedTags", false);
        let mut service = network::configure(self, &placement, service)
            .with_some("EnableExecuteCommand", self.exec.as_ref().map(|_| true))
            .with_some("ServiceConnectConfiguration", self.connects().then(|| self.service_connect()));
        if !self.behind.is_empty() {
            let grace = self.grace_period.as_ref().map_or(GRACE_PERIOD_SECONDS, |grace| grace.value);
            service = service
                .with("LoadBalancers", load_balancing::registrations(self))
                .with("HealthCheckGracePeriodSeconds", grace)
                .marked("LoadBalancers", self.behind.first())
                .marked("HealthCheckGracePeriodSeconds", self.grace_period.as_ref());
        }
        // A load balancer takes as long to make as NAT gateways do; without one, the first tasks would start before
        // they can pull their image, and count against the deployment.
        let waits = if gates.is_empty() { &placement.ways_out } else { gates };
        for first in waits {
            service = service.after(first.clone());
        }
        scope.add(self.logical_id(), service);
    }

    fn capacity(&self, service: Resource) -> Resource {
        let Some(weight) = &self.spot else { return service.with("LaunchType", "FARGATE") };
        let strategy = cfn!([
            cfn!({ "CapacityProvider": "FARGATE_SPOT", "Weight": weight.value }),
            cfn!({ "CapacityProvider": "FARGATE", "Weight": 1_i64 }),
        ]);
        service.with("CapacityProviderStrategy", strategy).marked("CapacityProviderStrategy", Some(weight))
    }

    /// With scaling the service says no number: else each deployment would set it back.
    fn count(&self, service: Resource) -> Resource {
        match (&self.scaling, &self.count) {
            (Some(_), _) => service,
            (None, Some(count)) => service.with("DesiredCount", &count.value).marked("DesiredCount", Some(count)),
            (None, None) => service.with("DesiredCount", 1_i64),
        }
    }

    fn deployment_configuration(&self) -> Value {
        let (least, most) =
            self.healthy_percent.as_ref().map_or(HEALTHY_PERCENT, |set| (*set.value.start(), *set.value.end()));
        let on = self.no_circuit_breaker.is_none();
        let mut breaker = Map::from_iter([("Enable".to_owned(), on.into()), ("Rollback".to_owned(), on.into())]);
        if let Some(threshold) = self.circuit_breaker.as_ref().filter(|_| on) {
            let count = cfn!({ "Type": "COUNT", "Value": threshold.value });
            breaker.insert("ThresholdConfiguration".to_owned(), count);
        }
        let mut configuration = Map::from_iter([
            ("MinimumHealthyPercent".to_owned(), least.into()),
            ("MaximumPercent".to_owned(), most.into()),
            ("DeploymentCircuitBreaker".to_owned(), breaker.into()),
        ]);
        if !self.alarm.is_empty() {
            let names = Value::list(self.alarm.iter().map(|alarm| &alarm.value));
            let alarms = cfn!({ "AlarmNames": names, "Enable": true, "Rollback": true });
            configuration.insert("Alarms".to_owned(), alarms);
        }
        configuration.into()
    }

    fn deployment_marks(&self, service: Resource) -> Resource {
        service
            .marked("DeploymentConfiguration.MinimumHealthyPercent", self.healthy_percent.as_ref())
            .marked("DeploymentConfiguration.MaximumPercent", self.healthy_percent.as_ref())
            .marked("DeploymentConfiguration.DeploymentCircuitBreaker", self.circuit_breaker.as_ref())
            .marked("DeploymentConfiguration.DeploymentCircuitBreaker", self.no_circuit_breaker.as_ref())
            .marked("DeploymentConfiguration.Alarms", self.alarm.first())
            .marked("EnableExecuteCommand", self.exec.as_ref())
    }

    /// A server where the main container listens, a client in any case.
    fn service_connect(&self) -> Value {
        let mut configuration = Map::from_iter([("Enabled".to_owned(), true.into())]);
        if let Some(port) = self.container_port() {
            let name = self.name.value.as_str().to_lowercase();
            let alias = cfn!({ "DnsName": name.as_str(), "Port": port });
            let served = cfn!({
                "PortName": self.web.name.value.as_str(),
                "DiscoveryName": name.as_str(),
                "ClientAliases": cfn!([alias]),
            });
            configuration.insert("Services".to_owned(), cfn!([served]));
        }
        configuration.into()
    }
}
