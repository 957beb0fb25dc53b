//! The kinds of alarms with their thresholds.

use std::ops::RangeInclusive;

use super::AlarmSet;
use crate::cfn::{PropertyPath, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin, did_you_mean};

/// A kind of alarm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct AlarmKind {
    /// Its name in scripts.
    pub(super) name: &'static str,
    /// The threshold unless set; none for one that depends on the service.
    threshold: Option<f64>,
    range: (f64, f64),
    unit: &'static str,
}

const fn kind(name: &'static str, threshold: Option<f64>, range: (f64, f64), unit: &'static str) -> AlarmKind {
    AlarmKind { name, threshold, range, unit }
}

/// Responses 5xx of the tasks, in percent of the requests.
pub(super) const ERRORS: AlarmKind = kind("errors", Some(5.0), (0.0, 100.0), "percent");
/// Targets that fail their health check.
pub(super) const UNHEALTHY: AlarmKind = kind("unhealthy", Some(1.0), (1.0, 5_000.0), "targets");
/// Tasks that run.
pub(super) const RUNNING: AlarmKind = kind("running", None, (1.0, 5_000.0), "tasks");
/// CPU of the tasks.
pub(super) const CPU: AlarmKind = kind("cpu", Some(85.0), (1.0, 100.0), "percent");
/// Memory of the tasks.
pub(super) const MEMORY: AlarmKind = kind("memory", Some(85.0), (1.0, 100.0), "percent");
/// The age of the oldest message of a queue that the service reads.
pub(super) const QUEUE_AGE: AlarmKind = kind("queue_age", Some(900.0), (1.0, 1_209_600.0), "seconds");
/// Messages in its dead-letter queue.
pub(super) const DEAD_LETTERS: AlarmKind = kind("dead_letters", Some(1.0), (1.0, 1_000_000.0), "messages");

const ALL: [AlarmKind; 7] = [ERRORS, UNHEALTHY, RUNNING, CPU, MEMORY, QUEUE_AGE, DEAD_LETTERS];

impl AlarmSet {
    /// Returns the threshold of a kind: the set one, else its own, else the given one; none for an alarm that is left out.
    pub(super) fn threshold(&self, kind: AlarmKind, otherwise: Option<f64>) -> Option<f64> {
        match self.thresholds.get(kind.name) {
            Some(Value::Bool(false)) => None,
            Some(value) => number(value),
            None => kind.threshold.or(otherwise),
        }
    }

    /// Returns whether a number is set as the threshold of a kind.
    pub(super) fn has(&self, kind: AlarmKind) -> bool {
        self.thresholds.get(kind.name).and_then(number).is_some()
    }

    /// Returns the origin of a threshold in the script.
    pub(super) fn origin_of<'a>(&'a self, name: &str, call: &'a Origin) -> &'a Origin {
        let path = PropertyPath::attribute(name);
        self.origins.iter().find(|(known, _)| *known == path).map_or(call, |(_, origin)| origin)
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(number) => Some(*number),
        #[allow(clippy::cast_precision_loss, reason = "thresholds are small numbers")]
        Value::Int(number) => Some(*number as f64),
        _ => None,
    }
}

/// Reports thresholds that do not exist or cannot be reached.
pub(super) fn problems(set: &WithOrigin<AlarmSet>) -> Vec<Diagnostic> {
    let entries = set.value.thresholds.iter();
    entries.filter_map(|(name, value)| problem(set.value.origin_of(name, &set.origin), name, value)).collect()
}

fn problem(origin: &Origin, name: &str, value: &Value) -> Option<Diagnostic> {
    let names = ALL.map(|kind| kind.name);
    let Some(kind) = ALL.into_iter().find(|kind| kind.name == name) else {
        let problem = Diagnostic::new(Code::AlarmThreshold, format!("there is no alarm `{name}`")).at(origin, "");
        let listed: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
        return Some(problem.help_if(did_you_mean(name, names)).help(format!("the alarms are {}", listed.join(", "))));
    };
    if *value == Value::Bool(false) {
        return None;
    }
    let (least, most) = kind.range;
    let range: RangeInclusive<f64> = least..=most;
    if number(value).is_some_and(|number| range.contains(&number)) {
        return None;
    }
    let message = format!("the threshold of the alarm `{name}` is not a number of {}", kind.unit);
    let help = format!("use {least} to {most}, or `false` to leave the alarm out");
    Some(Diagnostic::new(Code::AlarmThreshold, message).at(origin, "").help(help))
}
