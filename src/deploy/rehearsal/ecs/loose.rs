//! Tasks that belong to no service: `RunTask`.

use super::task::{Birth, Placed, Turn, task_arn};
use super::{Fleet, MEMORY, Scene};
use crate::deploy::ports::{Task, TaskRequest, Timestamp};
use crate::deploy::rehearsal::fault::Trouble;
use crate::deploy::rehearsal::timing::seconds;

pub(super) fn pass(tasks: &mut Vec<Placed>, at: Timestamp, scene: &mut Scene<'_>) {
    for task in tasks.iter_mut() {
        while let Some(turn) = task.due(at) {
            task.take(turn, at, None, scene);
        }
    }
    tasks.retain(|task| task.told.stopped.is_none_or(|stopped| at.since(stopped) < MEMORY));
}

impl Fleet {
    /// What stands in the way of tasks of a task definition, as the services that run it know.
    pub(in crate::deploy::rehearsal) fn trouble_of(&self, task_definition: &str) -> Option<Trouble> {
        let deployments = self.services.iter().flat_map(|service| &service.deployments);
        deployments.filter(|it| it.task_definition == task_definition).find_map(|it| it.trouble)
    }

    /// The logical ids of the services that run a task definition.
    pub(in crate::deploy::rehearsal) fn that_run(&self, definition: &str) -> impl Iterator<Item = &str> {
        let runs = move |service: &&super::service::Service| {
            service.deployments.iter().any(|deployment| deployment.task_definition == definition)
        };
        self.services.iter().filter(runs).map(|service| service.logical_id.as_str())
    }

    /// True where a deployment of a service meets a trouble.
    pub(in crate::deploy::rehearsal) fn meets(&self, arn: &str, trouble: Trouble) -> bool {
        let mut deployments = self.services.iter().filter(|service| service.arn == arn).flat_map(|it| &it.deployments);
        deployments.any(|deployment| deployment.trouble == Some(trouble))
    }

    /// `RunTask`: a task that starts, does its work and ends well, unless it meets a trouble. `cluster` is the
    /// cluster's ARN. Nothing where there is no such task definition.
    pub(in crate::deploy::rehearsal) fn run(
        &mut self,
        cluster: &str,
        request: &TaskRequest,
        trouble: Option<Trouble>,
        (at, seed): (Timestamp, u64),
    ) -> Option<Task> {
        let name = self.full_name(cluster, &request.task_definition);
        let definition = self.definitions.get(&name)?;
        self.runs += 1;
        let service = cluster.replace(":cluster/", ":service/");
        let arn = task_arn(&service, seed, &[cluster, "run", &self.runs.to_string()]);
        let birth =
            Birth { arn, number: self.runs, by: request.started_by.clone(), definition, spec: None, trouble, at, seed };
        let mut task = birth.place();
        let run = task.turns.iter().find(|(_, turn)| *turn == Turn::Run).map(|(at, _)| *at);
        if let Some(run) = run.filter(|_| !task.turns.iter().any(|(_, turn)| matches!(turn, Turn::Exits(_)))) {
            task.turns.retain(|(_, turn)| !matches!(turn, Turn::Checked(_)));
            task.turns.push((run + seconds(seed, &[&task.told.arn, "work"], (4.0, 9.0, 20.0)), Turn::Exits(0)));
        }
        task.program = request.command.first().cloned();
        let told = task.told.clone();
        self.loose.push(task);
        Some(told)
    }

    /// `StopTask`, of a service or not; false where there is no such task.
    pub(in crate::deploy::rehearsal) fn stop(&mut self, arn: &str, reason: &str, (at, seed): (Timestamp, u64)) -> bool {
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
