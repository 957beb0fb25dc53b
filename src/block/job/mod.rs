//! A job: a task that ends.
//!
//! It is started by its schedules, by `run-task`, or by a deployment before the services change.

mod checks;
pub(super) mod lower;
mod schedules;

use std::rc::Rc;

use super::task::Task;
use super::{Flag, Name, ServiceCall};
use crate::cfn::{LogicalId, Ref, TemplateString};
use crate::diag::WithOrigin;

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its name.
    pub name: WithOrigin<Name>,
    /// The task: its containers, size, network and roles.
    pub task: Task,
    /// The times at which it starts.
    pub schedule: Vec<WithOrigin<JobSchedule>>,
    /// Services that it calls.
    pub calls: Vec<WithOrigin<ServiceCall>>,
    /// The number of times that Scheduler tries again to start a task.
    pub retries: Option<WithOrigin<i64>>,
    /// Seconds after which rtiler stops a task that it follows, 3600 unless set.
    pub timeout: Option<WithOrigin<i64>>,
    /// Whether a queue receives the starts that failed.
    pub dead_letter: Flag,
}

/// Times at which a job starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSchedule {
    /// The name, if it has one.
    pub name: Option<Name>,
    /// `cron(..)`, `rate(..)` or `at(..)`.
    pub expression: String,
    /// The time zone of the expression: `Europe/Zurich`.
    pub time_zone: Option<String>,
}

/// A job or a command that runs before the services change.
#[derive(Debug, Clone, PartialEq)]
pub enum BeforeDeploy {
    /// A command in the container of the service.
    Command(Vec<TemplateString>),
    /// A job.
    Job(Rc<Job>),
}

impl BeforeDeploy {
    /// Returns the job, unless it is a command.
    pub(crate) fn job(&self) -> Option<&Rc<Job>> {
        match self {
            Self::Command(_) => None,
            Self::Job(job) => Some(job),
        }
    }

    /// Returns whether it is this value of the script.
    pub(crate) fn is_job(&self, job: &Rc<Job>) -> bool {
        self.job().is_some_and(|own| Rc::ptr_eq(own, job))
    }
}

impl Job {
    /// Creates a job of this name.
    pub fn new(name: WithOrigin<Name>) -> Self {
        Self {
            task: Task::new(name.clone()),
            name,
            schedule: Vec::new(),
            calls: Vec::new(),
            retries: None,
            timeout: None,
            dead_letter: None,
        }
    }

    /// Returns the logical id from which the name of its security group is made.
    fn logical_id(&self) -> LogicalId {
        self.task.part("Job")
    }

    /// Returns the logical id of its security group.
    pub fn security_group(&self) -> LogicalId {
        self.task.part("JobSecurityGroup")
    }

    /// Returns the id of its security group.
    pub fn security_group_id(&self) -> TemplateString {
        Ref::attribute(self.security_group(), "GroupId").into()
    }

    /// Returns the ARN of its task definition.
    pub fn task_definition(&self) -> TemplateString {
        Ref::to(self.task.definition_id()).into()
    }
}
