use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::observation::{Diagnosis, Observation, ServiceCounts, StoppedTask};
use super::task_failure::{TaskFailure, TaskFailureKind, of_event, of_target, of_task};
use crate::deploy::api::{EcsEvent, EcsService, LogLine, TargetHealth, Task, Timestamp};
use crate::deploy::engine::event::DeployEventKind;

/// How far the clocks of two services of AWS may be apart.
const CLOCKS: Duration = Duration::from_secs(5);

/// How often one cause shows until it is a diagnosis.
const TWICE: u32 = 2;

/// ECS says once in six hours that it cannot place a task, however often it tries ("Amazon ECS service event messages").
/// Where the count of failures does not tell either, so much time counts as one more attempt.
const ATTEMPT: Duration = Duration::from_mins(3);

/// What was seen of the services of one operation.
#[derive(Debug, Clone, Default)]
pub struct Watchdog {
    since: Option<Timestamp>,
    max_task_failures: u32,
    undone: Option<Timestamp>,
    services: BTreeMap<String, ServiceHistory>,
}

/// What was seen of one service.
#[derive(Debug, Clone, Default)]
struct ServiceHistory {
    counts: Option<ServiceCounts>,
    /// When each of its deployments began, those that are over too.
    deployments: BTreeMap<String, Option<Timestamp>>,
    events: BTreeSet<String>,
    tasks: BTreeSet<String>,
    /// The last word on each target, by address.
    targets: BTreeMap<String, Option<TaskFailure>>,
    griefs: Vec<FailureGroup>,
}

/// A cause with all that came to it.
#[derive(Debug, Clone)]
struct FailureGroup {
    cause: TaskFailure,
    /// Ids of tasks; of lines of the service's log where these name no task.
    subjects: BTreeSet<String>,
    log: Vec<LogLine>,
    first: Timestamp,
    /// As how many it was told.
    told: u32,
}

impl Watchdog {
    /// One that gives up after so many tasks of one cause; 0 never does.
    pub fn new(max_task_failures: u32) -> Self {
        Self { max_task_failures, ..Self::default() }
    }

    /// What began before this moment is none of the operation's business. The first moment that is said counts.
    pub fn begins(&mut self, at: Timestamp) {
        self.since.get_or_insert(at - CLOCKS);
    }

    /// From this moment on the operation is being undone: what begins later is told and proves nothing.
    pub fn undoes(&mut self, at: Timestamp) {
        self.undone.get_or_insert(at);
    }

    /// True for a stopped task that was not looked at before, and that belongs to the operation.
    pub fn is_new(&self, service: &str, task: &Task) -> bool {
        let known = self.services.get(service).is_some_and(|seen| seen.tasks.contains(task.id()));
        !known && self.is_ours(task.created)
    }

    /// The counts of the last look at a service.
    pub fn counts(&self, service: &str) -> Option<&ServiceCounts> {
        self.services.get(service)?.counts.as_ref()
    }

    /// Takes a look in, and tells what is new.
    pub fn look(&mut self, seen: Observation) -> Vec<DeployEventKind> {
        let mut facts = Vec::new();
        let name = seen.service;
        if let Some(live) = &seen.live {
            let counts = ServiceCounts::of(&name, live);
            let known = self.services.entry(name.clone()).or_default();
            known.deployments.extend(live.deployments.iter().map(|it| (it.id.clone(), it.created)));
            if known.counts.as_ref() != Some(&counts) {
                known.counts = Some(counts.clone());
                facts.push(DeployEventKind::Service { counts });
            }
            live.events.iter().rev().for_each(|event| facts.extend(self.said(&name, event)));
            self.try_again(&name, live, seen.at);
        }
        seen.targets.iter().for_each(|target| facts.extend(self.target(&name, target)));
        for (task, log) in seen.stopped {
            facts.extend(self.stopped(&name, &task, log, seen.at));
        }
        facts.extend(self.diagnosed(&name, seen.at));
        facts
    }

