//! Work that is the same over AWS and over the rehearsal account.

use std::rc::Rc;

use tokio::sync::Notify;

use super::deployed::deployed;
use crate::cli::args::{Rehearse, RunOptions};
use crate::cli::caller::Caller;
use crate::cli::exit::Exit;
use crate::cli::project::Project;
use crate::cli::recorder::Recorder;
use crate::cli::rehearsal::Account;
use crate::cli::terminal::Terminal;
use crate::deploy::ports::{AwsError, Clock, Cloud, Place, Ports};
use crate::deploy::record::Begun;
use crate::deploy::refusal::refusal;
use crate::deploy::{DesiredStack, Wish, Wishes, wishes};
use crate::diag::{Code, Diagnostic, Sources};

/// Work over an account.
pub(super) trait Job {
    /// How a command ends that Ctrl-C cuts short; none where it must be brought to an end in good order.
    fn cut_short(&self) -> Option<Exit> {
        None
    }

    /// Does it.
    async fn on<C: Ports, K: Clock>(self, cloud: C, clock: K, cx: &Cx<'_>) -> Exit;
}

/// What every job needs.
pub(super) struct Cx<'a> {
    /// The stacks of the script.
    pub(super) stacks: Vec<DesiredStack>,
    /// The script, as it was named.
    pub(super) script: String,
    /// Accounts that the script names, by stack.
    pub(super) accounts: Vec<(String, String)>,
    /// What problems point into.
    pub(super) sources: Sources,
    /// Where everything is printed.
    pub(super) terminal: &'a Terminal,
    /// The options of the command line.
    pub(super) options: &'a RunOptions,
    /// The flight recorder of what changes something.
    pub(super) recorder: Recorder,
    /// Who gave the command.
    pub(super) caller: Caller,
    /// Completes when the user wants to go.
    pub(super) interrupted: Rc<Notify>,
}

impl<'a> Cx<'a> {
    /// The chosen stacks of a project; problems are printed.
    pub(super) fn new(
        project: Project,
        chosen: &[String],
        options: &'a RunOptions,
        terminal: &'a Terminal,
    ) -> Result<Cx<'a>, Exit> {
        let (script, caller) = (project.script.clone(), project.caller);
        let (stacks, sources) = project.chosen(chosen, terminal)?;
        let accounts = stacks.iter().filter_map(|stack| Some((stack.name.value.clone(), stack.account.clone()?)));
        let accounts = accounts.collect();
        match super::desired::desired(stacks, &options.parameter) {
            Ok(stacks) => Ok(Cx {
                stacks,
                script,
                accounts,
                sources,
                terminal,
                options,
                recorder: Recorder::default(),
                caller,
                interrupted: Rc::default(),
            }),
            Err(problems) => {
                terminal.problems(&problems, &sources);
                Err(Exit::Usage)
            }
        }
    }

    /// The account that the command works on; what is wrong with what was asked of it is printed.
    pub(super) fn account(&self, rehearse: &Rehearse, writes: bool) -> Result<Account, Exit> {
        let templates: Vec<_> = self.stacks.iter().map(|stack| &stack.template).collect();
        Account::of(rehearse, &templates, self.options.region.as_deref(), writes).map_err(|problems| {
            self.tell(&problems);
            Exit::Usage
        })
    }

    /// The wishes of a user whose Ctrl-C leaves what runs to AWS.
    pub(super) fn leaves(&self) -> Wishes {
        let (wisher, wishes) = wishes();
        let interrupted = Rc::clone(&self.interrupted);
        tokio::task::spawn_local(async move {
            interrupted.notified().await;
            wisher.wish(Wish::Leave);
        });
        wishes
    }

    /// Records the operation that begins; `seed` is that of a rehearsal. The rest is written down
    /// by [`Operation`](super::operation::Operation).
    pub(super) fn record(&self, command: &str, seed: Option<u64>, place: Option<&Place>, clock: &impl Clock) {
        let begun = Begun {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            command: command.to_owned(),
            script: self.script.clone(),
            stacks: self.stacks.iter().map(|stack| stack.name.clone()).collect(),
            place: place.cloned(),
            seed,
            time: clock.now(),
        };
        let now = clock.clone();
        self.recorder.begin(begun, &self.stacks, move || now.now(), self.terminal);
    }

    /// Prints problems.
    pub(super) fn tell(&self, problems: &[Diagnostic]) {
        let words = |problem: &Diagnostic| {
            let hints = problem.hints.iter().map(|hint| self.caller.words(hint, &self.script)).collect();
            Diagnostic { hints, ..problem.clone() }
        };
        self.terminal.problems(&problems.iter().map(words).collect::<Vec<_>>(), &self.sources);
    }

    /// Prints a refusal.
    pub(super) fn refused(&self, error: &AwsError) -> Exit {
        self.tell(&[refusal(error)]);
        Exit::Aws
    }

    /// Refuses to go on in another account than the script names.
    pub(super) async fn right_account(&self, cloud: &impl Cloud) -> Result<(), Exit> {
        if self.accounts.is_empty() {
            return Ok(());
        }
        let place = cloud.place().await.map_err(|error| self.refused(&error))?;
        let wrong = self.accounts.iter().filter(|(_, account)| *account != place.account);
        let problems: Vec<Diagnostic> =
            wrong.map(|(stack, account)| wrong_account(stack, account, &place.account)).collect();
        if problems.is_empty() {
            return Ok(());
        }
        self.tell(&problems);
        Err(Exit::Script)
    }
}

