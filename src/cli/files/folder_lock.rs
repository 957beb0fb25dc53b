//! A lock of the operating system on a file of `.rtiler/`, which ends with the process.

use std::fs::{File, TryLockError};
use std::io::{Error, Read, Seek, Write};
use std::time::{Duration, Instant};

use super::StateFolder;

/// The lock, until it is dropped.
pub(crate) struct FolderLock(#[expect(dead_code, reason = "an open file is the lock")] Option<File>);

/// The reason why a lock is not given.
pub(crate) enum LockRefusal {
    /// Another process has it; with its note about itself.
    InUse(String),
    /// The file cannot be written.
    Unwritable(Error),
}

impl FolderLock {
    /// Waits for the lock on a file. `since` is written to the file for other processes; `waiting` is called once if the lock is
    /// not free. On a file system without locks there is none.
    pub(crate) fn take(
        folder: &StateFolder,
        name: &str,
        since: &str,
        longest: Duration,
        waiting: impl FnOnce(),
    ) -> Result<Self, LockRefusal> {
        let mut file = folder.open_or_create(name).map_err(LockRefusal::Unwritable)?;
        let started = Instant::now();
        let mut waiting = Some(waiting);
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::Error(_)) => return Ok(Self(None)),
                Err(TryLockError::WouldBlock) if started.elapsed() < longest => {
                    if let Some(waiting) = waiting.take() {
                        waiting();
                    }
                    std::thread::sleep(Duration::from_millis(20));
                }
                Err(TryLockError::WouldBlock) => return Err(LockRefusal::InUse(holder(&mut file))),
            }
        }
        let note = format!("process {} since {since}", std::process::id());
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(note.as_bytes()));
        written.map_err(LockRefusal::Unwritable)?;
        Ok(Self(Some(file)))
    }
}

/// Returns the note of the process that has the lock, as the end of a sentence; empty if there is none.
fn holder(file: &mut File) -> String {
    let mut holder = String::new();
    let _ = file.take(200).read_to_string(&mut holder);
    if holder.is_empty() { holder } else { format!(" by {holder}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(folder: &StateFolder, longest: Duration) -> (Result<FolderLock, LockRefusal>, bool) {
        let mut has_waited = false;
        let lock = FolderLock::take(folder, "a.lock", "now", longest, || has_waited = true);
        (lock, has_waited)
    }

    #[test]
    fn second_process_is_refused_after_its_time_and_gets_the_lock_when_it_is_free() {
        let project = tempfile::tempdir().expect("a folder");
        let folder = StateFolder::below(project.path());
        let (first, has_waited) = take(&folder, Duration::ZERO);
        assert!(first.is_ok() && !has_waited);
        let (second, has_waited) = take(&folder, Duration::from_millis(30));
        let Err(LockRefusal::InUse(holder)) = second else { panic!("a refusal") };
        assert!(has_waited && holder.contains(&format!("process {} since now", std::process::id())), "{holder}");
        drop(first);
        assert!(take(&folder, Duration::ZERO).0.is_ok());
    }
}
