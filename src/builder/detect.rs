use std::ffi::OsString;
use std::fmt;
use std::time::Duration;

use super::BuilderKind;
use super::commands::probes;
use super::process::{ProcessError, run};

/// The time in which a builder has to answer before a build.
pub(super) const LONGEST: Duration = Duration::from_secs(20);

/// The reason why a builder is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// The program is not installed.
    Missing,
    /// It does not work, with its last line.
    Failed(String),
    /// Docker has no buildx.
    NoBuildx,
}

impl Unusable {
    /// Returns what to do about it.
    pub fn remedy(&self, kind: BuilderKind) -> &'static str {
        match self {
            Self::NoBuildx => {
                "install the package docker-buildx (Debian) or docker-buildx-plugin (Docker's own packages)"
            }
            Self::Missing | Self::Failed(_) => kind.remedy(),
        }
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => out.write_str("it is not installed"),
            Self::Failed(line) => out.write_str(line),
            Self::NoBuildx => out.write_str("it has no buildx"),
        }
    }
}

/// Returns the first of these builders that works, or the reason for each of them. Each has `longest` to answer; `search_path` are the
/// folders of the programs (`PATH`), those of the process unless set.
///
/// # Errors
///
/// The builders with the reasons, if none works.
pub async fn first_that_works(
    kinds: &[BuilderKind],
    search_path: Option<&OsString>,
    longest: Duration,
) -> Result<BuilderKind, Vec<(BuilderKind, Unusable)>> {
    let mut unusable = Vec::new();
    for kind in kinds {
        match probe(*kind, search_path, longest).await {
            Ok(()) => return Ok(*kind),
            Err(reason) => unusable.push((*kind, reason)),
        }
    }
    Err(unusable)
}

async fn probe(kind: BuilderKind, search_path: Option<&OsString>, longest: Duration) -> Result<(), Unusable> {
    for (at, command) in probes(kind).into_iter().enumerate() {
        let finished = run(&command.found_in(search_path), None, longest, &|_| ()).await;
        match finished {
            Ok(finished) if finished.status.success() => {}
            Ok(_) if kind == BuilderKind::Docker && at > 0 => return Err(Unusable::NoBuildx),
            Ok(finished) => return Err(Unusable::Failed(finished.last_lines.last().cloned().unwrap_or_default())),
            Err(ProcessError::Missing) => return Err(Unusable::Missing),
            Err(ProcessError::TimedOut(..)) => {
                return Err(Unusable::Failed(format!("no answer within {} s", longest.as_secs())));
            }
            Err(ProcessError::Other(why)) => return Err(Unusable::Failed(why)),
        }
    }
    Ok(())
}
