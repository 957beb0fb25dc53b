//! The blocks that a block uses: the clusters and networks of stacks, and the services behind each load balancer.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use super::route::{self, RoutedService};
use super::task::Task;
use super::users::Users;
use super::{Alb, Block, Cluster, FargateService, Job, Nlb, Ownership, Program, Queue, Topic, Vpc, for_each_block};
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
    /// The first service before which each job runs.
    before: HashMap<BlockId, Rc<FargateService>>,
    places: HashMap<BlockId, BlockLocation>,
    routed: HashMap<BlockLocation, Vec<RoutedService>>,
    /// The services behind each Network Load Balancer, with the index of the setting.
    behind_nlb: HashMap<BlockLocation, Vec<(Rc<FargateService>, usize)>>,
    raw: Rc<HashMap<LogicalId, Resource>>,
    users: Users,
    /// The blocks that each stack creates.
    created: Vec<(usize, Block)>,
    /// The secrets of Secrets Manager that blocks create.
    secrets: HashSet<LogicalId>,
    /// The services of AWS that the tasks of each network call, where they are known.
    called: RefCell<HashMap<BlockId, Rc<BTreeSet<&'static str>>>>,
}

impl LoweringContext {
    /// Creates the context of a program, with the cluster of each stack.
    pub fn of(program: &Program) -> Self {
        let mut context = Self { users: Users::of(program), ..Self::default() };
        for stack in &program.stacks {
            let cluster = match &stack.cluster {
                Some(cluster) => cluster.value.clone(),
                None => Rc::new(Cluster::of_stack(&stack.name.origin)),
            };
            if let Some(vpc) = stack.vpc.as_ref().filter(|_| cluster.vpc.is_none()) {
                context.networks.entry(BlockId::of(&cluster)).or_insert_with(|| Some(vpc.value.clone()));
            }
            context.stack_clusters.push(cluster);
            for added in &stack.adds {
                if let Block::FargateService(service) = &added.value {
                    context.register_jobs(service);
                }
            }
        }
        context
    }

    /// Returns the blocks that a block of a stack needs. A network that the script does not set is created here, once.
    pub fn children(&mut self, block: &Block, stack: usize) -> Vec<Block> {
        let mut children = self.own_children(block, stack);
        children.extend(before(block.depends_on()));
        children
    }

    fn own_children(&mut self, block: &Block, stack: usize) -> Vec<Block> {
        match block {
            Block::Vpc(vpc) => before(&vpc.depends_on).collect(),
            Block::Database(_) | Block::Cache(_) | Block::FileSystem(_) => {
                self.resolve_data_network(block, stack).into_iter().map(Block::Vpc).collect()
            }
            Block::Cluster(cluster) => {
                let network = self.resolve_network(cluster).into_iter().map(Block::Vpc);
                network.chain(before(&cluster.depends_on)).collect()
            }
            Block::FargateService(service) => {
                let jobs = self.register_jobs(service);
                let cluster = Block::Cluster(self.cluster_in(&service.task, stack).clone());
                let albs = service.behind.iter().map(|behind| Block::Alb(behind.value.alb.clone()));
                let called = service.calls.iter().map(|call| call.value.service.clone());
                let nlbs = service.nlb.iter().map(|behind| Block::Nlb(behind.value.nlb.clone()));
                let linked = service.task.links().into_iter().map(|link| link.value.target);
                let notified = service.alarms.iter().map(|set| Block::Topic(set.value.topic.clone()));
                let balancers = albs.chain(nlbs);
                std::iter::once(cluster)
                    .chain(balancers)
                    .chain(before(&service.task.depends_on))
                    .chain(called)
                    .chain(linked)
                    .chain(notified)
                    .chain(jobs.into_iter().map(Block::Job))
                    .collect()
            }
            Block::ExpressService(express) => {
                let cluster = Block::Cluster(self.cluster_in(&express.task, stack).clone());
                let linked = express.task.links().into_iter().map(|link| link.value.target);
                std::iter::once(cluster).chain(before(&express.task.depends_on)).chain(linked).collect()
            }
            Block::Job(job) => {
                let cluster =
                    Block::Cluster(self.cluster_in(self.placing_task(BlockId::of(job), &job.task), stack).clone());
                let linked = job.task.links().into_iter().map(|link| link.value.target);
                let called = job.calls.iter().map(|call| call.value.service.clone());
                std::iter::once(cluster).chain(before(&job.task.depends_on)).chain(linked).chain(called).collect()
            }
            Block::Alb(alb) => {
                alb.vpc.iter().map(|vpc| Block::Vpc(vpc.value.clone())).chain(before(&alb.depends_on)).collect()
            }
            Block::Nlb(nlb) => {
                nlb.vpc.iter().map(|vpc| Block::Vpc(vpc.value.clone())).chain(before(&nlb.depends_on)).collect()
            }
            Block::Resource(resource) => before(&resource.depends_on).collect(),
            Block::Dashboard(board) => board.shows.iter().map(|shown| shown.value.clone()).collect(),
            Block::Topic(topic) => topic.subscribe.iter().map(|queue| Block::Queue(queue.value.clone())).collect(),
            _ => Vec::new(),
        }
    }

