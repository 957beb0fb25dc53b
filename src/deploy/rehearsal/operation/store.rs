//! What is in store for a step.

use serde_json::Value as Json;

use super::Beat;
use crate::deploy::ports::Timestamp;
use crate::deploy::rehearsal::account::Account;
use crate::deploy::rehearsal::fault::Moment;
use crate::deploy::rehearsal::timing::Times;

/// How long a failure takes to show where nothing says otherwise, as a part of the whole.
const FAILS_AFTER: f64 = 0.6;

impl Account {
    /// The same with a failure where one was asked for: it comes before the end.
    pub(super) fn faulted(
        &mut self,
        mut beats: Vec<(Timestamp, Beat)>,
        (at, times): (Timestamp, Times),
        id: &str,
        moment: Moment,
    ) -> Vec<(Timestamp, Beat)> {
        if let Some(fault) = self.fault(id, moment) {
            let fails = at + fault.after.unwrap_or_else(|| times.done.mul_f64(FAILS_AFTER));
            beats.retain(|(moment, beat)| *moment <= fails && !matches!(beat, Beat::Done(_)));
            beats.push((fails, Beat::Fail(fault.reason)));
        }
        beats
    }
}

/// What is in store for a step that goes well.
pub(in crate::deploy::rehearsal) fn beats(
    at: Timestamp,
    times: Times,
    new: Option<String>,
    properties: Json,
) -> Vec<(Timestamp, Beat)> {
    let mut beats = Vec::from_iter(new.map(|new| (at + times.initiated, Beat::Initiated(new))));
    beats.extend(times.configured.map(|configured| (at + configured.max(times.initiated), Beat::Configured)));
    beats.push((at + times.done.max(times.initiated), Beat::Done(properties)));
    beats
}
