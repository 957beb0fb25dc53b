//! Counts the memory that the answer of a registry takes: the client reads some answers whole.

use std::sync::OnceLock;
use std::time::Duration;

/// The interval at which memory is looked at while an answer is read.
const INTERVAL: Duration = Duration::from_millis(5);

static METER: OnceLock<fn() -> usize> = OnceLock::new();

/// Sets the function that returns the bytes of memory in use. Without it only time limits what a registry sends.
pub fn observe_memory(allocated: fn() -> usize) {
    let _ = METER.set(allocated);
}

/// Returns the bytes of memory in use, as far as they are known.
pub(super) fn allocated() -> usize {
    METER.get().map_or(0, |allocated| allocated())
}

/// Waits until this process uses more than `largest` further bytes.
pub(super) async fn exhausted(allocated: fn() -> usize, largest: usize) {
    let limit = allocated().saturating_add(largest);
    while allocated() <= limit {
        tokio::time::sleep(INTERVAL).await;
    }
}
