//! The rehearsal account of a project: kept in `.rtiler/rehearsal.json` between runs, in virtual time.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::account_lock::AccountLock;
use crate::cfn::Template;
use crate::cli::args::{Baseline as StartFrom, Rehearse};
use crate::cli::exit::ExitStatus;
use crate::cli::files::{read_text, write_whole};
use crate::cli::terminal::Terminal;
use crate::deploy::api::{Clock, Timestamp};
use crate::diag::Diagnostic;
use crate::rehearsal::{AccountState, CallKind, DeployedSnapshot, FaultSpec, FaultyApi, Rehearsal, RehearsalClock};
use crate::script::LoadError;

/// Where stacks are deployed to.
pub(crate) enum TargetAccount {
    /// AWS, with the user's credentials.
    Aws,
    /// The rehearsal account.
    Rehearsal(RehearsalOptions),
}

/// The rehearsal account as commands reach it.
pub(crate) type RehearsalApi = FaultyApi<Rehearsal<RehearsalClock>, RehearsalClock>;

/// What a rehearsal starts from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Baseline {
    /// What was rehearsed before: so do commands that only look.
    Rehearsed,
    /// What is deployed where credentials are at hand: so do commands that are asked about the future.
    AtHand,
    /// What the user says.
    Said(StartFrom),
}

/// How a rehearsal goes.
pub(crate) struct RehearsalOptions {
    seed: u64,
    /// How fast time passes; as fast as it can when not set.
    speed: Option<f64>,
    region: String,
    asked: FaultSpec,
    start: Baseline,
    /// Whether the command changes the account.
    writes: bool,
}

/// The region of a rehearsal where nobody names one.
const REGION: &str = "us-east-1";

impl TargetAccount {
    /// The account of a command with nothing but `--rehearse`.
    pub(crate) fn plain(rehearse: bool, region: Option<&str>, writes: bool) -> Self {
        if !rehearse {
            return Self::Aws;
        }
        let region = region.unwrap_or(REGION).to_owned();
        Self::Rehearsal(RehearsalOptions {
            seed: 1,
            speed: None,
            region,
            asked: FaultSpec::default(),
            start: Baseline::Rehearsed,
            writes,
        })
    }

    /// The same for a command that is asked about the future: it starts from what is deployed, where nothing else is said.
    pub(crate) fn foretelling(self) -> Self {
        match self {
            Self::Aws => Self::Aws,
            Self::Rehearsal(settings) => {
                let start = match settings.start {
                    Baseline::Rehearsed => Baseline::AtHand,
                    said => said,
                };
                Self::Rehearsal(RehearsalOptions { start, ..settings })
            }
        }
    }

    /// The account of a command with all that is said of its rehearsal; `templates` have what can go wrong.
    pub(crate) fn of(
        args: &Rehearse,
        templates: &[&Template],
        region: Option<&str>,
        writes: bool,
    ) -> Result<Self, Vec<Diagnostic>> {
        let asked = FaultSpec::parse(&args.fault, templates)?;
        Ok(match Self::plain(args.rehearse, region, writes) {
            Self::Aws => Self::Aws,
            Self::Rehearsal(settings) => Self::Rehearsal(RehearsalOptions {
                seed: args.seed,
                speed: args.speed,
                asked,
                start: args.from.map_or(Baseline::Rehearsed, Baseline::Said),
                ..settings
            }),
        })
    }
}

impl RehearsalOptions {
    /// What the rehearsal starts from.
    pub(crate) fn start(&self) -> Baseline {
        self.start
    }
}

fn file() -> PathBuf {
    Path::new(".rtiler").join("rehearsal.json")
}

