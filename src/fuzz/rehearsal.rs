//! Rehearsals: of what a script makes, and of accounts that a file says exist.

use std::time::Duration;

use super::Allocated;
use crate::cfn::TemplateDocument;
use crate::deploy::api::{Clock, CloudFormation};
use crate::deploy::engine::outcome::{Outcome, StackResult};
use crate::deploy::{Engine, EngineOptions, StopSignal};
use crate::diag::{Code, Origin};
use crate::rehearsal::{AccountState, FaultPlan, Rehearsal, RehearsalClock};
use crate::synth::DesiredStack;

/// Reads an input as a saved account, which is written again as it was read, and deploys a stack there.
pub(super) fn state_file(input: &[u8], _: Allocated) {
    let Ok(state) = str::from_utf8(input).map_err(drop).and_then(|text| AccountState::read(text).map_err(drop)) else {
        return;
    };
    let written = saved(&state);
    let again = AccountState::read(&written).expect("what was written can be read");
    assert_eq!(saved(&again), written, "a saved account is written in another form");
    run(state, &[known_stack("jobs", 30), known_stack("web", 60)]);
}

/// Asserts that stacks deploy to the end in an empty account, that a second deployment has nothing to do, and that they can
/// be deleted.
pub(super) fn assert_ends(stacks: &[DesiredStack]) {
    let (first, second, deleted) = run(AccountState::new(1), stacks);
    assert_terminal(&first, stacks);
    assert_terminal(&deleted, stacks);
    let results = |outcome: &Outcome| outcome.stacks.iter().map(|stack| stack.result.clone()).collect::<Vec<_>>();
    if results(&first).iter().all(|result| *result == StackResult::Created) {
        let unchanged = results(&second).iter().all(|result| *result == StackResult::Unchanged);
        assert!(unchanged, "a second deployment has changes: {second:?}");
    }
}

fn assert_terminal(outcome: &Outcome, stacks: &[DesiredStack]) {
    assert!(outcome.problems.is_empty(), "problems of the run: {:?}", outcome.problems);
    assert_eq!(outcome.stacks.len(), stacks.len(), "every stack has an outcome");
    for stack in &outcome.stacks {
        let lost = [StackResult::Detached, StackResult::ConnectionLost, StackResult::Interrupted];
        assert!(!lost.contains(&stack.result), "the operation did not end: {stack:?}");
        let internal = stack.problems.iter().any(|problem| problem.code == Code::AwsInternalFailure);
        assert!(!internal, "an internal failure without a fault: {stack:?}");
        let explained = stack.result.is_success() || stack.result == StackResult::Skipped;
        assert!(explained || !stack.problems.is_empty(), "a failure without a reason: {stack:?}");
    }
}

fn saved(state: &AccountState) -> String {
    serde_json::to_string(state).expect("an account can be written")
}

/// Deploys stacks, deploys them again and deletes them.
fn run(state: AccountState, stacks: &[DesiredStack]) -> (Outcome, Outcome, Outcome) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let clock = RehearsalClock::new(state.now + Duration::from_mins(1), 1.0);
        let account = Rehearsal::new(state, clock, "eu-central-1", FaultPlan::default());
        let engine = |run: &str| {
            let options = EngineOptions { timeout: Some(Duration::from_hours(24)), ..EngineOptions::new(run) };
            Engine::new(account.clone(), clock, options, |_| (), StopSignal::none())
        };
        let first = engine("first").deploy(stacks, &async |_| true).await;
        let second = engine("second").deploy(stacks, &async |_| true).await;
        for stack in stacks {
            let _ = account.events(&stack.name, None).await;
            let _ = account.resources(&stack.name).await;
            if let Ok(detection) = account.detect_drift(&stack.name).await {
                clock.sleep(Duration::from_mins(1)).await;
                let _ = account.drift_detection(&detection).await;
            }
        }
        let deleted = engine("third").destroy(stacks).await;
        let _ = saved(&account.state());
        (first, second, deleted)
    })
}

/// Returns a stack of a queue and a parameter that refers to it.
fn known_stack(name: &str, seconds: u32) -> DesiredStack {
    let yaml = format!(
        "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties:\n      VisibilityTimeout: {seconds}\n  \
         Url:\n    Type: AWS::SSM::Parameter\n    Properties:\n      Type: String\n      Value: !Ref Queue\n"
    );
    let template = TemplateDocument::parse(name, yaml).value.expect("the template is valid");
    DesiredStack::new(name, template, Origin::new(name, 1, 1))
}
