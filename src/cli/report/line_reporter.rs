use std::collections::HashMap;
use std::time::Duration;

use super::style::faint;
use super::{event_text, service_text};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{EventStatus, StackEvent, Timestamp};
use crate::deploy::{DeployEvent, DeployEventKind};

/// One line for each thing that matters, with the time since the beginning.
pub(crate) struct LineReporter {
    terminal: Terminal,
    several: bool,
    teller: EventFormatter,
}

impl LineReporter {
    pub(super) fn new(terminal: Terminal, several: bool) -> Self {
        Self { terminal, several, teller: EventFormatter::default() }
    }

    pub(super) fn show(&mut self, event: &DeployEvent) {
        if let Some(line) = self.teller.line(event, self.several, page(&self.terminal)) {
            self.terminal.say(&line);
        }
    }
}

/// What a terminal's lines are written on.
pub(super) fn page(terminal: &Terminal) -> event_text::LineFormat {
    event_text::LineFormat { width: terminal.width, verbose: terminal.verbose }
}

/// Keeps the times that lines speak of.
#[derive(Default)]
pub(super) struct EventFormatter {
    began: Option<Timestamp>,
    latest: Option<Timestamp>,
    steps: HashMap<(String, String), Timestamp>,
    /// What was said of each service last.
    services: HashMap<(String, String), String>,
}

impl EventFormatter {
    /// The line of an event, where it is worth one.
    pub(super) fn line(&mut self, event: &DeployEvent, several: bool, page: event_text::LineFormat) -> Option<String> {
        let time = service_text::time(&event.fact);
        self.latest = self.latest.max(time);
        if matches!(event.fact, DeployEventKind::TaskDefinitionUpdated { .. }) {
            self.began = self.began.or(time);
        }
        let line = match &event.fact {
            DeployEventKind::StackEvent { event: progress } => {
                let took = self.took(&event.stack, progress);
                event_text::resource(progress, took, page)
            }
            fact => event_text::fact(fact, page.verbose),
        }?;
        if matches!(event.fact, DeployEventKind::Service { .. }) && !self.is_news(event, &line) {
            return None;
        }
        let since = self.began.zip(self.latest).map_or(Duration::ZERO, |(began, latest)| latest.since(began));
        let clock = faint(&format!("{:>6}", event_text::clock_of(since)));
        Some(if several { format!("{clock}  {}  {line}", event.stack) } else { format!("{clock}  {line}") })
    }

    /// False where the same was said of a service before: tasks that are about to run are no news in a log.
    fn is_news(&mut self, event: &DeployEvent, line: &str) -> bool {
        let DeployEventKind::Service { counts } = &event.fact else { return true };
        let key = (event.stack.clone(), counts.service.clone());
        self.services.insert(key, line.to_owned()).as_deref() != Some(line)
    }

    /// How long the step took that this event ends.
    fn took(&mut self, stack: &str, event: &StackEvent) -> Option<Duration> {
        self.began.get_or_insert(event.time);
        self.latest = self.latest.max(Some(event.time));
        let EventStatus::Resource(status) = &event.status else { return None };
        let key = (stack.to_owned(), event.logical_id.clone());
        if status.is_settled() {
            return self.steps.remove(&key).map(|began| event.time.since(began));
        }
        self.steps.entry(key).or_insert(event.time);
        None
    }
}
