//! The flight recorder's record of an operation, as lines of JSON: what it was, every event with its time, what came of it.
//!
//! `redact` takes out what is secret. Writing lines to a file, and showing them again, is the business of `cli`.
//!
//! *Invariant*: what goes into a line went through [`Redaction`]; a line that was written whole is read whole, and one
//! that was cut off, or is newer than this program, spoils no other.

mod redact;

#[cfg(test)]
pub(super) mod tests;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

pub use redact::Redaction;

use super::event::Event;
use super::outcome::Ending;
use super::ports::{Place, StackOutput, Timestamp};
use super::timeline::Timeline;

/// A line of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "kebab-case")]
pub enum Entry {
    /// The first line: what was begun.
    Run(Begun),
    /// Something happened.
    Event {
        /// When.
        time: Timestamp,
        /// What.
        event: Event,
    },
    /// The last line: what came of it. A run that was killed has none.
    End(Ended),
}

/// What was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// The version of rtiler.
    pub version: String,
    /// `deploy`, `destroy`, ...
    pub command: String,
    /// The script, as it was named.
    pub script: String,
    /// The stacks, in the script's order.
    pub stacks: Vec<String>,
    /// Where, as far as it was known.
    pub place: Option<Place>,
    /// The seed of a rehearsal; none for the real thing.
    pub seed: Option<u64>,
    /// When.
    pub time: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub time: Timestamp,
    /// The exit code.
    pub exit: u8,
    /// The stacks, in the script's order.
    pub stacks: Vec<StackEnd>,
    /// What is wrong with the stacks as a whole.
    pub problems: Vec<Told>,
}

/// What became of a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StackEnd {
    /// Its name.
    pub stack: String,
    /// How it ended.
    pub ending: Ending,
    /// How long it took.
    pub duration: Duration,
    /// Its outputs.
    pub outputs: Vec<StackOutput>,
    /// What stays although the stack let go of it.
    pub retained: Vec<String>,
    /// What ran when.
    pub timeline: Option<Timeline>,
    /// What is wrong.
    pub problems: Vec<Told>,
}

/// A problem, for programs and as it was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
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
pub fn read(line: &str) -> Result<Entry, String> {
    serde_json::from_str(line)
        .map_err(|error| if error.is_eof() { "it ends in the middle".to_owned() } else { error.to_string() })
}

/// Writes a line, without its line end and without secrets.
pub fn write(entry: &Entry, redaction: &Redaction) -> String {
    let mut json = serde_json::to_value(entry).unwrap_or_default();
    redaction.scrub(&mut json);
    json.to_string()
}
