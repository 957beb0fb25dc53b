use std::collections::HashMap;
use std::time::Duration;

use super::event_columns::EventColumns;
use super::event_text;
use super::format::clock;
use super::model::OperationModel;
use super::single_line::SingleLine;
use super::style::faint;
use crate::cli::terminal::{Detail, Terminal};
use crate::cli::text_width::{cut, pad, width, wrap};
use crate::deploy::api::{EventStatus, StackEvent, Timestamp};
use crate::deploy::{DeployEvent, DeployEventKind, ServiceEvent};

/// Prints one line for each important event, with the time since the start.
pub(crate) struct LineReporter {
    terminal: Terminal,
    formatter: EventFormatter,
}

impl LineReporter {
    pub(super) fn new(terminal: Terminal, formatter: EventFormatter) -> Self {
        Self { terminal, formatter }
    }

    pub(super) fn show(&mut self, event: &SingleLine<DeployEvent>) {
        if let Some(line) = self.formatter.line(event, self.terminal.status_detail()) {
            self.terminal.status(&line);
        }
    }
}

/// The columns of the time before a line, with the gap after it.
const TIME: usize = 8;

/// Formats events as lines, with their own times and the durations of steps.
#[derive(Default)]
pub(super) struct EventFormatter {
    /// The columns of the names of stacks; 0 if lines do not name them.
    stack_width: usize,
    /// The columns of the names and types of resources.
    columns: EventColumns,
    started: Option<Timestamp>,
    /// The latest time of a line: the clocks of AWS and of this machine differ, and times do not go backwards.
    latest: Option<Timestamp>,
    steps: HashMap<(String, String), Timestamp>,
    /// The last line of each service.
    services: HashMap<(String, String), String>,
}

impl EventFormatter {
    /// Creates a formatter for the stacks of an operation.
    pub(super) fn new(stacks: &[&str], model: &OperationModel) -> Self {
        let widest = stacks.iter().map(|stack| width(stack)).max().unwrap_or(0);
        let stack_width = if stacks.len() > 1 { widest } else { 0 };
        Self { stack_width, columns: model.columns(), ..Self::default() }
    }

    /// Returns the line of an event, wrapped between words on a terminal; `None` if it is not worth one.
    pub(super) fn line(&mut self, event: &SingleLine<DeployEvent>, detail: Detail) -> Option<String> {
        let time = event.kind.time().unwrap_or(event.at);
        if matches!(event.kind, DeployEventKind::TaskDefinitionUpdated { .. }) {
            self.started.get_or_insert(time);
        }
        if let DeployEventKind::Planned { plan } = &event.kind {
            let resources = plan.resources.iter().map(|it| (it.logical_id.as_str(), it.kind.as_str()));
            self.columns = self.columns.with(EventColumns::of(resources));
        }
        let stack = self.stack_width(detail.width);
        let indent = TIME + if stack == 0 { 0 } else { stack + 2 };
        let room = Detail { width: detail.width.saturating_sub(indent), ..detail };
        let line = match &event.kind {
            DeployEventKind::StackEvent { event: progress } => {
                let took = self.took(&event.stack, progress);
                event_text::resource(progress, took, self.columns, room)
            }
            other => event_text::event(other, room),
        }?;
        if matches!(event.kind, DeployEventKind::Service(ServiceEvent::CountsChanged { .. }))
            && !self.is_new(event, &line)
        {
            return None;
        }
        let time = self.latest.map_or(time, |latest| latest.max(time));
        self.latest = Some(time);
        Some(self.with_time(time, &event.stack, &line, detail.width))
    }

    /// Returns the columns of the names of stacks, which are cut before those of resources are wrapped; 0 if lines do not
    /// name them.
    fn stack_width(&self, width: usize) -> usize {
        const NARROWEST: usize = 8;
        let room = width.saturating_sub(TIME + 2 + event_text::VERB_AND_DURATION + 2 + self.columns.name());
        self.stack_width.min(room.max(NARROWEST))
    }

    /// Returns a line with the time since the start and, if there are several, its stack.
    fn with_time(&self, time: Timestamp, stack: &str, line: &str, width: usize) -> String {
        let since = self.started.map_or(Duration::ZERO, |started| time.since(started));
        let time = faint(&format!("{:>6}", clock(since)));
        let stack = match self.stack_width(width) {
            0 => String::new(),
            room => pad(&cut(stack, room), room) + "  ",
        };
        let line = format!("{time}  {stack}{line}");
        line.split('\n').map(|part| wrap(part, width, TIME + 2)).collect::<Vec<_>>().join("\n")
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
        let EventStatus::Resource(status) = &event.status else { return None };
        let key = (stack.to_owned(), event.logical_id.clone());
        if status.is_settled() {
            return self.steps.remove(&key).map(|started| event.time.since(started));
        }
        self.steps.entry(key).or_insert(event.time);
        None
    }
}
