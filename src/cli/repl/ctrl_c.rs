//! Ctrl-C while a line is evaluated: the editor sees keys only while it reads a line.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use signal_hook::consts::SIGINT;

use crate::cli::process_usage::ProcessUsage;
use crate::script::UsageMeter;

/// Whether the user pressed Ctrl-C since this was looked at last.
#[derive(Clone, Default)]
pub(super) struct SigintFlag(Arc<AtomicBool>);

impl SigintFlag {
    /// From now on Ctrl-C does not end the process, and is told here.
    pub(super) fn listen(&self) -> std::io::Result<()> {
        signal_hook::flag::register(SIGINT, Arc::clone(&self.0)).map(drop)
    }

    /// True once Ctrl-C was pressed.
    pub(super) fn is_raised(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    /// Forgets a Ctrl-C that was pressed before; true where there was one.
    pub(super) fn clear(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

/// The process's meter, with the user's Ctrl-C.
pub(super) struct InterruptibleMeter {
    pub(super) process: ProcessUsage,
    pub(super) interrupt: SigintFlag,
}

impl UsageMeter for InterruptibleMeter {
    fn elapsed(&self) -> Duration {
        self.process.elapsed()
    }

    fn allocated(&self) -> usize {
        self.process.allocated()
    }

    fn interrupted(&self) -> bool {
        self.interrupt.is_raised()
    }
}