    /// Returns the network of a database, cache or file system: its own setting, else that of the first service of its
    /// stack that uses it, else that of the stack.
    fn resolve_data_network(&mut self, block: &Block, stack: usize) -> Option<Rc<Vpc>> {
        let own = match block {
            Block::Database(database) => database.vpc.as_ref(),
            Block::Cache(cache) => cache.vpc.as_ref(),
            Block::FileSystem(files) => files.vpc.as_ref(),
            _ => None,
        };
        let network = match own {
            Some(vpc) => Some(vpc.value.clone()),
            None => {
                let user = self.users.task_with(block, stack).and_then(|task| task.cluster.clone());
                let cluster = user.map_or_else(|| self.stack_clusters[stack].clone(), |cluster| cluster.value);
                self.resolve_network(&cluster)
            }
        };
        self.networks.insert(block.into(), network.clone());
        network
    }

    /// Returns the network of a database, cache or file system.
    pub fn data_network(&self, block: &Block) -> Option<&Rc<Vpc>> {
        self.networks.get(&block.into())?.as_ref()
    }

    /// Returns the topics that send to a queue, in the order of their names.
    pub fn topics_of(&self, queue: &Rc<Queue>) -> Vec<&Rc<Topic>> {
        self.users.topics_of(queue)
    }

    /// Records the jobs that run before a service, and returns them.
    fn register_jobs(&mut self, service: &Rc<FargateService>) -> Vec<Rc<Job>> {
        let jobs: Vec<Rc<Job>> = service.before_deploy.iter().filter_map(|set| set.value.job().cloned()).collect();
        for job in &jobs {
            self.before.entry(BlockId::of(job)).or_insert_with(|| service.clone());
        }
        jobs
    }

    /// Returns the first service before which a job runs.
    pub(crate) fn service_before_which(&self, job: BlockId) -> Option<&Rc<FargateService>> {
        self.before.get(&job)
    }

    /// Returns the task whose cluster the task of a block runs in: a job without a cluster runs in that of its service.
    fn placing_task<'c>(&'c self, block: BlockId, task: &'c Task) -> &'c Task {
        match self.before.get(&block) {
            Some(service) if task.cluster.is_none() => &service.task,
            _ => task,
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
            self.created.push((stack, block.clone()));
        }
        if matches!(block, Block::Secret(_) | Block::Database(_) | Block::Cache(_)) {
            let secrets = block.logical_ids().into_iter().filter(|id| id.as_str().ends_with("Secret"));
            self.secrets.extend(secrets);
        }
    }

    /// Returns the other blocks that the stack of a block creates.
    pub fn blocks_with(&self, block: &Block) -> Vec<Block> {
        let Some(own) = self.place(block).map(|place| place.stack) else { return Vec::new() };
        let others = self.created.iter().filter(|(stack, other)| *stack == own && !other.same(block));
        // Equal blocks are one resource.
        let mut known = HashSet::new();
        others.map(|(_, other)| other.clone()).filter(|other| known.insert(other.logical_ids())).collect()
    }

