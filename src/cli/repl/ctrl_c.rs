//! Ctrl-C while a line is evaluated: the editor sees keys only while it reads a line.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::SIGINT;

use crate::cli::process_usage::ProcessUsage;
use crate::script::UsageMeter;

/// A flag that Ctrl-C raises.
#[derive(Clone, Default)]
pub(super) struct SigintFlag(Arc<AtomicBool>);

impl SigintFlag {
    /// Installs a signal handler: Ctrl-C raises the flag instead of ending the process.
    pub(super) fn listen(&self) -> std::io::Result<()> {
        signal_hook::flag::register(SIGINT, Arc::clone(&self.0)).map(drop)
    }

    /// Returns whether Ctrl-C was pressed.
    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Clears the flag, and returns whether it was raised.
    pub(super) fn clear(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
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
