//! The meaning of signals while a deployment runs.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::cli::report::Reporter;
use crate::cli::terminal::prompt::ask_line;
use crate::cli::terminal::{Signal, Signals, Terminal};
use crate::deploy::engine::progress::OperationResult;
use crate::deploy::{
    DeployEvent, DeployEventKind, JobEvent, Outcome, StackOutcome, StackResult, StopHandle, StopRequest, stopped_stack,
};
use crate::synth::DesiredStack;

/// The time that a stopped run has to delete what it prepared.
pub(super) const GRACE: Duration = Duration::from_millis(800);

/// The stacks with an operation, by the events so far.
#[derive(Default)]
pub(super) struct ActiveStacks(RefCell<Operations>);

#[derive(Default)]
struct Operations {
    running: BTreeSet<String>,
    /// The running operations that can be cancelled.
    cancellable: BTreeSet<String>,
    finished: BTreeMap<String, OperationResult>,
}

impl ActiveStacks {
    /// Applies an event.
    pub(super) fn observe(&self, event: &DeployEvent) {
        use DeployEventKind as Kind;
        let (mut operations, stack) = (self.0.borrow_mut(), || event.stack.clone());
        match &event.kind {
            Kind::OperationStarted { .. }
            | Kind::OperationAttached { .. }
            | Kind::StabilizationStarted { .. }
            | Kind::TrialStarted { .. }
            | Kind::RevertStarted { .. }
            | Kind::Job { step: JobEvent::Started { .. }, .. } => {
                operations.running.insert(stack());
                operations.cancellable.insert(stack());
            }
            Kind::DeleteStarted { .. } | Kind::RollbackStarted { .. } | Kind::HotswapStarted { .. } => {
                operations.running.insert(stack());
            }
            Kind::OperationFinished { result, .. } => {
                operations.forget(&event.stack);
                operations.finished.insert(stack(), *result);
            }
            Kind::Detached { .. } => operations.forget(&event.stack),
            _ => {}
        }
    }

    fn is_cancellable(&self) -> bool {
        !self.0.borrow().cancellable.is_empty()
    }

    /// Returns the outcome of a run that ended at once.
    pub(super) fn outcome(&self, stacks: &[DesiredStack]) -> Outcome {
        let operations = self.0.borrow();
        let outcome = |stack: &DesiredStack| match operations.finished.get(&stack.name) {
            _ if operations.running.contains(&stack.name) => stopped_stack(stack, true),
            Some(result) => StackOutcome::new(&stack.name, finished(*result)),
            None => stopped_stack(stack, false),
        };
        Outcome { stacks: stacks.iter().map(outcome).collect(), ..Outcome::default() }
    }
}

impl Operations {
    fn forget(&mut self, stack: &str) {
        self.running.remove(stack);
        self.cancellable.remove(stack);
    }
}

fn finished(result: OperationResult) -> StackResult {
    match result {
        OperationResult::Succeeded | OperationResult::SucceededWithLeftovers => StackResult::Updated,
        OperationResult::RolledBack => StackResult::RolledBack,
        OperationResult::Failed => StackResult::Failed,
    }
}

/// Handles signals. The first Ctrl-C asks what to do with the running operations; a second one detaches, and so does the
/// first one if nothing is running or there is no terminal, and every other signal. Completes when the run has to
/// end at once: some time after it was stopped, or with a further signal.
pub(super) async fn handle_signals(
    signals: &Signals,
    stop: &StopHandle,
    active: &ActiveStacks,
    reporter: &Reporter,
    terminal: &Terminal,
    on_stop: impl Fn(Signal),
) {
    let mut received = signals.subscribe();
    loop {
        let mut signal = received.next().await;
        let mut request = Some(StopRequest::Detach);
        if signal == Signal::Interrupt && active.is_cancellable() && terminal.can_answer() {
            reporter.hold(true);
            request = tokio::select! {
                request = ask_stop_request(terminal) => request,
                further = received.next() => {
                    signal = further;
                    Some(StopRequest::Detach)
                }
            };
            reporter.hold(false);
        }
        if let Some(request) = request {
            on_stop(signal);
            stop.request(request);
        }
        if request == Some(StopRequest::Detach) {
            break;
        }
    }
    let _ = tokio::time::timeout(GRACE, received.next()).await;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::status::StackStatus;
    use crate::deploy::api::{ChangeSetKind, ClientRequestToken, Timestamp};
    use crate::testing::harness::stack;

    fn event(stack: &str, kind: DeployEventKind) -> DeployEvent {
        DeployEvent { stack: stack.to_owned(), at: Timestamp::default(), kind }
    }

    #[test]
    fn run_that_ends_at_once_says_which_operations_continue() {
        let active = ActiveStacks::default();
        let (token, stack_id) = (ClientRequestToken("t".to_owned()), "arn:stack".to_owned());
        let (kind, result) = (ChangeSetKind::Update, OperationResult::Succeeded);
        for name in ["a", "b"] {
            let (token, stack_id) = (token.clone(), stack_id.clone());
            active.observe(&event(name, DeployEventKind::OperationStarted { kind, token, stack_id }));
        }
        active.observe(&event("b", DeployEventKind::OperationFinished { result, status: StackStatus::UpdateComplete }));
        active.observe(&event("d", DeployEventKind::DeleteStarted { token, stack_id }));
        let stacks = ["a", "b", "c", "d"].map(|name| stack(name, "Resources: {T: {Type: 'AWS::SNS::Topic'}}"));
        let outcome = active.outcome(&stacks);
        let results: Vec<_> = outcome.stacks.iter().map(|stack| &stack.result).collect();
        let expected = [StackResult::Detached, StackResult::Updated, StackResult::Interrupted, StackResult::Detached];
        assert_eq!(results, expected.iter().collect::<Vec<_>>());
        assert_eq!(outcome.stacks[0].problems.len(), 1, "it says how to follow it");
    }
}
