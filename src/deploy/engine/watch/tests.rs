use std::time::Duration;

use super::step::{Effect, Input, OperationWatch, WatchOptions};
use super::{CancelAnswer, Operation};
use crate::deploy::api::status::{ResourceStatus, StackStatus};
use crate::deploy::api::{
    ApiCall, AwsError, ChangeSetId, ClientRequestToken, ErrorKind, EventStatus, StackDescription, StackEvent, Timestamp,
};
use crate::deploy::engine::abort::Abort;
use crate::deploy::engine::progress::{OperationGoal, OperationResult};
use crate::deploy::engine::stop::StopRequest;
use crate::testing::fixtures;

fn start() -> Timestamp {
    Timestamp::from_secs(1_795_380_067)
}

const OPTIONS: WatchOptions = WatchOptions { timeout: None, disable_rollback: false, max_task_failures: 3, seed: 1 };

fn watch_of(goal: OperationGoal, options: WatchOptions) -> OperationWatch {
    let operation = Operation::new("arn:stack", goal, ClientRequestToken("rtiler-1-run-web".to_owned()));
    OperationWatch::new(&operation, options, start())
}

fn deployment() -> OperationWatch {
    watch_of(OperationGoal::Deployed, OPTIONS)
}

fn stack_event(status: StackStatus) -> StackEvent {
    fixtures::event("web", EventStatus::Stack(status), "")
}

fn resource_event(status: ResourceStatus) -> StackEvent {
    fixtures::event("Logs", EventStatus::Resource(status), "")
}

fn described(status: StackStatus) -> Input {
    Input::Status(Some(Box::new(StackDescription { status, ..fixtures::stack_description("web") })))
}

fn error(kind: ErrorKind) -> AwsError {
    AwsError::new(kind, ApiCall::DescribeStackEvents, "Code", "message")
}

/// Returns an effect in short.
fn name(effect: &Effect) -> String {
    match effect {
        Effect::Emit(event) => serde_json::to_value(event).unwrap()["type"].as_str().unwrap().to_owned(),
        Effect::PollEvents => "poll".to_owned(),
        Effect::DescribeStack => "describe".to_owned(),
        Effect::DescribeChangeSet(_) => "describe change set".to_owned(),
        Effect::DrainEvents => "drain".to_owned(),
        Effect::PollServices => "services".to_owned(),
        Effect::Cancel => "cancel".to_owned(),
        Effect::Finish(end) => format!("finish {:?}", end.result),
        Effect::Abort(abort) => match **abort {
            Abort::ConnectionLost(_) => "connection lost".to_owned(),
            Abort::Detached(_) => "detach".to_owned(),
            Abort::LeftInPlace { .. } => "leave in place".to_owned(),
            ref other => panic!("unexpected {other:?}"),
        },
    }
}

fn after(seconds: u64) -> Timestamp {
    start() + Duration::from_secs(seconds)
}

fn step(watch: &mut OperationWatch, input: Input, seconds: u64) -> Vec<String> {
    watch.step(input, after(seconds)).iter().map(name).collect()
}

/// Polls without events; returns which polls describe the stack.
fn idle_polls(watch: &mut OperationWatch, status: &StackStatus, polls: u64) -> Vec<u64> {
    let mut described_at = Vec::new();
    for poll in 1..=polls {
        let effects = step(watch, Input::Events(Vec::new()), 60 + poll);
        if effects == ["describe"] {
            described_at.push(poll);
            step(watch, described(status.clone()), 60 + poll);
        }
    }
    described_at
}

#[test]
fn events_are_polled_only_when_due() {
    let mut watch = deployment();
    assert_eq!(step(&mut watch, Input::Tick, 0), ["poll"]);
    assert_eq!(step(&mut watch, Input::Events(vec![stack_event(StackStatus::UpdateInProgress)]), 0), ["stack-event"]);
    assert_eq!(watch.next_poll(), after(1));
    assert_eq!(step(&mut watch, Input::Tick, 0), [""; 0]);
    assert_eq!(step(&mut watch, Input::Tick, 1), ["poll"]);
}

