//! What is in store for a step.

use serde_json::Value as Json;

use super::StepEvent;
use super::durations::StepDurations;
use crate::deploy::api::Timestamp;
use crate::rehearsal::account::Account;
use crate::rehearsal::faults::FaultPoint;

/// How long a failure takes to show where nothing says otherwise, as a part of the whole.
const FAILS_AFTER: f64 = 0.6;

impl Account {
    /// The same with a failure where one was asked for: it comes before the end.
    pub(super) fn faulted(
        &mut self,
        mut beats: Vec<(Timestamp, StepEvent)>,
        (at, times): (Timestamp, StepDurations),
        id: &str,
        moment: FaultPoint,
    ) -> Vec<(Timestamp, StepEvent)> {
        if let Some(fault) = self.fault(id, moment) {
            let fails = at + fault.after.unwrap_or_else(|| times.done.mul_f64(FAILS_AFTER));
            beats.retain(|(moment, beat)| *moment <= fails && !matches!(beat, StepEvent::Done(_)));
            beats.push((fails, StepEvent::Fail(fault.reason)));
        }
        beats
    }
}

/// What is in store for a step that goes well.
pub(in crate::rehearsal) fn beats(
    at: Timestamp,
    times: StepDurations,
    new: Option<String>,
    properties: Json,
) -> Vec<(Timestamp, StepEvent)> {
    let mut beats = Vec::from_iter(new.map(|new| (at + times.initiated, StepEvent::Initiated(new))));
    beats.extend(times.configured.map(|configured| (at + configured.max(times.initiated), StepEvent::Configured)));
    beats.push((at + times.done.max(times.initiated), StepEvent::Done(properties)));
    beats
}
