//! The streams of the process.
//!
//! *Invariant*: the only file that writes to stdout and stderr, and it writes [`Painted`] texts only. A test of the
//! architecture keeps it.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstream::{AutoStream, ColorChoice};
use terminal_size::{Height, Width, terminal_size_of};

use crate::printable::{Painted, Printable};

/// Whether stdout was closed when the process started. The runtime of Rust opens `/dev/null` in its place, so that writing
/// to it succeeds.
static OUTPUT_WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// A stream of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    /// stdout, for results.
    Output,
    /// stderr, for progress, questions and diagnostics.
    Status,
}

/// Notes whether stdout is closed. Called before `main`, and before the runtime of Rust.
pub fn note_closed_output() {
    OUTPUT_WAS_CLOSED.store(output().is_err(), Ordering::Relaxed);
}

impl Stream {
    /// Returns whether the stream is a terminal.
    pub(crate) fn is_terminal(self) -> bool {
        match self {
            Self::Output => io::stdout().is_terminal(),
            Self::Status => io::stderr().is_terminal(),
        }
    }

    /// Returns the columns and rows of the terminal; `None` for a pipe.
    pub(crate) fn size(self) -> Option<(usize, usize)> {
        let size = match self {
            Self::Output => terminal_size_of(io::stdout()),
            Self::Status => terminal_size_of(io::stderr()),
        };
        size.map(|(Width(columns), Height(rows))| (usize::from(columns), usize::from(rows)))
    }

    /// Returns the columns of the terminal; `None` for a pipe, and for a terminal that does not know its size.
    pub(super) fn columns(self) -> Option<usize> {
        self.size().map(|(columns, _)| columns).filter(|columns| *columns >= 20)
    }

    /// Returns whether the stream shows colours.
    pub(super) fn has_color(self, choice: ColorChoice) -> bool {
        let choice = match (choice, self) {
            (ColorChoice::Auto, Self::Output) => AutoStream::choice(&io::stdout()),
            (ColorChoice::Auto, Self::Status) => AutoStream::choice(&io::stderr()),
            (choice, _) => choice,
        };
        choice != ColorChoice::Never
    }

    /// Writes a text.
    pub(super) fn write(self, text: &Painted) -> io::Result<()> {
        match self {
            Self::Output if text.as_str().is_empty() => Ok(()),
            Self::Output if OUTPUT_WAS_CLOSED.load(Ordering::Relaxed) => Err(io::Error::other("it is closed")),
            Self::Output => {
                let mut stream = output()?;
                stream.write_all(text.as_str().as_bytes()).and_then(|()| stream.flush())
            }
            Self::Status => {
                let mut stream = io::stderr().lock();
                stream.write_all(text.as_str().as_bytes()).and_then(|()| stream.flush())
            }
        }
    }
}

/// Returns stdout as a file: the stream of the standard library ignores that it is not open for writing.
#[cfg(unix)]
fn output() -> io::Result<std::fs::File> {
    use std::os::fd::AsFd;
    Ok(std::fs::File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

/// Returns stdout.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps, reason = "it fails on other systems")]
fn output() -> io::Result<io::Stdout> {
    Ok(io::stdout())
}

/// Ends the mode in which the terminal marks pasted text, which the line editor starts.
pub(crate) fn end_bracketed_paste() {
    /// Control function DECRST 2004 of xterm ("Control Sequences", bracketed paste mode).
    const END: &[u8] = b"\x1b[?2004l";
    if io::stdout().is_terminal() {
        // The terminal may be gone.
        let _ = io::stdout().write_all(END);
    }
}

/// Moves the cursor of a terminal up by some rows, and clears what is below.
pub(crate) fn clear_rows_above(rows: usize) {
    let mut out = io::stdout().lock();
    let _ = write!(out, "\x1b[{rows}A\r\x1b[J").and_then(|()| out.flush());
}

/// Prints bugs to stderr as any other text: their messages may hold values of a script.
pub(crate) fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let backtrace = std::backtrace::Backtrace::capture();
        let mut text = format!("rtiler {} has a bug: {panic}\n", env!("CARGO_PKG_VERSION"));
        if backtrace.status() == std::backtrace::BacktraceStatus::Captured {
            text.push_str(&format!("{backtrace}\n"));
        }
        // There is no other place for it if stderr is closed.
        let _ = Stream::Status.write(&Printable::of(&text).paint(false));
    }));
}
