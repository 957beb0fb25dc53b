//! Ctrl-C for commands: one object for each command, with one subscriber at a time.
//!
//! At a shell the presses are signals of the process; in the REPL its user sends them.
//!
//! *Invariant*: a press is handled by exactly one subscriber; a press without one waits for the next subscriber.

use std::cell::RefCell;

use tokio::sync::watch;

use super::background::BackgroundChannel;

/// The presses of Ctrl-C during a command.
pub(crate) struct CtrlC {
    /// Counts the presses; taken while there is a subscriber.
    presses: RefCell<Option<watch::Receiver<u32>>>,
    /// Counts the signals of the process, once they are listened to.
    signals: RefCell<Option<watch::Sender<u32>>>,
}

/// The one subscriber of [`CtrlC`], until it is dropped.
pub(crate) struct Presses<'a> {
    ctrl_c: &'a CtrlC,
    presses: Option<watch::Receiver<u32>>,
}

impl CtrlC {
    /// Creates the object for the signals of the process.
    pub(super) fn of_process() -> Self {
        let (signals, presses) = watch::channel(0);
        Self { presses: RefCell::new(Some(presses)), signals: RefCell::new(Some(signals)) }
    }

    /// Creates the object for the user of the REPL.
    pub(super) fn of_channel(channel: &BackgroundChannel) -> Self {
        Self { presses: RefCell::new(Some(channel.presses())), signals: RefCell::new(None) }
    }

    /// Starts to listen to signals: from now on Ctrl-C does not end the process. Needs a local task set.
    pub(crate) fn listen(&self) {
        let Some(signals) = self.signals.take() else { return };
        tokio::task::spawn_local(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                signals.send_modify(|times| *times += 1);
            }
        });
    }

    /// Subscribes to the presses, including one that was not handled yet.
    pub(crate) fn subscribe(&self) -> Presses<'_> {
        let presses = self.presses.take();
        Presses { ctrl_c: self, presses: Some(presses.expect("Ctrl-C has one subscriber at a time")) }
    }
}

impl Presses<'_> {
    /// Waits for the next press; never completes if the user is gone.
    pub(crate) async fn next(&mut self) {
        let Some(presses) = &mut self.presses else { return std::future::pending().await };
        if presses.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Presses<'_> {
    fn drop(&mut self) {
        *self.ctrl_c.presses.borrow_mut() = self.presses.take();
    }
}

#[cfg(test)]
mod tests {
    use super::super::background::channel;
    use super::*;

    #[tokio::test]
    async fn press_without_a_subscriber_is_kept_for_the_next_one() {
        let (command, user) = channel();
        let (_messages, interrupts) = user.parts();
        let ctrl_c = CtrlC::of_channel(&command);
        interrupts.interrupt();
        ctrl_c.subscribe().next().await;
        let mut presses = ctrl_c.subscribe();
        let again = tokio::time::timeout(std::time::Duration::from_millis(1), presses.next()).await;
        assert!(again.is_err(), "a press is handled once");
        interrupts.interrupt();
        presses.next().await;
    }

    #[tokio::test]
    #[should_panic(expected = "one subscriber at a time")]
    async fn second_subscriber_is_a_bug() {
        let (command, _user) = channel();
        let ctrl_c = CtrlC::of_channel(&command);
        let _first = ctrl_c.subscribe();
        let _second = ctrl_c.subscribe();
    }

    #[tokio::test]
    async fn press_after_the_subscriber_is_dropped_is_ignored() {
        let (command, user) = channel();
        let ctrl_c = CtrlC::of_channel(&command);
        drop(user);
        let mut presses = ctrl_c.subscribe();
        assert!(tokio::time::timeout(std::time::Duration::from_millis(1), presses.next()).await.is_err());
    }
}
