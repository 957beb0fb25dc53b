use std::collections::HashMap;
use std::time::Duration;

use super::paint::faint;
use super::{watched, words};
use crate::cli::terminal::Terminal;
use crate::deploy::ports::{EventStatus, StackEvent, Timestamp};
use crate::deploy::{Event, Fact};

/// One line for each thing that matters, with the time since the beginning.
pub(crate) struct Lines {
    terminal: Terminal,
    several: bool,
    teller: Teller,
}

impl Lines {
    pub(super) fn new(terminal: Terminal, several: bool) -> Self {
        Self { terminal, several, teller: Teller::default() }
    }

    pub(super) fn show(&mut self, event: &Event) {
        if let Some(line) = self.teller.line(event, self.several, page(&self.terminal)) {
            self.terminal.say(&line);
        }
    }
}

/// What a terminal's lines are written on.
pub(super) fn page(terminal: &Terminal) -> words::Page {
    words::Page { width: terminal.width, verbose: terminal.verbose }
}

/// Keeps the times that lines speak of.
#[derive(Default)]
pub(super) struct Teller {
    began: Option<Timestamp>,
    latest: Option<Timestamp>,
    steps: HashMap<(String, String), Timestamp>,
    /// What was said of each service last.
    services: HashMap<(String, String), String>,
}

impl Teller {
    /// The line of an event, where it is worth one.
    pub(super) fn line(&mut self, event: &Event, several: bool, page: words::Page) -> Option<String> {
        let time = watched::time(&event.fact);
        self.latest = self.latest.max(time);
        if matches!(event.fact, Fact::Exchanges { .. }) {
            self.began = self.began.or(time);
        }
        let line = match &event.fact {
            Fact::Progressed { event: progress } => {
                let took = self.took(&event.stack, progress);
                words::resource(progress, took, page)
            }
            fact => words::fact(fact, page.verbose),
        }?;
        if matches!(event.fact, Fact::Service { .. }) && !self.is_news(event, &line) {
            return None;
        }
        let since = self.began.zip(self.latest).map_or(Duration::ZERO, |(began, latest)| latest.since(began));
        let clock = faint(&format!("{:>6}", words::clock_of(since)));
        Some(if several { format!("{clock}  {}  {line}", event.stack) } else { format!("{clock}  {line}") })
    }

    /// False where the same was said of a service before: tasks that are about to run are no news in a log.
    fn is_news(&mut self, event: &Event, line: &str) -> bool {
        let Fact::Service { counts } = &event.fact else { return true };
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
