use super::style::{faint, tinted};
use crate::cli::terminal::Terminal;
use crate::deploy::operate::LogEntry;

/// Lines of logs: the time, the task in a colour of its own, and the text; or JSON.
pub(crate) struct LogLines<'a> {
    terminal: &'a Terminal,
    json: bool,
    services: bool,
    containers: bool,
}

impl<'a> LogLines<'a> {
    /// Services and containers are named where there are several.
    pub(crate) fn new(terminal: &'a Terminal, json: bool, services: bool, containers: bool) -> Self {
        Self { terminal, json, services, containers }
    }

    /// Prints a line.
    pub(crate) fn show(&self, said: &LogEntry) {
        if self.json {
            self.terminal.line(&serde_json::to_string(said).unwrap_or_default());
        } else {
            self.terminal.line(&self.line(said));
        }
    }

    fn line(&self, said: &LogEntry) -> String {
        let service = self.services.then(|| said.service.clone());
        let container = self.containers.then(|| said.container.clone());
        let parts: Vec<String> =
            [service, container, Some(short(&said.task).to_owned())].into_iter().flatten().collect();
        // `2026-11-22T20:41:07Z`: the clock is its letters 11 to 19.
        let time = said.time.to_string();
        let clock = time.get(11..19).unwrap_or(&time);
        format!("{} {} {}", faint(clock), tinted(&parts.join("/"), &said.task), said.text)
    }
}

/// The beginning of a task's id: enough to tell tasks apart.
pub(crate) fn short(task: &str) -> &str {
    task.get(..8).unwrap_or(task)
}
