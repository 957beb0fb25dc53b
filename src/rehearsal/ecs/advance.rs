//! The passage of time: the next event, and the application of those that are due.

use super::context::SimulationContext;
use super::service::Service;
use super::standalone_tasks;
use super::state::EcsState;
use super::task::SimulatedTask;
use crate::deploy::api::Timestamp;

impl EcsState {
    /// Returns the time of the next event.
    pub(in crate::rehearsal) fn next_event(&self) -> Option<Timestamp> {
        let of_services = self.services.iter().filter_map(Service::next_event);
        let of_standalone = self.standalone.iter().filter_map(SimulatedTask::next_event);
        of_services.chain(of_standalone).min()
    }

    /// Applies all events up to a time that `next_event` returned.
    pub(in crate::rehearsal) fn advance(&mut self, at: Timestamp, seed: u64) {
        let mut context = SimulationContext {
            seed,
            definitions: &self.definitions,
            logs: &mut self.logs,
            addresses: &mut self.addresses,
        };
        for service in &mut self.services {
            service.advance(at, &mut context);
        }
        standalone_tasks::advance(&mut self.standalone, at, &mut context);
        self.services.retain(|service| !service.is_forgotten(at));
    }
}
