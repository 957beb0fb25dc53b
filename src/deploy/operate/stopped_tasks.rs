//! The stopped tasks of a service, grouped by the reason why they stopped.

use serde::Serialize;

use crate::deploy::api::{Task, Timestamp, revision};
use crate::deploy::monitor::{TaskFailure, of_task};

/// Stopped tasks with one cause. AWS lists stopped tasks for about an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StoppedTasks {
    /// The cause: its kind, AWS's message, the container and its exit code.
    pub cause: TaskFailure,
    /// `EssentialContainerExited`, `TaskFailedToStart`, ...
    pub code: Option<String>,
    /// AWS's reason for the last one.
    pub reason: Option<String>,
    /// The exit code of the container that failed in the last one; none if it never ran.
    pub exit_code: Option<i32>,
    /// The number of tasks.
    pub count: usize,
    /// `family:revision` of the last one.
    pub revision: String,
    /// The id of the last one.
    pub last_task: String,
    /// The time at which the first one stopped.
    pub first: Option<Timestamp>,
    /// The time at which the last one stopped.
    pub last: Option<Timestamp>,
}

/// Groups tasks that failed or exited by their task definitions and causes, most recent first. Tasks that were stopped on purpose are left out.
pub fn stopped_tasks(tasks: &[Task]) -> Vec<StoppedTasks> {
    let mut groups: Vec<StoppedTasks> = Vec::new();
    let mut tasks: Vec<&Task> = tasks.iter().collect();
    tasks.sort_by_key(|task| std::cmp::Reverse(task.stopped));
    for task in tasks {
        let Some(cause) = of_task(task, &[]) else { continue };
        let own = revision(&task.task_definition);
        let is_alike = |group: &&mut StoppedTasks| {
            group.revision == own && group.cause.is_like(&cause) && group.cause.code == cause.code
        };
        match groups.iter_mut().find(is_alike) {
            Some(group) => {
                group.count += 1;
                group.first = [group.first, task.stopped].into_iter().flatten().min();
            }
            None => groups.push(StoppedTasks::new(task, cause)),
        }
    }
    groups
}

impl StoppedTasks {
    fn new(task: &Task, cause: TaskFailure) -> Self {
        let failed = task.containers.iter().find(|container| Some(&container.name) == cause.container.as_ref());
        Self {
            code: task.code.clone(),
            reason: task.reason.clone(),
            exit_code: failed.and_then(|container| container.exit_code),
            count: 1,
            revision: revision(&task.task_definition).to_owned(),
            last_task: task.id().to_owned(),
            first: task.stopped,
            last: task.stopped,
            cause,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::Container;
    use crate::deploy::api::status::TaskStatus;
    use crate::testing::fixtures;

    fn stopped(id: &str, at: i64, code: &str, reason: &str, exit: Option<i32>) -> Task {
        let container = Container {
            name: "web".to_owned(),
            status: Some("STOPPED".to_owned()),
            health: None,
            exit_code: exit,
            reason: None,
            image: None,
            image_digest: None,
        };
        Task {
            arn: format!("arn:aws:ecs:eu-central-1:123456789012:task/main/{id}"),
            task_definition: fixtures::task_definition("web", 3),
            started_by: None,
            status: TaskStatus::Stopped,
            health: None,
            code: Some(code.to_owned()),
            reason: Some(reason.to_owned()),
            created: None,
            started: None,
            stopped: Some(Timestamp(at)),
            zone: None,
            address: None,
            exec: false,
            containers: vec![container],
        }
    }

    #[test]
    fn tasks_with_one_cause_are_counted_and_the_last_one_is_described() {
        const EXITED: &str = "Essential container in task exited";
        let tasks = [
            stopped("a", 1000, "EssentialContainerExited", EXITED, Some(1)),
            stopped("c", 3000, "EssentialContainerExited", EXITED, Some(1)),
            stopped("d", 4000, "ServiceSchedulerInitiated", "Scaling activity initiated by (deployment x)", Some(0)),
            stopped("b", 2000, "TaskFailedToStart", "CannotPullContainerError: image not found", None),
            stopped("e", 500, "EssentialContainerExited", EXITED, Some(0)),
        ];
        let groups = stopped_tasks(&tasks);
        let found: Vec<_> = groups.iter().map(|it| (it.last_task.as_str(), it.count, it.exit_code)).collect();
        assert_eq!(found, [("c", 2, Some(1)), ("b", 1, None), ("e", 1, Some(0))]);
        assert_eq!(groups[0].first, Some(Timestamp(1000)));
    }
}
