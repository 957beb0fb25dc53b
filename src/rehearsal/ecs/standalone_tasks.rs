//! Tasks that belong to no service: `RunTask`.

use super::task::{SimulatedTask, TaskEvent, TaskLaunch, task_arn};
use super::{EcsState, MEMORY, SimulationContext};
use crate::deploy::api::{RunTaskRequest, Task, Timestamp};
use crate::rehearsal::cloudformation::durations::seconds;
use crate::rehearsal::faults::TaskFault;

pub(super) fn pass(tasks: &mut Vec<SimulatedTask>, at: Timestamp, scene: &mut SimulationContext<'_>) {
    for task in tasks.iter_mut() {
        while let Some(turn) = task.due(at) {
            task.take(turn, at, None, scene);
        }
    }
    tasks.retain(|task| task.told.stopped.is_none_or(|stopped| at.since(stopped) < MEMORY));
}

impl EcsState {
    /// What stands in the way of tasks of a task definition, as the services that run it know.
    pub(in crate::rehearsal) fn trouble_of(&self, task_definition: &str) -> Option<TaskFault> {
        let deployments = self.services.iter().flat_map(|service| &service.deployments);
        deployments.filter(|it| it.task_definition == task_definition).find_map(|it| it.trouble)
    }

    /// The logical ids of the services that run a task definition.
    pub(in crate::rehearsal) fn that_run(&self, definition: &str) -> impl Iterator<Item = &str> {
        let runs = move |service: &&super::service::Service| {
            service.deployments.iter().any(|deployment| deployment.task_definition == definition)
        };
        self.services.iter().filter(runs).map(|service| service.logical_id.as_str())
    }

    /// True where a deployment of a service meets a trouble.
    pub(in crate::rehearsal) fn meets(&self, arn: &str, trouble: TaskFault) -> bool {
        let mut deployments = self.services.iter().filter(|service| service.arn == arn).flat_map(|it| &it.deployments);
        deployments.any(|deployment| deployment.trouble == Some(trouble))
    }

    /// `RunTask`: a task that starts, does its work and ends well, unless it meets a trouble. `cluster` is the
    /// cluster's ARN. Nothing where there is no such task definition.
    pub(in crate::rehearsal) fn run(
        &mut self,
        cluster: &str,
        request: &RunTaskRequest,
        trouble: Option<TaskFault>,
        (at, seed): (Timestamp, u64),
    ) -> Option<Task> {
        let name = self.full_name(cluster, &request.task_definition);
        let definition = self.definitions.get(&name)?;
        self.runs += 1;
        let service = cluster.replace(":cluster/", ":service/");
        let arn = task_arn(&service, seed, &[cluster, "run", &self.runs.to_string()]);
        let birth = TaskLaunch {
            arn,
            number: self.runs,
            by: request.started_by.clone(),
            definition,
            spec: None,
            trouble,
            at,
            seed,
        };
        let mut task = birth.place();
        let run = task.turns.iter().find(|(_, turn)| *turn == TaskEvent::Run).map(|(at, _)| *at);
        if let Some(run) = run.filter(|_| !task.turns.iter().any(|(_, turn)| matches!(turn, TaskEvent::Exits(_)))) {
            task.turns.retain(|(_, turn)| !matches!(turn, TaskEvent::Checked(_)));
            task.turns.push((run + seconds(seed, &[&task.told.arn, "work"], (4.0, 9.0, 20.0)), TaskEvent::Exits(0)));
        }
        task.program = request.command.first().cloned();
        let told = task.told.clone();
        self.loose.push(task);
        Some(told)
    }

    /// `StopTask`, of a service or not; false where there is no such task.
    pub(in crate::rehearsal) fn stop(&mut self, arn: &str, reason: &str, (at, seed): (Timestamp, u64)) -> bool {
        const CODE: &str = "UserInitiated";
        for service in &mut self.services {
            if let Some(task) = service.tasks.iter().position(|task| task.told.arn == arn) {
                if service.tasks[task].is_live() {
                    service.steady = false;
                    service.stop(&[task], (CODE, reason), at, seed);
                    service.wake_soon(at, seed);
                }
                return true;
            }
        }
        let Some(task) = self.loose.iter_mut().find(|task| task.told.arn == arn) else { return false };
        task.stop((CODE, reason), at, std::time::Duration::ZERO, seed);
        true
    }
}
