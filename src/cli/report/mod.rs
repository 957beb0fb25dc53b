//! Progress and results: events of the engine as a moving display, as lines or as JSON, and results as text or JSON.
//!
//! `output` prints results in the form that the command line chose. Of events, `event_text` and `service_text` format the
//! lines (in the columns of `event_columns`), `line_reporter` prints them, `progress_reporter` draws `screen` below them:
//! what runs now, with the end that `model` expects. `plan` draws a plan (`planned_blocks` its
//! resources, `grants` the access that it adds), `deletion` what a deletion does, `summary` the result of a stack, `chart` a timeline, `overview` a deployed stack, `property_comparison` a resource, `log_lines`
//! the lines of logs, `retry_text` that a call has no answer or is repeated; `single_line` keeps the texts of events on one line, `format` has
//! durations, counts and ids, `style` the colours.
//!
//! May import `deploy`, `rehearsal` (its forecast), `synth`, `diag` and `cli::{earlier_runs, json, sarif, table, terminal, text_width}`.
//!
//! *Invariant*: shows and decides nothing; everything that is shown comes from events and results.

mod charset;
mod chart;
mod deletion;
mod event_columns;
mod event_text;
mod format;
#[cfg(any(test, feature = "fuzzing"))]
pub(super) mod fuzz;
mod grants;
mod image_text;
mod job_text;
mod line_reporter;
mod log_lines;
mod model;
mod output;
mod overview;
mod plan;
mod planned_blocks;
mod progress_reporter;
mod property_comparison;
mod retry_text;
mod screen;
mod service_text;
mod shift_text;
mod single_line;
mod style;
mod summary;

pub(crate) use charset::Charset;
pub(crate) use chart::chart;
pub(crate) use deletion::deletion;
pub(crate) use format::{age, counted, short};
pub(crate) use image_text::{planned_images, size};
pub(crate) use log_lines::LogLines;
pub(crate) use model::{OperationModel, expected_duration};
pub(crate) use output::Output;
pub(crate) use overview::overview;
pub(crate) use plan::plan;
pub(crate) use property_comparison::{Comparison, comparison};
pub(crate) use retry_text::{retrying, unanswered};
pub(crate) use style::{bad, bold, faint, good};
pub(crate) use summary::{critical_path, summary, summary_of};

use std::cell::RefCell;
use std::rc::Rc;

use crate::cli::earlier_runs::EarlierRuns;
use crate::cli::json::EventRecord;
use crate::deploy::DeployEvent;
use crate::deploy::api::Timestamp;
use single_line::SingleLine;

/// Shows the events of an operation.
pub(crate) enum Reporter {
    /// A moving display, for a terminal.
    Live(Box<RefCell<progress_reporter::ProgressReporter>>),
    /// Lines, for a log.
    Lines(RefCell<line_reporter::LineReporter>),
    /// One JSON object on each line, for a program.
    Json(Output),
}

impl Reporter {
    /// Creates the reporter that fits: JSON for programs, a moving display for a terminal if the operation takes time, else
    /// lines.
    pub(crate) fn new(output: &Output, takes_time: bool, stacks: &[&str], model: OperationModel) -> Self {
        let terminal = output.terminal();
        let formatter = line_reporter::EventFormatter::new(stacks, &model);
        if !output.is_text() {
            Self::Json(output.clone())
        } else if takes_time && terminal.is_watched() && !terminal.quiet {
            Self::Live(Box::new(RefCell::new(progress_reporter::ProgressReporter::new(
                terminal.clone(),
                formatter,
                model,
            ))))
        } else {
            Self::Lines(RefCell::new(line_reporter::LineReporter::new(terminal.clone(), formatter)))
        }
    }

    /// Uses the durations of earlier runs for the expected end.
    pub(crate) fn learn(&self, earlier: Rc<EarlierRuns>) {
        if let Self::Live(live) = self {
            live.borrow_mut().learn(earlier);
        }
    }

    /// Shows an event with its time.
    pub(crate) fn show(&self, event: &DeployEvent, time: Timestamp) {
        match self {
            Self::Live(live) => live.borrow_mut().show(&SingleLine::of(event)),
            Self::Lines(lines) => lines.borrow_mut().show(&SingleLine::of(event)),
            Self::Json(output) => output.json_line(&EventRecord::Event { time, event }),
        }
    }

    /// Moves the clocks of active resources.
    pub(crate) fn tick(&self, now: Timestamp) {
        if let Self::Live(live) = self {
            live.borrow_mut().tick(now);
        }
    }

    /// Prints something above the moving display.
    pub(crate) fn suspended(&self, print: impl FnOnce()) {
        match self {
            Self::Live(live) => live.borrow().suspended(print),
            _ => print(),
        }
    }

    /// Stops the moving display while the user answers a question, or continues it.
    pub(crate) fn hold(&self, hold: bool) {
        if let Self::Live(live) = self {
            live.borrow_mut().hold(hold);
        }
    }

    /// Removes the moving display.
    pub(crate) fn clear(&self) {
        if let Self::Live(live) = self {
            live.borrow_mut().clear();
        }
    }
}
