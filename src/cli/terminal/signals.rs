//! Signals for commands: one object for each command, with one subscriber at a time.
//!
//! At a shell they are signals of the process; in the REPL its user sends Ctrl-C.
//!
//! *Invariant*: a signal is handled by the subscriber, or it ends the command. A process whose command is blocked, by a
//! pipe that is full for example, ends by itself.

use std::cell::RefCell;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::sync::watch;

use crate::cli::exit::ExitStatus;

/// A signal that interrupts or ends a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Signal {
    /// Ctrl-C, `SIGINT`: the user wants to be asked, or to end the command.
    Interrupt,
    /// `SIGTERM`: the system ends the process.
    Terminate,
    /// `SIGHUP`: the terminal is gone.
    HangUp,
}

impl Signal {
    /// Returns the exit status of a command that the signal ended.
    pub(crate) fn exit(self) -> ExitStatus {
        match self {
            Self::Interrupt => ExitStatus::Interrupted,
            Self::Terminate => ExitStatus::Terminated,
            Self::HangUp => ExitStatus::HungUp,
        }
    }
}

/// The signals so far.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Received {
    count: u32,
    last: Signal,
}

/// Sends signals to a command.
#[derive(Debug, Clone)]
pub(crate) struct SignalSender(watch::Sender<Received>);

/// The signals during a command.
pub(crate) struct Signals {
    /// The signals for the subscriber; taken while there is one.
    received: RefCell<Option<watch::Receiver<Received>>>,
    /// All signals, for the command as a whole.
    all: watch::Receiver<Received>,
    /// Sends the signals of the process, once they are listened to.
    of_process: RefCell<Option<SignalSender>>,
    /// The number of signals that the command has noticed.
    noticed: Arc<AtomicU32>,
}

/// The one subscriber of [`Signals`], until it is dropped.
pub(crate) struct SignalSubscription<'a> {
    signals: &'a Signals,
    received: Option<watch::Receiver<Received>>,
}

impl SignalSender {
    /// Creates a sender with its receiver.
    pub(super) fn new() -> (Self, watch::Receiver<Received>) {
        let (sender, receiver) = watch::channel(Received { count: 0, last: Signal::Interrupt });
        (Self(sender), receiver)
    }

    /// Sends a signal; returns how many there were.
    pub(crate) fn send(&self, signal: Signal) -> u32 {
        self.0.send_modify(|received| *received = Received { count: received.count + 1, last: signal });
        self.0.borrow().count
    }

    /// Returns whether the command has ended.
    pub(crate) fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

impl Signals {
    /// Creates the object for the signals of the process.
    pub(super) fn of_process() -> Self {
        let (sender, receiver) = SignalSender::new();
        Self::new(receiver, Some(sender))
    }

    /// Creates the object for the user of the REPL.
    pub(super) fn of_channel(signals: watch::Receiver<Received>) -> Self {
        Self::new(signals, None)
    }

    fn new(receiver: watch::Receiver<Received>, of_process: Option<SignalSender>) -> Self {
        Self {
            received: RefCell::new(Some(receiver.clone())),
            all: receiver,
            of_process: RefCell::new(of_process),
            noticed: Arc::default(),
        }
    }

    /// Starts to listen to the signals of the process: from now on they do not end it by themselves.
    pub(crate) fn listen(&self) {
        if let Some(sender) = self.of_process.take() {
            listener::start(sender, Arc::clone(&self.noticed));
        }
    }

    /// Subscribes to the signals.
    pub(crate) fn subscribe(&self) -> SignalSubscription<'_> {
        let received = self.received.take();
        SignalSubscription { signals: self, received: Some(received.expect("signals have one subscriber at a time")) }
    }

    /// Waits for a signal that no subscriber handles. To be polled before the subscriber, so that a subscription that
    /// ends with a signal has handled it.
    pub(crate) async fn unhandled(&self) -> Signal {
        let mut all = self.all.clone();
        loop {
            let Received { count, last } = next(&mut all).await;
            self.noticed.store(count, Ordering::Relaxed);
            if self.received.borrow().is_some() {
                return last;
            }
        }
    }
}

impl SignalSubscription<'_> {
    /// Waits for the next signal; never completes if the user is gone.
    pub(crate) async fn next(&mut self) -> Signal {
        match &mut self.received {
            Some(received) => next(received).await.last,
            None => std::future::pending().await,
        }
    }
}

impl Drop for SignalSubscription<'_> {
    fn drop(&mut self) {
        *self.signals.received.borrow_mut() = self.received.take();
    }
}

