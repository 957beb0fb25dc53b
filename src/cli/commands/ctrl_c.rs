//! The meaning of Ctrl-C while a deployment runs.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;

use crate::cli::report::Reporter;
use crate::cli::terminal::prompt::ask_line;
use crate::cli::terminal::{CtrlC, Terminal};
use crate::deploy::{DeployEvent, DeployEventKind, StopHandle, StopRequest};

/// The stacks with a running operation, by the events so far.
#[derive(Default)]
pub(super) struct ActiveStacks(RefCell<BTreeSet<String>>);

impl ActiveStacks {
    /// Applies an event.
    pub(super) fn observe(&self, event: &DeployEvent) {
        match &event.kind {
            DeployEventKind::OperationStarted { .. }
            | DeployEventKind::OperationAttached { .. }
            | DeployEventKind::StabilizationStarted { .. }
            | DeployEventKind::TrialStarted { .. }
            | DeployEventKind::RevertStarted { .. } => {
                self.0.borrow_mut().insert(event.stack.clone());
            }
            DeployEventKind::OperationFinished { .. } | DeployEventKind::Detached { .. } => {
                self.0.borrow_mut().remove(&event.stack);
            }
            _ => {}
        }
    }

    fn is_empty(&self) -> bool {
        self.0.borrow().is_empty()
    }
}

/// Handles Ctrl-C: the first press asks what to do with the running operations; a second press detaches, and so does the
/// first one if nothing is running or there is no terminal.
pub(super) async fn handle_ctrl_c(
    ctrl_c: &CtrlC,
    stop: &StopHandle,
    active: &ActiveStacks,
    reporter: &Reporter,
    terminal: &Terminal,
) -> Infallible {
    let mut presses = ctrl_c.subscribe();
    loop {
        presses.next().await;
        if active.is_empty() || !terminal.can_answer() {
            stop.request(StopRequest::Detach);
            continue;
        }
        reporter.hold(true);
        let request = tokio::select! {
            request = ask_stop_request(terminal) => request,
            () = presses.next() => Some(StopRequest::Detach),
        };
        reporter.hold(false);
        if let Some(request) = request {
            stop.request(request);
        }
    }
}

/// Asks what to do with the running operations; `None` to continue.
async fn ask_stop_request(terminal: &Terminal) -> Option<StopRequest> {
    let question = "\nleave it running (l), or cancel it and roll back (c)? Enter continues to wait: ";
    match ask_line(terminal, question.to_owned()).await?.trim().to_ascii_lowercase().as_str() {
        "l" | "leave" => Some(StopRequest::Detach),
        "c" | "cancel" => Some(StopRequest::CancelAndRollBack),
        _ => None,
    }
}
