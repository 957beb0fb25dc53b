//! The displays of an operation without a terminal, for the fuzz target of records.

use super::charset::Charset;
use super::line_reporter::EventFormatter;
use super::model::OperationModel;
use super::plan;
use super::screen::Screen;
use super::single_line::SingleLine;
use crate::cli::terminal::Detail;
use crate::deploy::api::Timestamp;
use crate::deploy::{DeployEvent, DeployEventKind};

/// The lines of an operation, and its moving part.
pub(in crate::cli) struct Display {
    formatter: EventFormatter,
    screen: Screen,
}

impl Display {
    pub(in crate::cli) fn new(stacks: &[&str]) -> Self {
        let formatter = EventFormatter::new(stacks, &OperationModel::default());
        Self { formatter, screen: Screen::new(OperationModel::default(), Charset::Unicode) }
    }

    /// Returns what the displays show for an event.
    pub(in crate::cli) fn lines(&mut self, event: &DeployEvent, time: Timestamp, detail: Detail) -> Vec<String> {
        let mut lines: Vec<String> = self.formatter.line(&SingleLine::of(event), detail).into_iter().collect();
        self.screen.apply(event);
        lines.extend(self.screen.lines(time, detail.width.min(200)));
        if let DeployEventKind::Planned { plan: planned } = &event.kind {
            lines.push(plan(planned, detail));
        }
        lines
    }
}
