//! What Ctrl-C means while a deployment runs.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::convert::Infallible;

use crate::cli::report::Reporter;
use crate::cli::terminal::Terminal;
use crate::deploy::{DeployEvent, DeployEventKind, StopHandle, StopRequest};

/// The stacks whose operations run, by the events that were told.
#[derive(Default)]
pub(super) struct ActiveStacks(RefCell<BTreeSet<String>>);

impl ActiveStacks {
    /// Takes an event in.
    pub(super) fn hear(&self, event: &DeployEvent) {
        match &event.fact {
            DeployEventKind::Started { .. }
            | DeployEventKind::OperationAttached { .. }
            | DeployEventKind::StabilizationStarted { .. }
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

/// The first Ctrl-C asks what is to become of what runs; a second one, or one where nothing runs or nobody can answer,
/// leaves.
pub(super) async fn handle_ctrl_c(
    wisher: &StopHandle,
    under_way: &ActiveStacks,
    screen: &Reporter,
    terminal: &Terminal,
) -> Infallible {
    let mut interrupts = terminal.interrupts();
    while interrupts.next().await {
        if under_way.is_empty() || !terminal.can_answer() {
            wisher.wish(StopRequest::Detach);
            continue;
        }
        screen.hold(true);
        let wish = tokio::select! {
            answer = asked(terminal.clone()) => answer,
            _ = interrupts.next() => Some(StopRequest::Detach),
        };
        screen.hold(false);
        if let Some(wish) = wish {
            wisher.wish(wish);
        }
    }
    std::future::pending().await
}

/// The answer; nothing to go on waiting.
async fn asked(terminal: Terminal) -> Option<StopRequest> {
    let (send, answer) = tokio::sync::oneshot::channel();
    // Reading a line blocks, and another Ctrl-C must be heard meanwhile.
    std::thread::spawn(move || {
        let question = "\nleave it running (l), or cancel it and roll back (c)? Enter goes on waiting: ";
        send.send(terminal.line_of_answer(question))
    });
    match answer.await.ok().flatten()?.trim().to_ascii_lowercase().as_str() {
        "l" | "leave" => Some(StopRequest::Detach),
        "c" | "cancel" => Some(StopRequest::CancelAndRollBack),
        _ => None,
    }
}
