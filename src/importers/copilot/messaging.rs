//! Topics that services publish to, and queues of those that subscribe.

use super::{Copilot, Manifest};
use crate::importers::draft::Draft;
use crate::importers::names::variable_name;
use crate::importers::note::Note;
use crate::importers::source::Node;
use crate::importers::units::seconds;
use crate::importers::writer::Expr;

const SECONDS_A_DAY: i64 = 86_400;

fn map(entries: Vec<(&str, Expr)>) -> Expr {
    Expr::Map(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Returns the topics of a service with their variables.
pub(super) fn topics(copilot: &mut Copilot<'_>, manifest: &Manifest, block: &str) -> Vec<(String, Expr)> {
    let mut found = Vec::new();
    for topic in manifest.node.at("publish.topics").map(Node::items).unwrap_or_default() {
        let Some(name) = topic.text_of("name") else { continue };
        let variable = copilot.names.unique(&variable_name(&format!("{} {name}", manifest.name)), "_");
        let id = copilot.blocks.unique(&crate::importers::names::block_name(&format!("{block}-{name}")), "-");
        let fifo = topic.get("fifo");
        let is_fifo = fifo.is_some_and(|fifo| fifo.is_map() || fifo.bool() == Some(true));
        if is_fifo {
            let text = format!(
                "the topic `{name}` is FIFO: it is written as `AWS::SNS::Topic`, because a `Topic` has no such setting"
            );
            copilot.notes.push(Note { file: manifest.file.clone(), line: topic.line, text });
        }
        let is_deduplicated = topic.at("fifo.content_based_deduplication").and_then(Node::bool) == Some(true);
        found.push((variable.clone(), if is_fifo { fifo_topic(&id, is_deduplicated) } else { block_of("Topic", &id) }));
        copilot.added.push(Expr::name(&variable));
        copilot.topics.insert((manifest.name.clone(), name), (variable, is_fifo));
    }
    found
}

/// Returns a block of a type.
fn block_of(kind: &str, name: &str) -> Expr {
    Expr::call(kind, [Expr::text(name)])
}

/// Returns a FIFO topic, which the block does not have.
fn fifo_topic(id: &str, is_deduplicated: bool) -> Expr {
    let mut properties = vec![("FifoTopic", Expr::Bool(true))];
    properties.extend(is_deduplicated.then_some(("ContentBasedDeduplication", Expr::Bool(true))));
    Expr::call("AWS::SNS::Topic", [Expr::text(id), map(properties)])
}

/// Returns the ARN of a topic, which is a block unless it is FIFO.
fn topic_arn(variable: &str, is_fifo: bool) -> Expr {
    Expr::name(if is_fifo { variable.to_owned() } else { format!("{variable}.arn") })
}

/// Returns the variable of the queue of a service.
pub(super) fn queue_variable(manifest: &Manifest) -> String {
    variable_name(&format!("{} queue", manifest.name))
}

/// Returns the queue of a service that subscribes to topics, with its subscriptions and the policy that admits the topics.
pub(super) fn queue(copilot: &mut Copilot<'_>, manifest: &Manifest, block: &str) -> Vec<(String, Expr)> {
    let Some(subscribe) = manifest.node.get("subscribe") else { return Vec::new() };
    let settings = subscribe.get("queue");
    let variable = queue_variable(manifest);
    let is_fifo =
        settings.and_then(|queue| queue.get("fifo")).is_some_and(|fifo| fifo.is_map() || fifo.bool() == Some(true));
    let name = copilot.blocks.unique(&format!("{block}-messages"), "-");
    let mut statements = vec![(variable.clone(), queue_block(&name, settings, is_fifo))];
    let mut topics = Vec::new();
    for topic in subscribe.get("topics").map(Node::items).unwrap_or_default() {
        subscription(copilot, manifest, block, topic, (&variable, is_fifo), &mut topics, &mut statements);
    }
    if !topics.is_empty() {
        statements.push((variable_name(&format!("{} queue policy", manifest.name)), policy(block, &variable, topics)));
    }
    copilot.added.extend(statements.iter().map(|(name, _)| Expr::name(name)));
    statements
}

/// Returns the queue with the settings of `subscribe.queue`.
fn queue_block(name: &str, settings: Option<&Node>, is_fifo: bool) -> Expr {
    let at = |key: &str| settings.and_then(|queue| queue.at(key));
    let period = |key: &str| at(key).and_then(Node::text).and_then(|text| days_or_seconds(&text));
    let mut queue = block_of("Queue", name);
    if is_fifo {
        queue = queue.set("fifo", []);
    }
    match at("dead_letter.tries").and_then(Node::int).filter(|tries| *tries > 0) {
        Some(tries) => queue = queue.set("dead_letter", [Expr::Int(tries)]),
        None => queue = queue.set("no_dead_letter", []),
    }
    for (key, setter) in [("timeout", "visibility_timeout"), ("delay", "delay")] {
        if let Some(seconds) = period(key) {
            queue = queue.set(setter, [Expr::Int(seconds)]);
        }
    }
    match period("retention") {
        Some(seconds) if seconds % SECONDS_A_DAY == 0 => {
            queue = queue.set("retention", [Expr::Int(seconds / SECONDS_A_DAY)]);
        }
        Some(seconds) => queue = overridden(queue, "MessageRetentionPeriod", Expr::Int(seconds)),
        None => {}
    }
    fifo_settings(queue, &at)
}

/// Sets what a FIFO queue has and the block has no setter for.
fn fifo_settings<'n>(mut queue: Expr, at: &impl Fn(&str) -> Option<&'n Node>) -> Expr {
    let flag = |key: &str| at(&format!("fifo.{key}")).and_then(Node::bool) == Some(true);
    let text = |key: &str| at(&format!("fifo.{key}")).and_then(Node::text);
    if flag("content_based_deduplication") {
        queue = overridden(queue, "ContentBasedDeduplication", Expr::Bool(true));
    }
    let (scope, limit) = if flag("high_throughput") {
        (Some("messageGroup".to_owned()), Some("perMessageGroupId".to_owned()))
    } else {
        (text("deduplication_scope"), text("throughput_limit"))
    };
    for (property, value) in [("DeduplicationScope", scope), ("FifoThroughputLimit", limit)] {
        if let Some(value) = value {
            queue = overridden(queue, property, Expr::Text(value));
        }
    }
    queue
}

fn overridden(queue: Expr, property: &str, value: Expr) -> Expr {
    queue.set("override", [Expr::text("Queue"), Expr::text(property), value])
}

fn subscription(
    copilot: &mut Copilot<'_>,
    manifest: &Manifest,
    block: &str,
    topic: &Node,
    (queue, is_fifo): (&str, bool),
    topics: &mut Vec<Expr>,
    statements: &mut Vec<(String, Expr)>,
) {
    let mut note = |text: String| copilot.notes.push(Note { file: manifest.file.clone(), line: topic.line, text });
    let (Some(name), Some(service)) = (topic.text_of("name"), topic.text_of("service")) else {
        return note("a subscription without the name of its topic or service".to_owned());
    };
    if topic.get("queue").is_some_and(|queue| queue.whole().is_map() || queue.bool() == Some(true)) {
        note(format!(
            "the topic `{name}` has a queue of its own in Copilot; in the script its messages go to the queue of the service"
        ));
    }
    let Some((variable, topic_is_fifo)) = copilot.topics.get(&(service.clone(), name.clone())) else {
        return note(format!("`{service}` publishes no topic `{name}`"));
    };
    if *topic_is_fifo && !is_fifo {
        note(format!("the topic `{name}` is FIFO, and the queue is not"));
        return;
    }
    note(format!(
        "the subscription to `{name}` is written as `AWS::SNS::Subscription`: `.subscribe(queue)` of the topic would change it after its \
         service has it, and takes no filter"
    ));
    let arn = topic_arn(variable, *topic_is_fifo);
    topics.push(arn.clone());
    let mut properties =
        vec![("TopicArn", arn), ("Protocol", Expr::text("sqs")), ("Endpoint", Expr::name(format!("{queue}.arn")))];
    properties.extend(topic.get("filter_policy").map(|filter| ("FilterPolicy", super::task::literal(filter.whole()))));
    let id = crate::importers::names::block_name(&format!("{block}-{service}-{name}"));
    let value = Expr::call("AWS::SNS::Subscription", [Expr::text(id), map(properties)]);
    statements.push((variable_name(&format!("{} from {service} {name}", manifest.name)), value));
}

/// Returns the policy that lets topics send messages to a queue.
fn policy(block: &str, queue: &str, topics: Vec<Expr>) -> Expr {
    let statement = map(vec![
        ("Effect", Expr::text("Allow")),
        ("Principal", map(vec![("Service", Expr::text("sns.amazonaws.com"))])),
        ("Action", Expr::text("sqs:SendMessage")),
        ("Resource", Expr::name(format!("{queue}.arn"))),
        ("Condition", map(vec![("ArnEquals", map(vec![("aws:SourceArn", Expr::List(topics))]))])),
    ]);
    let document = map(vec![("Version", Expr::text("2012-10-17")), ("Statement", Expr::List(vec![statement]))]);
    let properties =
        map(vec![("Queues", Expr::List(vec![Expr::name(format!("{queue}.url"))])), ("PolicyDocument", document)]);
    Expr::call("AWS::SQS::QueuePolicy", [Expr::text(format!("{block}-queue-policy")), properties])
}

/// Returns the seconds of a duration, which may be in days: `4d`.
fn days_or_seconds(text: &str) -> Option<i64> {
    match text.trim().strip_suffix('d') {
        Some(days) => Some(days.parse::<i64>().ok()?.saturating_mul(SECONDS_A_DAY)),
        None => seconds(text),
    }
}

/// Gives a service the topics that it publishes to and its queue, with the variables that Copilot sets.
pub(super) fn access(copilot: &Copilot<'_>, manifest: &Manifest, block: &str, draft: &mut Draft) {
    let own: Vec<_> = copilot.topics.iter().filter(|((service, _), _)| *service == manifest.name).collect();
    if !own.is_empty() {
        let mut pieces = vec![Expr::text("{")];
        for (at, ((_, name), (variable, is_fifo))) in own.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            let arn = topic_arn(variable, *is_fifo);
            pieces.extend([Expr::text(format!("{comma}\"{name}\":\"")), arn, Expr::text("\"")]);
        }
        pieces.push(Expr::text("}"));
        draft.set("env", [Expr::text("COPILOT_SNS_TOPIC_ARNS"), Expr::Joined(pieces)]);
        let arns = own.iter().map(|(_, (variable, is_fifo))| topic_arn(variable, *is_fifo)).collect();
        draft.set("allow", [Expr::text("sns:Publish"), Expr::List(arns)]);
    }
    if manifest.node.peek("subscribe").is_some() {
        let queue = queue_variable(manifest);
        draft.set("env", [Expr::text("COPILOT_QUEUE_URI"), Expr::name(format!("{queue}.url"))]);
        let actions =
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"];
        let actions = Expr::List(actions.into_iter().map(Expr::text).collect());
        draft.set("allow", [actions, Expr::name(format!("{queue}.arn"))]);
    } else if manifest.kind == "Worker Service" {
        draft.note(
            manifest.node.line,
            format!("`{block}` subscribes to no topic: Copilot gives it an empty queue, the script none"),
        );
    }
}
