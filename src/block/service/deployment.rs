//! The service itself, and how its deployments go.

use crate::cfn::type_names::SERVICE;
use std::rc::Rc;

use super::{FargateService, before_deploy, checks, load_balancing, nlb_targets, reachability, scaling, shifting};
use crate::block::alarms;
use crate::block::calls::{self, CallingTasks};
use crate::block::kind::BlockKind;
use crate::block::link::{self, LinkingTasks};
use crate::block::lowering::{LoweredBlock, Lowering, SetProperty};
use crate::block::task::TaskOwner;
use crate::block::{Block, BlockId, EarlySuccess, LoweringContext, Name, Override, Vpc, depends_on};
use crate::cfn;
use crate::cfn::{LogicalId, Map, Ref, Resource, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

const GRACE_PERIOD_SECONDS: i64 = 60;
const HEALTHY_PERCENT: (i64, i64) = (100, 200);

impl BlockKind for FargateService {
    fn origin(&self) -> &Origin {
        &self.name.origin
    }

    fn block_name(&self) -> Option<&Name> {
        Some(&self.name.value)
    }

    fn logical_ids(&self) -> Vec<LogicalId> {
        let own = [self.logical_id(), self.security_group()];
        let groups = self.behind.iter().map(|behind| self.target_group(&behind.value.alb));
        own.into_iter().chain(self.task.logical_ids()).chain(groups).collect()
    }

    fn reference(&self) -> TemplateString {
        self.arn()
    }

    fn overrides(&self) -> &[WithOrigin<Override>] {
        &self.task.overrides
    }

    fn complete(self: &Rc<Self>, lowered: &mut LoweredBlock) {
        before_deploy::complete(self, lowered);
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let owner = self.owner(lowering.context);
        owner.check(lowering);
        checks::all(self, lowering);
        before_deploy::check(self, lowering);
        owner.lower(lowering);
        let Some(vpc) = owner.network(lowering) else { return };
        let ingress = load_balancing::ingress(self).into_iter().chain(reachability::inline_rules(self));
        self.task.add_security_group(&self.logical_id(), &vpc, ingress.collect(), lowering);
        let prerequisites = load_balancing::lower(self, &vpc, lowering);
        shifting::roles(self, lowering);
        reachability::lower(self, lowering);
        let called = self.reached(&vpc, lowering);
        if let Some(cluster) = lowering.context.cluster(self).map(|cluster| cluster.name()) {
            alarms::lower(self, &cluster, lowering);
        }
        self.service(&vpc, &prerequisites, &called, lowering);
        scaling::lower(self, lowering);
    }
}

/// Ports of programs that do not speak HTTP (IANA, "Service Name and Transport Protocol Port Number Registry").
const NOT_HTTP: [(i64, &str); 9] = [
    (1433, "MSSQL"),
    (3306, "MySQL"),
    (4222, "NATS"),
    (5432, "Postgres"),
    (5672, "AMQP"),
    (6379, "Redis"),
    (9092, "Kafka"),
    (11211, "Memcached"),
    (27017, "MongoDB"),
];

impl FargateService {
    /// Adds the rules for the services that its tasks call and the blocks that they use. Returns the resources that the tasks
    /// wait for.
    fn reached(self: &Rc<Self>, vpc: &Rc<Vpc>, lowering: &mut Lowering<'_>) -> Vec<LogicalId> {
        let links = self.task.links();
        let problems = link::problems(&links, (&self.name, false), vpc, lowering);
        lowering.report_all(problems);
        let block = Block::FargateService(self.clone());
        let tasks = LinkingTasks { block: &block, id: self.logical_id(), security_group: self.security_group_id() };
        let linked = link::lower(&links, &tasks, lowering);
        let caller = CallingTasks { name: &self.name, tasks, network: vpc };
        calls::lower(&self.calls, &caller, lowering).into_iter().chain(linked).collect()
    }

    /// Returns what the lowering of its task needs to know.
    fn owner<'s>(self: &'s Rc<Self>, context: &LoweringContext) -> TaskOwner<'s> {
        let variables = self.gunicorn.iter().flat_map(|gunicorn| {
            let known = |origin: &'s Origin| if origin.is_known() { origin } else { &gunicorn.origin };
            gunicorn.value.variables().into_iter().map(move |(name, value, origin)| (name, value, known(origin)))
        });
        TaskOwner {
            task: &self.task,
            block: BlockId::of(self),
            noun: "service",
            port: self.container_port(),
            connects: context.connects(self),
            udp: nlb_targets::udp_ports(self),
            is_public: false,
            variables: variables.collect(),
        }
    }

    fn service(
        self: &Rc<Self>,
        vpc: &Rc<Vpc>,
        prerequisites: &[LogicalId],
        called: &[LogicalId],
        lowering: &mut Lowering<'_>,
    ) {
        let Some(cluster) = lowering.context.cluster(self).cloned() else { return };
        let Some(placement) = self.owner(lowering.context).place(vpc, lowering) else { return };
        let service = Resource::new(SERVICE, self.name.origin.clone())
            .with("Cluster", cluster.name())
            .with("TaskDefinition", Ref::to(self.task.definition_id()))
            .with_origin("Cluster", &self.task.cluster);
        let service = self.capacity(service);
        let service = self.count(service);
        let service = service.with("DeploymentConfiguration", self.deployment_configuration(lowering.context));
        let service = shifting::origins(self, self.deployment_origins(service));
        let network = self.task.network_configuration(self.security_group_id(), &placement);
        let service = service.with("NetworkConfiguration", network);
        if lowering.context.connects(self) {
            // The protocol of a mapping is immutable in a service with Service Connect (`PortMapping` of the ECS API).
            lowering.report_all(self.offered_as_http());
        }
        let mut service = self
            .task
            .record_network("NetworkConfiguration", &placement, service)
            .with_some("EnableExecuteCommand", self.task.exec.as_ref().map(|_| true))
            .with_some("ServiceConnectConfiguration", lowering.context.connects(self).then(|| self.service_connect()));
        let first = self.behind.first().map(|set| &set.origin).or(self.nlb.first().map(|set| &set.origin));
        let registrations = load_balancing::registrations(self, lowering.context);
        // A load balancer without listeners is reported; the service is behind none.
        if let Some(first) = first.filter(|_| !registrations.is_empty()) {
            service = service.with("LoadBalancers", registrations).with_origin_at("LoadBalancers", Some(first)).set_or(
                "HealthCheckGracePeriodSeconds",
                &self.grace_period,
                GRACE_PERIOD_SECONDS,
                |seconds| *seconds,
            );
        }
        // Without the routes the first tasks start before they can pull their image, and count against the deployment.
        // CloudFormation deletes in the reverse order, so tasks are drained before their routes and rules are deleted.
        for first in prerequisites.iter().chain(&placement.needs).chain(called) {
            service = service.after(first.clone());
        }
        lowering.add(self.logical_id(), depends_on::apply(&self.task.depends_on, service));
    }

    fn capacity(&self, service: Resource) -> Resource {
        let Some(weight) = &self.spot else { return service.with("LaunchType", "FARGATE") };
        let strategy = cfn!([
            cfn!({ "CapacityProvider": "FARGATE_SPOT", "Weight": weight.value }),
            cfn!({ "CapacityProvider": "FARGATE", "Weight": 1_i64 }),
        ]);
        service.set("CapacityProviderStrategy", weight, |_| strategy)
    }

    /// Sets the number of tasks. With scaling there is none: each deployment would reset it.
    fn count(&self, service: Resource) -> Resource {
        if self.scaling.is_some() {
            service
        } else {
            service.set_or("DesiredCount", &self.count, 1_i64, |count| Value::from(count))
        }
    }

    fn deployment_configuration(&self, context: &LoweringContext) -> Value {
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
        let usual = alarms::rollback(self).into_iter().map(|id| Value::from(Ref::to(id)));
        let names: Vec<Value> = self.alarm.iter().map(|alarm| Value::from(&alarm.value)).chain(usual).collect();
        if !names.is_empty() {
            let alarms = cfn!({ "AlarmNames": names, "Enable": true, "Rollback": true });
            configuration.insert("Alarms".to_owned(), alarms);
        }
        if let Some(EarlySuccess { percent, cleanup }) = self.early_success.as_ref().map(|set| &set.value) {
            let cleanup = cleanup.to_uppercase();
            let criteria =
                cfn!({ "Enable": true, "HealthyPercent": *percent, "SourceServiceRevisionCleanup": cleanup });
            configuration.insert("EarlySuccessCriteria".to_owned(), criteria);
        }
        shifting::configure(self, &mut configuration, context);
        configuration.into()
    }

    fn deployment_origins(&self, service: Resource) -> Resource {
        service
            .with_origin("DeploymentConfiguration.MinimumHealthyPercent", &self.healthy_percent)
            .with_origin("DeploymentConfiguration.MaximumPercent", &self.healthy_percent)
            .with_origin("DeploymentConfiguration.DeploymentCircuitBreaker", &self.circuit_breaker)
            .with_origin("DeploymentConfiguration.DeploymentCircuitBreaker", &self.no_circuit_breaker)
            .with_origin("DeploymentConfiguration.EarlySuccessCriteria", &self.early_success)
            .with_origin("DeploymentConfiguration.Alarms", self.alarm.first())
            .with_origin("DeploymentConfiguration.Alarms", &self.alarms)
            .with_origin("EnableExecuteCommand", &self.task.exec)
    }

    /// Reports a port of a service that does not speak HTTP, and that Service Connect would offer as HTTP.
    fn offered_as_http(&self) -> Option<Diagnostic> {
        let port = self.task.main.port.as_ref()?;
        let (_, program) = NOT_HTTP.iter().find(|(known, _)| *known == port.value)?;
        let message = format!("Service Connect offers port {} as HTTP, and it is the port of {program}", port.value);
        let name = program.to_lowercase();
        Some(
            Diagnostic::new(Code::ServiceCall, message)
                .as_warning()
                .at(&port.origin, "")
                .help(format!("give it a name and its protocol: `.port(\"{name}\", {}, \"tcp\")`", port.value))
                .note("the protocol of a deployed service cannot be changed: it gets another name, too"),
        )
    }

    /// Returns a server where the main container listens, a client in any case. Each port with a name is offered under the name of
    /// the service: a name and a port are unique in a namespace (`ServiceConnectClientAlias` of the ECS API).
    fn service_connect(&self) -> Value {
        let mut configuration = Map::from_iter([("Enabled".to_owned(), true.into())]);
        if let Some(port) = self.container_port() {
            let name = self.name.value.as_str().to_lowercase();
            let test_rules = super::shifting::test_rules(self);
            let main = &self.task.main;
            let first = main.named_port.first().filter(|_| main.port.is_none());
            let served = |port_name: &str, discovery: &str, port: i64| {
                let mut alias =
                    Map::from_iter([("DnsName".to_owned(), name.as_str().into()), ("Port".to_owned(), port.into())]);
                alias.extend(test_rules.clone().map(|rules| ("TestTrafficRules".to_owned(), rules)));
                cfn!({ "PortName": port_name, "DiscoveryName": discovery, "ClientAliases": cfn!([alias]) })
            };
            let port_name = first.map_or(main.name.value.as_str(), |named| named.value.name.as_str());
            let mut all = vec![served(port_name, &name, port)];
            let further = main.named_port.iter().skip(usize::from(first.is_some()));
            // Service Connect has no UDP ("Service Connect considerations", ECS developer guide).
            let further = further.filter(|named| named.value.protocol.as_deref() != Some("udp"));
            all.extend(further.map(|named| {
                let port_name = named.value.name.as_str();
                served(port_name, &format!("{name}-{}", port_name.to_lowercase()), named.value.port)
            }));
            configuration.insert("Services".to_owned(), all.into());
        }
        configuration.into()
    }
}
