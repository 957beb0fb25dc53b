//! Signals in the REPL: Ctrl-C while a line is evaluated (the editor sees keys only while it reads a line), and the end
//! of the process.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use signal_hook::consts::SIGINT;

use crate::budget::UsageMeter;
use crate::cli::process_usage::ProcessUsage;
use crate::cli::terminal::signals::SignalSender;

/// A flag that Ctrl-C raises, and the commands that learn of the end of the process.
#[derive(Clone, Default)]
pub(super) struct SigintFlag {
    raised: Arc<AtomicBool>,
    commands: Arc<Mutex<Vec<SignalSender>>>,
}

impl SigintFlag {
    /// Installs a signal handler: Ctrl-C raises the flag instead of ending the process.
    pub(super) fn listen(&self) -> std::io::Result<()> {
        signal_hook::flag::register(SIGINT, Arc::clone(&self.raised)).map(drop)
    }

    /// Adds a command that runs on a thread of its own.
    pub(super) fn add_command(&self, sender: SignalSender) {
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        commands.retain(|command| !command.is_closed());
        commands.push(sender);
    }

    /// Ends the process on `SIGTERM` and `SIGHUP`: the commands end their records, and the terminal is as it was before.
    #[cfg(unix)]
    pub(super) fn end_with_signals(&self) {
        use std::time::Instant;

        use crate::cli::terminal::signals::listener::{kinds, on_signal};
        use crate::cli::terminal::{TerminalMode, end_bracketed_paste};

        /// The time in which commands end.
        const PATIENCE: Duration = Duration::from_millis(1500);
        let (commands, mode) = (Arc::clone(&self.commands), TerminalMode::current());
        let kinds: Vec<i32> = kinds().into_iter().filter(|kind| *kind != SIGINT).collect();
        on_signal(&kinds, move |signal| {
            let commands = std::mem::take(&mut *commands.lock().unwrap_or_else(PoisonError::into_inner));
            for command in &commands {
                command.send(signal);
            }
            let until = Instant::now() + PATIENCE;
            while Instant::now() < until && commands.iter().any(|command| !command.is_closed()) {
                std::thread::sleep(Duration::from_millis(20));
            }
            mode.restore();
            end_bracketed_paste();
            std::process::exit(signal.exit().code().into());
        });
    }

    /// Returns whether Ctrl-C was pressed.
    pub(super) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Relaxed)
    }

    /// Clears the flag, and returns whether it was raised.
    pub(super) fn clear(&self) -> bool {
        self.raised.swap(false, Ordering::Relaxed)
    }
}

/// The usage of the process, interrupted by Ctrl-C.
pub(super) struct InterruptibleMeter {
    pub(super) process: ProcessUsage,
    pub(super) sigint: SigintFlag,
}

impl UsageMeter for InterruptibleMeter {
    fn elapsed(&self) -> Duration {
        self.process.elapsed()
    }

    fn allocated(&self) -> usize {
        self.process.allocated()
    }

    fn interrupted(&self) -> bool {
        self.sigint.is_raised()
    }
}