#[test]
fn stack_is_described_after_the_first_idle_poll_and_after_every_sixth() {
    let mut watch = deployment();
    step(&mut watch, Input::Events(vec![stack_event(StackStatus::UpdateInProgress)]), 0);
    assert_eq!(idle_polls(&mut watch, &StackStatus::UpdateInProgress, 18), [1, 5, 11, 17]);
}

#[test]
fn operation_has_started_by_its_events_its_status_or_after_twenty_seconds() {
    for (event, status_before, seconds, finished) in [
        (None, None, 5, false),
        (None, None, 19, false),
        (None, None, 20, true),
        (None, Some(StackStatus::UpdateComplete), 5, false),
        (None, Some(StackStatus::ReviewInProgress), 5, true),
        (Some(stack_event(StackStatus::UpdateInProgress)), None, 5, true),
    ] {
        let operation = Operation::new("arn:stack", OperationGoal::Deployed, ClientRequestToken("t".to_owned()));
        let operation = Operation { status_before: status_before.clone(), ..operation };
        let mut watch = OperationWatch::new(&operation, OPTIONS, start());
        step(&mut watch, Input::Events(event.iter().cloned().collect()), 1);
        let effects = step(&mut watch, described(StackStatus::UpdateComplete), seconds);
        assert_eq!(effects == ["drain"], finished, "{event:?} {status_before:?} after {seconds} s: {effects:?}");
    }
}

#[test]
fn operation_without_events_has_run_when_its_change_set_was_executed() {
    let operation = Operation::new("arn:stack", OperationGoal::Deployed, ClientRequestToken("t".to_owned()));
    let operation = Operation { change_set: Some(ChangeSetId("arn:set".to_owned())), ..operation };
    let mut watch = OperationWatch::new(&operation, OPTIONS, start());
    for seconds in [1, 2] {
        step(&mut watch, Input::Events(Vec::new()), seconds);
        assert_eq!(step(&mut watch, described(StackStatus::UpdateComplete), seconds), ["describe change set"]);
        assert_eq!(step(&mut watch, Input::Executed(false), seconds), [""; 0], "it has not started");
    }
    assert_eq!(step(&mut watch, described(StackStatus::UpdateInProgress), 3), [""; 0]);
    step(&mut watch, described(StackStatus::UpdateComplete), 4);
    assert_eq!(step(&mut watch, Input::Executed(true), 4), ["drain"]);
    let end = step(&mut watch, Input::LastEvents(Vec::new()), 4);
    assert_eq!(end, ["operation-finished", "finish Succeeded"]);
}

#[test]
fn stack_that_is_described_as_deleted_ends_its_deletion_at_once() {
    let mut watch = watch_of(OperationGoal::Deleted, OPTIONS);
    step(&mut watch, Input::Events(Vec::new()), 1);
    assert_eq!(step(&mut watch, described(StackStatus::DeleteComplete), 1), ["drain"]);
}

#[test]
fn deleted_stack_ends_an_operation_at_once() {
    let mut watch = watch_of(OperationGoal::Deleted, OPTIONS);
    step(&mut watch, Input::Events(Vec::new()), 1);
    assert_eq!(step(&mut watch, Input::Status(None), 1), ["drain"]);
    let end = step(&mut watch, Input::LastEvents(Vec::new()), 1);
    assert_eq!(end, ["operation-finished", "finish Succeeded"]);
}

#[test]
fn stack_may_look_busy_for_three_polls_after_its_last_event() {
    let mut watch = deployment();
    let last = vec![stack_event(StackStatus::UpdateComplete)];
    assert_eq!(step(&mut watch, Input::Events(last), 1), ["stack-event", "describe"]);
    for poll in 1..=3 {
        assert_eq!(step(&mut watch, described(StackStatus::UpdateInProgress), poll), [""; 0], "poll {poll}");
        assert_eq!(step(&mut watch, Input::Events(Vec::new()), poll), ["describe"]);
    }
    assert_eq!(step(&mut watch, described(StackStatus::UpdateInProgress), 5), ["drain"]);
    let end = step(&mut watch, Input::LastEvents(Vec::new()), 5);
    assert_eq!(end, ["operation-finished", "finish Succeeded"]);
}

