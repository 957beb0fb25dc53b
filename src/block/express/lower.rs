//! The resources of a service of Express Mode.

use std::rc::Rc;

use super::{ExpressService, checks};
use crate::block::kind::BlockKind;
use crate::block::link::{self, LinkingTasks};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::task::{NetworkPlacement, TaskOwner};
use crate::block::{Block, BlockId, IntOrRef, Name, Override, Scaling, Task, Vpc, depends_on, iam_role};
use crate::cfn;
use crate::cfn::type_names::EXPRESS_SERVICE;
use crate::cfn::{LogicalId, Map, Ref, Resource, TemplateString, Value};
use crate::diag::{Origin, WithOrigin};

/// The properties of a container definition that the container of Express Mode has, too (`ExpressGatewayContainer`, ECS API).
const SHARED_PROPERTIES: [&str; 5] = ["Image", "Command", "Environment", "Secrets", "RepositoryCredentials"];
const DEFAULT_PORT: i64 = 80;
/// The managed policy of the infrastructure role ("Amazon ECS infrastructure IAM role", ECS developer guide).
const INFRASTRUCTURE_POLICY: &str = "service-role/AmazonECSInfrastructureRoleforExpressGatewayServices";

impl BlockKind for ExpressService {
    fn origin(&self) -> &Origin {
        &self.name.origin
    }

    fn block_name(&self) -> Option<&Name> {
        Some(&self.name.value)
    }

    fn logical_ids(&self) -> Vec<LogicalId> {
        let own = [self.logical_id(), self.security_group(), self.infrastructure_role(), self.task.logs_id()];
        own.into_iter().chain(self.task.role_ids()).collect()
    }

    fn reference(&self) -> TemplateString {
        self.arn()
    }

    fn overrides(&self) -> &[WithOrigin<Override>] {
        &self.task.overrides
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let owner = self.owner();
        owner.check(lowering);
        lowering.report_all(checks::all(self, lowering.context));
        let container = owner.lower_without_definition(lowering);
        lowering.add(self.infrastructure_role(), self.role());
        let Some(vpc) = owner.network(lowering) else { return };
        lowering.report_all(checks::zones(self, &vpc));
        self.task.add_security_group(&self.logical_id(), &vpc, Vec::new(), lowering);
        let linked = self.links(&vpc, lowering);
        let Some(placement) = owner.place(&vpc, lowering) else { return };
        let service = self.service(&container, &placement, lowering);
        let service = placement.needs.iter().chain(&linked).fold(service, |service, it| service.after(it.clone()));
        lowering.add(self.logical_id(), depends_on::apply(&self.task.depends_on, service));
    }
}

impl ExpressService {
    fn owner(self: &Rc<Self>) -> TaskOwner<'_> {
        TaskOwner {
            task: &self.task,
            block: BlockId::of(self),
            noun: "Express service",
            port: Some(self.task.main.listening_port().unwrap_or(DEFAULT_PORT)),
            connects: false,
            udp: Vec::new(),
            is_public: true,
            variables: Vec::new(),
        }
    }

    fn role(&self) -> Resource {
        let policy = TemplateString::from("arn:")
            .with(Ref::to("AWS::Partition"))
            .with(format!(":iam::aws:policy/{INFRASTRUCTURE_POLICY}"));
        iam_role::role(&self.name.origin, "ecs.amazonaws.com", &[]).with("ManagedPolicyArns", cfn!([policy]))
    }

    /// Adds the rules for the blocks that its tasks use. Returns the resources that the tasks wait for.
    fn links(self: &Rc<Self>, vpc: &Rc<Vpc>, lowering: &mut Lowering<'_>) -> Vec<LogicalId> {
        let links = self.task.links();
        let problems = link::problems(&links, (&self.name, true), vpc, lowering);
        lowering.report_all(problems);
        let block = Block::ExpressService(self.clone());
        let tasks = LinkingTasks { block: &block, id: self.logical_id(), security_group: self.security_group_id() };
        link::lower(&links, &tasks, lowering)
    }

    fn service(
        self: &Rc<Self>,
        container: &(Map, Vec<(String, Origin)>),
        placement: &NetworkPlacement,
        lowering: &Lowering<'_>,
    ) -> Resource {
        let cluster = lowering.context.cluster_of(BlockId::of(self), &self.task);
        let groups: Vec<Value> = std::iter::once(Value::from(self.security_group_id()))
            .chain(self.task.security_group.iter().map(|group| Value::from(&group.value)))
            .collect();
        let mut service = Resource::new(EXPRESS_SERVICE, self.name.origin.clone())
            .with_some("Cluster", cluster.map(|cluster| cluster.name()))
            .with_origin("Cluster", &self.task.cluster)
            .with("PrimaryContainer", self.primary_container(&container.0))
            .set_or("Cpu", &self.task.cpu, Task::DEFAULT_CPU.to_string(), IntOrRef::to_text)
            .set_or("Memory", &self.task.memory, Task::DEFAULT_MEMORY.to_string(), IntOrRef::to_text)
            .with("ExecutionRoleArn", self.task.execution_role_arn())
            .with("InfrastructureRoleArn", Ref::attribute(self.infrastructure_role(), "Arn"))
            .with("TaskRoleArn", self.task.task_role_arn())
            .with_origin("ExecutionRoleArn", &self.task.execution_role)
            .with_origin("TaskRoleArn", &self.task.task_role)
            .set_or("HealthCheckPath", &self.health_check, "/", |path| Value::from(path))
            .with("NetworkConfiguration", cfn!({ "SecurityGroups": groups, "Subnets": placement.subnets() }))
            .with_origin("NetworkConfiguration.Subnets", &self.task.subnets)
            .with_origin_at("NetworkConfiguration.Subnets", placement.subnets_origin())
            .set("ScalingTarget", &self.scaling, scaling_target);
        for (at, group) in self.task.security_group.iter().enumerate() {
            let path = format!("NetworkConfiguration.SecurityGroups.{}", at + 1);
            service = service.record_origin(&path, &group.origin);
        }
        for (path, origin) in &container.1 {
            service = service.record_origin(&format!("PrimaryContainer{path}"), origin);
        }
        service.with_origin("PrimaryContainer.ContainerPort", &self.task.main.port)
    }

    fn primary_container(&self, definition: &Map) -> Value {
        let shared = SHARED_PROPERTIES.into_iter();
        let mut made: Map = shared.filter_map(|name| Some((name.to_owned(), definition.get(name)?.clone()))).collect();
        let port = self.task.main.listening_port().unwrap_or(DEFAULT_PORT);
        made.insert("ContainerPort".to_owned(), port.into());
        let logs = cfn!({
            "LogGroup": Ref::to(self.task.logs_id()),
            "LogStreamPrefix": self.task.name.value.as_str(),
        });
        made.insert("AwsLogsConfiguration".to_owned(), logs);
        made.into()
    }
}

/// Returns the bounds and the metric (`ExpressGatewayScalingTarget`, ECS API). Without a metric ECS keeps 60 % of the CPU.
fn scaling_target(scaling: &Scaling) -> Value {
    let mut target = Map::from_iter([
        ("MinTaskCount".to_owned(), (*scaling.tasks.value.start()).into()),
        ("MaxTaskCount".to_owned(), (*scaling.tasks.value.end()).into()),
    ]);
    if let Some((metric, value)) = checks::metrics(scaling).first() {
        target.insert("AutoScalingMetric".to_owned(), (*metric).into());
        target.insert("AutoScalingTargetValue".to_owned(), value.value.into());
    }
    target.into()
}
