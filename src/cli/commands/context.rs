//! Work that is the same over AWS and over the rehearsal account.

use std::rc::Rc;

use tokio::sync::Notify;

use super::rehearsal_baseline::deployed;
use crate::cfn::Template;
use crate::cli::account::rehearsal_account::TargetAccount;
use crate::cli::args::{Rehearse, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::recorder::Recorder;
use crate::cli::terminal::Terminal;
use crate::deploy::api::{AwsApi, AwsEnvironment, AwsError, Clock, CloudFormation};
use crate::deploy::diagnose::api_error::diagnose_api_error;
use crate::deploy::record::RunStarted;
use crate::deploy::{StopRequest, StopSignal, stop_channel};
use crate::diag::{Code, Diagnostic, SourceMap};
use crate::synth::{DesiredStack, with_parameters};

/// Work over an account.
pub(super) trait AccountCommand {
    /// How a command ends that Ctrl-C cuts short; none where it must be brought to an end in good order.
    fn cut_short(&self) -> Option<ExitStatus> {
        None
    }

    /// Does it.
    async fn on<C: AwsApi, K: Clock>(self, cloud: C, clock: K, cx: &CommandContext<'_>) -> ExitStatus;
}

/// What every job needs.
pub(super) struct CommandContext<'a> {
    /// The stacks of the script.
    pub(super) stacks: Vec<DesiredStack>,
    /// The script, as it was named.
    pub(super) script: String,
    /// Accounts that the script names, by stack.
    pub(super) accounts: Vec<(String, String)>,
    /// What problems point into.
    pub(super) sources: SourceMap,
    /// Where everything is printed.
    pub(super) terminal: &'a Terminal,
    /// The options of the command line.
    pub(super) options: &'a RunOptions,
    /// The flight recorder of what changes something.
    pub(super) recorder: Recorder,
    /// Completes when the user wants to go.
    pub(super) interrupted: Rc<Notify>,
}

impl<'a> CommandContext<'a> {
    /// The chosen stacks of a project; problems are printed.
    pub(super) fn new(
        project: Project,
        chosen: &[String],
        options: &'a RunOptions,
        terminal: &'a Terminal,
    ) -> Result<CommandContext<'a>, ExitStatus> {
        let script = project.script.clone();
        let (stacks, sources) = project.chosen(chosen, terminal)?;
        let accounts = stacks.iter().filter_map(|stack| Some((stack.name.clone(), stack.account.clone()?)));
        let accounts = accounts.collect();
        match with_parameters(stacks, &options.parameter) {
            Ok(stacks) => Ok(CommandContext {
                stacks,
                script,
                accounts,
                sources,
                terminal,
                options,
                recorder: Recorder::default(),
                interrupted: Rc::default(),
            }),
            Err(problems) => {
                terminal.problems(&problems, &sources);
                Err(ExitStatus::Usage)
            }
        }
    }

    /// The account that the command works on; what is wrong with what was asked of it is printed.
    pub(super) fn account(&self, rehearse: &Rehearse, writes: bool) -> Result<TargetAccount, ExitStatus> {
        let templates: Vec<&Template> = self.stacks.iter().map(|stack| &*stack.template).collect();
        TargetAccount::of(rehearse, &templates, self.options.region.as_deref(), writes).map_err(|problems| {
            self.tell(&problems);
            ExitStatus::Usage
        })
    }

    /// The wishes of a user whose Ctrl-C leaves what runs to AWS.
    pub(super) fn leaves(&self) -> StopSignal {
        let (wisher, wishes) = stop_channel();
        let interrupted = Rc::clone(&self.interrupted);
        tokio::task::spawn_local(async move {
            interrupted.notified().await;
            wisher.wish(StopRequest::Detach);
        });
        wishes
    }

    /// Records the operation that begins; `seed` is that of a rehearsal. The rest is written down
    /// by [`Operation`](super::operation::Operation).
    pub(super) fn record(&self, command: &str, seed: Option<u64>, place: Option<&AwsEnvironment>, clock: &impl Clock) {
        let begun = RunStarted {
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
        self.terminal.problems(problems, &self.sources);
    }

    /// Prints a refusal.
    pub(super) fn refused(&self, error: &AwsError) -> ExitStatus {
        self.tell(&[diagnose_api_error(error)]);
        ExitStatus::Aws
    }

    /// Refuses to go on in another account than the script names.
    pub(super) async fn right_account(&self, cloud: &impl CloudFormation) -> Result<(), ExitStatus> {
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
        Err(ExitStatus::Script)
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
pub(super) fn from_saved(
    job: impl AccountCommand,
    rehearse: &Rehearse,
    writes: bool,
    cx: &CommandContext<'_>,
) -> ExitStatus {
    match cx.account(rehearse, writes) {
        Ok(account) => perform(job, &account, cx),
        Err(exit) => exit,
    }
}

/// The same for a job that foretells what a deployment would do: a rehearsal starts from what is deployed.
pub(super) fn from_deployed(job: impl AccountCommand, rehearse: &Rehearse, cx: &CommandContext<'_>) -> ExitStatus {
    match cx.account(rehearse, true) {
        Ok(account) => perform(job, &account.foretelling(), cx),
        Err(exit) => exit,
    }
}

/// Does a job over AWS, or over the rehearsal account.
pub(super) fn perform(job: impl AccountCommand, account: &TargetAccount, cx: &CommandContext<'_>) -> ExitStatus {
    let settings = match account {
        TargetAccount::Aws => return over_aws(job, cx),
        TargetAccount::Rehearsal(settings) => settings,
    };
    let deployed = deployed(settings.start(), cx);
    crate::cli::account::rehearsal_account::perform(settings, &deployed, cx.terminal, async |cloud, clock| {
        interruptible(job, cloud, clock, cx).await
    })
}

/// Does a job for a user who may press Ctrl-C.
async fn interruptible<C: AwsApi, K: Clock>(
    job: impl AccountCommand,
    cloud: C,
    clock: K,
    cx: &CommandContext<'_>,
) -> ExitStatus {
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
fn over_aws(job: impl AccountCommand, cx: &CommandContext<'_>) -> ExitStatus {
    use crate::aws::SystemClock;
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
async fn name_place(cloud: &impl CloudFormation, cx: &CommandContext<'_>) -> Result<(), ExitStatus> {
    if cx.terminal.frontend().is_session() && !cx.options.script.json {
        let place = cloud.place().await.map_err(|error| cx.refused(&error))?;
        cx.terminal.say(&crate::cli::report::faint(&format!("AWS account {}, {}", place.account, place.region)));
    }
    Ok(())
}

/// The profile that the user names: on the command line, else in the environment.
pub(super) fn profile(given: &RunOptions) -> Option<String> {
    given.profile.clone().or_else(|| std::env::var("AWS_PROFILE").ok()).filter(|name| !name.is_empty())
}

/// The account of the user's credentials.
#[cfg(feature = "aws")]
pub(super) async fn connect(given: &RunOptions) -> crate::aws::Aws {
    use crate::aws::{Aws, NamedBy, Options, Profile};
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
fn over_aws(_job: impl AccountCommand, cx: &CommandContext<'_>) -> ExitStatus {
    cx.terminal.tell("this rtiler was built without the feature `aws`; `--rehearse`, or `:target rehearsal` in a session, needs no account");
    ExitStatus::Usage
}
