//! The services of an unchanged stack whose tasks stop again and again.
//!
//! A deployment without changes starts no task, so CloudFormation and ECS report nothing. The program may exit since an earlier
//! deployment that was not rolled back, or since something outside of the stack changed.

use std::time::Duration;

use indexmap::IndexMap;

use super::StackTask;
use crate::cfn::type_names::is_service;
use crate::deploy::api::{AwsApi, AwsError, Clock, EcsService, StackResource, Task, TaskFilter, Timestamp};
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::monitor::{Diagnosis, TaskFailure, of_task};
use crate::diag::Diagnostic;

/// The time after which a failure is over. ECS waits up to 15 minutes before it starts a task again ("Amazon ECS service throttle
/// logic", developer guide).
const RECENT: Duration = Duration::from_mins(15);

/// The number of failures with one cause by which a service fails, if the caller sets none.
const MANY: u32 = 3;

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Returns why services of the stack do not run, although nothing was changed. If they cannot be read, nothing is reported.
    pub(super) async fn failing_services(&self, stack_id: &str) -> Vec<Diagnostic> {
        let diagnoses = self.read_failures(stack_id).await.unwrap_or_default();
        let explained = diagnoses.iter().map(|it| diagnose_task_failure(it, &self.stack.template, &self.stack.origin));
        explained.map(|problem| problem.note("the stack has no changes: the service failed before")).collect()
    }

    async fn read_failures(&self, stack_id: &str) -> Result<Vec<Diagnosis>, AwsError> {
        if !self.stack.template.resources.values().any(|resource| is_service(resource.kind.as_str())) {
            return Ok(Vec::new());
        }
        let resources = self.api.resources(stack_id).await?;
        let created = resources.iter().filter(|it| is_service(&it.kind)).filter_map(named);
        let created: Vec<(&str, &str)> = created.collect();
        let arns: Vec<String> = created.iter().map(|(_, arn)| (*arn).to_owned()).collect();
        let services = if arns.is_empty() { Vec::new() } else { self.api.services(&arns).await? };
        let mut diagnoses = Vec::new();
        for service in services.iter().filter(|service| service.desired > 0) {
            let Some((name, _)) = created.iter().find(|(_, arn)| *arn == service.arn) else { continue };
            let stopped = self.api.tasks(&service.arn, TaskFilter::Stopped).await?;
            let Some(failures) = most_failures(service, &stopped, self.now()) else { continue };
            if failures.times >= self.limit() && !self.has_recovered(service, &failures).await? {
                diagnoses.push(failures.diagnosis(name));
            }
        }
        Ok(diagnoses)
    }

    /// Returns whether a service has all of its tasks, and the last failure is long ago or they have run for longer than those
    /// that failed.
    async fn has_recovered(&self, service: &EcsService, failures: &Failures) -> Result<bool, AwsError> {
        if service.running < service.desired {
            return Ok(false);
        }
        if self.now().since(failures.last) >= RECENT {
            return Ok(true);
        }
        let running = self.api.tasks(&service.arn, TaskFilter::Running).await?;
        let outlives = |task: &&Task| task.started.is_some_and(|started| self.now().since(started) > failures.longest);
        let recovered = running.iter().filter(|task| is_current(task, service)).filter(outlives).count();
        Ok(u32::try_from(recovered).unwrap_or(u32::MAX) >= service.desired)
    }

    /// Returns the number of failures by which a service fails.
    fn limit(&self) -> u32 {
        match self.options().max_task_failures {
            0 => MANY,
            limit => limit,
        }
    }
}

fn named(resource: &StackResource) -> Option<(&str, &str)> {
    Some((&resource.logical_id, resource.physical_id.as_deref()?))
}

/// The failures of tasks with one cause.
struct Failures {
    cause: TaskFailure,
    times: u32,
    first: Timestamp,
    last: Timestamp,
    /// The longest time that one of the tasks ran.
    longest: Duration,
}

impl Failures {
    fn add(&mut self, stopped: Timestamp, ran: Duration) {
        self.times = self.times.saturating_add(1);
        self.first = self.first.min(stopped);
        self.last = self.last.max(stopped);
        self.longest = self.longest.max(ran);
    }

    fn diagnosis(self, service: &str) -> Diagnosis {
        let Self { cause, times, first, last, .. } = self;
        Diagnosis { service: service.to_owned(), cause, times, log: Vec::new(), first, at: last }
    }
}

/// Returns whether a task has the current task definition of its service.
fn is_current(task: &Task, service: &EcsService) -> bool {
    task.task_definition == service.task_definition
}

/// Returns the failures of the cause by which most tasks of the current task definition failed.
fn most_failures(service: &EcsService, stopped: &[Task], now: Timestamp) -> Option<Failures> {
    let mut by_cause: IndexMap<String, Failures> = IndexMap::new();
    for task in stopped.iter().filter(|task| is_current(task, service)) {
        let Some(cause) = of_task(task, &[]) else { continue };
        // A task that is being stopped has no time yet.
        let at = task.stopped.unwrap_or(now);
        let ran = task.started.map_or(Duration::ZERO, |started| at.since(started));
        let failures = by_cause.entry(format!("{:?} {:?}", cause.kind, cause.code));
        failures.or_insert(Failures { cause, times: 0, first: at, last: at, longest: ran }).add(at, ran);
    }
    by_cause.into_values().max_by_key(|failures| failures.times)
}
