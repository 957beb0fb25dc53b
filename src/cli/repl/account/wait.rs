use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::call::Call;
use super::calls::{LAST_WORDS, no_longer};
use super::{Interrupt, ask};
use crate::cli::aside::Message;
use crate::cli::exit::Exit;
use crate::cli::terminal::Terminal;

/// How long an answer is waited for before the prompt comes back.
const GRACE: Duration = Duration::from_millis(600);

/// How often Ctrl-C is looked for while something is waited for.
const GLANCE: Duration = Duration::from_millis(30);

/// Somebody waits for a call, and reads what comes of it.
pub(super) struct Wait<'a> {
    pub(super) call: &'a Call,
    pub(super) terminal: &'a Terminal,
    pub(super) interrupt: &'a Interrupt,
    /// What came of the answer and was not shown yet.
    pub(super) answer: String,
    /// True where a program gets the answer as a whole.
    pub(super) whole: bool,
}

impl Wait<'_> {
    /// Waits for a moment, or until what is to be asked was asked; nothing where the call goes on after that.
    pub(super) fn a_moment(&mut self, mut may_ask: bool) -> Option<Exit> {
        let mut until = Instant::now() + GRACE;
        let mut interrupted = false;
        loop {
            match self.call.next(GLANCE) {
                Some(Message::Ended(exit)) => return Some(exit),
                Some(Message::Question(question, reply)) => {
                    self.put(&question, &reply);
                    until = Instant::now() + GRACE;
                }
                Some(Message::GoesOn) => (may_ask, until) = (false, Instant::now() + GRACE),
                Some(other) => self.hear(other),
                None => {}
            }
            if self.interrupt.clear() {
                self.call.interrupt();
                if interrupted || !self.call.changes {
                    self.terminal.say(&no_longer(self.call));
                    return Some(Exit::Interrupted);
                }
                (interrupted, may_ask, until) = (true, false, Instant::now() + LAST_WORDS);
            }
            if !may_ask && Instant::now() >= until {
                return None;
            }
        }
    }

    /// Waits for the end: where nobody types, or nothing can be printed beside what is typed.
    pub(super) fn until_the_end(&mut self, attended: bool) -> Exit {
        loop {
            match self.call.next(GLANCE) {
                Some(Message::Ended(exit)) => return exit,
                Some(Message::Question(question, reply)) if attended => self.put(&question, &reply),
                // Nobody answers a question that is dropped.
                Some(Message::Question(..)) | None => {}
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
        match ask::line(question) {
            // Who asked may be gone.
            Some(line) => drop(reply.send(line)),
            None => self.call.interrupt(),
        }
    }

    fn hear(&mut self, message: Message) {
        match message {
            Message::Answer(text) => self.answer.push_str(&text),
            Message::Talk(text) => {
                self.flush();
                self.terminal.tell(&text);
            }
            Message::Question(..) | Message::GoesOn | Message::Ended(_) => {}
        }
    }

    fn flush(&mut self) {
        if !self.whole {
            self.terminal.answer(&std::mem::take(&mut self.answer));
        }
    }
}
