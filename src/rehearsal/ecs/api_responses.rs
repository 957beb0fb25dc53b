//! The answers to API calls.

use super::service::{Deployment, Health, Rollout, Service, Status};
use super::spec::TargetGroupSpec;
use super::state::EcsState;
use super::task::{RETENTION, SimulatedTask};
use crate::deploy::api::status::{DeploymentStatus, RolloutState, ServiceStatus, TaskStatus};
use crate::deploy::api::{
    CircuitBreaker, EcsDeployment, EcsService, LogLine, LogPage, LogQuery, ScalableTarget, ServiceDeployment,
    TargetHealth, Task, TaskDefinition, TaskFilter, Timestamp, family,
};
use crate::rehearsal::faults::TaskFault;

/// The greatest number of tasks of a service in an answer, as `DescribeTasks` takes no more.
const TASKS: usize = 100;

impl EcsState {
    /// Returns the health of a service while one of its deployments is awaited; `None` if it is deleted.
    pub(in crate::rehearsal) fn health(&self, service: &str, deployment: &str) -> Option<Health> {
        let service = self.services.iter().find(|it| it.arn == service && it.status != Status::Inactive)?;
        Some(service.health(deployment))
    }

    /// Returns the logical id of a service's resource.
    pub(in crate::rehearsal) fn logical_id(&self, service: &str) -> Option<&str> {
        self.services.iter().find(|it| it.arn == service).map(|it| it.logical_id.as_str())
    }

    /// Performs `DescribeServiceDeployments` for the latest deployment that shifts traffic.
    pub(in crate::rehearsal) fn service_deployment(&self, arn: &str) -> Option<ServiceDeployment> {
        self.services.iter().find(|it| it.arn == arn && it.status != Status::Inactive)?.report_shift()
    }

    /// Returns the reason with which a deployment of a service failed.
    pub(in crate::rehearsal) fn failure(&self, arn: &str, deployment: &str) -> &str {
        let service = self.services.iter().find(|it| it.arn == arn);
        let found = service.and_then(|it| it.deployments.iter().find(|it| it.id == deployment));
        found.map_or("", |it| it.reason.as_str())
    }

    /// Performs `DescribeServices` for one service.
    pub(in crate::rehearsal) fn service(&self, arn: &str) -> Option<EcsService> {
        self.services.iter().find(|it| it.arn == arn && it.status != Status::Inactive).map(Service::report)
    }

    /// Returns the tasks of a service, newest first.
    pub(in crate::rehearsal) fn tasks(&self, service: &str, filter: TaskFilter, now: Timestamp) -> Vec<Task> {
        let found = self.services.iter().find(|it| it.arn == service && it.status != Status::Inactive);
        let tasks = found.into_iter().flat_map(|it| it.tasks.iter().rev());
        let fits = |task: &&SimulatedTask| task.is_live() == (filter == TaskFilter::Running) && task.is_listed(now);
        tasks.filter(fits).take(TASKS).map(|task| task.reported.clone()).collect()
    }

    /// Returns the tasks of a family that run without a service in a cluster, newest first.
    pub(in crate::rehearsal) fn tasks_of_family(
        &self,
        cluster: &str,
        family: &str,
        filter: TaskFilter,
        now: Timestamp,
    ) -> Vec<Task> {
        let prefix = format!("{}/", cluster.replace(":cluster/", ":task/"));
        let is_of = |task: &&SimulatedTask| {
            task.reported.arn.starts_with(&prefix) && self::family(&task.reported.task_definition) == family
        };
        let fits = |task: &&SimulatedTask| task.is_stopped() == (filter == TaskFilter::Stopped) && task.is_listed(now);
        let tasks = self.standalone.iter().rev().filter(is_of).filter(fits);
        tasks.take(TASKS).map(|task| task.reported.clone()).collect()
    }

    /// Performs `DescribeTasks` for one task.
    pub(in crate::rehearsal) fn task(&self, arn: &str, now: Timestamp) -> Option<Task> {
        let mut all = self.services.iter().flat_map(|it| &it.tasks).chain(&self.standalone);
        all.find(|task| task.reported.arn == arn && task.is_listed(now)).map(|task| task.reported.clone())
    }

    /// Performs `DescribeTaskDefinition`. `near` is an ARN in the same region and account.
    pub(in crate::rehearsal) fn definition(&self, near: &str, name: &str) -> Option<TaskDefinition> {
        self.definitions.get(&self.resolve_arn(near, name)).map(|it| it.reported.clone())
    }

    /// Performs `DescribeTargetHealth` for a target group.
    pub(in crate::rehearsal) fn target_health(&self, group: &str) -> Vec<TargetHealth> {
        let targets = self.services.iter().flat_map(|it| &it.tasks).flat_map(|task| &task.targets);
        targets.filter(|target| target.group == group).map(|target| target.reported.clone()).collect()
    }

    /// Returns whether an image is missing: only deployments whose tasks cannot find it use it.
    pub(in crate::rehearsal) fn image_missing(&self, image: &str) -> bool {
        let deployments = || self.services.iter().flat_map(|it| &it.deployments);
        let uses = |it: &Deployment| {
            let definition = self.definitions.get(&it.task_definition);
            definition.is_some_and(|it| it.reported.containers.iter().any(|container| container.image == image))
        };
        let is_missing = |it: &Deployment| it.task_fault == Some(TaskFault::ImageNotFound);
        deployments().any(|it| is_missing(it) && uses(it)) && !deployments().any(|it| !is_missing(it) && uses(it))
    }

