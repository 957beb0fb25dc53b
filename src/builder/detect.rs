use std::ffi::OsString;
use std::time::Duration;

use super::BuilderKind;
use super::commands::probes;
use super::process::{ProcessError, run};

/// The time in which a builder has to answer.
const LONGEST: Duration = Duration::from_secs(20);

/// The reason why a builder is not used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unusable {
    /// The program is not installed.
    Missing,
    /// It does not work, with its last line.
    Failed(String),
    /// Docker has no buildx.
    NoBuildx,
}

/// Returns the first of these builders that works, or the reason for each of them.
pub(super) async fn first_that_works(
    kinds: &[BuilderKind],
    search_path: Option<&OsString>,
) -> Result<BuilderKind, Vec<(BuilderKind, Unusable)>> {
    let mut unusable = Vec::new();
    for kind in kinds {
        match probe(*kind, search_path).await {
            Ok(()) => return Ok(*kind),
            Err(reason) => unusable.push((*kind, reason)),
        }
    }
    Err(unusable)
}

async fn probe(kind: BuilderKind, search_path: Option<&OsString>) -> Result<(), Unusable> {
    for (at, command) in probes(kind).into_iter().enumerate() {
        let finished = run(&command.found_in(search_path), None, LONGEST, &|_| ()).await;
        match finished {
            Ok(finished) if finished.status.success() => {}
            Ok(_) if kind == BuilderKind::Docker && at > 0 => return Err(Unusable::NoBuildx),
            Ok(finished) => return Err(Unusable::Failed(finished.last_lines.last().cloned().unwrap_or_default())),
            Err(ProcessError::Missing) => return Err(Unusable::Missing),
            Err(ProcessError::TimedOut(..)) => {
                return Err(Unusable::Failed(format!("no answer within {} s", LONGEST.as_secs())));
            }
            Err(ProcessError::Other(why)) => return Err(Unusable::Failed(why)),
        }
    }
    Ok(())
}
