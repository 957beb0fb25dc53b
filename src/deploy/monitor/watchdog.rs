//! Counts the failures of one operation's services and reports the causes that come back.
//!
//! | observation | counts as |
//! |---|---|
//! | a stopped task of a new deployment, stopped by a failure | one failure |
//! | an event that names the same task, with the same kind of cause | the same failure |
//! | an event without a task (a role, an unknown cause) | one failure for each event |
//! | an event about placement (capacity, quota) | one failure for each failed task of ECS's count, or for each 3 minutes |
//! | the rollback of a shift of traffic by a hook or an alarm | one failure |
//! | a task or event from before the operation, or of an older deployment | nothing |
//! | a task or event from after the start of a rollback | nothing; it is only reported |

use std::collections::BTreeMap;
use std::time::Duration;

use super::failure_kind::TaskFailureKind;
use super::finding::Finding;
use super::observation::{Diagnosis, Observation, ServiceCounts, StoppedTask};
use super::service_history::ServiceHistory;
use super::task_failure::{of_event, of_shift, of_target, of_task};
use crate::deploy::api::{EcsEvent, EcsService, LogLine, ServiceDeployment, TargetHealth, Task, Timestamp};

/// The largest difference between the clocks of two AWS services.
const CLOCK_SKEW: Duration = Duration::from_secs(5);

/// The number of failures after which a cause is reported as a diagnosis.
const REPEATED: u32 = 2;

/// ECS reports once in six hours that it cannot place a task, however often it tries ("Amazon ECS service event
/// messages"). If its count of failed tasks does not show the attempts either, one attempt is assumed in this time.
const PLACEMENT_ATTEMPT: Duration = Duration::from_mins(3);

/// The observations of the services of one operation.
#[derive(Debug, Clone, Default)]
pub struct Watchdog {
    since: Option<Timestamp>,
    max_task_failures: u32,
    rollback: Option<Timestamp>,
    services: BTreeMap<String, ServiceHistory>,
}

impl Watchdog {
    /// Creates a watchdog for which this many failures of one cause are fatal; with 0, none are.
    pub fn new(max_task_failures: u32) -> Self {
        Self { max_task_failures, ..Self::default() }
    }

    /// Sets the start of the operation, unless it is set: what was created earlier does not count.
    pub fn started(&mut self, at: Timestamp) {
        self.since.get_or_insert(at - CLOCK_SKEW);
    }

    /// Sets the start of the rollback, unless it is set: what fails later is reported and does not count.
    pub fn rollback_started(&mut self, at: Timestamp) {
        self.rollback.get_or_insert(at);
    }

    /// Returns whether a stopped task belongs to the operation and was not observed before.
    pub fn is_new(&self, service: &str, task: &Task) -> bool {
        let known = self.services.get(service).is_some_and(|history| history.tasks.contains(task.id()));
        !known && self.is_of_operation(task.created)
    }

    /// Returns the counts of the latest observation of a service.
    pub fn counts(&self, service: &str) -> Option<&ServiceCounts> {
        self.services.get(service)?.counts.as_ref()
    }

    /// Records an observation and returns what is new in it.
    pub fn observe(&mut self, observation: Observation) -> Vec<Finding> {
        let mut findings = Vec::new();
        let name = observation.service;
        if let Some(live) = &observation.live {
            let counts = ServiceCounts::of(&name, live);
            let history = self.services.entry(name.clone()).or_default();
            history.deployments.extend(live.deployments.iter().map(|it| (it.id.clone(), it.created)));
            if history.counts.as_ref() != Some(&counts) {
                history.counts = Some(counts.clone());
                findings.push(Finding::CountsChanged(counts));
            }
            live.events.iter().rev().for_each(|event| findings.extend(self.service_event(&name, event)));
            self.count_placement_attempts(&name, live, observation.at);
        }
        findings.extend(observation.shift.and_then(|shift| self.shift(&name, shift, observation.at)));
        observation.targets.iter().for_each(|target| findings.extend(self.target(&name, target)));
        for (task, log) in observation.stopped {
            findings.extend(self.task_stopped(&name, &task, log, observation.at));
        }
        findings.extend(self.repeated_causes(&name, observation.at));
        findings
    }

    /// Returns the first cause with as many failures as are fatal.
    pub fn fatal_diagnosis(&self) -> Option<Diagnosis> {
        let limit = self.max_task_failures;
        self.diagnoses().into_iter().find(|diagnosis| limit > 0 && diagnosis.times >= limit)
    }

    /// Returns the most frequent cause of each service that has failures.
    pub fn diagnoses(&self) -> Vec<Diagnosis> {
        self.services.iter().filter_map(|(name, history)| history.worst(name)).collect()
    }

    fn is_of_operation(&self, created: Option<Timestamp>) -> bool {
        self.since.zip(created).is_none_or(|(since, created)| created >= since)
    }

    /// Returns whether the operation started a deployment of the service.
    fn is_changing(&self, name: &str) -> bool {
        let deployments = self.services.get(name).map(|history| &history.deployments);
        deployments.is_some_and(|deployments| deployments.values().any(|created| self.is_of_operation(*created)))
    }

