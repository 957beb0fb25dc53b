//! The blocks that a block uses: the clusters and networks of stacks, and the services behind each load balancer.

use std::collections::HashMap;
use std::rc::Rc;

use super::route::{self, RoutedService};
use super::task::Task;
use super::{Alb, Block, Cluster, FargateService, Ownership, Program, Vpc, for_each_block};
use crate::cfn::{LogicalId, Resource};
use crate::diag::{Sink, WithOrigin};

/// The identity of a block: the pointer of its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BlockId(*const ());

impl BlockId {
    /// Returns the identity of a value.
    pub(crate) fn of<T>(value: &Rc<T>) -> Self {
        Self(Rc::as_ptr(value).cast())
    }
}

impl From<&Block> for BlockId {
    fn from(block: &Block) -> Self {
        macro_rules! address {
            ($($variant:ident($kind:ident) $doc:literal)*) => {
                match block {
                    $(Block::$variant(block) => BlockId::of(block),)*
                }
            };
        }
        for_each_block!(address)
    }
}

/// The stack that creates a block (its position in the script) and the block's logical id there. Equal values in one
/// stack have one location.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BlockLocation {
    /// The position of the stack.
    pub stack: usize,
    /// The logical id.
    pub id: LogicalId,
}

/// The facts about other blocks that a block may read while it is lowered.
#[derive(Debug, Default)]
pub struct LoweringContext {
    /// The cluster of each stack, for services that set none.
    stack_clusters: Vec<Rc<Cluster>>,
    networks: HashMap<BlockId, Option<Rc<Vpc>>>,
    places: HashMap<BlockId, BlockLocation>,
    routed: HashMap<BlockLocation, Vec<RoutedService>>,
    raw: Rc<HashMap<LogicalId, Resource>>,
}

impl LoweringContext {
    /// Creates the context of a program, with the cluster of each stack.
    pub fn of(program: &Program) -> Self {
        let mut context = Self::default();
        for stack in &program.stacks {
            let cluster = match &stack.cluster {
                Some(cluster) => cluster.value.clone(),
                None => Rc::new(Cluster::of_stack(&stack.name.origin)),
            };
            if let Some(vpc) = stack.vpc.as_ref().filter(|_| cluster.vpc.is_none()) {
                context.networks.entry(BlockId::of(&cluster)).or_insert_with(|| Some(vpc.value.clone()));
            }
            context.stack_clusters.push(cluster);
        }
        context
    }

    /// Returns the blocks that a block of a stack needs. A network that the script does not set is created here, once.
    pub fn children(&mut self, block: &Block, stack: usize) -> Vec<Block> {
        match block {
            Block::Parameter(_) => Vec::new(),
            Block::Vpc(vpc) => before(&vpc.depends_on).collect(),
            Block::Cluster(cluster) => {
                let network = self.resolve_network(cluster).into_iter().map(Block::Vpc);
                network.chain(before(&cluster.depends_on)).collect()
            }
            Block::FargateService(service) => {
                let cluster = Block::Cluster(self.cluster_in(&service.task, stack).clone());
                let albs = service.behind.iter().map(|behind| Block::Alb(behind.value.alb.clone()));
                let called = service.calls.iter().map(|call| Block::FargateService(call.value.clone()));
                std::iter::once(cluster).chain(albs).chain(before(&service.task.depends_on)).chain(called).collect()
            }
            Block::Alb(alb) => {
                alb.vpc.iter().map(|vpc| Block::Vpc(vpc.value.clone())).chain(before(&alb.depends_on)).collect()
            }
            Block::Resource(resource) => before(&resource.depends_on).collect(),
        }
    }

    fn cluster_in<'c>(&'c self, task: &'c Task, stack: usize) -> &'c Rc<Cluster> {
        task.cluster.as_ref().map_or(&self.stack_clusters[stack], |cluster| &cluster.value)
    }

    fn resolve_network(&mut self, cluster: &Rc<Cluster>) -> Option<Rc<Vpc>> {
        let resolved =
            self.networks.entry(BlockId::of(cluster)).or_insert_with(|| match (&cluster.vpc, &cluster.identity) {
                (Some(vpc), _) => Some(vpc.value.clone()),
                (None, Ownership::Managed(name)) => {
                    Some(Rc::new(Vpc { azs: cluster.azs.clone(), ..Vpc::new(name.clone()) }))
                }
                (None, Ownership::Existing(_)) => None,
            });
        resolved.clone()
    }

    /// Records the stack that creates a block.
    pub fn put(&mut self, block: &Block, stack: usize) {
        if let Some(id) = block.logical_ids().into_iter().next() {
            self.places.insert(block.into(), BlockLocation { stack, id });
        }
    }

    /// Returns the location of a block.
    pub fn place(&self, block: &Block) -> Option<&BlockLocation> {
        self.places.get(&block.into())
    }