    /// The cause that an operation is given up for.
    pub fn gives_up(&self) -> Option<Diagnosis> {
        let limit = self.max_task_failures;
        self.diagnoses().into_iter().find(|diagnosis| limit > 0 && diagnosis.times >= limit)
    }

    /// What is wrong with each service that something is wrong with: the cause that shows most often.
    pub fn diagnoses(&self) -> Vec<Diagnosis> {
        let worst = |(name, seen): (&String, &ServiceHistory)| {
            let at = seen.griefs.iter().map(|grief| grief.first).max()?;
            // Where two are as frequent, the first one is the cause.
            let grief = seen.griefs.iter().rev().max_by_key(|grief| grief.subjects.len())?;
            Some(seen.diagnosis(name, grief, at))
        };
        self.services.iter().filter_map(worst).collect()
    }

    fn is_ours(&self, created: Option<Timestamp>) -> bool {
        self.since.zip(created).is_none_or(|(since, created)| created >= since)
    }

    /// True where a deployment of the service began with the operation.
    fn is_changing(&self, name: &str) -> bool {
        let deployments = self.services.get(name).map(|seen| &seen.deployments);
        deployments.is_some_and(|deployments| deployments.values().any(|created| self.is_ours(*created)))
    }

    /// False for a task of an older deployment: it may have failed for long, and this operation may be what mends it.
    fn is_of_new_deployment(&self, name: &str, task: &Task) -> bool {
        let deployments = self.services.get(name).map(|seen| &seen.deployments);
        let created = task.started_by.as_ref().and_then(|id| deployments?.get(id));
        created.is_none_or(|created| self.is_ours(*created))
    }

    /// True for what happened before the operation went back.
    fn proves(&self, at: Option<Timestamp>) -> bool {
        self.undone.zip(at).is_none_or(|(undone, at)| at < undone)
    }

    fn said(&mut self, name: &str, event: &EcsEvent) -> Option<DeployEventKind> {
        if !self.is_ours(Some(event.time)) {
            return None;
        }
        let counts = self.proves(Some(event.time)) && self.is_changing(name);
        let seen = self.services.entry(name.to_owned()).or_default();
        if !seen.events.insert(event.id.clone()) {
            return None;
        }
        if let Some((cause, task)) = of_event(&event.message).filter(|_| counts) {
            // A line that names no task speaks of tasks that are told of themselves, unless there were none.
            let of_none = match cause.kind {
                kind if is_placement(kind) => Some(attempt(1)),
                TaskFailureKind::RoleUnusable | TaskFailureKind::Other => Some(event.id.clone()),
                _ => None,
            };
            if let Some(subject) = task.or(of_none) {
                seen.grieve(cause, subject, Vec::new(), event.time);
            }
        }
        Some(DeployEventKind::ServiceEvent { service: name.to_owned(), event: event.clone() })
    }

    /// Counts the attempts to place tasks for which there was no place, as long as tasks are missing.
    fn try_again(&mut self, name: &str, live: &EcsService, at: Timestamp) {
        let Some(primary) = live.deployments.first().filter(|primary| primary.running < primary.desired) else {
            return;
        };
        let Some(seen) = self.services.get_mut(name).filter(|_| self.undone.is_none()) else { return };
        for grief in seen.griefs.iter_mut().filter(|grief| is_placement(grief.cause.kind)) {
            let spans = at.since(grief.first).as_secs() / ATTEMPT.as_secs();
            let attempts = primary.failed.max(u32::try_from(spans).unwrap_or(u32::MAX).saturating_add(1));
            // More than a few prove no more than those.
            grief.subjects.extend((1..=attempts.min(100)).map(attempt));
        }
    }

    fn target(&mut self, name: &str, target: &TargetHealth) -> Option<DeployEventKind> {
        let seen = self.services.entry(name.to_owned()).or_default();
        let now = of_target(target);
        let before = seen.targets.insert(target.target.clone(), now.clone());
        let is_news = now.is_some() && before.flatten() != now;
        is_news.then(|| DeployEventKind::TargetUnhealthy { service: name.to_owned(), target: target.clone() })
    }

