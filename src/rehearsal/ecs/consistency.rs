//! The rules that a saved state of ECS follows, because the simulation relies on them.

use super::service::Service;
use super::state::EcsState;
use super::task::SimulatedTask;
use crate::deploy::api::status::{TargetState, TaskStatus};

impl EcsState {
    /// Returns the first rule that the state breaks, in a sentence.
    pub(in crate::rehearsal) fn inconsistency(&self) -> Option<String> {
        let of_services = self.services.iter().find_map(Service::inconsistency);
        of_services.or_else(|| self.standalone.iter().find_map(SimulatedTask::inconsistency))
    }
}

impl Service {
    fn inconsistency(&self) -> Option<String> {
        if self.deployments.is_empty() {
            return Some(format!("the service `{}` has no deployment", self.name()));
        }
        self.tasks.iter().find_map(SimulatedTask::inconsistency)
    }
}

impl SimulatedTask {
    /// Returns the rule that the task breaks. With an unknown status, or waiting without a planned event, it would never be
    /// healthy and never stop.
    fn inconsistency(&self) -> Option<String> {
        let task = self.reported.id();
        if let TaskStatus::Other(status) = &self.reported.status {
            return Some(format!("the task `{task}` has the unknown status `{status}`"));
        }
        let mut states = self.targets.iter().map(|target| &target.reported.state);
        if let Some(TargetState::Other(state)) = states.find(|state| matches!(state, TargetState::Other(_))) {
            return Some(format!("a target of the task `{task}` has the unknown state `{state}`"));
        }
        self.waits_in_vain().then(|| format!("the task `{task}` is not stopped and has no next event"))
    }
}
