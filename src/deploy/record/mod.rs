//! The flight recorder's record of an operation, as lines of JSON: what it was, every event with its time, what came of it.
//!
//! `redact` takes out what is secret. Writing lines to a file, and showing them again, is the business of `cli`.
//!
//! *Invariant*: what goes into a line went through [`Redactor`]; a line that was written whole is read whole, and one
//! that was cut off, or is newer than this program, spoils no other.

mod redact;

#[cfg(test)]
pub(super) mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use redact::Redactor;

use super::api::{AwsEnvironment, StackOutput, Timestamp};
use super::diagnose::timeline::Timeline;
use super::engine::event::DeployEvent;
use super::engine::outcome::StackResult;

/// A line of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum RecordEntry {
    /// The first line: what was begun.
    Run(RunStarted),
    /// Something happened.
    Event {
        /// When.
        time: Timestamp,
        /// What.
        event: DeployEvent,
    },
    /// The last line: what came of it. A run that was killed has none.
    End(RunFinished),
}

/// What was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStarted {
    /// The version of rtiler.
    pub version: String,
    /// `deploy`, `destroy`, ...
    pub command: String,
    /// The script, as it was named.
    pub script: String,
    /// The stacks, in the script's order.
    pub stacks: Vec<String>,
    /// Where, as far as it was known.
    pub place: Option<AwsEnvironment>,
    /// The seed of a rehearsal; none for the real thing.
    pub seed: Option<u64>,
    /// When.
    pub time: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunFinished {
    /// When.
    pub time: Timestamp,
    /// The exit code.
    pub exit: u8,
    /// The stacks, in the script's order.
    pub stacks: Vec<StackFinished>,
    /// What is wrong with the stacks as a whole.
    pub problems: Vec<RecordedDiagnostic>,
}

/// What became of a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StackFinished {
    /// Its name.
    pub stack: String,
    /// How it ended.
    pub ending: StackResult,
    /// How long it took.
    pub duration: Duration,
    /// Its outputs.
    pub outputs: Vec<StackOutput>,
    /// What stays although the stack let go of it.
    pub retained: Vec<String>,
    /// What ran when.
    pub timeline: Option<Timeline>,
    /// What is wrong.
    pub problems: Vec<RecordedDiagnostic>,
}

/// A problem, for programs and as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedDiagnostic {
    /// Its parts, as `--json` prints them.
    pub problem: Json,
    /// As text, with the lines of the script.
    pub shown: String,
}

/// Reads a line.
///
/// # Errors
///
/// Why it is no line of a record that this program knows.
pub fn read(line: &str) -> Result<RecordEntry, String> {
    serde_json::from_str(line)
        .map_err(|error| if error.is_eof() { "it ends in the middle".to_owned() } else { error.to_string() })
}

/// Writes a line, without its line end and without secrets.
pub fn write(entry: &RecordEntry, redaction: &Redactor) -> String {
    let mut json = serde_json::to_value(entry).unwrap_or_default();
    redaction.scrub(&mut json);
    json.to_string()
}