    /// Returns whether a logical id is that of a secret of Secrets Manager that a block creates.
    pub(crate) fn is_secret(&self, id: &LogicalId) -> bool {
        self.secrets.contains(id)
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
            self.register_nlbs(&service);
            for at in 0..service.behind.len() {
                let alb = &service.behind[at].value.alb;
                let Some(place) = self.alb_place(alb) else { continue };
                let services = self.routed.entry(place.clone()).or_insert_with(|| {
                    order.push(place.clone());
                    own_routes(alb)
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

    fn register_nlbs(&mut self, service: &Rc<FargateService>) {
        for (at, behind) in service.nlb.iter().enumerate() {
            if let Some(place) = self.place(&Block::Nlb(behind.value.nlb.clone())).cloned() {
                self.behind_nlb.entry(place).or_default().push((service.clone(), at));
            }
        }
    }

    /// Returns the services behind a Network Load Balancer, each with the index of its setting.
    pub fn nlb_services(&self, nlb: &Rc<Nlb>) -> &[(Rc<FargateService>, usize)] {
        let place = self.place(&Block::Nlb(nlb.clone()));
        place.and_then(|place| self.behind_nlb.get(place)).map_or(&[], Vec::as_slice)
    }

    /// Returns the network of a Network Load Balancer: its own setting, else that of the services behind it.
    pub fn nlb_network(&self, nlb: &Rc<Nlb>) -> Option<Rc<Vpc>> {
        if let Some(own) = &nlb.vpc {
            return Some(own.value.clone());
        }
        let mut services: Vec<_> = self.nlb_services(nlb).iter().map(|(service, _)| service).collect();
        services.sort_by(|one, other| one.name.value.cmp(&other.name.value));
        services.into_iter().find_map(|service| self.network(service).cloned())
    }

    /// Records the routes of load balancers without a service.
    pub fn register_load_balancers(&mut self, albs: impl Iterator<Item = Rc<Alb>>) -> Sink {
        let mut problems = Sink::new();
        for alb in albs.filter(|alb| !alb.routes.is_empty()) {
            let Some(place) = self.alb_place(&alb).filter(|place| !self.routed.contains_key(place)) else { continue };
            let mut routes = own_routes(&alb);
            route::assign(&mut routes, &mut problems);
            self.routed.insert(place, routes);
        }
        problems
    }

    /// Returns the location of a load balancer. The listener identifies one that exists, since no stack creates it.
    fn alb_place(&self, alb: &Rc<Alb>) -> Option<BlockLocation> {
        match &alb.existing {
            Some(existing) => {
                let id = existing.value.listener_arn.to_placeholder().into();
                Some(BlockLocation { stack: usize::MAX, id })
            }
            None => self.place(&Block::Alb(alb.clone())).cloned(),
        }
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
        Some(self.cluster_in(self.placing_task(block, task), place.stack))
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
        self.alb_place(alb).and_then(|place| self.routed.get(&place)).map_or(&[], Vec::as_slice)
    }

    /// Returns how a service is behind the load balancer of one of its settings.
    pub fn routed_service(&self, service: &Rc<FargateService>, at: usize) -> Option<&RoutedService> {
        let alb = &service.behind.get(at)?.value.alb;
        let is_it = |found: &&RoutedService| {
            found.service().is_some_and(|(known, known_at)| known_at == at && Rc::ptr_eq(known, service))
        };
        self.routed_services(alb).iter().find(is_it)
    }

    /// Returns the network of a load balancer: its own setting, else that of the services of its stack behind it, else that
    /// which the script sets for its stack, else that of the services of other stacks.
    pub fn alb_network(&self, alb: &Rc<Alb>) -> Option<Rc<Vpc>> {
        if let Some(own) = &alb.vpc {
            return Some(own.value.clone());
        }
        let network = |foreign: bool| {
            let services = self.routed_services(alb).iter().filter(move |routed| routed.is_in_other_stack() == foreign);
            let mut services: Vec<_> = services.filter_map(|routed| Some(routed.service()?.0)).collect();
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

    /// Returns the services of AWS that tasks without public addresses call in a network, by the names of their endpoints.
    pub(crate) fn services_called_in(&self, vpc: &Rc<Vpc>) -> Rc<BTreeSet<&'static str>> {
        let known = self.called.borrow().get(&BlockId::of(vpc)).cloned();
        known.unwrap_or_else(|| {
            let tasks = self.created.iter().filter_map(|(_, block)| task_of(block)).filter(|(id, task)| {
                self.network_of(*id, task).is_some_and(|own| self.is_same_network(own, vpc)) && task.is_inside(vpc)
            });
            let called: Rc<BTreeSet<&str>> = Rc::new(tasks.flat_map(|(_, task)| task.called_services(self)).collect());
            self.called.borrow_mut().insert(BlockId::of(vpc), called.clone());
            called
        })
    }

    /// Returns whether the script writes a resource of a type as CloudFormation does.
    pub(crate) fn has_raw(&self, kind: &str) -> bool {
        self.raw.values().any(|resource| resource.kind.as_str() == kind)
    }

    /// Returns whether the same stack creates both blocks.
    pub fn in_same_stack(&self, one: &Block, other: &Block) -> bool {
        matches!((self.place(one), self.place(other)), (Some(one), Some(other)) if one.stack == other.stack)
    }
}

/// Returns the task of a service or job, with the identity of the block.
fn task_of(block: &Block) -> Option<(BlockId, &Task)> {
    match block {
        Block::FargateService(service) => Some((BlockId::of(service), &service.task)),
        Block::Job(job) => Some((BlockId::of(job), &job.task)),
        // Its tasks are public unless the script says otherwise.
        Block::ExpressService(express) if express.task.subnets.is_some() => Some((BlockId::of(express), &express.task)),
        _ => None,
    }
}

fn own_routes(alb: &Rc<Alb>) -> Vec<RoutedService> {
    (0..alb.routes.len()).map(|at| RoutedService::own(alb.clone(), at)).collect()
}

/// Returns the blocks that the script puts before another one.
fn before(depends_on: &[WithOrigin<Block>]) -> impl Iterator<Item = Block> {
    depends_on.iter().map(|block| block.value.clone())
}
