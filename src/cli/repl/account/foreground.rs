//! The wait for a command, until it ends or continues in the background.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::background_command::{BackgroundCommand, DETACH_TIMEOUT};
use super::prompt;
use crate::cli::exit::ExitStatus;
use crate::cli::repl::ctrl_c::SigintFlag;
use crate::cli::terminal::Terminal;
use crate::cli::terminal::background::BackgroundMessage;

/// The time after which a command continues in the background.
const FOREGROUND_TIME: Duration = Duration::from_millis(600);

/// The interval between two checks for Ctrl-C.
const POLL_INTERVAL: Duration = Duration::from_millis(30);

/// The wait for a command in the foreground.
pub(super) struct ForegroundWait<'a> {
    pub(super) command: &'a BackgroundCommand,
    pub(super) terminal: &'a Terminal,
    pub(super) sigint: &'a SigintFlag,
    /// The output that was not printed yet.
    pub(super) output: String,
    /// Whether the output is kept to the end, for JSON.
    pub(super) buffered: bool,
}

impl ForegroundWait<'_> {
    /// Waits briefly, and while the command may ask; returns `None` if it continues in the background.
    pub(super) fn briefly(&mut self, mut may_ask: bool) -> Option<ExitStatus> {
        let mut until = Instant::now() + FOREGROUND_TIME;
        let mut interrupted = false;
        loop {
            match self.command.next_message(POLL_INTERVAL) {
                Some(BackgroundMessage::Finished(exit)) => return Some(exit),
                Some(BackgroundMessage::Question(question, reply)) => {
                    self.ask(&question, &reply);
                    until = Instant::now() + FOREGROUND_TIME;
                }
                Some(BackgroundMessage::Started) => (may_ask, until) = (false, Instant::now() + FOREGROUND_TIME),
                Some(other) => self.print(other),
                None => {}
            }
            if self.sigint.clear() {
                self.command.interrupt();
                if interrupted || !self.command.changes {
                    self.terminal.status(&self.command.detached_note());
                    return Some(ExitStatus::Interrupted);
                }
                (interrupted, may_ask, until) = (true, false, Instant::now() + DETACH_TIMEOUT);
            }
            if !may_ask && Instant::now() >= until {
                return None;
            }
        }
    }

    /// Waits for the end: without a terminal, or if nothing can be printed above the prompt.
    pub(super) fn until_finished(&mut self, interactive: bool) -> ExitStatus {
        loop {
            match self.command.next_message(POLL_INTERVAL) {
                Some(BackgroundMessage::Finished(exit)) => return exit,
                Some(BackgroundMessage::Question(question, reply)) if interactive => self.ask(&question, &reply),
                // A dropped question counts as not answered.
                Some(BackgroundMessage::Question(..)) | None => {}
                Some(other) => {
                    self.print(other);
                    self.flush();
                }
            }
            if self.sigint.clear() {
                self.command.interrupt();
            }
        }
    }

    /// Asks a question; Ctrl-C instead of an answer interrupts the command.
    fn ask(&mut self, question: &str, reply: &Sender<String>) {
        self.flush();
        match prompt::line(question) {
            // The command may have ended.
            Some(line) => drop(reply.send(line)),
            None => self.command.interrupt(),
        }
    }

    fn print(&mut self, message: BackgroundMessage) {
        match message {
            BackgroundMessage::Output(text) => self.output.push_str(&text),
            BackgroundMessage::Status(text) => {
                self.flush();
                self.terminal.message(&text);
            }
            BackgroundMessage::Question(..) | BackgroundMessage::Started | BackgroundMessage::Finished(_) => {}
        }
    }

    fn flush(&mut self) {
        if !self.buffered {
            self.terminal.print(&std::mem::take(&mut self.output));
        }
    }
}
