//! The record of a run, as lines of JSON: the command, every event with its time, the result.
//!
//! `redact` removes secrets. It imports `api`, the engine's events and outcomes, and `diagnose`; the command line writes
//! the lines to a file and shows them again.
//!
//! *Invariant*: every line went through [`Redactor`]. A complete line can be read; a line that was cut off, or that a newer
//! version wrote, does not affect the others.

mod redact;

#[cfg(test)]
pub(super) mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use redact::{Redactor, secrets_of_outputs};

use super::api::{AwsEnvironment, StackOutput, Timestamp};
use super::diagnose::timeline::Timeline;
use super::engine::event::DeployEvent;
use super::engine::outcome::{StackOutcome, StackResult};
use crate::printable;

/// A line of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum RecordEntry {
    /// The first line: the command.
    RunStarted(RunStarted),
    /// An event.
    Event {
        /// Its time.
        time: Timestamp,
        /// The event.
        event: DeployEvent,
    },
    /// The last line: the result. A run that was killed has none.
    RunFinished(RunFinished),
}

/// The start of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunStarted {
    /// The version of rtiler.
    #[serde(rename = "rtiler_version")]
    pub version: String,
    /// The command: `deploy`, `destroy`, ...
    pub command: String,
    /// The path of the script, as given.
    pub script: String,
    /// The names of the stacks, in the script's order.
    pub stacks: Vec<String>,
    /// The account and region, if known.
    pub environment: Option<AwsEnvironment>,
    /// The seed of a rehearsal; none in a real account.
    pub seed: Option<u64>,
    /// The time of the start.
    pub time: Timestamp,
}

/// The result of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RunFinished {
    /// The time of the end.
    pub time: Timestamp,
    /// The exit code.
    pub exit_code: u8,
    /// The stacks, in the script's order.
    pub stacks: Vec<StackFinished>,
    /// Problems of the set of stacks.
    pub problems: Vec<RecordedDiagnostic>,
}

/// The result for one stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackFinished {
    /// Its name.
    pub stack: String,
    /// The result.
    pub result: StackResult,
    /// The time that it took.
    #[serde(rename = "duration_seconds", with = "crate::deploy::api::seconds")]
    #[cfg_attr(test, schemars(with = "f64"))]
    pub duration: Duration,
    /// Its outputs.
    pub outputs: Vec<StackOutput>,
    /// Resources that still exist and that the stack does not manage any more.
    pub retained: Vec<String>,
    /// When each step ran.
    pub timeline: Option<Timeline>,
    /// Errors if it failed, warnings if it succeeded.
    pub problems: Vec<RecordedDiagnostic>,
}

impl StackFinished {
    /// Returns the end of a stack with these problems.
    pub fn of(stack: &StackOutcome, problems: Vec<RecordedDiagnostic>) -> Self {
        Self {
            stack: stack.stack.clone(),
            result: stack.result.clone(),
            duration: stack.duration,
            outputs: stack.outputs.clone(),
            retained: stack.retained.clone(),
            timeline: stack.timeline.clone(),
            problems,
        }
    }
}

/// A diagnostic, for programs and as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct RecordedDiagnostic {
    /// Its parts, as `--json` prints them.
    pub problem: Json,
    /// The text, with the lines of the script.
    pub text: String,
}

/// Reads a line.
///
/// # Errors
///
/// If it is not a line of a record that this version knows.
pub fn read(line: &str) -> Result<RecordEntry, String> {
    serde_json::from_str(line)
        .map_err(|error| if error.is_eof() { "it ends in the middle".to_owned() } else { error.to_string() })
}

/// Writes a line without secrets and without its line break.
pub fn write(entry: &RecordEntry, redactor: &Redactor) -> String {
    let mut json = serde_json::to_value(entry).unwrap_or_default();
    redactor.redact_line(&mut json);
    printable::json(&json.to_string()).into_owned()
}