async fn next(received: &mut watch::Receiver<Received>) -> Received {
    if received.changed().await.is_err() {
        return std::future::pending().await;
    }
    *received.borrow_and_update()
}

/// The signals of the process, received on a thread of their own.
#[cfg(unix)]
pub(crate) mod listener {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::{Duration, Instant};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

    use super::{Signal, SignalSender};

    /// The time in which a command has to notice a signal.
    const PATIENCE: Duration = Duration::from_secs(3);

    /// Sends the signals of the process, and ends it if its command is blocked and does not notice them.
    pub(super) fn start(sender: SignalSender, noticed: Arc<AtomicU32>) {
        on_signal(&kinds(), move |signal| {
            let count = sender.send(signal);
            let until = Instant::now() + PATIENCE;
            while noticed.load(Ordering::Relaxed) < count && !sender.is_closed() {
                if Instant::now() >= until {
                    std::process::exit(signal.exit().code().into());
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        });
    }

    /// Returns the signals to receive. `nohup` lets a process ignore the end of its terminal.
    pub(crate) fn kinds() -> Vec<i32> {
        let ignored = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let hang_up = (!ignores(&ignored, SIGHUP)).then_some(SIGHUP);
        [SIGINT, SIGTERM].into_iter().chain(hang_up).collect()
    }

    /// Returns whether a process ignores a signal, by its status (`proc_pid_status(5)`: `SigIgn` is a mask in hexadecimal).
    fn ignores(status: &str, signal: i32) -> bool {
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        mask >> (signal - 1) & 1 == 1
    }

    /// Calls a function with each of these signals of the process, on a thread of its own.
    pub(crate) fn on_signal(kinds: &[i32], mut call: impl FnMut(Signal) + Send + 'static) {
        // Without a listener, a signal ends the process.
        let Ok(mut signals) = signal_hook::iterator::Signals::new(kinds) else { return };
        std::thread::spawn(move || {
            for number in signals.forever() {
                call(match number {
                    SIGTERM => Signal::Terminate,
                    SIGHUP => Signal::HangUp,
                    _ => Signal::Interrupt,
                });
            }
        });
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn ignored_signal_is_found_in_the_status_of_the_process() {
            let status = "Name:\trtiler\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\n";
            assert!(ignores(status, SIGHUP) && !ignores(status, SIGTERM));
            assert!(!ignores("", SIGHUP));
        }
    }
}

/// Ctrl-C of the console.
#[cfg(not(unix))]
mod listener {
    use std::sync::Arc;
    use std::sync::atomic::AtomicU32;

    use super::{Signal, SignalSender};

    /// Sends Ctrl-C. Needs a local task set.
    pub(super) fn start(sender: SignalSender, _noticed: Arc<AtomicU32>) {
        tokio::task::spawn_local(async move {
            while tokio::signal::ctrl_c().await.is_ok() {
                sender.send(Signal::Interrupt);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Returns whether a future completes now.
    async fn completes<T>(future: impl Future<Output = T>) -> bool {
        tokio::time::timeout(Duration::from_millis(1), future).await.is_ok()
    }

    #[tokio::test]
    async fn signal_without_a_subscriber_ends_the_command() {
        let (sender, received) = SignalSender::new();
        let signals = Signals::of_channel(received);
        sender.send(Signal::Terminate);
        assert_eq!(signals.unhandled().await, Signal::Terminate);
    }

    #[tokio::test]
    async fn signal_of_a_subscriber_is_handled_once_and_does_not_end_the_command() {
        let (sender, received) = SignalSender::new();
        let signals = Signals::of_channel(received);
        let command = async {
            let mut subscription = signals.subscribe();
            sender.send(Signal::Interrupt);
            assert_eq!(subscription.next().await, Signal::Interrupt);
            assert!(!completes(subscription.next()).await, "it is handled once");
            drop(subscription);
            assert!(!completes(signals.subscribe().next()).await, "it was handled before");
        };
        tokio::select! {
            biased;
            _ = signals.unhandled() => panic!("the subscriber handles it"),
            () = command => {}
        }
    }

    #[tokio::test]
    #[should_panic(expected = "one subscriber at a time")]
    async fn second_subscriber_is_a_bug() {
        let (_sender, received) = SignalSender::new();
        let signals = Signals::of_channel(received);
        let _first = signals.subscribe();
        let _second = signals.subscribe();
    }

    #[tokio::test]
    async fn command_of_a_user_who_is_gone_continues() {
        let (sender, received) = SignalSender::new();
        let signals = Signals::of_channel(received);
        drop(sender);
        assert!(!completes(signals.unhandled()).await);
        assert!(!completes(signals.subscribe().next()).await);
    }
}
