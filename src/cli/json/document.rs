use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value as Json;

use super::Problem;
use crate::cli::exit::ExitStatus;
use crate::deploy::DeployEvent;
use crate::deploy::api::Timestamp;
use crate::deploy::operate::LogEntry;

/// The version of the shapes in `docs/schema`. A new field does not change it; a field that is renamed, removed or gets
/// another meaning does.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The document of a command that is running: problems and the result are added to it, and it is printed at the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    problems: Vec<Problem>,
    result: Option<Json>,
    has_lines: bool,
}

/// The document of a command, its last line on stdout.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Printed<'a, R> {
    /// The version of the shapes in `docs/schema`.
    format_version: u32,
    /// The command (`run deploy`); null if the command line is not valid.
    command: Option<&'a str>,
    /// The exit code of the process.
    exit_code: u8,
    /// The errors and warnings.
    problems: Vec<Problem>,
    /// The result; null if there is none, because the command failed or has no result.
    result: Option<R>,
}

/// A line of an operation before its document.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "record", rename_all = "kebab-case")]
pub(crate) enum EventRecord<'a> {
    /// An event of an operation, as in the files of `.rtiler/runs`.
    Event {
        /// The time of the event.
        time: Timestamp,
        /// The event.
        event: &'a DeployEvent,
    },
}

/// A line of logs before the document of the command.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(tag = "record", rename_all = "kebab-case")]
pub(crate) enum LogRecord<'a> {
    /// A line of a log.
    Log(&'a LogEntry),
}

impl Document {
    fn content(&self) -> MutexGuard<'_, Content> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds problems.
    pub(crate) fn add(&self, problems: impl IntoIterator<Item = Problem>) {
        self.content().problems.extend(problems);
    }

    /// Sets the result.
    pub(crate) fn set_result(&self, result: Json) {
        self.content().result = Some(result);
    }

    /// Notes that a line was printed, so that the document is one line, too.
    pub(crate) fn note_line(&self) {
        self.content().has_lines = true;
    }

    /// Returns whether lines were printed.
    pub(crate) fn has_lines(&self) -> bool {
        self.content().has_lines
    }

    /// Takes the problems and the result.
    pub(crate) fn take(&self) -> (Vec<Problem>, Option<Json>) {
        let mut content = self.content();
        (std::mem::take(&mut content.problems), content.result.take())
    }

    /// Returns the document as it is printed.
    pub(crate) fn finish(&self, command: Option<&str>, exit: ExitStatus) -> Json {
        let (problems, result) = self.take();
        let printed = Printed { format_version: FORMAT_VERSION, command, exit_code: exit.code(), problems, result };
        serde_json::to_value(printed).unwrap_or_default()
    }
}
