use indexmap::IndexMap;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::lines::{Teller, page};
use super::words::clock_of;
use crate::cli::terminal::Terminal;
use crate::deploy::ports::{EventStatus, StackEvent, Timestamp};
use crate::deploy::{Event, Fact};

/// The most resources under way that are shown at once; the rest is counted.
const MOST: usize = 10;

/// Lines for what is done, and below them, in motion, what is under way.
pub(crate) struct Live {
    terminal: Terminal,
    several: bool,
    teller: Teller,
    bars: MultiProgress,
    stacks: IndexMap<String, StackBar>,
    active: IndexMap<(String, String), Active>,
}

struct StackBar {
    bar: ProgressBar,
    began: Option<Timestamp>,
}

struct Active {
    bar: Option<ProgressBar>,
    began: Timestamp,
    what: String,
}

impl Live {
    pub(super) fn new(terminal: Terminal, several: bool) -> Self {
        let bars = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(12));
        Self { terminal, several, teller: Teller::default(), bars, stacks: IndexMap::new(), active: IndexMap::new() }
    }

    pub(super) fn show(&mut self, event: &Event) {
        match &event.fact {
            Fact::Planned { plan } => self.stack(&event.stack, plan.resources.len()),
            Fact::Progressed { event: progress } => self.progress(&event.stack, progress),
            Fact::Settled { .. } | Fact::LeftRunning { .. } | Fact::Unchanged | Fact::Declined => {
                self.end(&event.stack);
            }
            _ => {}
        }
        if let Some(line) = self.teller.line(event, self.several, page(&self.terminal)) {
            self.bars.suspend(|| self.terminal.say(&line));
        }
    }

    pub(super) fn tick(&mut self, now: Timestamp) {
        for stack in self.stacks.values() {
            let since = stack.began.map(|began| clock_of(now.since(began))).unwrap_or_default();
            stack.bar.set_message(since);
            stack.bar.tick();
        }
        for active in self.active.values() {
            if let Some(bar) = &active.bar {
                bar.set_message(format!("{}  {}", active.what, clock_of(now.since(active.began))));
                bar.tick();
            }
        }
    }

    pub(super) fn suspended(&self, print: impl FnOnce()) {
        self.bars.suspend(print);
    }

    pub(super) fn clear(&mut self) {
        self.active.clear();
        self.stacks.clear();
        let _ = self.bars.clear();
    }

    fn stack(&mut self, stack: &str, resources: usize) {
        let style = ProgressStyle::with_template("{prefix} {bar:24} {pos}/{len}  {msg}");
        let bar = ProgressBar::new(u64::try_from(resources).unwrap_or(0)).with_prefix(stack.to_owned());
        let bar = self.bars.add(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        self.stacks.insert(stack.to_owned(), StackBar { bar, began: None });
    }

    fn progress(&mut self, stack: &str, event: &StackEvent) {
        if let Some(known) = self.stacks.get_mut(stack) {
            known.began.get_or_insert(event.time);
        }
        let EventStatus::Resource(status) = &event.status else { return };
        let key = (stack.to_owned(), event.logical_id.clone());
        if status.is_settled() || status.is_failed() {
            if let Some(bar) = self.active.shift_remove(&key).and_then(|active| active.bar) {
                bar.finish_and_clear();
            }
            if let Some(known) = self.stacks.get(stack).filter(|_| !status.is_failed()) {
                known.bar.inc(1);
            }
        } else if !self.active.contains_key(&key) {
            let bar =
                (self.active.values().filter(|active| active.bar.is_some()).count() < MOST).then(|| self.spinner());
            let what = format!("{}  {}", event.logical_id, event.kind);
            self.active.insert(key, Active { bar, began: event.time, what });
        }
    }

    fn spinner(&self) -> ProgressBar {
        let style =
            ProgressStyle::with_template("  {spinner} {msg}").unwrap_or_else(|_| ProgressStyle::default_spinner());
        self.bars.add(ProgressBar::new_spinner().with_style(style))
    }

    fn end(&mut self, stack: &str) {
        if let Some(known) = self.stacks.shift_remove(stack) {
            known.bar.finish_and_clear();
        }
        let ended: Vec<_> = self.active.keys().filter(|(of, _)| of == stack).cloned().collect();
        for key in ended {
            if let Some(bar) = self.active.shift_remove(&key).and_then(|active| active.bar) {
                bar.finish_and_clear();
            }
        }
    }
}