/// Does work over the rehearsal account, and saves what came of it: after each call that changes it, so that whoever is
/// killed loses nothing.
pub(crate) fn perform<F>(
    settings: &RehearsalOptions,
    deployed: &[DeployedSnapshot],
    terminal: &Terminal,
    work: F,
) -> ExitStatus
where
    F: AsyncFnOnce(RehearsalApi, RehearsalClock) -> ExitStatus,
{
    let now = Timestamp::default() + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let lock = settings.writes.then(|| AccountLock::take(&file().with_extension("lock"), &now.to_string())).transpose();
    let _held = match lock {
        Ok(held) => held,
        Err(problem) => {
            terminal.problems(&[problem], &crate::diag::SourceMap::default());
            return ExitStatus::Script;
        }
    };
    let saved = match load(terminal) {
        Ok(saved) => saved.filter(|_| settings.start != Baseline::Said(StartFrom::Empty)),
        Err(exit) => return exit,
    };
    let region = deployed.first().map_or(&settings.region, |first| &first.place.region).clone();
    let state = saved.unwrap_or_else(|| AccountState::new(settings.seed));
    let start = state.now.max(now);
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(settings.speed.is_none());
    let runtime = builder.build().expect("the system gives a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let clock = RehearsalClock::new(start, settings.speed.unwrap_or(1.0));
        let account = Rehearsal::new(state, clock, &region, settings.asked.faults.clone());
        for stack in deployed {
            account.adopt(stack);
        }
        let heard = heard(settings, &account);
        let exit = tokio::select! {
            biased;
            () = killed(settings.asked.kill_at, clock) => ExitStatus::Killed,
            exit = work(FaultyApi::new(account.clone(), clock, settings.asked.faults.weather, settings.seed, heard), clock) => exit,
        };
        if matches!(exit, ExitStatus::Ok | ExitStatus::Aws | ExitStatus::RolledBack | ExitStatus::ChildExit(_)) {
            let mut idle = account.idle_faults();
            idle.extend(settings.asked.too_late(clock.now().since(start)));
            terminal.problems(&idle, &crate::diag::SourceMap::default());
        }
        if !settings.writes {
            return exit;
        }
        match save(&account.state()) {
            Ok(()) => exit,
            Err(error) => {
                terminal.tell(&format!("the rehearsal account could not be saved to {}: {error}", file().display()));
                ExitStatus::Script
            }
        }
    })
}

/// Saves the account as calls change it. Where time passes for a watcher, what passes by itself is saved, too.
fn heard(settings: &RehearsalOptions, account: &Rehearsal<RehearsalClock>) -> impl Fn(CallKind) + 'static {
    let (writes, watched, account) = (settings.writes, settings.speed.is_some(), account.clone());
    let seen = std::cell::Cell::new(0);
    move |touch| {
        let happened = account.happened();
        if writes && (touch == CallKind::Changes || (watched && seen.replace(happened) != happened)) {
            // What cannot be saved now is told at the end.
            let _ = save(&account.state());
        }
    }
}

/// Completes when the process is to end.
async fn killed(at: Option<Duration>, clock: RehearsalClock) {
    match at {
        Some(at) => clock.sleep(at).await,
        None => std::future::pending().await,
    }
}

fn load(terminal: &Terminal) -> Result<Option<AccountState>, ExitStatus> {
    let text = match read_text(&file()) {
        Ok(text) => text,
        Err(LoadError::Missing) => return Ok(None),
        // What is no text is no account either, and goes the same way.
        Err(LoadError::NotText(_)) => String::new(),
        Err(why) => {
            terminal.problems(&[why.problem(&file().display().to_string())], &crate::diag::SourceMap::default());
            return Err(ExitStatus::Script);
        }
    };
    match serde_json::from_str::<AccountState>(&text) {
        Ok(saved) if saved.version == AccountState::VERSION => Ok(Some(saved)),
        _ => {
            let aside = file().with_extension("json.unreadable");
            let _ = std::fs::rename(file(), &aside);
            terminal.tell(&format!(
                "the rehearsal account was unreadable and is now {}; a new one begins",
                aside.display()
            ));
            Ok(None)
        }
    }
}

fn save(state: &AccountState) -> std::io::Result<()> {
    write_whole(&file(), &serde_json::to_string(state).map_err(std::io::Error::other)?)
}
