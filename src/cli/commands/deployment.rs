//! An operation on the stacks of a script: with its progress, its record and its approval.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use super::confirm::CANNOT_ASK;
use super::context::CommandContext;
use super::image_builds;
use super::stop_requests::{ActiveStacks, handle_signals};
use crate::builder::Publisher;
use crate::cfn::schema::Schema;
use crate::cli::args::Builder;
use crate::cli::earlier_runs::EarlierRuns;
use crate::cli::exit::ExitStatus;
use crate::cli::json::{RunResult, StackRunResult};
use crate::cli::recorder::Recorder;
use crate::cli::report::{OperationModel, Reporter, critical_path, expected_duration, faint, plan, summary};
use crate::cli::terminal::Signal;
use crate::cli::terminal::prompt::ask;
use crate::deploy::api::{AwsApi, AwsEnvironment, Clock, CloudFormation, Timestamp};
use crate::deploy::plan::warnings::deploy_warnings;
use crate::deploy::record::{Redactor, RunStarted, StackFinished, secrets_of_outputs};
use crate::deploy::{
    DeployEvent, DeployEventKind, Engine, EngineOptions, Outcome, StackOutcome, StackResult, stop_channel,
};
use crate::diag::{Code, CommandName, Diagnostic, Hint, SuggestedCommand};
use crate::rehearsal::types_without_rules;

/// A command that runs an operation.
pub(super) struct DeploymentCommand<'a, 'c> {
    command: &'static str,
    cx: &'a CommandContext<'c>,
    reporter: Reporter,
    recorder: Recorder,
    redactor: Redactor,
    /// Whether a question could not be asked.
    unanswered: Cell<bool>,
    /// The signal that stopped the run.
    stopped_by: Cell<Option<Signal>>,
    /// The account and region, if AWS answered.
    environment: RefCell<Option<AwsEnvironment>>,
    /// Earlier runs in this account and region; unset in a rehearsal.
    earlier: OnceCell<Rc<EarlierRuns>>,
    /// The arguments after the stacks, which a repeated command needs.
    arguments: &'a [String],
    /// The builder of images that the user names.
    builder: Option<Builder>,
}

impl<'a, 'c> DeploymentCommand<'a, 'c> {
    /// Creates the command; `command` is its name in the record.
    pub(super) fn new(command: &'static str, cx: &'a CommandContext<'c>) -> Self {
        let stacks: Vec<&str> = cx.stacks.iter().map(|stack| stack.name.as_str()).collect();
        let model = OperationModel::of(&cx.stacks);
        let reporter = Reporter::new(&cx.output, cx.account.takes_time(), &stacks, model);
        cx.announce_rehearsal();
        let redactor = Redactor::of(&cx.stacks, Some(Schema::embedded()));
        let (unanswered, stopped_by, environment) = (Cell::default(), Cell::default(), RefCell::default());
        Self {
            command,
            cx,
            reporter,
            recorder: Recorder::default(),
            redactor,
            unanswered,
            stopped_by,
            environment,
            earlier: OnceCell::new(),
            arguments: &[],
            builder: None,
        }
    }

    /// Returns the command with the builder of images that the user names.
    pub(super) fn with_builder(self, builder: Option<Builder>) -> Self {
        Self { builder, ..self }
    }

    /// Returns the command with these arguments after its stacks.
    pub(super) fn with_arguments(self, arguments: &'a [String]) -> Self {
        Self { arguments, ..self }
    }

    /// Returns the account and region of the run, if AWS answered.
    pub(super) fn environment(&self) -> Option<AwsEnvironment> {
        self.environment.borrow().clone()
    }

    /// Requests approval below the progress; returns `false` without a terminal.
    pub(super) async fn approve(&self, question: String) -> bool {
        self.reporter.clear();
        let answer = ask(self.cx.terminal, &question).await;
        self.unanswered.set(self.unanswered.get() || answer.is_none());
        answer.unwrap_or(false)
    }

