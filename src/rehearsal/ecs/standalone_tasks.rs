//! Tasks without a service: `RunTask`.

use super::context::SimulationContext;
use super::obstacle::StartObstacle;
use super::service::Service;
use super::state::EcsState;
use super::task::{RETENTION, SimulatedTask, TaskEvent, TaskLaunch, task_arn};
use crate::deploy::api::{RunTaskRequest, Task, Timestamp};
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::seconds;

/// Applies the events that are due, and removes tasks that AWS no longer lists.
pub(super) fn advance(tasks: &mut Vec<SimulatedTask>, at: Timestamp, context: &mut SimulationContext<'_>) {
    for task in tasks.iter_mut() {
        while let Some(event) = task.due(at) {
            task.apply(event, at, None, context);
        }
    }
    tasks.retain(|task| task.reported.stopped.is_none_or(|stopped| at.since(stopped) < RETENTION));
}

impl EcsState {
    /// Returns the fault of a task definition in the services that run it.
    pub(in crate::rehearsal) fn task_fault_of(&self, task_definition: &str) -> Option<TaskFault> {
        let deployments = self.services.iter().flat_map(|service| &service.deployments);
        deployments.filter(|it| it.task_definition == task_definition).find_map(|it| it.task_fault)
    }

    /// Returns the logical ids of the services that run a task definition.
    pub(in crate::rehearsal) fn services_running(&self, definition: &str) -> impl Iterator<Item = &str> {
        let runs = move |service: &&Service| {
            service.deployments.iter().any(|deployment| deployment.task_definition == definition)
        };
        self.services.iter().filter(runs).map(|service| service.logical_id.as_str())
    }

    /// Returns whether a deployment of a service has a fault.
    pub(in crate::rehearsal) fn has_task_fault(&self, arn: &str, task_fault: TaskFault) -> bool {
        let mut deployments = self.services.iter().filter(|service| service.arn == arn).flat_map(|it| &it.deployments);
        deployments.any(|deployment| deployment.task_fault == Some(task_fault))
    }

    /// Performs `RunTask`: a task that starts, does its work and exits with 0, unless it has a fault. `cluster` is the
    /// cluster's ARN. Returns nothing if the task definition does not exist.
    pub(in crate::rehearsal) fn run_task(
        &mut self,
        cluster: &str,
        request: &RunTaskRequest,
        (task_fault, obstacle): (Option<TaskFault>, Option<&StartObstacle>),
        (at, seed): (Timestamp, u64),
    ) -> Option<Task> {
        let name = self.resolve_arn(cluster, &request.task_definition);
        let definition = self.definitions.get(&name)?;
        if let Some(started) = request.token.as_ref().and_then(|token| self.run_tokens.get(token)) {
            return self.task(started, at);
        }
        self.runs += 1;
        let service = cluster.replace(":cluster/", ":service/");
        let arn = task_arn(&service, seed, &[cluster, "run", &self.runs.to_string()]);
        let wanted = request.network.as_ref().map(|network| network.subnets.as_slice()).unwrap_or_default();
        let mut known = self.services.iter().flat_map(|service| &service.spec.subnets);
        let subnet = known.find(|subnet| wanted.iter().any(|id| id == subnet.id()));
        let launch = TaskLaunch {
            address: self.addresses.next(subnet),
            zone: subnet.and_then(|subnet| subnet.zone().map(str::to_owned)),
            arn,
            number: self.runs,
            started_by: request.started_by.clone(),
            definition,
            spec: None,
            alternate: false,
            task_fault,
            obstacle,
            at,
            seed,
        };
        let mut task = launch.launch();
        let run = task.events.iter().find(|(_, event)| *event == TaskEvent::Running).map(|(at, _)| *at);
        if let Some(run) = run.filter(|_| !task.events.iter().any(|(_, event)| matches!(event, TaskEvent::Exits(_)))) {
            task.events.retain(|(_, event)| !matches!(event, TaskEvent::ContainerChecked(_)));
            task.events
                .push((run + seconds(seed, &[&task.reported.arn, "work"], (4.0, 9.0, 20.0)), TaskEvent::Exits(0)));
        }
        task.program = request.command.first().cloned();
        if task_fault == Some(TaskFault::Hangs) {
            task.events.retain(|(_, event)| !matches!(event, TaskEvent::Exits(_)));
        }
        let reported = task.reported.clone();
        if let Some(token) = &request.token {
            self.run_tokens.insert(token.clone(), reported.arn.clone());
        }
        self.standalone.push(task);
        Some(reported)
    }

    /// Performs `StopTask`, of a service or not. Returns false if the task does not exist.
    pub(in crate::rehearsal) fn stop(&mut self, arn: &str, reason: &str, (at, seed): (Timestamp, u64)) -> bool {
        const CODE: &str = "UserInitiated";
        for service in &mut self.services {
            if let Some(task) = service.tasks.iter().position(|task| task.reported.arn == arn) {
                if service.tasks[task].is_live() {
                    service.steady = false;
                    service.stop(&[task], (CODE, reason), at, seed);
                    service.wake_soon(at, seed);
                }
                return true;
            }
        }
        let Some(task) = self.standalone.iter_mut().find(|task| task.reported.arn == arn) else { return false };
        task.stop((CODE, reason), at, std::time::Duration::ZERO, seed);
        true
    }
}
