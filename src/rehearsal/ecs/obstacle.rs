//! The obstacles that keep the tasks of a service from starting.

use serde::{Deserialize, Serialize};

/// The reason why tasks cannot start, because of other resources of the account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::rehearsal) enum StartObstacle {
    /// ECS launches no task: the error in the event of the service.
    NotLaunched(String),
    /// The task stops before its containers run: the reason, in which `{task}` is the id of the task.
    Stopped(String),
}

impl StartObstacle {
    /// Returns the reason of a stopped task.
    pub(super) fn reason(&self, task: &str) -> Option<String> {
        match self {
            StartObstacle::NotLaunched(_) => None,
            StartObstacle::Stopped(reason) => Some(reason.replace("{task}", task)),
        }
    }

    /// Returns the error with which ECS launches no task.
    pub(in crate::rehearsal) fn launch_error(&self) -> Option<&str> {
        match self {
            StartObstacle::NotLaunched(error) => Some(error),
            StartObstacle::Stopped(_) => None,
        }
    }
}
