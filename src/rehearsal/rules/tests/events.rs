//! Rules and schedules of `EventBridge`, and alarms.

use super::{accepts_each, refuses_each};

/// Returns a rule of `EventBridge`.
fn rule(properties: &str) -> String {
    format!("  Rule: {{Type: AWS::Events::Rule, Properties: {{{properties}}}}}\n")
}

#[test]
fn rule_that_eventbridge_does_not_accept_is_refused() {
    let invalid = "ValidationException";
    let cluster = "arn:aws:ecs:eu-central-1:123456789012:cluster/web";
    let queue = |id: &str| format!("{{Id: {id}, Arn: 'arn:aws:sqs:eu-central-1:123456789012:jobs'}}");
    let queues = |ids: &[&str]| {
        let targets: Vec<_> = ids.iter().map(|id| queue(id)).collect();
        rule(&format!("ScheduleExpression: rate(1 hour), Targets: [{}]", targets.join(", ")))
    };
    refuses_each(&[
        (&rule("Description: it"), "Rule", invalid, "EventPattern or ScheduleExpression must be specified"),
        (&rule("ScheduleExpression: rate(1 hours)"), "Rule", invalid, "Parameter ScheduleExpression is not valid."),
        (
            &rule("ScheduleExpression: rate(1 hour), EventBusName: mine"),
            "Rule",
            invalid,
            "ScheduleExpression is supported only on the default event bus.",
        ),
        (&queues(&["a", "a"]), "Rule", invalid, "Duplicate ids in the list of targets: a"),
        (&queues(&["a", "b", "c", "d", "e", "f"]), "Rule", "LimitExceededException", "exceeds the maximum number"),
        (
            &rule(&format!("ScheduleExpression: rate(1 hour), Targets: [{{Id: a, Arn: '{cluster}'}}]")),
            "Rule",
            invalid,
            "RoleArn is required for target arn:aws:ecs:",
        ),
    ]);
    accepts_each(&[&queues(&["a", "b"]), &rule("EventPattern: {source: [aws.ecs]}, EventBusName: mine")]);
}

#[test]
fn schedule_that_is_invalid_or_has_a_role_of_another_service_is_refused() {
    let schedule = |expression: &str, service: &str| {
        format!(
            "
  Role:
    Type: AWS::IAM::Role
    Properties: {{AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: {service}}}, Action: 'sts:AssumeRole'}}]}}}}
  Schedule:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: {expression}
      FlexibleTimeWindow: {{Mode: 'OFF'}}
      Target: {{Arn: 'arn:aws:sqs:eu-central-1:123456789012:jobs', RoleArn: !GetAtt Role.Arn}}
"
        )
    };
    let scheduler = "scheduler.amazonaws.com";
    accepts_each(&[&schedule("rate(5 minutes)", scheduler), &schedule("at(2026-12-01T03:00:00)", scheduler)]);
    refuses_each(&[
        (
            &schedule("every day", scheduler),
            "Schedule",
            "ValidationException",
            "Invalid Schedule Expression every day.",
        ),
        (
            &schedule("rate(5 minutes)", "events.amazonaws.com"),
            "Schedule",
            "ValidationException",
            "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.",
        ),
    ]);
}

#[test]
fn alarm_with_invalid_periods_is_refused() {
    let alarm = |period: u32, periods: u32, rest: &str| {
        format!(
            "  Alarm: {{Type: AWS::CloudWatch::Alarm, Properties: {{Namespace: AWS/SQS, MetricName: It, Statistic: Sum, Threshold: 1, ComparisonOperator: GreaterThanThreshold, Period: {period}, EvaluationPeriods: {periods}{rest}}}}}\n"
        )
    };
    let error = "ValidationError";
    accepts_each(&[&alarm(10, 3, ""), &alarm(60, 5, ", DatapointsToAlarm: 3"), &alarm(86_400, 7, "")]);
    refuses_each(&[
        (&alarm(45, 1, ""), "Alarm", error, "Period must be 10, 20, 30 or a multiple of 60"),
        (&alarm(300, 300, ""), "Alarm", error, "Metrics cannot be checked across more than a day"),
        (&alarm(60, 2, ", DatapointsToAlarm: 3"), "Alarm", error, "DatapointsToAlarm must be less than or equal to"),
        (
            &alarm(60, 2, ", AlarmActions: ['arn:aws:sns:us-east-1:123456789012:alarms']"),
            "Alarm",
            error,
            "Invalid region us-east-1 specified. Only eu-central-1 is supported.",
        ),
    ]);
}
