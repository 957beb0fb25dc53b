use super::format::short;
use super::output::Output;
use super::style::{faint, tinted};
use crate::cli::json::LogRecord;
use crate::deploy::operate::LogEntry;
use crate::printable::{indented, one_line};

/// Prints lines of logs: the time, the task in a colour of its own, and the text; or JSON.
pub(crate) struct LogLines {
    output: Output,
    services: bool,
    containers: bool,
}

impl LogLines {
    /// Creates the printer; `services` and `containers` are whether lines name them.
    pub(crate) fn new(output: &Output, services: bool, containers: bool) -> Self {
        Self { output: output.clone(), services, containers }
    }

    /// Prints a line.
    pub(crate) fn show(&self, entry: &LogEntry) {
        self.output.line(&LogRecord::Log(entry), || self.text(entry));
    }

    fn text(&self, entry: &LogEntry) -> String {
        let service = self.services.then(|| entry.service.clone());
        let container = self.containers.then(|| entry.container.clone());
        let parts: Vec<String> =
            [service, container, Some(short(&entry.task).to_owned())].into_iter().flatten().collect();
        // `2026-11-22T20:41:07Z`: the time of day is in characters 11 to 19.
        let time = entry.time.to_string();
        let clock = time.get(11..19).unwrap_or(&time);
        format!("{} {} {}", faint(clock), tinted(&one_line(&parts.join("/")), &entry.task), indented(&entry.text))
    }
}
