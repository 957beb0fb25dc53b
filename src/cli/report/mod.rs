//! What a deployment looks like: events of the engine as a live display, as lines, or as JSON.
//!
//! `words` says each event in a line, `watched` those of services, `lines` prints those, `live` keeps what is under way
//! in motion below them, `plan` draws what is about to happen, `closing` what came of it, `chart` when what ran, `overview`
//! what runs now, `beside` a resource there and here, `log_lines` what tasks write; `paint` is the colours.
//!
//! *Invariant*: a screen shows and decides nothing; whatever it shows comes from events.

mod chart;
mod event_text;
mod line_reporter;
mod log_lines;
mod overview;
mod plan;
mod progress_reporter;
mod property_comparison;
mod service_text;
mod style;
mod summary;

pub(crate) use chart::{Charset, chart};
pub(crate) use log_lines::{LogLines, short};
pub(crate) use overview::overview;
pub(crate) use plan::plan;
pub(crate) use property_comparison::beside;
pub(crate) use style::{bold, faint, styled};
pub(crate) use summary::{closing, closing_of, critical_path};

use std::cell::RefCell;

use super::terminal::Terminal;
use crate::deploy::DeployEvent;
use crate::deploy::api::Timestamp;

/// Shows the events of a run.
pub(crate) enum Reporter {
    /// For a person who watches.
    Live(Box<RefCell<progress_reporter::ProgressReporter>>),
    /// For a log.
    Lines(RefCell<line_reporter::LineReporter>),
    /// For a program: one JSON object a line.
    Json(Terminal),
}

impl Reporter {
    /// The screen that fits: JSON when asked for, live where a person watches time pass, else lines.
    pub(crate) fn new(terminal: &Terminal, json: bool, live: bool, several: bool) -> Self {
        if json {
            Self::Json(terminal.clone())
        } else if live && terminal.is_watched() && !terminal.quiet {
            Self::Live(Box::new(RefCell::new(progress_reporter::ProgressReporter::new(terminal.clone(), several))))
        } else {
            Self::Lines(RefCell::new(line_reporter::LineReporter::new(terminal.clone(), several)))
        }
    }

    /// Shows an event.
    pub(crate) fn show(&self, event: &DeployEvent) {
        match self {
            Self::Live(live) => live.borrow_mut().show(event),
            Self::Lines(lines) => lines.borrow_mut().show(event),
            Self::Json(terminal) => {
                if let Ok(line) = serde_json::to_string(event) {
                    terminal.line(&line);
                }
            }
        }
    }

    /// Lets time pass in what is under way.
    pub(crate) fn tick(&self, now: Timestamp) {
        if let Self::Live(live) = self {
            live.borrow_mut().tick(now);
        }
    }

    /// Prints something while the moving part stands aside.
    pub(crate) fn suspended(&self, print: impl FnOnce()) {
        match self {
            Self::Live(live) => live.borrow().suspended(print),
            _ => print(),
        }
    }

    /// Holds the screen still while somebody answers, or lets it go on.
    pub(crate) fn hold(&self, still: bool) {
        if let Self::Live(live) = self {
            live.borrow_mut().hold(still);
        }
    }

    /// Takes the moving part away, to ask or to end.
    pub(crate) fn clear(&self) {
        if let Self::Live(live) = self {
            live.borrow_mut().clear();
        }
    }
}
