//! The channel between a command on a thread of its own and the REPL whose user waits for it.
//!
//! The command has a [`Terminal`](super::Terminal) like any other; what it prints and asks arrives at the other end as
//! [`BackgroundMessage`]s.
//!
//! *Invariant*: a command never waits for a reader that is gone, except for the answer to a question, and then it gets
//! none.

use std::sync::mpsc::{self, Receiver, Sender};

use tokio::sync::watch;

use super::signals::{Received, SignalSender};
use crate::cli::exit::ExitStatus;

/// A message of the command.
pub(crate) enum BackgroundMessage {
    /// A part of its result.
    Output(String),
    /// Progress or a diagnostic: lines without the last line break.
    Status(String),
    /// A question, and where the line that answers it goes; there is no answer if that is dropped.
    Question(String, Sender<String>),
    /// The operation is running: no question comes before it.
    Started,
    /// The command has finished.
    Finished(ExitStatus),
}

/// The command's end of the channel.
#[derive(Clone)]
pub(crate) struct BackgroundChannel {
    messages: Sender<BackgroundMessage>,
    signals: watch::Receiver<Received>,
}

/// The user's end of the channel.
pub(crate) struct ForegroundHandle {
    messages: Receiver<BackgroundMessage>,
    signals: SignalSender,
}

/// Creates both ends of a channel.
pub(crate) fn channel() -> (BackgroundChannel, ForegroundHandle) {
    let (send, messages) = mpsc::channel();
    let (sender, signals) = SignalSender::new();
    (BackgroundChannel { messages: send, signals }, ForegroundHandle { messages, signals: sender })
}

impl BackgroundChannel {
    /// Sends a part of the result.
    pub(crate) fn print(&self, text: &str) {
        self.send(BackgroundMessage::Output(text.to_owned()));
    }

    /// Sends progress or a diagnostic.
    pub(crate) fn status(&self, text: &str) {
        self.send(BackgroundMessage::Status(text.to_owned()));
    }

    /// Asks a question and waits for the line that answers it; `None` if the user is gone.
    pub(crate) fn ask(&self, question: &str) -> Option<String> {
        let (send, answer) = mpsc::channel();
        self.send(BackgroundMessage::Question(question.to_owned(), send));
        answer.recv().ok()
    }

    /// Reports that the operation is running.
    pub(crate) fn notify_started(&self) {
        self.send(BackgroundMessage::Started);
    }

    /// Reports that the command has finished.
    pub(crate) fn end(&self, exit: ExitStatus) {
        self.send(BackgroundMessage::Finished(exit));
    }

    /// Returns the signals that the user sends.
    pub(super) fn signals(&self) -> watch::Receiver<Received> {
        self.signals.clone()
    }

    fn send(&self, message: BackgroundMessage) {
        // A user who no longer waits reads nothing.
        let _ = self.messages.send(message);
    }
}

impl ForegroundHandle {
    /// Returns the messages, which end with the command's thread, and the sender of signals.
    pub(crate) fn parts(self) -> (Receiver<BackgroundMessage>, SignalSender) {
        (self.messages, self.signals)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_without_a_reader_continues_and_gets_no_answer() {
        let (command, user) = channel();
        drop(user);
        command.status("still running");
        assert_eq!(command.ask("continue?"), None);
    }
}
