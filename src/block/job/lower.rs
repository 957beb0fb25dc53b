//! The resources of a job, and its run before a deployment.

use std::rc::Rc;

use super::{Job, checks, schedules};
use crate::block::calls::{self, CallingTasks};
use crate::block::kind::BlockKind;
use crate::block::link::{self, LinkingTasks};
use crate::block::lowering::{LoweredBlock, Lowering};
use crate::block::task::{NetworkPlacement, TaskOwner};
use crate::block::{Block, BlockId, Cluster, FargateService, Name, Override, Vpc, depends_on};
use crate::cfn::{LogicalId, StackJob, TemplateString, Value};
use crate::diag::{Origin, WithOrigin};

/// The time limit of a task in seconds.
pub(crate) const TIMEOUT_SECONDS: u64 = 3600;

impl BlockKind for Job {
    fn origin(&self) -> &Origin {
        &self.name.origin
    }

    fn block_name(&self) -> Option<&Name> {
        Some(&self.name.value)
    }

    fn logical_ids(&self) -> Vec<LogicalId> {
        vec![self.task.definition_id(), self.security_group(), self.task.task_role_id()]
    }

    fn reference(&self) -> TemplateString {
        self.task_definition()
    }

    fn overrides(&self) -> &[WithOrigin<Override>] {
        &self.task.overrides
    }

    fn complete(self: &Rc<Self>, lowered: &mut LoweredBlock) {
        if let Some(definition) = lowered.resources.get_mut(&self.task.definition_id()) {
            *definition = depends_on::apply(&self.task.depends_on, definition.clone());
        }
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let owner = self.owner();
        owner.check(lowering);
        checks::all(self, lowering);
        owner.lower(lowering);
        let Some(vpc) = owner.network(lowering) else { return };
        self.task.add_security_group(&self.logical_id(), &vpc, Vec::new(), lowering);
        self.links(&vpc, lowering);
        let Some(cluster) = lowering.context.cluster_of(BlockId::of(self), &self.task).cloned() else { return };
        let Some(placement) = owner.place(&vpc, lowering) else { return };
        schedules::lower(self, &cluster, &placement, lowering);
        let run = self.run(&cluster, &placement, lowering);
        lowering.add_job(run);
    }
}

impl Job {
    /// Adds the rules for the services that its tasks call and the blocks that they use. The task definition waits for them, since nothing else of the job is
    /// created after them.
    fn links(self: &Rc<Self>, vpc: &Rc<Vpc>, lowering: &mut Lowering<'_>) {
        let links = self.task.links();
        let problems = link::problems(&links, (&self.name, false), vpc, lowering);
        lowering.report_all(problems);
        let block = Block::Job(self.clone());
        let tasks = LinkingTasks { block: &block, id: self.logical_id(), security_group: self.security_group_id() };
        let linked = link::lower(&links, &tasks, lowering);
        let caller = CallingTasks { name: &self.name, tasks, network: vpc };
        let needed = calls::lower(&self.calls, &caller, lowering).into_iter().chain(linked).collect();
        lowering.wait_for(&self.task.definition_id(), needed);
    }

    fn owner(self: &Rc<Self>) -> TaskOwner<'_> {
        TaskOwner {
            task: &self.task,
            block: BlockId::of(self),
            noun: "job",
            port: None,
            connects: false,
            udp: Vec::new(),
            is_public: false,
            variables: Vec::new(),
        }
    }

    /// Returns the family of the task definition.
    pub(super) fn family(&self, stack: &str) -> String {
        format!("{stack}-{}", self.task.name.value.stem())
    }

    /// Returns how the job runs outside of its schedules.
    fn run(self: &Rc<Self>, cluster: &Cluster, placement: &NetworkPlacement, lowering: &Lowering<'_>) -> StackJob {
        let context = lowering.context;
        let before = context.service_before_which(BlockId::of(self));
        let own_network = context.network_of(BlockId::of(self), &self.task);
        let is_same = |service: &&Rc<FargateService>| {
            context.network(service).zip(own_network).is_some_and(|(one, other)| context.is_same_network(one, other))
        };
        let of_service = before.filter(is_same).map(|service| Value::from(service.security_group_id()));
        let own = Value::from(self.security_group_id());
        let added = self.task.security_group.iter().map(|group| Value::from(&group.value));
        StackJob {
            name: self.name.value.to_string(),
            task_definition: self.task.definition_id(),
            container: self.task.main.name.value.to_string(),
            cluster: cluster.name().into(),
            subnets: placement.subnets().clone(),
            security_groups: Value::List([own].into_iter().chain(of_service).chain(added).collect()),
            public_ip: placement.has_public_ip(),
            timeout: self.timeout.as_ref().and_then(|set| u64::try_from(set.value).ok()).unwrap_or(TIMEOUT_SECONDS),
            before_deploy: before.is_some(),
            origin: self.name.origin.clone(),
        }
    }
}