#[test]
fn last_events_decide_the_result() {
    let mut watch = deployment();
    step(&mut watch, Input::Events(vec![stack_event(StackStatus::UpdateCompleteCleanupInProgress)]), 1);
    step(&mut watch, Input::Events(Vec::new()), 2);
    assert_eq!(step(&mut watch, described(StackStatus::UpdateComplete), 2), ["drain"]);
    let end = step(&mut watch, Input::LastEvents(vec![resource_event(ResourceStatus::DeleteFailed)]), 2);
    assert_eq!(end, ["stack-event", "operation-finished", "finish SucceededWithLeftovers"]);
}

#[test]
fn connection_is_lost_after_fifteen_minutes_without_an_answer() {
    for kind in [ErrorKind::Connection, ErrorKind::OddAnswer, ErrorKind::Throttled, ErrorKind::ClockSkew] {
        let mut watch = deployment();
        for seconds in (0..900).step_by(25) {
            let effects = step(&mut watch, Input::PollFailed(error(kind)), seconds);
            assert_eq!(effects, ["poll-failed"], "{kind:?}, after {seconds} s");
        }
        assert_eq!(step(&mut watch, Input::PollFailed(error(kind)), 900), ["connection lost"], "{kind:?}");
    }
}

#[test]
fn answer_starts_the_fifteen_minutes_again() {
    let mut watch = deployment();
    for start in [0, 890, 1780] {
        (0..30).for_each(|poll| {
            drop(step(&mut watch, Input::PollFailed(error(ErrorKind::Connection)), start + poll * 29));
        });
        let events = vec![stack_event(StackStatus::UpdateInProgress)];
        assert_eq!(step(&mut watch, Input::Events(events), start + 880), ["stack-event"]);
    }
}

#[test]
fn failed_poll_reports_the_time_without_an_answer() {
    let mut watch = deployment();
    step(&mut watch, Input::Events(vec![stack_event(StackStatus::UpdateInProgress)]), 10);
    for seconds in [35, 70] {
        let effects = watch.step(Input::PollFailed(error(ErrorKind::Connection)), after(seconds));
        let Effect::Emit(event) = &effects[0] else { panic!("{effects:?}") };
        let event = serde_json::to_value(event).unwrap();
        assert_eq!(event["unanswered_seconds"], serde_json::json!(f64::from(u32::try_from(seconds - 10).unwrap())));
    }
}

#[test]
fn refused_poll_is_not_retried() {
    let mut watch = deployment();
    let effects = step(&mut watch, Input::PollFailed(error(ErrorKind::AccessDenied)), 1);
    assert_eq!(effects, ["connection lost"]);
}

#[test]
fn failed_drain_continues_the_watch() {
    let mut watch = deployment();
    step(&mut watch, Input::Events(vec![stack_event(StackStatus::UpdateComplete)]), 1);
    assert_eq!(step(&mut watch, described(StackStatus::UpdateComplete), 1), ["drain"]);
    assert_eq!(step(&mut watch, Input::PollFailed(error(ErrorKind::Throttled)), 1), ["poll-failed"]);
    assert_eq!(step(&mut watch, Input::Events(Vec::new()), 9), ["describe"]);
    assert_eq!(step(&mut watch, described(StackStatus::UpdateComplete), 9), ["drain"]);
}

#[test]
fn stop_requests_by_goal() {
    use OperationGoal as Goal;
    use StopRequest::{CancelAndRollBack, Detach};
    for (goal, request, effect) in [
        (Goal::Deployed, CancelAndRollBack, "cancel"),
        (Goal::Settled, CancelAndRollBack, "cancel"),
        (Goal::Deleted, CancelAndRollBack, "cancel-rejected"),
        (Goal::Undone, CancelAndRollBack, "cancel-rejected"),
        (Goal::Restored, CancelAndRollBack, "cancel-rejected"),
        (Goal::Withdrawn, CancelAndRollBack, "cancel-rejected"),
        (Goal::Deployed, Detach, "detach"),
        (Goal::Deleted, Detach, "detach"),
    ] {
        let mut watch = watch_of(goal, OPTIONS);
        assert_eq!(step(&mut watch, Input::Stop(request), 1), [effect], "{goal:?} {request:?}");
    }
}

