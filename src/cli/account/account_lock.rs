//! Who changes the rehearsal account: one process at a time, by a lock of the operating system on
//! `.rtiler/rehearsal.lock`. It goes with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::diag::{Code, Diagnostic};

/// How long another process is waited for: a rehearsal in virtual time takes well under a second.
const PATIENCE: Duration = Duration::from_secs(10);

/// The account is ours until this is dropped.
pub(crate) struct AccountLock(#[expect(dead_code, reason = "an open file is the lock")] Option<File>);

impl AccountLock {
    /// Waits for the account; `since` is written down for whoever comes next. Where a file system knows no locks there is
    /// none.
    pub(crate) fn take(path: &Path, since: &str) -> Result<Self, Diagnostic> {
        let unwritable = |error: std::io::Error| unwritable(path, &error);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(unwritable)?;
        }
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(unwritable)?;
        let began = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(_)) => return Ok(Self(None)),
                Err(TryLockError::WouldBlock) if began.elapsed() < PATIENCE => {
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
        .help("wait until it has ended; in another working directory there is another rehearsal account")
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostic {
    let folder = path.parent().unwrap_or(path).display();
    let problem = Diagnostic::new(Code::FileUnwritable, format!("`{folder}` cannot be written: {error}"));
    problem
        .help("the rehearsal account and the records are kept there: move what is in the way, or go to another folder")
}