    /// Records the services behind every load balancer, from the services of every stack in the order of use, and
    /// assigns the priorities of their routes.
    pub fn register_services(&mut self, services: impl Iterator<Item = (usize, Rc<FargateService>)>) -> Sink {
        let mut order = Vec::new();
        for (stack, service) in services {
            for at in 0..service.behind.len() {
                let Some(place) = self.place(&Block::Alb(service.behind[at].value.alb.clone())).cloned() else {
                    continue;
                };
                let services = self.routed.entry(place.clone()).or_insert_with(|| {
                    order.push(place.clone());
                    Vec::new()
                });
                services.push(RoutedService::new(service.clone(), at, stack != place.stack));
            }
        }
        let mut problems = Sink::new();
        for place in order {
            self.routed.entry(place).and_modify(|services| route::assign(services, &mut problems));
        }
        problems
    }

    /// Sets the resources that the script writes as CloudFormation does.
    pub fn set_raw_resources(&mut self, raw: Rc<HashMap<LogicalId, Resource>>) {
        self.raw = raw;
    }

    /// Returns a resource that the script writes as CloudFormation does.
    pub fn raw_resource(&self, id: &LogicalId) -> Option<&Resource> {
        self.raw.get(id)
    }

    /// Returns the cluster of a service.
    pub fn cluster<'c>(&'c self, service: &'c Rc<FargateService>) -> Option<&'c Rc<Cluster>> {
        self.cluster_of(BlockId::of(service), &service.task)
    }

    /// Returns the cluster that a task of a block runs in.
    pub(crate) fn cluster_of<'c>(&'c self, block: BlockId, task: &'c Task) -> Option<&'c Rc<Cluster>> {
        let place = self.places.get(&block)?;
        Some(self.cluster_in(task, place.stack))
    }

    /// Returns the network that a task of a block runs in.
    pub(crate) fn network_of(&self, block: BlockId, task: &Task) -> Option<&Rc<Vpc>> {
        self.networks.get(&BlockId::of(self.cluster_of(block, task)?))?.as_ref()
    }

    /// Returns whether other services reach a service by Service Connect.
    pub fn connects(&self, service: &Rc<FargateService>) -> bool {
        self.cluster(service).is_some_and(|cluster| cluster.namespace.is_some())
    }

    /// Returns the network of a service.
    pub fn network(&self, service: &Rc<FargateService>) -> Option<&Rc<Vpc>> {
        self.network_of(BlockId::of(service), &service.task)
    }

    /// Returns the services behind a load balancer.
    pub fn routed_services(&self, alb: &Rc<Alb>) -> &[RoutedService] {
        self.place(&Block::Alb(alb.clone())).and_then(|place| self.routed.get(place)).map_or(&[], Vec::as_slice)
    }

    /// Returns how a service is behind the load balancer of one of its settings.
    pub fn routed_service(&self, service: &Rc<FargateService>, at: usize) -> Option<&RoutedService> {
        let alb = &service.behind.get(at)?.value.alb;
        self.routed_services(alb).iter().find(|found| found.at == at && Rc::ptr_eq(&found.service, service))
    }

    /// Returns the network of a load balancer: its own setting, else that of the services of its stack behind it, else that
    /// which the script sets for its stack, else that of the services of other stacks.
    pub fn alb_network(&self, alb: &Rc<Alb>) -> Option<Rc<Vpc>> {
        if let Some(own) = &alb.vpc {
            return Some(own.value.clone());
        }
        let network = |foreign: bool| {
            let services = self.routed_services(alb).iter().filter(move |routed| routed.is_in_other_stack() == foreign);
            let mut services: Vec<_> = services.map(|routed| &routed.service).collect();
            services.sort_by(|one, other| one.name.value.cmp(&other.name.value));
            services.into_iter().find_map(|service| self.network(service).cloned())
        };
        let stack = self.place(&Block::Alb(alb.clone())).map(|place| &self.stack_clusters[place.stack]);
        let set = || {
            let network = self.networks.get(&BlockId::of(stack?))?.clone()?;
            (!network.identity.is_of_stack()).then_some(network)
        };
        network(false).or_else(set).or_else(|| network(true))
    }

    /// Returns whether two networks are one: the same value, or equal values that one stack creates once.
    pub fn is_same_network(&self, one: &Rc<Vpc>, other: &Rc<Vpc>) -> bool {
        let place = |vpc: &Rc<Vpc>| self.place(&Block::Vpc(vpc.clone())).cloned();
        Rc::ptr_eq(one, other) || (one == other && place(one) == place(other))
    }

    /// Returns whether the same stack creates both blocks.
    pub fn in_same_stack(&self, one: &Block, other: &Block) -> bool {
        matches!((self.place(one), self.place(other)), (Some(one), Some(other)) if one.stack == other.stack)
    }
}

/// Returns the blocks that the script puts before another one.
fn before(depends_on: &[WithOrigin<Block>]) -> impl Iterator<Item = Block> {
    depends_on.iter().map(|block| block.value.clone())
}
