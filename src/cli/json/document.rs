use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value as Json;

use super::Problem;
use crate::cli::exit::ExitStatus;
use crate::cli::frontend::Frontend;
use crate::deploy::DeployEvent;
use crate::deploy::api::Timestamp;
use crate::deploy::operate::LogEntry;
use crate::diag::{Code, Diagnostic, MOST_IN_DOCUMENT, Selection, SourceMap};

/// The version of the shapes in `docs/schema`. A new field does not change it; a field that is renamed, removed or gets
/// another meaning does.
pub(crate) const FORMAT_VERSION: u32 = 1;

/// The document of a command that is running: problems and the result are added to it, and it is printed at the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Document(Arc<Mutex<Content>>);

#[derive(Debug, Default)]
struct Content {
    problems: Vec<Problem>,
    omitted: BTreeMap<Code, usize>,
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
    /// The errors and warnings, at most 5,000.
    problems: Vec<Problem>,
    /// The number of further errors and warnings, by code; empty if `problems` has all of them.
    #[cfg_attr(test, schemars(with = "BTreeMap<String, usize>"))]
    omitted_problems: BTreeMap<Code, usize>,
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

    /// Adds problems, up to a number; the others are counted.
    pub(crate) fn add(&self, problems: &[Diagnostic], sources: &SourceMap, frontend: &Frontend) {
        let mut content = self.content();
        let selection = Selection::new(problems, MOST_IN_DOCUMENT.saturating_sub(content.problems.len()));
        content.problems.extend(selection.shown.iter().map(|problem| Problem::new(problem, sources, frontend)));
        for (code, count) in selection.omitted {
            *content.omitted.entry(code).or_default() += count;
        }
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
        let omitted_problems = std::mem::take(&mut self.content().omitted);
        let (problems, result) = self.take();
        let (format_version, exit_code) = (FORMAT_VERSION, exit.code());
        let printed = Printed { format_version, command, exit_code, problems, omitted_problems, result };
        serde_json::to_value(printed).unwrap_or_default()
    }
}
