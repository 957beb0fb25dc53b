//! The rehearsal account of a project: kept in `.rtiler/rehearsal.json` between runs, in virtual time.

use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use super::args::Deploy;
use super::exit::Exit;
use super::files::{read_text, write_whole};
use super::terminal::Terminal;
use crate::deploy::ports::Timestamp;
use crate::deploy::rehearsal::{Fault, Moment, Rehearsal, RehearsalClock, State};
use crate::script::Unreadable;

/// Where stacks are deployed to.
pub(crate) enum Account {
    /// AWS, with the user's credentials.
    Aws,
    /// The rehearsal account.
    Rehearsal(Settings),
}

/// How a rehearsal goes.
pub(crate) struct Settings {
    seed: u64,
    /// How fast time passes; as fast as it can when not set.
    speed: Option<f64>,
    region: String,
    faults: Vec<Fault>,
    /// Whether the command changes the account.
    writes: bool,
}

/// The region of a rehearsal where nobody names one.
const REGION: &str = "us-east-1";

impl Account {
    /// The account of a command with nothing but `--rehearse`.
    pub(crate) fn plain(rehearse: bool, region: Option<&str>, writes: bool) -> Self {
        if !rehearse {
            return Self::Aws;
        }
        let region = region.unwrap_or(REGION).to_owned();
        Self::Rehearsal(Settings { seed: 1, speed: None, region, faults: Vec::new(), writes })
    }

    /// The same, where a rehearsal's time passes so many times as fast as that on the wall.
    pub(crate) fn at_speed(self, speed: f64) -> Self {
        match self {
            Self::Aws => Self::Aws,
            Self::Rehearsal(settings) => Self::Rehearsal(Settings { speed: Some(speed), ..settings }),
        }
    }

    /// The account of `deploy` with its options.
    pub(crate) fn for_deploy(args: &Deploy, region: Option<&str>) -> Self {
        match Self::plain(args.rehearse.rehearse, region, true) {
            Self::Aws => Self::Aws,
            Self::Rehearsal(settings) => Self::Rehearsal(Settings {
                seed: args.seed,
                speed: args.speed,
                faults: args.fault.iter().flat_map(|fault| faults(fault)).collect(),
                ..settings
            }),
        }
    }
}

/// `Resource` or `Resource:reason`: fails when it is made or changed.
fn faults(written: &str) -> [Fault; 2] {
    let (resource, reason) = written.split_once(':').unwrap_or((written, "failed on request (--fault)"));
    [Fault::once(resource, Moment::Create, reason), Fault::once(resource, Moment::Update, reason)]
}

fn file() -> PathBuf {
    Path::new(".rtiler").join("rehearsal.json")
}

/// Does work over the rehearsal account, and saves what came of it.
pub(crate) fn perform<F>(settings: &Settings, terminal: &Terminal, work: F) -> Exit
where
    F: AsyncFnOnce(Rehearsal<RehearsalClock>, RehearsalClock) -> Exit,
{
    let saved = match load(terminal) {
        Ok(saved) => saved,
        Err(exit) => return exit,
    };
    let now = Timestamp::default() + SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let state = saved.unwrap_or_else(|| State::new(settings.seed));
    let start = state.now.max(now);
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(settings.speed.is_none());
    let runtime = builder.build().expect("the system gives a runtime");
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let clock = RehearsalClock::new(start, settings.speed.unwrap_or(1.0));
        let account = Rehearsal::new(state, clock, &settings.region, settings.faults.clone());
        let exit = work(account.clone(), clock).await;
        if !settings.writes {
            return exit;
        }
        match save(&account.state()) {
            Ok(()) => exit,
            Err(error) => {
                terminal.tell(&format!("the rehearsal account could not be saved to {}: {error}", file().display()));
                Exit::Script
            }
        }
    })
}

fn load(terminal: &Terminal) -> Result<Option<State>, Exit> {
    let text = match read_text(&file()) {
        Ok(text) => text,
        Err(Unreadable::Missing) => return Ok(None),
        // What is no text is no account either, and goes the same way.
        Err(Unreadable::NotText(_)) => String::new(),
        Err(why) => {
            terminal.problems(&[why.problem(&file().display().to_string())], &crate::diag::Sources::default());
            return Err(Exit::Script);
        }
    };
    match serde_json::from_str::<State>(&text) {
        Ok(saved) if saved.version == State::VERSION => Ok(Some(saved)),
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

fn save(state: &State) -> std::io::Result<()> {
    write_whole(&file(), &serde_json::to_string(state).map_err(std::io::Error::other)?)
}
