//! The lock of the packages of a project: one process changes `rtiler.toml` and `rtiler.lock` at a time.

use std::path::Path;
use std::time::Duration;

use crate::cli::files::{FolderLock, LockRefusal, StateFolder};
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic};

/// The longest time to wait for another process, which may fetch packages or ask its user.
const TIMEOUT: Duration = Duration::from_mins(2);

/// Waits for the lock of the project in a folder, which is held until the result is dropped.
///
/// # Errors
///
/// Another process has it for too long; the error of the system.
pub(super) fn lock(folder: &Path, terminal: &Terminal) -> Result<FolderLock, Diagnostic> {
    let state = StateFolder::below(folder);
    let since = jiff::Timestamp::now().to_string();
    let waiting = || terminal.status("waiting for another command that changes the packages of this project");
    FolderLock::take(&state, "packages.lock", &since, TIMEOUT, waiting).map_err(|refusal| match refusal {
        LockRefusal::InUse(by) => {
            let message = format!("the packages of this project are being changed{by}; nothing was changed");
            Diagnostic::new(Code::ProjectInUse, message).help("wait until that process has finished, or end it")
        }
        LockRefusal::Unwritable(error) => {
            let message = format!("cannot write to `{}`: {error}", state.shown());
            Diagnostic::new(Code::FileUnwritable, message)
        }
    })
}
