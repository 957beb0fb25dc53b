//! The line between work on a thread of its own and the REPL whose user waits for it.
//!
//! The work has a [`Terminal`](super::terminal::Terminal) like any other; what it prints and asks comes out at the other
//! end as [`BackgroundMessage`]s.
//!
//! *Invariant*: work never waits for a reader who has gone, except for the answer to a question, and then it gets none.

use std::sync::mpsc::{Receiver, Sender, channel};

use tokio::sync::watch;

use crate::cli::exit::ExitStatus;

/// What comes from the work.
pub(crate) enum BackgroundMessage {
    /// A piece of its answer.
    Answer(String),
    /// Talk about the work: lines without the last line break.
    Talk(String),
    /// A question, and where the line that answers it goes; nobody answers where that is dropped.
    Question(String, Sender<String>),
    /// Nothing is to be asked before it goes on.
    GoesOn,
    /// It has come to its end.
    Ended(ExitStatus),
}

/// The end of the work.
#[derive(Clone)]
pub(crate) struct BackgroundChannel {
    messages: Sender<BackgroundMessage>,
    interrupts: watch::Receiver<u32>,
}

/// The end of the user.
pub(crate) struct ForegroundHandle {
    messages: Receiver<BackgroundMessage>,
    interrupter: InterruptSender,
}

/// Ends the user's waiting.
pub(crate) struct InterruptSender(watch::Sender<u32>);

/// Both ends of a line.
pub(crate) fn aside() -> (BackgroundChannel, ForegroundHandle) {
    let (send, messages) = channel();
    let (interrupts, hears) = watch::channel(0);
    (
        BackgroundChannel { messages: send, interrupts: hears },
        ForegroundHandle { messages, interrupter: InterruptSender(interrupts) },
    )
}

impl BackgroundChannel {
    pub(crate) fn answer(&self, text: &str) {
        self.send(BackgroundMessage::Answer(text.to_owned()));
    }

    pub(crate) fn talk(&self, text: &str) {
        self.send(BackgroundMessage::Talk(text.to_owned()));
    }

    pub(crate) fn ask(&self, question: &str) -> Option<String> {
        let (send, answer) = channel();
        self.send(BackgroundMessage::Question(question.to_owned(), send));
        answer.recv().ok()
    }

    pub(crate) fn goes_on(&self) {
        self.send(BackgroundMessage::GoesOn);
    }

    /// The work has come to its end.
    pub(crate) fn end(&self, exit: ExitStatus) {
        self.send(BackgroundMessage::Ended(exit));
    }

    pub(crate) fn interrupts(&self) -> InterruptReceiver {
        InterruptReceiver(Some(self.interrupts.clone()))
    }

    fn send(&self, message: BackgroundMessage) {
        // Nobody reads what a user no longer waits for.
        let _ = self.messages.send(message);
    }
}

impl ForegroundHandle {
    /// What comes from the work, closed once its thread has gone, and what ends the waiting.
    pub(crate) fn parts(self) -> (Receiver<BackgroundMessage>, InterruptSender) {
        (self.messages, self.interrupter)
    }
}

impl InterruptSender {
    /// The user does not want to wait any longer.
    pub(crate) fn interrupt(&self) {
        self.0.send_modify(|times| *times += 1);
    }
}

/// A user's Ctrl-C, once and again.
pub(crate) struct InterruptReceiver(Option<watch::Receiver<u32>>);

impl InterruptReceiver {
    /// Those that the process gets.
    pub(crate) fn of_process() -> Self {
        Self(None)
    }

    /// Waits for the next; false where none can come any more.
    pub(crate) async fn next(&mut self) -> bool {
        match &mut self.0 {
            Some(times) => times.changed().await.is_ok(),
            None => tokio::signal::ctrl_c().await.is_ok(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_nobody_listens_to_goes_on_and_gets_no_answer() {
        let (work, user) = aside();
        drop(user);
        work.talk("still here");
        assert_eq!(work.ask("and you?"), None);
    }

    #[tokio::test]
    async fn each_listener_hears_each_interrupt() {
        let (work, user) = aside();
        let (mut one, mut other) = (work.interrupts(), work.interrupts());
        let (messages, user) = user.parts();
        user.interrupt();
        assert!(one.next().await && other.next().await);
        user.interrupt();
        assert!(one.next().await && other.next().await);
        drop((messages, user));
        assert!(!one.next().await, "and none comes once the user has gone");
    }
}