fn wrong_account(stack: &str, account: &str, here: &str) -> Diagnostic {
    let message = format!("stack `{stack}` belongs to account {account}, and these credentials are of account {here}");
    Diagnostic::new(Code::WrongAccount, message).help("choose the right profile with `--profile`")
}

/// Puts a question; nothing where nobody is there to answer.
pub(super) async fn answer(question: String, terminal: &Terminal) -> Option<bool> {
    // Reading a line blocks, and Ctrl-C must be heard meanwhile.
    let (send, answer) = tokio::sync::oneshot::channel();
    let terminal = terminal.clone();
    std::thread::spawn(move || send.send(terminal.ask(&question)));
    answer.await.ok().flatten()
}

/// Does a job over AWS, or over the rehearsal account as it was asked for.
pub(super) fn rehearsable(job: impl Job, rehearse: &Rehearse, writes: bool, cx: &Cx<'_>) -> Exit {
    match cx.account(rehearse, writes) {
        Ok(account) => perform(job, &account, cx),
        Err(exit) => exit,
    }
}

/// The same for a job that foretells what a deployment would do: a rehearsal starts from what is deployed.
pub(super) fn foretelling(job: impl Job, rehearse: &Rehearse, cx: &Cx<'_>) -> Exit {
    match cx.account(rehearse, true) {
        Ok(account) => perform(job, &account.foretelling(), cx),
        Err(exit) => exit,
    }
}

/// Does a job over AWS, or over the rehearsal account.
pub(super) fn perform(job: impl Job, account: &Account, cx: &Cx<'_>) -> Exit {
    let settings = match account {
        Account::Aws => return over_aws(job, cx),
        Account::Rehearsal(settings) => settings,
    };
    let deployed = deployed(settings.start(), cx);
    crate::cli::rehearsal::perform(settings, &deployed, cx.terminal, async |cloud, clock| {
        interruptible(job, cloud, clock, cx).await
    })
}

/// Does a job for a user who may press Ctrl-C.
async fn interruptible<C: Ports, K: Clock>(job: impl Job, cloud: C, clock: K, cx: &Cx<'_>) -> Exit {
    let (interrupted, mut interrupts) = (Rc::clone(&cx.interrupted), cx.terminal.interrupts());
    tokio::task::spawn_local(async move {
        while interrupts.next().await {
            interrupted.notify_waiters();
            interrupted.notify_one();
        }
    });
    match job.cut_short() {
        None => job.on(cloud, clock, cx).await,
        Some(exit) => tokio::select! {
            exit = job.on(cloud, clock, cx) => exit,
            () = cx.interrupted.notified() => exit,
        },
    }
}

#[cfg(feature = "aws")]
fn over_aws(job: impl Job, cx: &Cx<'_>) -> Exit {
    use crate::deploy::aws::SystemClock;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().expect("the system gives a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let cloud = connect(cx.options).await;
        match name_place(&cloud, cx).await {
            Ok(()) => interruptible(job, cloud, SystemClock, cx).await,
            Err(exit) => exit,
        }
    })
}

/// Somebody in a REPL may have another account in mind.
#[cfg(feature = "aws")]
async fn name_place(cloud: &impl Cloud, cx: &Cx<'_>) -> Result<(), Exit> {
    if cx.caller == Caller::Session && !cx.options.script.json {
        let place = cloud.place().await.map_err(|error| cx.refused(&error))?;
        cx.terminal.say(&crate::cli::screen::faint(&format!("AWS account {}, {}", place.account, place.region)));
    }
    Ok(())
}

/// The profile that the user names: on the command line, else in the environment.
pub(super) fn profile(given: &RunOptions) -> Option<String> {
    given.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok()).filter(|name| !name.is_empty())
}

/// The account of the user's credentials.
#[cfg(feature = "aws")]
pub(super) async fn connect(given: &RunOptions) -> crate::deploy::aws::Aws {
    use crate::deploy::aws::{Aws, NamedBy, Options, Profile};
    let named_by = if given.profile.is_some() { NamedBy::Option } else { NamedBy::Environment };
    let options = Options {
        profile: profile(given).map(|name| Profile { name, named_by }),
        region: given.region.clone(),
        endpoint_url: given.endpoint_url.clone().or_else(|| std::env::var("AWS_ENDPOINT_URL").ok()),
        template_bucket: given.template_bucket.clone(),
        registry_url: None,
        access_key: None,
    };
    Aws::connect(options).await
}

#[cfg(not(feature = "aws"))]
fn over_aws(_job: impl Job, cx: &Cx<'_>) -> Exit {
    cx.terminal.tell("this rtiler was built without the feature `aws`; `--rehearse`, or `:target rehearsal` in a session, needs no account");
    Exit::Usage
}
