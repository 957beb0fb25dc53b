use std::cell::Cell;
use std::time::Duration;

use super::interrupt::{UnderWay, heed};
use super::job::{Cx, Job, answer, foretelling};
use super::saved_plan;
use crate::cli::args::{ApprovalWhen, Deploy as Args, RunOptions};
use crate::cli::exit::Exit;
use crate::cli::former;
use crate::cli::project::Project;
use crate::cli::screen::{Screen, closing, critical_path, faint, plan};
use crate::cli::terminal::Terminal;
use crate::deploy::plan::{Approval, Plan};
use crate::deploy::ports::{Clock, DeploymentMode, Place, Ports};
use crate::deploy::saved::SavedPlan;
use crate::deploy::{Ending, Event, Fact, Options, Outcome, Run, StackOutcome, wishes};

/// `deploy`: plans, shows, asks, deploys, and tells what happens.
pub(crate) fn command(args: &Args, options: &RunOptions, project: Project, terminal: &Terminal) -> Exit {
    let saved = match args.plan.as_deref().map(|file| saved_plan::read(file, terminal)).transpose() {
        Ok(saved) => saved,
        Err(exit) => return exit,
    };
    let planned = saved.iter().flat_map(|saved| saved.stacks.iter().map(|stack| stack.plan.stack.clone()));
    let chosen: Vec<String> = args.stacks.stacks.iter().cloned().chain(planned).collect();
    let cx = match Cx::new(project, &chosen, options, terminal) {
        Ok(cx) => cx,
        Err(exit) => return exit,
    };
    foretelling(Deploy { args, saved }, &args.rehearse, &cx)
}

struct Deploy<'a> {
    args: &'a Args,
    saved: Option<SavedPlan>,
}

impl Job for Deploy<'_> {
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
        if let Err(exit) = cx.right_account(&cloud).await {
            return exit;
        }
        if let Some(saved) = &self.saved
            && let Err(exit) = saved_plan::right_place(saved, &cloud, cx).await
        {
            return exit;
        }
        let watched = !self.args.rehearse.rehearse || self.args.rehearse.speed.is_some();
        let screen = Screen::new(cx.terminal, cx.options.script.json, watched, cx.stacks.len() > 1);
        let unanswered = Cell::new(false);
        let ask = async |plan: &Plan| ask(&plan.stack, &screen, &unanswered).await;
        let options = self.options(run_name(&clock));
        if self.args.rehearse.rehearse && !cx.options.script.json {
            cx.terminal.say(&faint("a rehearsal: nothing is real, nothing costs, and time is virtual"));
        }
        let place = cloud.place().await;
        let seed = self.args.rehearse.rehearse.then_some(self.args.rehearse.seed);
        cx.record("deploy", seed, place.as_ref().ok(), &clock);
        let ((wisher, wishes), under_way) = (wishes(), UnderWay::default());
        let tell = |event: Event| {
            under_way.hear(&event);
            show(&event, &screen, cx);
        };
        let run = Run::new(cloud, clock.clone(), options, tell, wishes);
        let outcome = tokio::select! {
            outcome = ticking(run.deploy(&cx.stacks, &ask), &screen, &clock) => outcome,
            never = heed(&wisher, &under_way, &screen) => match never {},
        };
        drop(run);
        screen.clear();
        let outcome = if self.args.rehearse.rehearse { rehearsed(outcome) } else { outcome };
        if let Ok(place) = &place {
            keep(&outcome, place, cx);
        }
        let exit = self.unless_detached(&outcome, told(&outcome, cx, unanswered.get()));
        cx.recorder.end(&outcome, exit.code(), &cx.sources);
        if self.args.rehearse.rehearse && !cx.options.script.json && exit == Exit::Ok {
            outcome.stacks.iter().for_each(|stack| tell_what_was_slow(stack, cx));
        }
        exit
    }
}

impl Deploy<'_> {
    fn options(&self, run: String) -> Options {
        Options {
            concurrency: self.args.concurrency,
            approval: self.approval(),
            allow_replace: self.args.allow_replace.clone(),
            give_up_after: self.args.patience.give_up_after,
            timeout: self.args.patience.timeout,
            detach: self.args.detach,
            mode: self.mode(),
            keep: self.args.no_rollback,
            saved: self.saved.clone(),
            ..Options::new(run)
        }
    }

    fn mode(&self) -> DeploymentMode {
        match (self.args.express, self.args.revert_drift) {
            (true, _) => DeploymentMode::Express,
            (_, true) => DeploymentMode::RevertDrift,
            _ => DeploymentMode::Standard,
        }
    }

    /// Who wanted to leave it running has got what was asked for.
    fn unless_detached(&self, outcome: &Outcome, exit: Exit) -> Exit {
        let fine = |stack: &StackOutcome| stack.ending.is_good() || stack.ending == Ending::LeftRunning;
        let as_asked = self.args.detach && outcome.problems.is_empty() && outcome.stacks.iter().all(fine);
        if as_asked { Exit::Ok } else { exit }
    }

    /// A rehearsal changes nothing that is worth a question, and a saved plan was looked at before.
    fn approval(&self) -> Approval {
        if self.args.yes || self.args.rehearse.rehearse || self.saved.is_some() {
            return Approval::Never;
        }
        match self.args.require_approval {
            ApprovalWhen::Never => Approval::Never,
            ApprovalWhen::Broadening => Approval::Broadening,
            ApprovalWhen::AnyChange => Approval::AnyChange,
        }
    }
}

