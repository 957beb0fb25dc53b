use std::collections::{BTreeMap, BTreeSet};

use super::failure_kind::TaskFailureKind;
use super::observation::{Diagnosis, ServiceCounts};
use super::task_failure::TaskFailure;
use crate::deploy::api::{LogLine, ServiceDeployment, Timestamp};

/// The observations of one service during one operation.
#[derive(Debug, Clone, Default)]
pub(super) struct ServiceHistory {
    pub(super) counts: Option<ServiceCounts>,
    /// Its latest deployment that shifts traffic.
    pub(super) shift: Option<ServiceDeployment>,
    /// When each of its deployments was created, including those that have ended.
    pub(super) deployments: BTreeMap<String, Option<Timestamp>>,
    /// The ids of its events.
    pub(super) events: BTreeSet<String>,
    /// The ids of its stopped tasks.
    pub(super) tasks: BTreeSet<String>,
    /// The latest failure of each target, by address.
    pub(super) targets: BTreeMap<String, Option<TaskFailure>>,
    pub(super) failures: Vec<FailureGroup>,
}

/// The failures that have one cause.
#[derive(Debug, Clone)]
pub(super) struct FailureGroup {
    pub(super) cause: TaskFailure,
    /// The ids of tasks, or of events that name no task.
    pub(super) subjects: BTreeSet<String>,
    log: Vec<LogLine>,
    pub(super) first: Timestamp,
    /// The number of failures when it was last reported.
    pub(super) reported: u32,
}

impl FailureGroup {
    pub(super) fn times(&self) -> u32 {
        u32::try_from(self.subjects.len()).unwrap_or(u32::MAX)
    }
}

impl ServiceHistory {
    /// Adds a failure to the group of its cause.
    pub(super) fn record_failure(&mut self, cause: TaskFailure, subject: String, log: Vec<LogLine>, at: Timestamp) {
        // The event of a service and the task itself report the same failure.
        if self.failures.iter().any(|group| group.cause.kind == cause.kind && group.subjects.contains(&subject)) {
            return;
        }
        match self.failures.iter_mut().find(|group| cause.is_like(&group.cause)) {
            Some(group) => {
                group.subjects.insert(subject);
                group.first = group.first.min(at);
                if !log.is_empty() {
                    group.log = log;
                }
                if group.cause.code.is_none() {
                    group.cause = cause;
                }
            }
            None => {
                let subjects = BTreeSet::from([subject]);
                self.failures.push(FailureGroup { cause, subjects, log, first: at, reported: 0 });
            }
        }
    }

    /// Removes the failures of a task that turns out not to belong to the operation.
    pub(super) fn retract(&mut self, subject: &str) {
        self.failures.iter_mut().for_each(|group| {
            group.subjects.remove(subject);
        });
        self.failures.retain(|group| !group.subjects.is_empty());
    }

    /// Returns the cause with the answer of the target: ECS reports that a health check failed, the target why.
    pub(super) fn with_answer(&self, cause: TaskFailure) -> TaskFailure {
        if cause.kind != TaskFailureKind::TargetUnhealthy || cause.code.is_some() {
            return cause;
        }
        let of_targets = || self.targets.values().flatten();
        let of_events = || self.failures.iter().map(|group| &group.cause).filter(|it| it.kind == cause.kind);
        let answer = of_targets().chain(of_events()).max_by_key(|it| it.code.is_some());
        answer.map_or(cause.clone(), |answer| TaskFailure {
            message: answer.message.clone(),
            code: answer.code,
            ..cause
        })
    }

    /// Returns the most frequent cause; of equally frequent ones the first.
    pub(super) fn worst(&self, name: &str) -> Option<Diagnosis> {
        let at = self.failures.iter().map(|group| group.first).max()?;
        let group = self.failures.iter().rev().max_by_key(|group| group.subjects.len())?;
        Some(self.diagnosis(name, group, at))
    }

    pub(super) fn diagnosis(&self, name: &str, group: &FailureGroup, at: Timestamp) -> Diagnosis {
        Diagnosis {
            service: name.to_owned(),
            cause: self.with_answer(group.cause.clone()),
            times: group.times(),
            log: group.log.clone(),
            first: group.first,
            at,
        }
    }
}