    /// Returns whether a task does not belong to an older deployment, which may have been failing for long: this
    /// operation may be the one that fixes it.
    fn is_of_new_deployment(&self, name: &str, task: &Task) -> bool {
        let deployments = self.services.get(name).map(|history| &history.deployments);
        let created = task.started_by.as_ref().and_then(|id| deployments?.get(id));
        created.is_none_or(|created| self.is_of_operation(*created))
    }

    fn is_before_rollback(&self, at: Option<Timestamp>) -> bool {
        self.rollback.zip(at).is_none_or(|(rollback, at)| at < rollback)
    }

    fn service_event(&mut self, name: &str, event: &EcsEvent) -> Option<Finding> {
        if !self.is_of_operation(Some(event.time)) {
            return None;
        }
        let counts = self.is_before_rollback(Some(event.time)) && self.is_changing(name);
        let history = self.services.entry(name.to_owned()).or_default();
        if !history.events.insert(event.id.clone()) {
            return None;
        }
        if let Some((cause, task)) = of_event(&event.message).filter(|_| counts) {
            // An event that names no task is about tasks that are observed themselves, unless none was started.
            let without_task = match cause.kind {
                kind if kind.is_placement() => Some(attempt(1)),
                TaskFailureKind::RoleUnusable | TaskFailureKind::Other => Some(event.id.clone()),
                _ => None,
            };
            if let Some(subject) = task.or(without_task) {
                history.record_failure(cause, subject, Vec::new(), event.time);
            }
        }
        Some(Finding::ServiceEvent { service: name.to_owned(), event: event.clone() })
    }

    /// Counts the attempts to place tasks as long as tasks are missing.
    fn count_placement_attempts(&mut self, name: &str, live: &EcsService, at: Timestamp) {
        let Some(primary) = live.deployments.first().filter(|primary| primary.running < primary.desired) else {
            return;
        };
        let Some(history) = self.services.get_mut(name).filter(|_| self.rollback.is_none()) else { return };
        for group in history.failures.iter_mut().filter(|group| group.cause.kind.is_placement()) {
            let spans = at.since(group.first).as_secs() / PLACEMENT_ATTEMPT.as_secs();
            let attempts = primary.failed.max(u32::try_from(spans).unwrap_or(u32::MAX).saturating_add(1));
            // A hundred attempts prove as much as more of them.
            group.subjects.extend((1..=attempts.min(100)).map(attempt));
        }
    }

    /// Records the progress of a deployment that shifts traffic, and its failure unless tasks are the cause.
    fn shift(&mut self, name: &str, shift: ServiceDeployment, at: Timestamp) -> Option<Finding> {
        if !self.is_of_operation(shift.created) {
            return None;
        }
        let counts = self.is_before_rollback(shift.created);
        let history = self.services.entry(name.to_owned()).or_default();
        if history.shift.as_ref() == Some(&shift) {
            return None;
        }
        if let Some(cause) = of_shift(&shift).filter(|_| counts) {
            history.record_failure(cause, shift.arn.clone(), Vec::new(), at);
        }
        history.shift = Some(shift.clone());
        Some(Finding::ShiftChanged { service: name.to_owned(), shift })
    }

    fn target(&mut self, name: &str, target: &TargetHealth) -> Option<Finding> {
        let history = self.services.entry(name.to_owned()).or_default();
        let now = of_target(target);
        let before = history.targets.insert(target.target.clone(), now.clone());
        let is_new = now.is_some() && before.flatten() != now;
        is_new.then(|| Finding::TargetUnhealthy { service: name.to_owned(), target: target.clone() })
    }

    fn task_stopped(&mut self, name: &str, task: &Task, log: Vec<LogLine>, at: Timestamp) -> Option<Finding> {
        if !self.is_new(name, task) {
            return None;
        }
        let counts = self.is_before_rollback(task.created);
        let is_of_new_deployment = self.is_of_new_deployment(name, task);
        let history = self.services.entry(name.to_owned()).or_default();
        history.tasks.insert(task.id().to_owned());
        if !is_of_new_deployment {
            history.retract(task.id());
            return None;
        }
        let cause = of_task(task, &log).map(|cause| history.with_answer(cause));
        if let Some(cause) = cause.clone().filter(|_| counts) {
            history.record_failure(cause, task.id().to_owned(), log.clone(), task.stopped.unwrap_or(at));
        }
        Some(Finding::TaskStopped { service: name.to_owned(), task: StoppedTask::of(task, cause, log) })
    }

    /// Returns the causes that came back for the first time, or that became fatal.
    fn repeated_causes(&mut self, name: &str, at: Timestamp) -> Vec<Finding> {
        let limit = self.max_task_failures;
        let Some(history) = self.services.get_mut(name) else { return Vec::new() };
        let mut findings = Vec::new();
        for position in 0..history.failures.len() {
            let group = &history.failures[position];
            let times = group.times();
            let reaches = |mark: u32| mark > 0 && times >= mark && group.reported < mark;
            if reaches(REPEATED) || reaches(limit) {
                findings.push(Finding::Diagnosed(history.diagnosis(name, group, at)));
                history.failures[position].reported = times;
            }
        }
        findings
    }
}

fn attempt(number: u32) -> String {
    format!("attempt {number}")
}

#[cfg(test)]
mod tests;