#[test]
fn operation_of_another_program_is_not_cancelled() {
    let token = ClientRequestToken("Console-UpdateStack-1".to_owned());
    let operation = Operation::new("arn:stack", OperationGoal::Settled, token);
    let mut watch = OperationWatch::new(&operation, OPTIONS, start());
    assert_eq!(step(&mut watch, Input::Stop(StopRequest::CancelAndRollBack), 1), ["cancel-rejected"]);
}

#[test]
fn cancel_is_requested_once_and_its_answer_reported() {
    for (answer, event) in [
        (CancelAnswer::RollingBack, "cancel-started"),
        (CancelAnswer::Deleting, "cancel-started"),
        (CancelAnswer::Rejected("the stack is in UPDATE_COMPLETE".to_owned()), "cancel-rejected"),
    ] {
        let mut watch = deployment();
        assert_eq!(step(&mut watch, Input::Stop(StopRequest::CancelAndRollBack), 1), ["cancel"]);
        assert_eq!(step(&mut watch, Input::Stop(StopRequest::CancelAndRollBack), 1), [""; 0]);
        assert_eq!(step(&mut watch, Input::CancelAnswered(answer), 1), [event]);
    }
}

#[test]
fn cancelled_creation_is_rolled_back_when_its_stack_is_deleted() {
    for (answer, result) in
        [(CancelAnswer::Deleting, OperationResult::RolledBack), (CancelAnswer::RollingBack, OperationResult::Failed)]
    {
        let mut watch = deployment();
        step(&mut watch, Input::Stop(StopRequest::CancelAndRollBack), 1);
        step(&mut watch, Input::CancelAnswered(answer), 1);
        step(&mut watch, Input::Events(Vec::new()), 2);
        step(&mut watch, Input::Status(None), 2);
        let end = step(&mut watch, Input::LastEvents(Vec::new()), 2);
        assert_eq!(end.last().unwrap(), &format!("finish {result:?}"));
    }
}

#[test]
fn operation_is_cancelled_at_its_time_limit_unless_it_is_over_or_rolling_back() {
    let timeout = Some(Duration::from_secs(100));
    for (events, disable_rollback, seconds, effects) in [
        (vec![], false, 99, vec![]),
        (vec![], false, 100, vec!["cancel"]),
        (vec![], true, 100, vec!["leave in place"]),
        (vec![stack_event(StackStatus::UpdateRollbackInProgress)], false, 100, vec![]),
        (vec![stack_event(StackStatus::UpdateComplete)], false, 100, vec![]),
    ] {
        let mut watch = watch_of(OperationGoal::Deployed, WatchOptions { timeout, disable_rollback, ..OPTIONS });
        step(&mut watch, Input::Events(events), 98);
        step(&mut watch, described(StackStatus::UpdateInProgress), 98);
        let found: Vec<_> =
            watch.step(Input::PollFailed(error(ErrorKind::Throttled)), after(seconds)).iter().map(name).collect();
        assert_eq!(found[1..], effects, "after {seconds} s");
    }
}

#[test]
fn services_are_observed_once_an_event_names_them() {
    let mut watch = deployment();
    let service = StackEvent {
        kind: "AWS::ECS::Service".to_owned(),
        physical_id: Some("arn:service".to_owned()),
        ..resource_event(ResourceStatus::CreateInProgress)
    };
    assert_eq!(step(&mut watch, Input::Events(vec![service]), 1), ["stack-event", "services"]);
    assert_eq!(step(&mut watch, Input::Services(Err(error(ErrorKind::AccessDenied))), 1), ["service"]);
    let again = step(&mut watch, Input::Services(Err(error(ErrorKind::AccessDenied))), 9);
    assert_eq!(again, [""; 0], "only the first failed poll is reported");
}
