use std::rc::Rc;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::charset::Charset;
use super::line_reporter::EventFormatter;
use super::model::OperationModel;
use super::screen::Screen;
use super::single_line::SingleLine;
use crate::cli::earlier_runs::EarlierRuns;
use crate::cli::terminal::Terminal;
use crate::deploy::api::Timestamp;
use crate::deploy::{DeployEvent, DeployEventKind, ServiceEvent};

/// Frames in a second.
const HERTZ: u8 = 12;

/// Prints lines for finished steps, and below them the moving part of the screen.
pub(crate) struct ProgressReporter {
    terminal: Terminal,
    formatter: EventFormatter,
    screen: Screen,
    bars: MultiProgress,
    /// The rows of the moving part, each a bar that shows only its message.
    rows: Vec<ProgressBar>,
    now: Timestamp,
    /// Lines that are printed when the display continues.
    waiting: Option<Vec<String>>,
}

impl ProgressReporter {
    pub(super) fn new(terminal: Terminal, formatter: EventFormatter, model: OperationModel) -> Self {
        Self {
            terminal,
            formatter,
            screen: Screen::new(model, Charset::of_locale()),
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(HERTZ)),
            rows: Vec::new(),
            now: Timestamp::default(),
            waiting: None,
        }
    }

    pub(super) fn learn(&mut self, earlier: Rc<EarlierRuns>) {
        self.screen.learn(earlier);
    }

    pub(super) fn show(&mut self, event: &SingleLine<DeployEvent>) {
        self.screen.apply(event);
        let is_in_table = matches!(
            event.kind,
            DeployEventKind::Service(ServiceEvent::CountsChanged { .. } | ServiceEvent::MessageLogged { .. })
        );
        if !is_in_table && let Some(line) = self.formatter.line(event, self.terminal.status_detail()) {
            match &mut self.waiting {
                Some(waiting) => waiting.push(line),
                None => self.bars.suspend(|| self.terminal.status(&line)),
            }
        }
        self.draw();
    }

    pub(super) fn hold(&mut self, hold: bool) {
        if hold {
            let _ = self.bars.clear();
            self.bars.set_draw_target(ProgressDrawTarget::hidden());
            self.waiting = Some(Vec::new());
            return;
        }
        self.waiting.take().into_iter().flatten().for_each(|line| self.terminal.status(&line));
        self.bars.set_draw_target(ProgressDrawTarget::stderr_with_hz(HERTZ));
    }

    pub(super) fn tick(&mut self, now: Timestamp) {
        self.now = now;
        self.draw();
    }

    pub(super) fn suspended(&self, print: impl FnOnce()) {
        self.bars.suspend(print);
    }

    pub(super) fn clear(&mut self) {
        self.screen.clear();
        self.draw();
        let _ = self.bars.clear();
    }

    /// Draws the lines of the screen, each in a row.
    fn draw(&mut self) {
        let width = self.terminal.status_detail().width.min(self.terminal.width);
        let lines = self.screen.lines(self.now, width);
        for row in self.rows.drain(lines.len().min(self.rows.len())..) {
            // A dropped bar would stay on the screen.
            row.finish_and_clear();
            self.bars.remove(&row);
        }
        while self.rows.len() < lines.len() {
            let style = ProgressStyle::with_template("{msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
            self.rows.push(self.bars.add(ProgressBar::new_spinner().with_style(style)));
        }
        self.terminal.note_display(!self.rows.is_empty());
        let painted = |line: String| String::from(self.terminal.painted_status(&line));
        self.rows.iter().zip(lines).for_each(|(row, line)| row.set_message(painted(line)));
    }
}
