//! The lock of the rehearsal account: one process changes it at a time. It is a lock of the operating system on
//! `.rtiler/rehearsal.lock`, which ends with the process.

use std::time::Duration;

use crate::cli::files::{FolderLock, LockRefusal, StateFolder};
use crate::diag::{Code, Diagnostic};

/// The longest time to wait for another process: a rehearsal in virtual time takes less than a second.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Waits for the lock; `since` is written to the file for other processes.
pub(super) fn take(folder: &StateFolder, since: &str) -> Result<FolderLock, Diagnostic> {
    FolderLock::take(folder, "rehearsal.lock", since, TIMEOUT, || {}).map_err(|refusal| match refusal {
        LockRefusal::InUse(by) => in_use(&by),
        LockRefusal::Unwritable(error) => unwritable(folder, &error),
    })
}

fn in_use(by: &str) -> Diagnostic {
    Diagnostic::new(Code::RehearsalInUse, format!("the rehearsal account of this folder is in use{by}"))
        .help("wait until that process has finished, or work in another directory, which has its own rehearsal account")
}

fn unwritable(folder: &StateFolder, error: &std::io::Error) -> Diagnostic {
    let problem = Diagnostic::new(Code::FileUnwritable, format!("cannot write to `{}`: {error}", folder.shown()));
    problem.help(
        "the rehearsal account and the records are saved there: fix the permissions, or work in another directory",
    )
}
