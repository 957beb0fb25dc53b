//! The rehearsal account of a project: saved to `.rtiler/rehearsal.json` between runs, in virtual time.

use std::cell::Cell;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::runtime::{Builder, Runtime};

use super::account_lock;
use super::assumptions;
use super::save_pace::SavePace;
use super::target::RehearsalOptions;
use crate::cli::args::Baseline;
use crate::cli::exit::ExitStatus;
use crate::cli::files::{FolderLock, StateFolder};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{CallKind, Clock, Timestamp};
use crate::diag::{Code, SourceMap};
use crate::rehearsal::{AccountState, DeployedSnapshot, FaultyApi, Rehearsal, RehearsalClock};
use crate::script::LoadError;

/// The file of the saved account.
const FILE: &str = "rehearsal.json";

/// The rehearsal account as commands reach it.
pub(crate) type RehearsalApi = FaultyApi<Rehearsal<RehearsalClock>, RehearsalClock>;

/// The access of a command to its account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The command reads only.
    Read,
    /// The command changes the account: of the rehearsal account, it is the only user meanwhile.
    Write,
}

/// The state that a rehearsal starts from.
pub(crate) struct RehearsalStart {
    /// The saved state, or an empty account.
    pub(crate) baseline: Baseline,
    /// The deployed stacks that are copied into the account.
    pub(crate) deployed: Vec<DeployedSnapshot>,
}

/// Runs a command on the rehearsal account and saves the result. The account is also saved after calls that change it, as often as
/// [`SavePace`] says, so that little is lost when the process is killed.
pub(crate) fn with_rehearsal_account<F>(
    options: &RehearsalOptions,
    access: Access,
    start: &RehearsalStart,
    terminal: &Terminal,
    command: F,
) -> ExitStatus
where
    F: AsyncFnOnce(RehearsalApi, RehearsalClock) -> ExitStatus,
{
    // A whole second: times that are rounded to seconds are then rounded alike in each run with the same seed.
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timestamp::default() + Duration::from_secs(since_epoch.as_secs());
    let _lock = match lock(access, now, terminal) {
        Ok(lock) => lock,
        Err(exit) => return exit,
    };
    let state = match start.baseline {
        Baseline::Empty => None,
        Baseline::Saved | Baseline::Deployed => match load(terminal) {
            Ok(saved) => saved,
            Err(exit) => return exit,
        },
    };
    let mut state = state.unwrap_or_else(|| AccountState::new(options.seed));
    let assumed = options.assumes_region && start.deployed.is_empty();
    state.assumed_region = assumed.then(|| options.region.clone());
    let begin = state.now.max(now);
    let region = start.deployed.first().map_or(&options.region, |first| &first.place.region).clone();
    tokio::task::LocalSet::new().block_on(&runtime(options), async {
        let clock = RehearsalClock::new(begin, options.speed.unwrap_or(1.0));
        let account = Rehearsal::new(state, clock, &region, options.faults.faults.clone());
        account.assume(&options.assumptions);
        for stack in &start.deployed {
            account.import_deployed(stack);
        }
        let on_call = save_on_change(options, access, &account);
        let api = FaultyApi::new(account.clone(), clock, options.faults.faults.api, options.seed, on_call);
        let exit = tokio::select! {
            biased;
            () = killed(options.faults.kill_at, clock) => ExitStatus::Killed,
            exit = command(api, clock) => exit,
        };
        assumptions::report_defaults(&account, terminal);
        if access == Access::Write && exit == ExitStatus::Ok {
            assumptions::report_unused(&account, terminal);
        }
        report_unused_faults(options, &account, clock.now().since(begin), exit, terminal);
        if access == Access::Read { exit } else { save_at_end(&account, exit, terminal) }
    })
}

/// Returns a runtime in virtual time, unless the speed is set.
fn runtime(options: &RehearsalOptions) -> Runtime {
    let mut builder = Builder::new_current_thread();
    builder.enable_all().start_paused(options.speed.is_none());
    builder.build().expect("the system provides a runtime")
}

fn lock(access: Access, now: Timestamp, terminal: &Terminal) -> Result<Option<FolderLock>, ExitStatus> {
    if access == Access::Read {
        return Ok(None);
    }
    account_lock::take(&StateFolder::of_project(), &now.to_string()).map(Some).map_err(|problem| {
        terminal.problems(&[problem], &SourceMap::default());
        ExitStatus::Script
    })
}

/// Returns the path of the saved account, to be printed.
fn file() -> String {
    StateFolder::of_project().shown_file(FILE)
}

/// Returns what saves the account as calls change it. In real time, changes that come with time are saved, too.
fn save_on_change(
    options: &RehearsalOptions,
    access: Access,
    account: &Rehearsal<RehearsalClock>,
) -> impl Fn(CallKind) + 'static {
    let (real_time, account) = (options.speed.is_some(), account.clone());
    let (saved, pace) = (Cell::new(0), SavePace::default());
    move |call| {
        let revision = account.revision();
        if access == Access::Write && (call == CallKind::Write || (real_time && saved.get() != revision)) {
            // A failure is reported at the end.
            if pace.save(|| drop(save(&account.state()))) {
                saved.set(revision);
            }
        }
    }
}

/// Completes when the process is to be killed.
async fn killed(at: Option<Duration>, clock: RehearsalClock) {
    match at {
        Some(at) => clock.sleep(at).await,
        None => std::future::pending().await,
    }
}

/// Reports faults that had no effect, once the command is complete.
fn report_unused_faults(
    options: &RehearsalOptions,
    account: &Rehearsal<RehearsalClock>,
    elapsed: Duration,
    exit: ExitStatus,
    terminal: &Terminal,
) {
    if matches!(exit, ExitStatus::Ok | ExitStatus::Aws | ExitStatus::RolledBack | ExitStatus::ChildExit(_)) {
        let mut unused = account.unused_faults();
        unused.extend(options.faults.too_late(elapsed));
        terminal.problems(&unused, &SourceMap::default());
    }
}

fn save_at_end(account: &Rehearsal<RehearsalClock>, exit: ExitStatus, terminal: &Terminal) -> ExitStatus {
    match save(&account.state()) {
        Ok(()) => exit,
        Err(error) => {
            let message = format!("cannot save the rehearsal account to {}: {error}", file());
            terminal.failure(Code::FileUnwritable, &message);
            ExitStatus::Script
        }
    }
}

/// Reads the saved account. One that cannot be used is left as it is.
fn load(terminal: &Terminal) -> Result<Option<AccountState>, ExitStatus> {
    let reason = match StateFolder::of_project().read_text(FILE) {
        Ok(text) => match AccountState::read(&text) {
            Ok(saved) => return Ok(Some(saved)),
            Err(reason) => reason,
        },
        Err(LoadError::Missing) => return Ok(None),
        Err(LoadError::TooLarge(bytes)) => format!("it is too large ({:.1} MB)", LoadError::megabytes(bytes)),
        Err(LoadError::NotText(_)) => "it is not text".to_owned(),
        Err(why) => {
            terminal.problems(&[why.problem(&file())], &SourceMap::default());
            return Err(ExitStatus::Script);
        }
    };
    let message = format!("the rehearsal account `{}` cannot be used: {reason}", file());
    terminal.error(&message, "start with an empty account: add `--from empty` to `deploy --rehearse`");
    Err(ExitStatus::Script)
}

fn save(state: &AccountState) -> std::io::Result<()> {
    StateFolder::of_project().write_whole(FILE, &serde_json::to_string(state).map_err(std::io::Error::other)?)
}
