//! The lock of the rehearsal account: one process changes it at a time. It is a lock of the operating system on
//! `.rtiler/rehearsal.lock`, which ends with the process.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::time::{Duration, Instant};

use crate::cli::files::StateFolder;
use crate::diag::{Code, Diagnostic};

/// The longest time to wait for another process: a rehearsal in virtual time takes less than a second.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The lock, until it is dropped.
pub(crate) struct AccountLock(#[expect(dead_code, reason = "an open file is the lock")] Option<File>);

impl AccountLock {
    /// Waits for the lock; `since` is written to the file for other processes. On a file system without locks there is
    /// none.
    pub(crate) fn take(folder: &StateFolder, since: &str) -> Result<Self, Diagnostic> {
        let unwritable = |error: std::io::Error| unwritable(folder, &error);
        let mut file = folder.open_or_create("rehearsal.lock").map_err(unwritable)?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(_)) => return Ok(Self(None)),
                Err(TryLockError::WouldBlock) if started.elapsed() < TIMEOUT => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Err(in_use(&mut file)),
            }
        }
        let holder = format!("process {} since {since}", std::process::id());
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes()));
        written.map_err(unwritable)?;
        Ok(Self(Some(file)))
    }
}

fn in_use(file: &mut File) -> Diagnostic {
    let mut holder = String::new();
    let _ = file.take(200).read_to_string(&mut holder);
    let by = if holder.is_empty() { String::new() } else { format!(" by {holder}") };
    Diagnostic::new(Code::RehearsalInUse, format!("the rehearsal account of this folder is in use{by}"))
        .help("wait until that process has finished, or work in another directory, which has its own rehearsal account")
}

fn unwritable(folder: &StateFolder, error: &std::io::Error) -> Diagnostic {
    let folder = folder.path();
    let problem = Diagnostic::new(Code::FileUnwritable, format!("cannot write to `{}`: {error}", folder.display()));
    problem.help(
        "the rehearsal account and the records are saved there: fix the permissions, or work in another directory",
    )
}
