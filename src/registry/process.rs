//! Runs a command with a limit of time and of output.

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// The end of a command.
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    /// The last lines of standard error.
    pub(super) stderr: String,
}

/// The bounds of a command.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds<'a> {
    /// The longest time that it may take.
    pub(super) longest: Duration,
    /// The largest output in bytes.
    pub(super) largest: usize,
    /// A folder that it may fill up to a size in bytes.
    pub(super) folder: Option<(&'a Path, u64)>,
}

/// The reason why a command did not end.
#[derive(Debug)]
pub(super) enum ProcessError {
    /// The program is not installed.
    Missing,
    /// It ran longer than the limit and was killed.
    TimedOut(Duration),
    /// It printed more than the limit and was killed.
    TooMuchOutput(usize),
    /// It filled its folder over the limit and was killed.
    FolderTooLarge(u64),
    /// It could not be started or read.
    Other(String),
}

/// The interval at which a running command is looked at.
const INTERVAL: Duration = Duration::from_millis(10);
/// The interval at which the folder of a running command is measured.
const FOLDER_INTERVAL: Duration = Duration::from_millis(250);
/// The maximum size of standard error that is kept in bytes.
const KEPT_ERRORS: usize = 4_096;

/// Runs a command to its end; `input` goes to its standard input.
pub(super) fn run(command: &mut Command, input: Vec<u8>, bounds: &Bounds<'_>) -> Result<Finished, ProcessError> {
    let Bounds { longest, largest, folder } = *bounds;
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ProcessError::Missing,
        _ => ProcessError::Other(error.to_string()),
    })?;
    let (Some(mut stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
    else {
        return Err(ProcessError::Other("it has no pipes".to_owned()));
    };
    // A command that exits early closes its input.
    std::thread::spawn(move || stdin.write_all(&input));
    let out = reader(stdout, largest.saturating_add(1));
    let errors = reader(stderr, usize::MAX);
    let deadline = Instant::now() + longest;
    let mut next_measure = Instant::now() + FOLDER_INTERVAL;
    let (mut stdout, mut status) = (None, None);
    while stdout.is_none() || status.is_none() {
        match out.recv_timeout(INTERVAL) {
            Ok(bytes) => stdout = Some(bytes),
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            // The output was received before.
            Err(mpsc::RecvTimeoutError::Disconnected) => std::thread::sleep(INTERVAL),
        }
        let too_much = stdout.as_ref().is_some_and(|bytes| bytes.len() > largest);
        status = child.try_wait().map_err(|error| ProcessError::Other(error.to_string()))?;
        if too_much || (Instant::now() > deadline && status.is_none()) {
            let _ = child.kill();
            let _ = child.wait();
            return Err(if too_much { ProcessError::TooMuchOutput(largest) } else { ProcessError::TimedOut(longest) });
        }
        if let Some((folder, largest)) = folder
            && Instant::now() > next_measure
        {
            if size_of(folder) > largest {
                let _ = child.kill();
                let _ = child.wait();
                return Err(ProcessError::FolderTooLarge(largest));
            }
            next_measure = Instant::now() + FOLDER_INTERVAL;
        }
        // A child of the command may hold the pipe open after its end.
        if status.is_some() && Instant::now() > deadline {
            return Err(ProcessError::TimedOut(longest));
        }
    }
    let (Some(stdout), Some(status)) = (stdout, status) else { return Err(ProcessError::TimedOut(longest)) };
    let stderr = errors.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    let from = stderr.len().saturating_sub(KEPT_ERRORS);
    Ok(Finished { status, stdout, stderr: String::from_utf8_lossy(&stderr[from..]).into_owned() })
}

/// Returns the size of all files below a folder in bytes.
fn size_of(folder: &Path) -> u64 {
    let mut size = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        size += match entry.metadata() {
            Ok(found) if found.is_dir() => size_of(&entry.path()),
            Ok(found) => found.len(),
            Err(_) => 0,
        };
    }
    size
}

/// Reads a pipe to its end or to a size on a thread of its own.
fn reader(mut pipe: impl Read + Send + 'static, largest: usize) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = pipe.by_ref().take(u64::try_from(largest).unwrap_or(u64::MAX)).read_to_end(&mut bytes);
        sender.send(bytes)
    });
    receiver
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str, longest: Duration, largest: usize) -> Result<Finished, ProcessError> {
        let bounds = Bounds { longest, largest, folder: None };
        run(Command::new("sh").args(["-c", script]), b"input".to_vec(), &bounds)
    }

    #[test]
    fn command_gets_its_input_and_returns_both_outputs() {
        let end = sh("cat; echo problem >&2; exit 3", Duration::from_mins(1), 100).expect("an end");
        assert_eq!(
            (end.status.code(), end.stdout.as_slice(), end.stderr.as_str()),
            (Some(3), &b"input"[..], "problem\n")
        );
    }

    #[test]
    fn command_that_takes_too_long_or_prints_too_much_is_ended() {
        let silent = sh("exec sleep 600", Duration::from_millis(100), 100);
        assert!(matches!(silent, Err(ProcessError::TimedOut(_))));
        let loud = sh("exec yes", Duration::from_mins(1), 1000);
        assert!(matches!(loud, Err(ProcessError::TooMuchOutput(1000))));
    }

    #[test]
    fn command_that_fills_its_folder_is_ended() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("pack")).expect("a folder");
        let script = format!("head -c 5000 /dev/zero > {}/pack/a; exec sleep 600", folder.path().display());
        let bounds = Bounds { longest: Duration::from_mins(5), largest: 100, folder: Some((folder.path(), 4_000)) };
        let end = run(Command::new("sh").args(["-c", &script]), Vec::new(), &bounds);
        assert!(matches!(end, Err(ProcessError::FolderTooLarge(4_000))));
    }

    #[test]
    fn missing_program_is_an_error() {
        let bounds = Bounds { longest: Duration::from_secs(1), largest: 1, folder: None };
        let missing = run(&mut Command::new("rtiler-no-such-program"), Vec::new(), &bounds);
        assert!(matches!(missing, Err(ProcessError::Missing)));
    }
}
