//! Stacks as scripts would want them, and runs of the engine over the adapter.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use rtiler::aws::{Aws, SystemClock};
use rtiler::cfn::TemplateDocument;
use rtiler::deploy::api::{Clock, Timestamp};
use rtiler::deploy::plan::Plan;
use rtiler::deploy::{
    DeployEvent, DeployEventKind, Engine, EngineOptions, Outcome, StackOutcome, StopRequest, StopSignal, stop_channel,
};
use rtiler::diag::Origin;
use rtiler::synth::DesiredStack;
use serde_json::Value;

use super::wait;

/// Returns a stack with this template.
pub(super) fn stack(name: &str, template: &Value) -> DesiredStack {
    let body = serde_json::to_string_pretty(template).expect("JSON can be written");
    let template = TemplateDocument::parse("stack.json", body).value.expect("the template can be read");
    DesiredStack::new(name, template, Origin::new("app.rhai", 1, 1))
}

/// The events and the outcome of a run.
pub(super) struct RunReport {
    pub(super) outcome: Outcome,
    pub(super) events: Vec<DeployEvent>,
    pub(super) plans: Vec<Plan>,
}

impl RunReport {
    /// Returns the outcome of the only stack.
    pub(super) fn only(&self) -> &StackOutcome {
        assert_eq!(self.outcome.stacks.len(), 1, "{:?}", self.outcome);
        &self.outcome.stacks[0]
    }

    /// Returns whether such an event was reported.
    pub(super) fn has(&self, fact: impl Fn(&DeployEventKind) -> bool) -> bool {
        self.events.iter().any(|event| fact(&event.kind))
    }
}

/// Deploys, approving every plan.
pub(super) fn deploy(aws: &Aws, stacks: &[DesiredStack]) -> RunReport {
    run(aws, stacks, true, |_| false)
}

/// Deploys with this answer to every plan, and detaches as soon as `leave` returns true.
pub(super) fn run(
    aws: &Aws,
    stacks: &[DesiredStack],
    approve: bool,
    leave: impl Fn(&DeployEventKind) -> bool,
) -> RunReport {
    run_with(aws, stacks, options(), approve, leave)
}

/// Deploys, also if a queue is replaced and loses its messages.
pub(super) fn deploy_with_losses(aws: &Aws, stacks: &[DesiredStack]) -> RunReport {
    let options = EngineOptions { allow_replace: vec!["*".to_owned()], ..options() };
    run_with(aws, stacks, options, true, |_| false)
}

/// Runs a deployment with other options.
pub(super) fn run_with(
    aws: &Aws,
    stacks: &[DesiredStack],
    options: EngineOptions,
    approve: bool,
    leave: impl Fn(&DeployEventKind) -> bool,
) -> RunReport {
    let (events, plans) = (RefCell::new(Vec::new()), RefCell::new(Vec::new()));
    let (stop_handle, stop_requests) = stop_channel();
    let report_event = |event: DeployEvent| {
        if leave(&event.kind) {
            stop_handle.request(StopRequest::Detach);
        }
        events.borrow_mut().push(event);
    };
    let outcome = wait(async {
        Engine::new(aws.clone(), Hurried, options, report_event, stop_requests)
            .deploy(stacks, &async |plan: &Plan| {
                plans.borrow_mut().push(plan.clone());
                approve
            })
            .await
    });
    RunReport { outcome, events: events.take(), plans: plans.take() }
}

/// Deletes.
pub(super) fn destroy(aws: &Aws, stacks: &[DesiredStack]) -> RunReport {
    let events = RefCell::new(Vec::new());
    let report_event = |event| events.borrow_mut().push(event);
    let outcome = wait(async {
        Engine::new(aws.clone(), Hurried, options(), report_event, StopSignal::none()).destroy(stacks).await
    });
    RunReport { outcome, events: events.take(), plans: Vec::new() }
}

pub(super) fn options() -> EngineOptions {
    thread_local!(static RUNS: Cell<u32> = const { Cell::new(0) });
    let run = RUNS.get();
    RUNS.set(run + 1);
    EngineOptions::new(format!("test-{run}"))
}

/// Time that goes ten times as fast: an emulator is done in a tenth of a second.
#[derive(Clone, Copy)]
struct Hurried;

impl Clock for Hurried {
    fn now(&self) -> Timestamp {
        Timestamp(SystemClock.now().0 * 10)
    }

    async fn sleep(&self, duration: Duration) {
        SystemClock.sleep(duration / 10).await;
    }
}
