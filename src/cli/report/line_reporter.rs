use std::collections::HashMap;
use std::time::Duration;

use super::format::clock;
use super::style::faint;
use super::{event_text, service_text};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{EventStatus, StackEvent, Timestamp};
use crate::deploy::{DeployEvent, DeployEventKind, ServiceEvent};

/// Prints one line for each important event, with the time since the start.
pub(crate) struct LineReporter {
    terminal: Terminal,
    several: bool,
    formatter: EventFormatter,
}

impl LineReporter {
    pub(super) fn new(terminal: Terminal, several: bool) -> Self {
        Self { terminal, several, formatter: EventFormatter::default() }
    }

    pub(super) fn show(&mut self, event: &DeployEvent) {
        if let Some(line) = self.formatter.line(event, self.several, line_format(&self.terminal)) {
            self.terminal.status(&line);
        }
    }
}

/// Returns the format of a terminal's lines.
pub(super) fn line_format(terminal: &Terminal) -> event_text::LineFormat {
    event_text::LineFormat { width: terminal.width, verbose: terminal.verbose }
}

/// Formats events as lines, with the times and durations of steps.
#[derive(Default)]
pub(super) struct EventFormatter {
    started: Option<Timestamp>,
    latest: Option<Timestamp>,
    steps: HashMap<(String, String), Timestamp>,
    /// The last line of each service.
    services: HashMap<(String, String), String>,
}

impl EventFormatter {
    /// Returns the line of an event; `None` if it is not worth one.
    pub(super) fn line(
        &mut self,
        event: &DeployEvent,
        several: bool,
        format: event_text::LineFormat,
    ) -> Option<String> {
        let time = service_text::time(&event.kind);
        self.latest = self.latest.max(time);
        if matches!(event.kind, DeployEventKind::TaskDefinitionUpdated { .. }) {
            self.started = self.started.or(time);
        }
        let line = match &event.kind {
            DeployEventKind::StackEvent { event: progress } => {
                let took = self.took(&event.stack, progress);
                event_text::resource(progress, took, format)
            }
            other => event_text::event(other, format.verbose),
        }?;
        if matches!(event.kind, DeployEventKind::Service(ServiceEvent::CountsChanged { .. }))
            && !self.is_new(event, &line)
        {
            return None;
        }
        let since = self.started.zip(self.latest).map_or(Duration::ZERO, |(started, latest)| latest.since(started));
        let time = faint(&format!("{:>6}", clock(since)));
        Some(if several { format!("{time}  {}  {line}", event.stack) } else { format!("{time}  {line}") })
    }

    /// Returns whether a line differs from the last one of its service.
    fn is_new(&mut self, event: &DeployEvent, line: &str) -> bool {
        let DeployEventKind::Service(ServiceEvent::CountsChanged { counts }) = &event.kind else { return true };
        let key = (event.stack.clone(), counts.service.clone());
        self.services.insert(key, line.to_owned()).as_deref() != Some(line)
    }

    /// Returns the duration of the step that this event ends.
    fn took(&mut self, stack: &str, event: &StackEvent) -> Option<Duration> {
        self.started.get_or_insert(event.time);
        self.latest = self.latest.max(Some(event.time));
        let EventStatus::Resource(status) = &event.status else { return None };
        let key = (stack.to_owned(), event.logical_id.clone());
        if status.is_settled() {
            return self.steps.remove(&key).map(|started| event.time.since(started));
        }
        self.steps.entry(key).or_insert(event.time);
        None
    }
}