    fn stopped(&mut self, name: &str, task: &Task, log: Vec<LogLine>, at: Timestamp) -> Option<DeployEventKind> {
        if !self.is_new(name, task) {
            return None;
        }
        let (counts, ours) = (self.proves(task.created), self.is_of_new_deployment(name, task));
        let cause = of_task(task, &log);
        let seen = self.services.entry(name.to_owned()).or_default();
        seen.tasks.insert(task.id().to_owned());
        if !ours {
            seen.forgive(task.id());
            return None;
        }
        let cause = cause.map(|cause| seen.with_answer(cause));
        if let Some(cause) = cause.clone().filter(|_| counts) {
            seen.grieve(cause, task.id().to_owned(), log.clone(), task.stopped.unwrap_or(at));
        }
        Some(DeployEventKind::TaskStopped { service: name.to_owned(), task: StoppedTask::of(task, cause, log) })
    }

    fn diagnosed(&mut self, name: &str, at: Timestamp) -> Vec<DeployEventKind> {
        let limit = self.max_task_failures;
        let Some(seen) = self.services.get_mut(name) else { return Vec::new() };
        let mut told = Vec::new();
        for place in 0..seen.griefs.len() {
            let grief = &seen.griefs[place];
            let times = grief.times();
            let reaches = |mark: u32| mark > 0 && times >= mark && grief.told < mark;
            if reaches(TWICE) || reaches(limit) {
                told.push(DeployEventKind::Diagnosed { diagnosis: seen.diagnosis(name, grief, at) });
                seen.griefs[place].told = times;
            }
        }
        told
    }
}

impl ServiceHistory {
    fn grieve(&mut self, cause: TaskFailure, subject: String, log: Vec<LogLine>, at: Timestamp) {
        // A line of the service's log and the task itself tell of one grief.
        if self.griefs.iter().any(|grief| grief.cause.kind == cause.kind && grief.subjects.contains(&subject)) {
            return;
        }
        match self.griefs.iter_mut().find(|grief| cause.is_like(&grief.cause)) {
            Some(grief) => {
                grief.subjects.insert(subject);
                grief.first = grief.first.min(at);
                if !log.is_empty() {
                    grief.log = log;
                }
                if grief.cause.code.is_none() {
                    grief.cause = cause;
                }
            }
            None => {
                let subjects = BTreeSet::from([subject]);
                self.griefs.push(FailureGroup { cause, subjects, log, first: at, told: 0 });
            }
        }
    }

    /// A task that turns out to be none of the operation's.
    fn forgive(&mut self, subject: &str) {
        self.griefs.iter_mut().for_each(|grief| {
            grief.subjects.remove(subject);
        });
        self.griefs.retain(|grief| !grief.subjects.is_empty());
    }

    /// ECS says that a health check failed, the target says what it answered.
    fn with_answer(&self, cause: TaskFailure) -> TaskFailure {
        if cause.kind != TaskFailureKind::TargetUnhealthy || cause.code.is_some() {
            return cause;
        }
        let of_targets = || self.targets.values().flatten();
        let of_events = || self.griefs.iter().map(|grief| &grief.cause).filter(|it| it.kind == cause.kind);
        let answer = of_targets().chain(of_events()).max_by_key(|it| it.code.is_some());
        answer.map_or(cause.clone(), |answer| TaskFailure {
            message: answer.message.clone(),
            code: answer.code,
            ..cause
        })
    }

    fn diagnosis(&self, name: &str, grief: &FailureGroup, at: Timestamp) -> Diagnosis {
        Diagnosis {
            service: name.to_owned(),
            cause: self.with_answer(grief.cause.clone()),
            times: grief.times(),
            log: grief.log.clone(),
            first: grief.first,
            at,
        }
    }
}

fn is_placement(kind: TaskFailureKind) -> bool {
    matches!(kind, TaskFailureKind::NoCapacity | TaskFailureKind::Quota)
}

fn attempt(number: u32) -> String {
    format!("attempt {number}")
}

impl FailureGroup {
    fn times(&self) -> u32 {
        u32::try_from(self.subjects.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests;
