use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::background_command::BackgroundCommand;
use super::background_commands::{LAST_WORDS, no_longer};
use super::{SigintFlag, prompt};
use crate::cli::exit::ExitStatus;
use crate::cli::terminal::Terminal;
use crate::cli::terminal::background::BackgroundMessage;

/// How long an answer is waited for before the prompt comes back.
const GRACE: Duration = Duration::from_millis(600);

/// How often Ctrl-C is looked for while something is waited for.
const GLANCE: Duration = Duration::from_millis(30);

/// Somebody waits for a call, and reads what comes of it.
pub(super) struct ForegroundWait<'a> {
    pub(super) call: &'a BackgroundCommand,
    pub(super) terminal: &'a Terminal,
    pub(super) interrupt: &'a SigintFlag,
    /// What came of the answer and was not shown yet.
    pub(super) answer: String,
    /// True where a program gets the answer as a whole.
    pub(super) whole: bool,
}

impl ForegroundWait<'_> {
    /// Waits for a moment, or until what is to be asked was asked; nothing where the call goes on after that.
    pub(super) fn a_moment(&mut self, mut may_ask: bool) -> Option<ExitStatus> {
        let mut until = Instant::now() + GRACE;
        let mut interrupted = false;
        loop {
            match self.call.next(GLANCE) {
                Some(BackgroundMessage::Ended(exit)) => return Some(exit),
                Some(BackgroundMessage::Question(question, reply)) => {
                    self.put(&question, &reply);
                    until = Instant::now() + GRACE;
                }
                Some(BackgroundMessage::GoesOn) => (may_ask, until) = (false, Instant::now() + GRACE),
                Some(other) => self.hear(other),
                None => {}
            }
            if self.interrupt.clear() {
                self.call.interrupt();
                if interrupted || !self.call.changes {
                    self.terminal.say(&no_longer(self.call));
                    return Some(ExitStatus::Interrupted);
                }
                (interrupted, may_ask, until) = (true, false, Instant::now() + LAST_WORDS);
            }
            if !may_ask && Instant::now() >= until {
                return None;
            }
        }
    }

    /// Waits for the end: where nobody types, or nothing can be printed beside what is typed.
    pub(super) fn until_the_end(&mut self, attended: bool) -> ExitStatus {
        loop {
            match self.call.next(GLANCE) {
                Some(BackgroundMessage::Ended(exit)) => return exit,
                Some(BackgroundMessage::Question(question, reply)) if attended => self.put(&question, &reply),
                // Nobody answers a question that is dropped.
                Some(BackgroundMessage::Question(..)) | None => {}
                Some(other) => {
                    self.hear(other);
                    self.flush();
                }
            }
            if self.interrupt.clear() {
                self.call.interrupt();
            }
        }
    }

    /// Puts a question; Ctrl-C instead of an answer ends the waiting.
    fn put(&mut self, question: &str, reply: &Sender<String>) {
        self.flush();
        match prompt::line(question) {
            // Who asked may be gone.
            Some(line) => drop(reply.send(line)),
            None => self.call.interrupt(),
        }
    }

    fn hear(&mut self, message: BackgroundMessage) {
        match message {
            BackgroundMessage::Answer(text) => self.answer.push_str(&text),
            BackgroundMessage::Talk(text) => {
                self.flush();
                self.terminal.tell(&text);
            }
            BackgroundMessage::Question(..) | BackgroundMessage::GoesOn | BackgroundMessage::Ended(_) => {}
        }
    }

    fn flush(&mut self) {
        if !self.whole {
            self.terminal.answer(&std::mem::take(&mut self.answer));
        }
    }
}