    /// Runs the operation, reports and records its events, and handles signals.
    pub(super) async fn execute<C: AwsApi, K: Clock>(
        &self,
        api: C,
        clock: &K,
        options: EngineOptions,
        operation: impl AsyncFnOnce(&Engine<'_, C, K>) -> Outcome,
    ) -> Outcome {
        let cx = self.cx;
        let signal = self.read_environment(&api).await;
        self.learn_from_earlier_runs();
        self.begin_record(clock);
        if let Some(signal) = signal {
            self.stopped_by.set(Some(signal));
            return ActiveStacks::default().outcome(&cx.stacks);
        }
        let ((stop, signal), active) = (stop_channel(), ActiveStacks::default());
        let on_event = |event: DeployEvent| {
            active.observe(&event);
            self.show(&event, clock.now());
        };
        // A rehearsal with the same seed goes the same way.
        let options = EngineOptions { jitter_seed: cx.account.seed(), ..options };
        let publisher = self.publisher(api.clone());
        let engine = Engine::new(api, clock.clone(), options, on_event, signal);
        let engine = match publisher {
            Some(publisher) => engine.with_publisher(Box::new(publisher)),
            None => engine,
        };
        let on_stop = |signal| self.stopped_by.set(Some(signal));
        let outcome = tokio::select! {
            outcome = with_ticks(operation(&engine), &self.reporter, clock) => outcome,
            () = handle_signals(&cx.signals, &stop, &active, &self.reporter, cx.terminal, on_stop) => {
                active.outcome(&cx.stacks)
            }
        };
        drop(engine);
        self.reporter.clear();
        outcome
    }

    /// Returns the publisher of the images of the stacks; none in a rehearsal, and for stacks without images to push.
    fn publisher<C: AwsApi>(&self, api: C) -> Option<Publisher<C>> {
        let needs_images = self.cx.stacks.iter().any(|stack| !stack.images.is_empty());
        (needs_images && !self.cx.account.is_rehearsal())
            .then(|| image_builds::publisher(api, self.builder, &self.cx.script))
    }

    /// Reads the account and region, if AWS answers; returns the signal that came first.
    async fn read_environment(&self, api: &impl CloudFormation) -> Option<Signal> {
        let mut received = self.cx.signals.subscribe();
        tokio::select! {
            environment = api.environment() => {
                *self.environment.borrow_mut() = environment.ok();
                None
            }
            signal = received.next() => Some(signal),
        }
    }

    /// Reads how long earlier runs in the same account and region took. A rehearsal has its own figures.
    fn learn_from_earlier_runs(&self) {
        if let Some(environment) = self.environment().filter(|_| !self.cx.account.is_rehearsal()) {
            let earlier = Rc::new(self.cx.earlier_runs(&environment));
            self.reporter.learn(Rc::clone(&earlier));
            let _ = self.earlier.set(earlier);
        }
    }

    fn begin_record(&self, clock: &impl Clock) {
        let cx = self.cx;
        let started = RunStarted {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: self.command.to_owned(),
            script: cx.script.clone(),
            stacks: cx.stacks.iter().map(|stack| stack.name.clone()).collect(),
            environment: self.environment(),
            seed: cx.account.seed(),
            time: clock.now(),
        };
        let now = clock.clone();
        self.recorder.begin(started, &cx.stacks, move || now.now(), cx.terminal);
    }

    fn show(&self, event: &DeployEvent, time: Timestamp) {
        let event = &self.redactor.event(event);
        self.recorder.event(event);
        self.reporter.show(event, time);
        match &event.kind {
            DeployEventKind::OperationStarted { .. }
            | DeployEventKind::TaskDefinitionUpdated { .. }
            | DeployEventKind::OperationAttached { .. } => self.cx.terminal.notify_started(),
            DeployEventKind::Planned { plan: planned } => {
                let text = plan(planned, self.cx.terminal.status_detail());
                self.reporter.suspended(|| {
                    self.cx.output.status(&text);
                    let stack = self.cx.stacks.iter().find(|stack| stack.name == planned.stack);
                    let expected = stack.zip(self.earlier.get());
                    let expected = expected.and_then(|(stack, of)| expected_duration(planned, &stack.template, of));
                    expected.inspect(|expected| self.cx.output.status(&faint(&format!("  {expected}"))));
                    self.cx.report(&stack.map(|stack| deploy_warnings(planned, stack)).unwrap_or_default());
                });
            }
            _ => {}
        }
        self.show_not_simulated(event, time);
    }

    /// Shows, once an operation of a rehearsal has started, which types of its stack are not simulated.
    fn show_not_simulated(&self, event: &DeployEvent, time: Timestamp) {
        let deletes = match event.kind {
            DeployEventKind::OperationStarted { .. } => false,
            DeployEventKind::DeleteStarted { .. } => true,
            _ => return,
        };
        let stack = self.cx.stacks.iter().find(|stack| stack.name == event.stack && self.cx.account.is_rehearsal());
        let types = stack.map(|stack| types_without_rules(&stack.template)).unwrap_or_default();
        if !types.is_empty() {
            let kind = DeployEventKind::NotSimulated { types, deletes };
            let note = DeployEvent { stack: event.stack.clone(), at: event.at, kind };
            self.recorder.event(&note);
            self.reporter.show(&note, time);
        }
    }

    /// Prints and records the result, and returns the exit status; `adjust` can change it.
    pub(super) fn finish(&self, outcome: &Outcome, adjust: impl FnOnce(ExitStatus) -> ExitStatus) -> ExitStatus {
        let cx = self.cx;
        outcome.stacks.iter().for_each(|stack| cx.terminal.hide(&secrets_of_outputs(&stack.outputs)));
        let finished = outcome.stacks.iter().map(|stack| StackFinished::of(stack, Vec::new()));
        cx.output.json(&RunResult { stacks: finished.map(StackRunResult::from).collect() });
        cx.report(&outcome.problems);
        for stack in &outcome.stacks {
            cx.report(&stack.problems);
            cx.output.status(summary(stack, cx.terminal.status_detail().width).trim_end());
        }
        self.show_how_to_repeat(outcome);
        let exit = adjust(self.exit(outcome));
        self.recorder.end(outcome, exit.code(), &cx.sources);
        if cx.account.is_rehearsal() && exit == ExitStatus::Ok {
            outcome.stacks.iter().for_each(|stack| show_critical_path(stack, cx));
        }
        exit
    }

    fn exit(&self, outcome: &Outcome) -> ExitStatus {
        if self.unanswered.get() {
            let fewer =
                if self.command == "deploy" { ", or `--require-approval broadening` to be asked less" } else { "" };
            self.cx.terminal.failure(Code::CommandLine, &format!("{CANNOT_ASK}{fewer}"));
            return ExitStatus::Usage;
        }
        match (exit(outcome), self.stopped_by.get()) {
            (ExitStatus::Interrupted, Some(signal)) => signal.exit(),
            (exit, _) => exit,
        }
    }

    /// Prints how to repeat a run that a signal stopped before anything was changed.
    fn show_how_to_repeat(&self, outcome: &Outcome) {
        let interrupted = outcome.stacks.iter().filter(|stack| stack.result == StackResult::Interrupted);
        let Some(command) = CommandName::from_name(self.command).filter(|_| self.stopped_by.get().is_some()) else {
            return;
        };
        let command = interrupted.fold(command.alone(), |command, stack| command.arg(&stack.stack));
        if !command.arguments.is_empty() {
            let command = self.arguments.iter().fold(command, SuggestedCommand::arg);
            let hint = Hint::from("run it again with ").command(command);
            self.cx.terminal.message(&self.cx.terminal.frontend().hint(&hint));
        }
    }
}

/// Returns a name for a run that is unique among the operations of an account.
pub(super) fn run_name(clock: &impl Clock) -> String {
    format!("rtiler-{:x}-{:x}", clock.now().0, std::process::id())
}

/// Prints the critical path: a rehearsal predicts the duration of a deployment.
fn show_critical_path(stack: &StackOutcome, cx: &CommandContext<'_>) {
    if let Some(timeline) = &stack.timeline {
        let path = critical_path(&stack.stack, timeline, true);
        if !path.is_empty() {
            cx.output.status(path.trim_end());
        }
    }
}

/// Moves the clocks of the progress display while the operation runs.
async fn with_ticks<T>(operation: impl Future<Output = T>, reporter: &Reporter, clock: &impl Clock) -> T {
    let mut operation = std::pin::pin!(operation);
    loop {
        tokio::select! {
            result = &mut operation => return result,
            () = tokio::time::sleep(Duration::from_millis(250)) => reporter.tick(clock.now()),
        }
    }
}

fn exit(outcome: &Outcome) -> ExitStatus {
    let has = |results: &[StackResult]| outcome.stacks.iter().any(|stack| results.contains(&stack.result));
    let is_option = |problem: &Diagnostic| problem.code == Code::UnknownAllowReplace;
    if !outcome.problems.is_empty() && outcome.problems.iter().all(is_option) {
        ExitStatus::Usage
    } else if !outcome.problems.is_empty() || has(&[StackResult::Blocked]) {
        ExitStatus::Script
    } else if has(&[StackResult::Failed, StackResult::Rejected, StackResult::ConnectionLost]) {
        ExitStatus::Aws
    } else if has(&[StackResult::RolledBack]) {
        ExitStatus::RolledBack
    } else if has(&[StackResult::Detached, StackResult::Declined, StackResult::Interrupted]) {
        ExitStatus::Interrupted
    } else if has(&[StackResult::Skipped]) {
        ExitStatus::Aws
    } else {
        ExitStatus::Ok
    }
}
