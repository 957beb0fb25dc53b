//! Runs commands with limits of time and output. A command has a process group of its own, which ends with it.

use std::collections::VecDeque;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};

use super::commands::CommandLine;

/// The number of lines of output that are kept.
const KEPT_LINES: usize = 20;
/// The maximum length of a line of output in bytes; the rest of a longer one is left out.
const LONGEST_LINE: usize = 2_000;
/// The time between the request to end and the end by force.
const GRACE: Duration = Duration::from_secs(2);

/// The end of a command.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) status: ExitStatus,
    /// The last lines of both outputs, in the order in which they came.
    pub(super) last_lines: Vec<String>,
}

/// The reason why a command did not end by itself.
#[derive(Debug)]
pub(super) enum ProcessError {
    /// The program is not installed.
    Missing,
    /// It ran longer than the limit, and was ended; with its last lines.
    TimedOut(Duration, Vec<String>),
    /// It could not be started or read.
    Other(String),
}

/// A running process group, which ends when this value is dropped.
struct Group(Child);

/// Both outputs of a process in one pipe, so that their lines have the order in which it wrote them.
type Output = tokio::net::unix::pipe::Receiver;

impl Drop for Group {
    fn drop(&mut self) {
        let Some(group) = self.0.id().and_then(|id| Pid::from_raw(id.cast_signed())) else { return };
        // The builder cancels its work and removes what it prepared; one that does not is ended by force.
        let _ = kill_process_group(group, Signal::TERM);
        let pause = Duration::from_millis(20);
        for _ in 0..GRACE.as_millis() / pause.as_millis() {
            if !matches!(self.0.try_wait(), Ok(None)) {
                break;
            }
            std::thread::sleep(pause);
        }
        let _ = kill_process_group(group, Signal::KILL);
    }
}

/// Runs a command to its end. `input` goes to its standard input; `output` gets each line.
///
/// # Errors
///
/// The reason why it did not end by itself.
pub(super) async fn run(
    line: &CommandLine,
    input: Option<&str>,
    longest: Duration,
    output: &dyn Fn(&str),
) -> Result<Finished, ProcessError> {
    let other = |error: std::io::Error| ProcessError::Other(error.to_string());
    let (mut group, written) = spawn(line, input.is_some())?;
    let stdin = group.0.stdin.take();
    let tail = std::cell::RefCell::new(VecDeque::new());
    let keep = |line: &str| {
        let mut tail = tail.borrow_mut();
        if tail.len() == KEPT_LINES {
            tail.pop_front();
        }
        tail.push_back(line.to_owned());
        output(line);
    };
    let write = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // A command that ends early closes its input.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    let work = async {
        tokio::join!(write, lines(written, &keep));
        group.0.wait().await
    };
    let ended = tokio::time::timeout(longest, work).await;
    let last_lines = tail.take().into();
    match ended {
        Ok(status) => Ok(Finished { status: status.map_err(other)?, last_lines }),
        Err(_) => Err(ProcessError::TimedOut(longest, last_lines)),
    }
}

/// Starts a command in a process group of its own.
fn spawn(line: &CommandLine, has_input: bool) -> Result<(Group, Output), ProcessError> {
    let other = |error: std::io::Error| ProcessError::Other(error.to_string());
    let (reader, writer) = std::io::pipe().map_err(other)?;
    let output = Output::from_owned_fd(reader.into()).map_err(other)?;
    let mut command = Command::new(&line.program);
    command.args(&line.args).envs(line.variables.iter().map(|(name, value)| (name, value)));
    command.stdin(if has_input { Stdio::piped() } else { Stdio::null() });
    command.stdout(writer.try_clone().map_err(other)?).stderr(writer).process_group(0).kill_on_drop(true);
    // The command owns the other ends of the pipe and is dropped here: reading ends when the process has closed them.
    let child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => ProcessError::Missing,
        _ => other(error),
    })?;
    Ok((Group(child), output))
}

/// Reads an output to its end, line by line. A carriage return ends a line, too: progress bars overwrite their line.
async fn lines(pipe: impl AsyncRead + Unpin, keep: &dyn Fn(&str)) {
    let (mut reader, mut line) = (BufReader::new(pipe), Vec::new());
    let emit = |line: &mut Vec<u8>| {
        let text = String::from_utf8_lossy(line);
        if !text.trim().is_empty() {
            keep(text.trim_end());
        }
        line.clear();
    };
    while let Ok(block) = reader.fill_buf().await {
        if block.is_empty() {
            break;
        }
        for byte in block {
            match byte {
                b'\n' | b'\r' => emit(&mut line),
                _ if line.len() < LONGEST_LINE => line.push(*byte),
                _ => {}
            }
        }
        let read = block.len();
        reader.consume(read);
    }
    emit(&mut line);
}
