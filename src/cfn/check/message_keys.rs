//! Keys of topics and queues that the services which send to them cannot use.
//!
//! Sources: "Key management" (SNS developer guide): event sources need a customer managed key whose policy names their principal, and
//! `aws:SourceAccount`, `aws:SourceArn` and `aws:SourceOrgID` are not supported for EventBridge; "Key management" (SQS developer
//! guide) for topics that send to encrypted queues. Messages are lost without an error at deployment.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::{ALARM, QUEUE, SUBSCRIPTION, TOPIC};
use crate::cfn::{Map, Value};
use crate::diag::{Code, Diagnostic, Sink};

const KEY: &str = "AWS::KMS::Key";
const KEY_ID: &str = "KmsMasterKeyId";
const CLOUDWATCH: &str = "cloudwatch.amazonaws.com";
const EVENTS: &str = "events.amazonaws.com";
const SNS: &str = "sns.amazonaws.com";
const ACTIONS: [&str; 3] = ["AlarmActions", "InsufficientDataActions", "OKActions"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for alarm in [ALARM, "AWS::CloudWatch::CompositeAlarm"].iter().flat_map(|kind| scope.all(kind)) {
        for name in ACTIONS {
            for (at, action) in alarm.list(name).iter().enumerate() {
                let topic = scope.target(action, TOPIC);
                sink.extend(topic.and_then(|topic| problem(alarm, &format!("{name}.{at}"), topic, CLOUDWATCH, scope)));
            }
        }
    }
    for rule in scope.all("AWS::Events::Rule") {
        for (at, target) in rule.list("Targets").iter().enumerate() {
            // A target with a role uses the key as this role.
            let topic = target.get("Arn").filter(|_| target.get("RoleArn").is_none());
            let topic = topic.and_then(|arn| scope.target(arn, TOPIC));
            sink.extend(topic.and_then(|topic| problem(rule, &format!("Targets.{at}.Arn"), topic, EVENTS, scope)));
        }
    }
    for subscription in scope.all(SUBSCRIPTION) {
        let queue = subscription.get("Endpoint").and_then(|endpoint| scope.target(endpoint, QUEUE));
        sink.extend(queue.and_then(|queue| problem(subscription, "Endpoint", queue, SNS, scope)));
    }
}

/// Returns the problem of a sender whose service cannot use the key of the receiver.
fn problem(
    sender: ResourceEntry<'_>,
    place: &str,
    receiver: ResourceEntry<'_>,
    service: &str,
    scope: &CheckContext<'_>,
) -> Option<Diagnostic> {
    let key = receiver.get(KEY_ID)?;
    let (from, to) = (sender.id, receiver.id);
    let remedy = if service == SNS {
        "let SQS encrypt with keys of its own (`SqsManagedSseEnabled`), or use a key whose policy admits SNS"
    } else {
        "use `Topic.encrypted()`, whose key admits CloudWatch and EventBridge, or a key with such a policy"
    };
    let warn = |message: String| sender.warning(Code::TopicKey, place, message).at(receiver.origin(KEY_ID), "the key");
    if key.as_str().is_some_and(|key| key.contains("alias/aws/")) {
        let message = format!("messages of `{from}` do not reach `{to}`: the key of AWS does not admit `{service}`");
        return Some(warn(message).help(remedy));
    }
    let key = scope.target(key, KEY)?;
    match admits(key, service) {
        Admission::Yes => None,
        Admission::No => {
            let message = format!(
                "messages of `{from}` do not reach `{to}`: the policy of `{}` does not admit `{service}`",
                key.id
            );
            Some(warn(message).at(key.origin("KeyPolicy"), "its policy").help(format!(
                "add a statement: `Effect: Allow`, `Principal: {{Service: {service}}}`, `Action: [\"kms:Decrypt\", \"kms:GenerateDataKey*\"]`, \
                 `Resource: \"*\"`"
            )))
        }
        Admission::OfOtherAccounts => {
            let message = format!(
                "events of `{from}` do not reach `{to}`: EventBridge does not send the account that `{}` wants",
                key.id
            );
            Some(warn(message).at(key.origin("KeyPolicy"), "its policy").help(
                "leave the conditions `aws:SourceAccount` and `aws:SourceArn` out of the statement for `events.amazonaws.com`",
            ))
        }
    }
}

/// Whether the policy of a key lets a service use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    /// It does, or this is not known.
    Yes,
    No,
    /// Only with a condition that EventBridge never meets.
    OfOtherAccounts,
}

fn admits(key: ResourceEntry<'_>, service: &str) -> Admission {
    let statements = match key.get("KeyPolicy.Statement") {
        Some(Value::List(items)) => items.as_slice(),
        Some(one @ Value::Map(_)) => std::slice::from_ref(one),
        Some(_) => return Admission::Yes,
        None if key.lacks("KeyPolicy") => return Admission::No,
        None => return Admission::Yes,
    };
    let found = statements.iter().map(|statement| match statement {
        Value::Map(statement) => admitted_by(statement, service),
        _ => Admission::Yes,
    });
    let found: Vec<Admission> = found.collect();
    let first = [Admission::Yes, Admission::OfOtherAccounts].into_iter().find(|wanted| found.contains(wanted));
    first.unwrap_or(Admission::No)
}

fn admitted_by(statement: &Map, service: &str) -> Admission {
    if statement.keys().any(|name| name.starts_with("Fn::")) {
        return Admission::Yes;
    }
    if statement.get("Effect").and_then(Value::as_str) == Some("Deny") {
        return Admission::No;
    }
    let is_for_it = match statement.get("Principal") {
        Some(Value::Map(principals)) => {
            let is_it = |name: &Value| name.as_str().is_none_or(|name| name == service);
            let is_listed = match principals.get("Service") {
                None => false,
                Some(Value::List(services)) => services.iter().any(is_it),
                Some(one) => is_it(one),
            };
            is_listed || principals.get("AWS").and_then(Value::as_str) == Some("*")
        }
        _ => true,
    };
    let wants_source = || {
        let operators =
            statement.get("Condition").and_then(|it| if let Value::Map(map) = it { Some(map) } else { None });
        operators.is_some_and(|operators| {
            operators.values().any(|keys| match keys {
                Value::Map(keys) => keys.keys().any(|key| key.to_ascii_lowercase().starts_with("aws:source")),
                _ => false,
            })
        })
    };
    match is_for_it {
        false => Admission::No,
        true if service == EVENTS && wants_source() => Admission::OfOtherAccounts,
        true => Admission::Yes,
    }
}
