//! The services of an unchanged stack whose tasks stop again and again.
//!
//! A deployment without changes starts no task, so CloudFormation and ECS report nothing. The program may exit since an earlier
//! deployment that was not rolled back, or since something outside of the stack changed.

use std::time::Duration;

use indexmap::IndexMap;

use super::StackTask;
use crate::cfn::type_names::SERVICE;
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
        if !self.stack.template.resources.values().any(|resource| resource.kind.as_str() == SERVICE) {
            return Ok(Vec::new());
        }
        let resources = self.api.resources(stack_id).await?;
        let created = resources.iter().filter(|it| it.kind == SERVICE).filter_map(named);
        let created: Vec<(&str, &str)> = created.collect();
        let arns: Vec<String> = created.iter().map(|(_, arn)| (*arn).to_owned()).collect();
        let services = if arns.is_empty() { Vec::new() } else { self.api.services(&arns).await? };
        let mut diagnoses = Vec::new();
        for service in services.iter().filter(|service| service.desired > 0) {
            let Some((name, _)) = created.iter().find(|(_, arn)| *arn == service.arn) else { continue };
            let tasks = self.api.tasks(&service.arn, TaskFilter::Stopped).await?;
            let running = self.api.tasks(&service.arn, TaskFilter::Running).await?;
            diagnoses.extend(failure(name, service, [&tasks, &running], self.limit(), self.now()));
        }
        Ok(diagnoses)
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

/// Returns the cause by which most tasks of the current task definition failed, if they are many and the service has not
/// recovered.
fn failure(
    name: &str,
    service: &EcsService,
    [tasks, running]: [&[Task]; 2],
    limit: u32,
    now: Timestamp,
) -> Option<Diagnosis> {
    let is_current = |task: &&Task| task.task_definition == service.task_definition;
    let mut failures: IndexMap<String, Vec<(TaskFailure, Timestamp)>> = IndexMap::new();
    for task in tasks.iter().filter(is_current) {
        if let Some(cause) = of_task(task, &[]) {
            // A task that is being stopped has no time yet.
            let stopped = task.stopped.unwrap_or(now);
            failures.entry(format!("{:?} {:?}", cause.kind, cause.code)).or_default().push((cause, stopped));
        }
    }
    let worst = failures.into_values().max_by_key(Vec::len)?;
    let (first, last) = (worst.iter().map(|it| it.1).min()?, worst.iter().map(|it| it.1).max()?);
    // A service recovered if all of its tasks have run for longer than those that failed.
    let longest = tasks.iter().filter(is_current).filter_map(|task| Some(task.stopped?.since(task.started?))).max();
    let outlives = |task: &&Task| task.started.is_some_and(|started| Some(now.since(started)) > longest);
    let recovered = running.iter().filter(is_current).filter(outlives).count();
    let has_recovered = u32::try_from(recovered).unwrap_or(u32::MAX) >= service.desired;
    let is_failing = !has_recovered && (service.running < service.desired || now.since(last) < RECENT);
    let times = u32::try_from(worst.len()).unwrap_or(u32::MAX);
    let cause = worst.into_iter().next()?.0;
    let diagnosis = Diagnosis { service: name.to_owned(), cause, times, log: Vec::new(), first, at: last };
    (is_failing && times >= limit).then_some(diagnosis)
}