    /// Returns the last lines of a log stream. `place` is its region and group.
    pub(in crate::rehearsal) fn tail(
        &self,
        place: (&str, &str),
        stream: &str,
        lines: usize,
        now: Timestamp,
    ) -> Vec<LogLine> {
        self.logs.tail(place, stream, lines, now)
    }

    /// Performs `FilterLogEvents`.
    pub(in crate::rehearsal) fn search(&self, region: &str, query: &LogQuery, now: Timestamp) -> LogPage {
        self.logs.search(region, query, now)
    }

    /// Deletes a log group.
    pub(in crate::rehearsal) fn delete_log_group(&mut self, region: &str, group: &str) {
        self.logs.delete_group(region, group);
    }

    /// Performs `DescribeScalableTargets` for a resource.
    pub(in crate::rehearsal) fn bounds(&self, region: &str, resource: &str) -> Option<ScalableTarget> {
        self.scaling.get(&key(region, resource)).copied()
    }

    /// Performs `RegisterScalableTarget`: a desired count outside of the bounds is moved into them.
    pub(in crate::rehearsal) fn set_bounds(
        &mut self,
        (region, resource): (&str, &str),
        bounds: ScalableTarget,
        (at, seed): (Timestamp, u64),
    ) {
        self.scaling.insert(key(region, resource), bounds);
        let service_arn_part = format!(":ecs:{region}:");
        let of = |it: &&mut Service| it.arn.contains(&service_arn_part) && it.arn.ends_with(&format!(":{resource}"));
        for service in self.services.iter_mut().filter(|it| it.status == Status::Active).filter(of) {
            let desired = service.desired.clamp(bounds.min, bounds.max.max(bounds.min));
            service.scale(desired, at, seed);
        }
    }

    /// Performs `DeregisterScalableTarget`.
    pub(in crate::rehearsal) fn remove_bounds(&mut self, region: &str, resource: &str) {
        self.scaling.remove(&key(region, resource));
    }

    /// Returns the number of tasks that have not stopped, of services or not.
    #[cfg(test)]
    pub(in crate::rehearsal) fn task_count(&self) -> usize {
        let all = self.services.iter().flat_map(|it| &it.tasks).chain(&self.standalone);
        all.filter(|task| !task.is_stopped()).count()
    }
}

/// Returns the key of a scalable target.
fn key(region: &str, resource: &str) -> String {
    format!("{region} {resource}")
}

impl SimulatedTask {
    /// Returns whether AWS still lists it.
    fn is_listed(&self, now: Timestamp) -> bool {
        self.reported.stopped.is_none_or(|stopped| now.since(stopped) < RETENTION)
    }

    /// Returns whether it is running.
    fn is_running(&self) -> bool {
        self.reported.status == TaskStatus::Running
    }

    /// Returns whether it is being started.
    fn is_pending(&self) -> bool {
        matches!(self.reported.status, TaskStatus::Provisioning | TaskStatus::Pending | TaskStatus::Activating)
    }
}

impl Service {
    /// Returns the service as `DescribeServices` does.
    fn report(&self) -> EcsService {
        let count = |fits: fn(&SimulatedTask) -> bool| counted(self.tasks.iter().filter(|task| fits(task)));
        EcsService {
            arn: self.arn.clone(),
            name: self.name().to_owned(),
            status: if self.status == Status::Active { ServiceStatus::Active } else { ServiceStatus::Draining },
            task_definition: self.primary().task_definition.clone(),
            desired: self.desired,
            running: count(SimulatedTask::is_running),
            pending: count(SimulatedTask::is_pending),
            deployments: (0..self.deployments.len()).map(|at| self.report_deployment(at)).collect(),
            events: self.events.iter().rev().cloned().collect(),
            target_groups: self.spec.target_groups.iter().flat_map(TargetGroupSpec::references).collect(),
            network: self.spec.network.clone(),
            exec: self.spec.exec,
            propagates_tags: self.spec.propagates_tags,
            circuit_breaker: self
                .spec
                .circuit_breaker
                .as_ref()
                .map(|it| CircuitBreaker { enable: true, rollback: it.rollback }),
            strategy: self.spec.shift.as_ref().map(|shift| shift.strategy.as_str().into()),
        }
    }

    /// Returns a deployment as `DescribeServices` does.
    fn report_deployment(&self, at: usize) -> EcsDeployment {
        let it = &self.deployments[at];
        let own = || self.tasks.iter().filter(|task| task.is_of(it));
        let rollout = match it.rollout {
            Rollout::InProgress => RolloutState::InProgress,
            Rollout::Completed => RolloutState::Completed,
            Rollout::Failed => RolloutState::Failed,
        };
        EcsDeployment {
            id: it.id.clone(),
            status: if at == 0 { DeploymentStatus::Primary } else { DeploymentStatus::Active },
            rollout: Some(rollout),
            reason: Some(it.reason.clone()),
            task_definition: it.task_definition.clone(),
            desired: if at == 0 { self.desired } else { counted(own().filter(|task| task.is_live())) },
            running: counted(own().filter(|task| task.is_running())),
            pending: counted(own().filter(|task| task.is_pending())),
            failed: it.failed,
            created: Some(it.created),
            updated: Some(it.updated),
        }
    }
}

/// Returns the number of tasks.
fn counted<'a>(tasks: impl Iterator<Item = &'a SimulatedTask>) -> u32 {
    u32::try_from(tasks.count()).unwrap_or(u32::MAX)
}