/// Keeps what was deployed for a way back.
fn keep(outcome: &Outcome, place: &Place, cx: &Cx<'_>) {
    let deployed = |ending: &Ending| matches!(ending, Ending::Created | Ending::Updated | Ending::Unchanged);
    let is_deployed = |name: &str| outcome.stack(name).is_some_and(|stack| deployed(&stack.ending));
    for stack in cx.stacks.iter().filter(|stack| is_deployed(&stack.name)) {
        if let Err(error) = former::keep(stack, place) {
            cx.terminal.say(&format!("the template of {} could not be kept for a rollback: {error}", stack.name));
        }
    }
}

/// What is to be run next is a rehearsal too.
fn rehearsed(mut outcome: Outcome) -> Outcome {
    for stack in &mut outcome.stacks {
        let follow = stack.problems.iter_mut().filter(|it| matches!(it.code, "left-running" | "lost-touch"));
        for hint in follow.flat_map(|problem| &mut problem.hints) {
            *hint = hint.replace(&format!(" {}`", stack.stack), &format!(" {} --rehearse`", stack.stack));
        }
    }
    outcome
}

/// A rehearsal foretells: how long it takes, and what makes it slow.
fn tell_what_was_slow(stack: &StackOutcome, cx: &Cx<'_>) {
    if let Some(timeline) = &stack.timeline {
        let path = critical_path(&stack.stack, timeline);
        if !path.is_empty() {
            cx.terminal.say(path.trim_end());
        }
    }
}

/// A name for this run: unique enough among the operations of an account.
pub(super) fn run_name(clock: &impl Clock) -> String {
    format!("rtiler-{:x}-{:x}", clock.now().0, std::process::id())
}

/// Lets the screen's clocks go while the work does.
pub(super) async fn ticking<T>(work: impl Future<Output = T>, screen: &Screen, clock: &impl Clock) -> T {
    let mut work = std::pin::pin!(work);
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(Duration::from_millis(250)) => screen.tick(clock.now()),
        }
    }
}

pub(super) fn show(event: &Event, screen: &Screen, cx: &Cx<'_>) {
    cx.recorder.event(event);
    screen.show(event);
    if let Fact::Planned { plan: planned } = &event.fact
        && !cx.options.script.json
    {
        screen.suspended(|| cx.terminal.say(&plan(planned)));
    }
}

pub(super) async fn ask(stack: &str, screen: &Screen, unanswered: &Cell<bool>) -> bool {
    answered(format!("Deploy {stack}?"), screen, unanswered).await
}

/// Puts a question below the screen, and remembers where nobody is there to answer.
pub(super) async fn answered(question: String, screen: &Screen, unanswered: &Cell<bool>) -> bool {
    screen.clear();
    let answer = answer(question).await;
    unanswered.set(unanswered.get() || answer.is_none());
    answer.unwrap_or(false)
}

/// Prints and records what came of it, and gives the exit code.
pub(super) fn end(outcome: &Outcome, cx: &Cx<'_>, unanswered: bool) -> Exit {
    let exit = told(outcome, cx, unanswered);
    cx.recorder.end(outcome, exit.code(), &cx.sources);
    exit
}

fn told(outcome: &Outcome, cx: &Cx<'_>, unanswered: bool) -> Exit {
    cx.tell(&outcome.problems);
    for stack in &outcome.stacks {
        cx.tell(&stack.problems);
        if cx.options.script.json {
            continue;
        }
        cx.terminal.say(closing(stack).trim_end());
    }
    if unanswered {
        cx.terminal.tell(
            "nobody is there to answer; `--yes` deploys without asking, `--require-approval broadening` asks less",
        );
        return Exit::Usage;
    }
    exit(outcome)
}

fn exit(outcome: &Outcome) -> Exit {
    let has = |endings: &[Ending]| outcome.stacks.iter().any(|stack| endings.contains(&stack.ending));
    if !outcome.problems.is_empty() || has(&[Ending::Withheld]) {
        Exit::Script
    } else if has(&[Ending::Failed, Ending::Refused, Ending::LostTouch]) {
        Exit::Aws
    } else if has(&[Ending::RolledBack]) {
        Exit::RolledBack
    } else if has(&[Ending::LeftRunning, Ending::Declined]) {
        Exit::Interrupted
    } else if has(&[Ending::NotStarted]) {
        Exit::Aws
    } else {
        Exit::Ok
    }
}
