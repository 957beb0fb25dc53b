//! The start times of the steps of an operation, and the planned events of each.

use std::time::Duration;

use serde_json::Value as Json;

use super::durations;
use super::durations::StepDurations;
use super::messages::{NOT_STABILIZED, handler_error};
use crate::cfn::type_names::{EXPRESS_SERVICE, SCALABLE_TARGET, SERVICE, TASK_DEFINITION, is_service};
use crate::deploy::api::{DeploymentMode, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::faults::FaultPoint;
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{Operation, StepEvent, StepState};

/// The time of a requested failure as a part of the step's duration, if the fault sets no time.
const FAILS_AFTER: f64 = 0.6;

/// The time that CloudFormation waits for a service that does not become stable.
const STABILIZATION_LIMIT: Duration = Duration::from_hours(36);

/// The planned events of a step, earliest first.
pub(super) type Events = Vec<(Timestamp, StepEvent)>;

/// The timing of a step that starts.
pub(super) struct StepTiming<'a> {
    pub(super) id: &'a str,
    pub(super) kind: &'a str,
    pub(super) start: Timestamp,
    pub(super) durations: StepDurations,
    pub(super) mode: DeploymentMode,
}

impl StepTiming<'_> {
    /// Plans a step that creates or updates a resource and succeeds. `new` is the physical id that it gets.
    pub(super) fn events(&self, new: Option<String>, properties: Json) -> Events {
        let events = self.resource_events(new, properties);
        if matches!(self.kind, SERVICE | EXPRESS_SERVICE | TASK_DEFINITION | SCALABLE_TARGET) {
            self.with_ecs(events)
        } else {
            events
        }
    }

    /// Plans a step without the events in ECS.
    pub(super) fn resource_events(&self, new: Option<String>, properties: Json) -> Events {
        let StepDurations { initiated, configured, done } = self.durations;
        let mut events = Vec::from_iter(new.map(|new| (self.start + initiated, StepEvent::Initiated(new))));
        let configured = configured.map(|configured| configured.max(initiated));
        events.extend(configured.map(|configured| (self.start + configured, StepEvent::Configured)));
        events.push((self.start + done.max(initiated), StepEvent::Done(properties)));
        events
    }

    /// Adds the events in ECS: it gets the resource, and CloudFormation waits for a service. EXPRESS does not wait.
    fn with_ecs(&self, mut events: Events) -> Events {
        let Some((time, StepEvent::Done(properties))) = events.pop() else { return events };
        let initiated = self.start + self.durations.initiated;
        let last = match self.kind {
            SERVICE | EXPRESS_SERVICE if self.mode == DeploymentMode::Express => {
                (initiated + Duration::from_secs(2), StepEvent::Done(properties.clone()))
            }
            SERVICE | EXPRESS_SERVICE => {
                (self.start + limit(&properties), StepEvent::Fail(not_stabilized(&properties)))
            }
            _ => (time, StepEvent::Done(properties.clone())),
        };
        events.push(last);
        let after =
            events.iter().position(|(_, event)| matches!(event, StepEvent::Initiated(_))).map_or(0, |at| at + 1);
        events.insert(after, (initiated, StepEvent::ApplyToEcs(properties)));
        events
    }

    /// Plans a step that deletes a resource.
    pub(super) fn deletion_events(&self) -> Events {
        if !is_service(self.kind) {
            return vec![(self.start + self.durations.done, StepEvent::Done(Json::Null))];
        }
        let limit = (self.start + STABILIZATION_LIMIT, StepEvent::Fail(not_stabilized(&Json::Null)));
        vec![(self.start + Duration::from_secs(1), StepEvent::DeleteInEcs), limit]
    }
}

/// Returns how long CloudFormation waits for a service: 36 hours for a shift of traffic (CloudFormation, "`AWS::ECS::Service`
/// `LinearConfiguration`").
///
/// A service of Express Mode has a canary deployment; that CloudFormation waits as long for it is inferred.
fn limit(properties: &Json) -> Duration {
    if properties.get("PrimaryContainer").is_some() {
        return Duration::from_hours(36);
    }
    let strategy = properties.get("DeploymentConfiguration").and_then(|it| it.get("Strategy")).and_then(Json::as_str);
    let is_gradual = strategy.is_some_and(|strategy| strategy != "ROLLING");
    if is_gradual { Duration::from_hours(36) } else { STABILIZATION_LIMIT }
}

/// Returns the reason of a service that is not stable in time.
fn not_stabilized(properties: &Json) -> String {
    handler_error(NOT_STABILIZED, "NotStabilized", &uuid(0, &["limit", &properties.to_string()]))
}

impl Account {
    /// Adds the failure that a fault requests: it replaces the end of the step.
    pub(super) fn with_fault(&mut self, mut events: Events, timing: &StepTiming<'_>, point: FaultPoint) -> Events {
        if let Some(fault) = self.take_fault(timing.id, point) {
            let fails = timing.start + fault.after.unwrap_or_else(|| timing.durations.done.mul_f64(FAILS_AFTER));
            events.retain(|(time, event)| *time <= fails && !matches!(event, StepEvent::Done(_)));
            events.push((fails, StepEvent::Fail(fault.reason)));
        }
        events
    }
}

impl Operation {
    /// Returns the time of the next event, or `None` if every step is finished and the phase can end.
    pub(super) fn next_event(&self, seed: u64) -> Option<Timestamp> {
        let running = self.steps.iter().filter(|step| step.state == StepState::Running);
        let events = running.filter_map(|step| step.events.first());
        let starts = (0..self.steps.len()).filter_map(|at| self.start_of(at, seed));
        events.map(|(at, _)| *at).chain(starts).min()
    }

    /// Returns the start time of a waiting step, once it is known.
    pub(super) fn start_of(&self, at: usize, seed: u64) -> Option<Timestamp> {
        let step = &self.steps[at];
        if step.state != StepState::Waiting {
            return None;
        }
        let mut ready = self.started;
        for need in &step.needs {
            ready = ready.max(self.steps[*need].ready_at?);
        }
        Some(ready + durations::gap(seed, &[&self.id, &step.id, "gap"]))
    }

    /// Returns the end of the phase: a second after its last event.
    pub(super) fn phase_end(&self) -> Timestamp {
        let last = self.steps.iter().filter_map(|step| step.finished_at).max();
        last.unwrap_or(self.started).max(self.started) + Duration::from_secs(1)
    }
}
