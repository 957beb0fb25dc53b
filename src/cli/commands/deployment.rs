//! An operation on the stacks of a script: with its screen, its record, and the user who watches.

use std::cell::Cell;
use std::time::Duration;

use super::context::{CommandContext, answer};
use super::ctrl_c::{ActiveStacks, handle_ctrl_c};
use crate::cli::args::Rehearse;
use crate::cli::exit::ExitStatus;
use crate::cli::report::{Reporter, closing, critical_path, faint, plan};
use crate::deploy::api::{AwsApi, Clock};
use crate::deploy::{
    DeployEvent, DeployEventKind, Engine, EngineOptions, Outcome, StackOutcome, StackResult, stop_channel,
};

/// An operation that a command carries out.
pub(super) struct DeploymentCommand<'a, 'c> {
    command: &'static str,
    rehearse: &'a Rehearse,
    cx: &'a CommandContext<'c>,
    screen: Reporter,
    /// Whether something was asked and nobody was there to answer.
    unanswered: Cell<bool>,
}

impl<'a, 'c> DeploymentCommand<'a, 'c> {
    /// One of this command.
    pub(super) fn begin(command: &'static str, rehearse: &'a Rehearse, cx: &'a CommandContext<'c>) -> Self {
        let watched = !rehearse.rehearse || rehearse.speed.is_some();
        let screen = Reporter::new(cx.terminal, cx.options.script.json, watched, cx.stacks.len() > 1);
        if rehearse.rehearse && !cx.options.script.json {
            cx.terminal.say(&faint("a rehearsal: nothing is real, nothing costs, and time is virtual"));
        }
        Self { command, rehearse, cx, screen, unanswered: Cell::new(false) }
    }

    /// Puts a question below the screen; no where nobody is there to answer.
    pub(super) async fn answered(&self, question: String) -> bool {
        self.screen.clear();
        let answer = answer(question, self.cx.terminal).await;
        self.unanswered.set(self.unanswered.get() || answer.is_none());
        answer.unwrap_or(false)
    }

    /// Does the work, shows and records what it tells, and heeds Ctrl-C.
    pub(super) async fn carry_out<C: AwsApi, K: Clock>(
        &self,
        cloud: C,
        clock: &K,
        options: EngineOptions,
        go: impl AsyncFnOnce(&Engine<'_, C, K>) -> Outcome,
    ) -> Outcome {
        let place = cloud.place().await.ok();
        let seed = self.rehearse.rehearse.then_some(self.rehearse.seed);
        self.cx.record(self.command, seed, place.as_ref(), clock);
        let ((wisher, wishes), under_way) = (stop_channel(), ActiveStacks::default());
        let tell = |event: DeployEvent| {
            under_way.hear(&event);
            self.show(&event);
        };
        let run = Engine::new(cloud, clock.clone(), options, tell, wishes);
        let outcome = tokio::select! {
            outcome = ticking(go(&run), &self.screen, clock) => outcome,
            never = handle_ctrl_c(&wisher, &under_way, &self.screen, self.cx.terminal) => match never {},
        };
        drop(run);
        self.screen.clear();
        outcome
    }

    fn show(&self, event: &DeployEvent) {
        self.cx.recorder.event(event);
        self.screen.show(event);
        if matches!(
            event.fact,
            DeployEventKind::Started { .. }
                | DeployEventKind::TaskDefinitionUpdated { .. }
                | DeployEventKind::OperationAttached { .. }
        ) {
            self.cx.terminal.goes_on();
        }
        if let DeployEventKind::Planned { plan: planned } = &event.fact
            && !self.cx.options.script.json
        {
            self.screen.suspended(|| self.cx.terminal.say(&plan(planned)));
        }
    }

    /// Prints and records what came of it, and gives the exit code; `judge` has the last word on that.
    pub(super) fn end(&self, outcome: &Outcome, judge: impl FnOnce(ExitStatus) -> ExitStatus) -> ExitStatus {
        let cx = self.cx;
        cx.tell(&outcome.problems);
        for stack in &outcome.stacks {
            cx.tell(&stack.problems);
            if !cx.options.script.json {
                cx.terminal.say(closing(stack).trim_end());
            }
        }
        let exit = judge(self.exit(outcome));
        cx.recorder.end(outcome, exit.code(), &cx.sources);
        if self.rehearse.rehearse && !cx.options.script.json && exit == ExitStatus::Ok {
            outcome.stacks.iter().for_each(|stack| tell_what_was_slow(stack, cx));
        }
        exit
    }

    fn exit(&self, outcome: &Outcome) -> ExitStatus {
        if self.unanswered.get() {
            let less = if self.command == "deploy" { ", `--require-approval broadening` asks less" } else { "" };
            self.cx.terminal.tell(&format!("nobody is there to answer; `--yes` goes on without asking{less}"));
            return ExitStatus::Usage;
        }
        exit(outcome)
    }
}

/// A name for this run: unique enough among the operations of an account.
pub(super) fn run_name(clock: &impl Clock) -> String {
    format!("rtiler-{:x}-{:x}", clock.now().0, std::process::id())
}

/// A rehearsal foretells: how long it takes, and what makes it slow.
fn tell_what_was_slow(stack: &StackOutcome, cx: &CommandContext<'_>) {
    if let Some(timeline) = &stack.timeline {
        let path = critical_path(&stack.stack, timeline);
        if !path.is_empty() {
            cx.terminal.say(path.trim_end());
        }
    }
}

/// Lets the screen's clocks go while the work does.
async fn ticking<T>(work: impl Future<Output = T>, screen: &Reporter, clock: &impl Clock) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_millis(250)) => screen.tick(clock.now()),
        }
    }
}

fn exit(outcome: &Outcome) -> ExitStatus {
    let has = |endings: &[StackResult]| outcome.stacks.iter().any(|stack| endings.contains(&stack.ending));
    if !outcome.problems.is_empty() || has(&[StackResult::Blocked]) {
        ExitStatus::Script
    } else if has(&[StackResult::Failed, StackResult::Rejected, StackResult::ConnectionLost]) {
        ExitStatus::Aws
    } else if has(&[StackResult::RolledBack]) {
        ExitStatus::RolledBack
    } else if has(&[StackResult::Detached, StackResult::Declined]) {
        ExitStatus::Interrupted
    } else if has(&[StackResult::Skipped]) {
        ExitStatus::Aws
    } else {
        ExitStatus::Ok
    }
}
