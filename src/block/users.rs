//! The blocks that use another one, where the used one must know them.

use std::collections::HashMap;
use std::rc::Rc;

use super::{Block, ExpressService, FargateService, Job, Program, Queue, Task, Topic};
use crate::cfn::LogicalId;

/// The visited blocks by their first logical id.
type Visited = HashMap<Option<LogicalId>, Vec<Block>>;

/// A block with a task.
#[derive(Debug)]
enum TaskUser {
    Service(Rc<FargateService>),
    Express(Rc<ExpressService>),
    Job(Rc<Job>),
}

impl TaskUser {
    fn task(&self) -> &Task {
        match self {
            TaskUser::Service(service) => &service.task,
            TaskUser::Express(express) => &express.task,
            TaskUser::Job(job) => &job.task,
        }
    }
}

/// The users of blocks in a program.
#[derive(Debug, Default)]
pub(super) struct Users {
    topics: Vec<Rc<Topic>>,
    /// The services and jobs, each with the stack that reaches it first.
    tasks: Vec<(usize, TaskUser)>,
}

impl Users {
    /// Finds the users among all blocks that a program adds or refers to.
    pub(super) fn of(program: &Program) -> Self {
        let mut users = Self::default();
        let mut visited = Visited::new();
        for (stack, described) in program.stacks.iter().enumerate() {
            described.adds.iter().for_each(|added| users.visit(&added.value, stack, &mut visited));
        }
        // What only a text refers to belongs to the stack with this text, mostly the first.
        program.referenced_blocks.all().for_each(|block| users.visit(block, 0, &mut visited));
        users.topics.sort_by(|one, other| one.name.value.cmp(&other.name.value));
        users.tasks.sort_by(|(_, one), (_, other)| one.task().name.value.cmp(&other.task().name.value));
        users
    }

    fn visit(&mut self, block: &Block, stack: usize, visited: &mut Visited) {
        let known = visited.entry(block.logical_ids().into_iter().next()).or_default();
        if known.iter().any(|other| other.same(block)) {
            return;
        }
        known.push(block.clone());
        let needed: Vec<Block> = match block {
            Block::Topic(topic) => {
                if !self.topics.contains(topic) {
                    self.topics.push(topic.clone());
                }
                topic.depends_on.iter().map(|before| before.value.clone()).collect()
            }
            Block::FargateService(service) => {
                self.tasks.push((stack, TaskUser::Service(service.clone())));
                let called = service.calls.iter().map(|call| call.value.service.clone());
                let notified = service.alarms.iter().map(|set| Block::Topic(set.value.topic.clone()));
                let linked = service.task.links().into_iter().map(|link| link.value.target);
                let before = service.task.depends_on.iter().map(|before| before.value.clone());
                let jobs = service.before_deploy.iter().filter_map(|set| set.value.job().cloned().map(Block::Job));
                called.chain(notified).chain(linked).chain(before).chain(jobs).collect()
            }
            Block::ExpressService(express) => {
                self.tasks.push((stack, TaskUser::Express(express.clone())));
                let linked = express.task.links().into_iter().map(|link| link.value.target);
                linked.chain(express.task.depends_on.iter().map(|before| before.value.clone())).collect()
            }
            Block::Job(job) => {
                self.tasks.push((stack, TaskUser::Job(job.clone())));
                let called = job.calls.iter().map(|call| call.value.service.clone());
                let linked = job.task.links().into_iter().map(|link| link.value.target);
                called.chain(linked).chain(job.task.depends_on.iter().map(|before| before.value.clone())).collect()
            }
            Block::Alb(alb) => alb.depends_on.iter().map(|before| before.value.clone()).collect(),
            Block::Resource(resource) => resource.depends_on.iter().map(|before| before.value.clone()).collect(),
            other => other.depends_on().iter().map(|before| before.value.clone()).collect(),
        };
        needed.iter().for_each(|block| self.visit(block, stack, visited));
    }

    /// Returns the task of the first service or job of a stack, by its name, that uses a block.
    pub(super) fn task_with(&self, block: &Block, stack: usize) -> Option<&Task> {
        let uses =
            |task: &Task| task.links().iter().any(|link| link.value.target.same(block) || link.value.target == *block);
        self.tasks.iter().find(|(reached, user)| *reached == stack && uses(user.task())).map(|(_, user)| user.task())
    }

    /// Returns the topics that send to a queue, in the order of their names.
    pub(super) fn topics_of(&self, queue: &Rc<Queue>) -> Vec<&Rc<Topic>> {
        let is_queue = |other: &Rc<Queue>| Rc::ptr_eq(other, queue) || other == queue;
        let sends = |topic: &&Rc<Topic>| topic.subscribe.iter().any(|subscribed| is_queue(&subscribed.value));
        self.topics.iter().filter(sends).collect()
    }
}
