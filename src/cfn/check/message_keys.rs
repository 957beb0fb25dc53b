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

/// A resource whose service sends to a topic or queue.
struct Sending<'a> {
    sender: ResourceEntry<'a>,
    /// The path at which it names the receiver.
    place: String,
    receiver: ResourceEntry<'a>,
    service: &'static str,
}

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let all: Vec<Sending<'_>> = alarms(scope).into_iter().chain(rules(scope)).chain(subscriptions(scope)).collect();
    for (at, sending) in all.iter().enumerate() {
        let is_same =
            |other: &&Sending<'_>| other.receiver.id == sending.receiver.id && other.service == sending.service;
        if all[..at].iter().any(|other| is_same(&other)) {
            continue;
        }
        let others = all.iter().filter(is_same).filter(|other| other.sender.id != sending.sender.id).count();
        sink.extend(problem(sending, others, scope));
    }
}

fn alarms<'a>(scope: &CheckContext<'a>) -> Vec<Sending<'a>> {
    let mut found = Vec::new();
    for sender in [ALARM, "AWS::CloudWatch::CompositeAlarm"].iter().flat_map(|kind| scope.all(kind)) {
        for name in ACTIONS {
            for (at, action) in sender.list(name).iter().enumerate() {
                let receiver = scope.target(action, TOPIC);
                let place = format!("{name}.{at}");
                found.extend(receiver.map(|receiver| Sending { sender, place, receiver, service: CLOUDWATCH }));
            }
        }
    }
    found
}

fn rules<'a>(scope: &CheckContext<'a>) -> Vec<Sending<'a>> {
    let mut found = Vec::new();
    for sender in scope.all("AWS::Events::Rule") {
        for (at, target) in sender.list("Targets").iter().enumerate() {
            // A target with a role uses the key as this role.
            let topic = target.get("Arn").filter(|_| target.get("RoleArn").is_none());
            let receiver = topic.and_then(|arn| scope.target(arn, TOPIC));
            let place = format!("Targets.{at}.Arn");
            found.extend(receiver.map(|receiver| Sending { sender, place, receiver, service: EVENTS }));
        }
    }
    found
}

fn subscriptions<'a>(scope: &CheckContext<'a>) -> Vec<Sending<'a>> {
    let queue = |sender: &ResourceEntry<'a>| scope.target(sender.get("Endpoint")?, QUEUE);
    let sending = |sender: ResourceEntry<'a>| {
        let receiver = queue(&sender)?;
        Some(Sending { sender, place: "Endpoint".to_owned(), receiver, service: SNS })
    };
    scope.all(SUBSCRIPTION).filter_map(sending).collect()
}

/// Returns the problem of senders whose service cannot use the key of the receiver: of one, and the number of the others.
fn problem(sending: &Sending<'_>, others: usize, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let Sending { sender, place, receiver, service } = sending;
    let key = receiver.get(KEY_ID)?;
    let from = match others {
        0 => format!("`{}`", sender.id),
        1 => format!("`{}` and one other", sender.id),
        others => format!("`{}` and {others} others", sender.id),
    };
    let to = receiver.id;
    let warn = |message: String| sender.warning(Code::TopicKey, place, message).at(receiver.origin(KEY_ID), "the key");
    if key.as_str().is_some_and(|key| key.contains("alias/aws/")) {
        let message = format!("messages of {from} do not reach `{to}`: the key of AWS does not admit `{service}`");
        return Some(warn(message).help(if *service == SNS {
            "leave the key out: SQS encrypts with keys of its own; or use a key whose policy admits SNS"
        } else {
            "use `.encrypted()` of `Topic`, whose key admits CloudWatch and EventBridge, or a key with such a policy"
        }));
    }
    let key = scope.target(key, KEY)?;
    let id = key.id;
    let (message, help) = match admits(key, service) {
        Admission::Yes => return None,
        Admission::No => (
            format!("messages of {from} do not reach `{to}`: the policy of `{id}` does not admit `{service}`"),
            format!(
                "add a statement: `Effect: Allow`, `Principal: {{Service: {service}}}`, `Action: [\"kms:Decrypt\", \"kms:GenerateDataKey*\"]`, \
                 `Resource: \"*\"`"
            ),
        ),
        Admission::OfSource => (
            format!(
                "events of {from} do not reach `{to}`: EventBridge does not say what a condition of `{id}` compares"
            ),
            format!("leave `aws:SourceAccount` and `aws:SourceArn` out of the statement for `{service}`"),
        ),
    };
    Some(warn(message).at(key.origin("KeyPolicy"), "its policy").help(help))
}

/// Whether the policy of a key lets a service use it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    /// It does, or this is not known.
    Yes,
    No,
    /// Only with a condition that EventBridge never meets.
    OfSource,
}

fn admits(key: ResourceEntry<'_>, service: &str) -> Admission {
    let statements = match key.get("KeyPolicy.Statement") {
        Some(Value::List(items)) => items.as_slice(),
        Some(one @ Value::Map(_)) => std::slice::from_ref(one),
        None if key.lacks("KeyPolicy") => return Admission::No,
        _ => return Admission::Yes,
    };
    let found = statements.iter().map(|statement| match statement {
        Value::Map(statement) => admitted_by(statement, service),
        _ => Admission::Yes,
    });
    let found: Vec<Admission> = found.collect();
    let first = [Admission::Yes, Admission::OfSource].into_iter().find(|wanted| found.contains(wanted));
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
        true if service == EVENTS && wants_source() => Admission::OfSource,
        true => Admission::Yes,
    }
}
