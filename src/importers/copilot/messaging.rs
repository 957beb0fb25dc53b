//! Topics that services publish to, and queues of those that subscribe.

use super::{Copilot, Manifest};
use crate::importers::draft::Draft;
use crate::importers::names::variable_name;
use crate::importers::note::Note;
use crate::importers::source::Node;
use crate::importers::units::seconds;
use crate::importers::writer::Expr;

/// The seconds that Copilot keeps a message in a dead-letter queue: 14 days.
const DEAD_LETTER_RETENTION: i64 = 1_209_600;

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
        let mut properties = Vec::new();
        if is_fifo {
            properties.push(("FifoTopic", Expr::Bool(true)));
        }
        if topic.at("fifo.content_based_deduplication").and_then(Node::bool) == Some(true) {
            properties.push(("ContentBasedDeduplication", Expr::Bool(true)));
        }
        let arguments = [Expr::text(id)].into_iter().chain((!properties.is_empty()).then(|| map(properties)));
        found.push((variable.clone(), Expr::call("AWS::SNS::Topic", arguments)));
        copilot.added.push(Expr::name(&variable));
        copilot.topics.insert((manifest.name.clone(), name), (variable, is_fifo));
    }
    found
}

/// The queue of a service.
pub(super) struct Queue {
    pub(super) statements: Vec<(String, Expr)>,
}

/// Returns the queue of a service that subscribes to topics, with its dead-letter queue, its policy and its subscriptions.
pub(super) fn queue(copilot: &mut Copilot<'_>, manifest: &Manifest, block: &str) -> Option<Queue> {
    let subscribe = manifest.node.get("subscribe")?;
    let settings = subscribe.get("queue");
    let variable = variable_name(&format!("{} queue", manifest.name));
    let is_fifo =
        settings.and_then(|queue| queue.get("fifo")).is_some_and(|fifo| fifo.is_map() || fifo.bool() == Some(true));
    let mut statements = Vec::new();
    let mut properties = vec![("SqsManagedSseEnabled", Expr::Bool(true))];
    if is_fifo {
        properties.push(("FifoQueue", Expr::Bool(true)));
    }
    let flag =
        |key: &str| settings.and_then(|queue| queue.at(&format!("fifo.{key}"))).and_then(Node::bool) == Some(true);
    if flag("content_based_deduplication") {
        properties.push(("ContentBasedDeduplication", Expr::Bool(true)));
    }
    let text = |key: &str| settings.and_then(|queue| queue.at(&format!("fifo.{key}"))).and_then(Node::text);
    let (scope, limit) = if flag("high_throughput") {
        (Some("messageGroup".to_owned()), Some("perMessageGroupId".to_owned()))
    } else {
        (text("deduplication_scope"), text("throughput_limit"))
    };
    properties.extend(scope.map(|scope| ("DeduplicationScope", Expr::Text(scope))));
    properties.extend(limit.map(|limit| ("FifoThroughputLimit", Expr::Text(limit))));
    for (key, property) in
        [("retention", "MessageRetentionPeriod"), ("delay", "DelaySeconds"), ("timeout", "VisibilityTimeout")]
    {
        let value = settings.and_then(|queue| days_or_seconds(&queue.text_of(key)?));
        properties.extend(value.map(|value| (property, Expr::Int(value))));
    }
    if let Some(tries) =
        settings.and_then(|queue| queue.at("dead_letter.tries")).and_then(Node::int).filter(|tries| *tries > 0)
    {
        let dead = variable_name(&format!("{} dead letters", manifest.name));
        let kept =
            [("MessageRetentionPeriod", Expr::Int(DEAD_LETTER_RETENTION)), ("SqsManagedSseEnabled", Expr::Bool(true))];
        let kept = kept.into_iter().chain(is_fifo.then_some(("FifoQueue", Expr::Bool(true)))).collect();
        let queue = Expr::call("AWS::SQS::Queue", [Expr::text(format!("{block}-dead-letters")), map(kept)]);
        statements.push((dead.clone(), queue));
        let redrive =
            vec![("deadLetterTargetArn", Expr::name(format!("{dead}.Arn"))), ("maxReceiveCount", Expr::Int(tries))];
        properties.push(("RedrivePolicy", map(redrive)));
    }
    statements.push((
        variable.clone(),
        Expr::call("AWS::SQS::Queue", [Expr::text(format!("{block}-queue")), map(properties)]),
    ));
    let mut topics = Vec::new();
    for topic in subscribe.get("topics").map(Node::items).unwrap_or_default() {
        subscription(copilot, manifest, block, topic, (&variable, is_fifo), &mut topics, &mut statements);
    }
    if !topics.is_empty() {
        statements.push((variable_name(&format!("{} queue policy", manifest.name)), policy(block, &variable, topics)));
    }
    copilot.added.extend(statements.iter().map(|(name, _)| Expr::name(name)));
    Some(Queue { statements })
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
    topics.push(Expr::name(variable));
    let mut properties = vec![
        ("TopicArn", Expr::name(variable)),
        ("Protocol", Expr::text("sqs")),
        ("Endpoint", Expr::name(format!("{queue}.Arn"))),
    ];
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
        ("Resource", Expr::name(format!("{queue}.Arn"))),
        ("Condition", map(vec![("ArnEquals", map(vec![("aws:SourceArn", Expr::List(topics))]))])),
    ]);
    let document = map(vec![("Version", Expr::text("2012-10-17")), ("Statement", Expr::List(vec![statement]))]);
    let properties = map(vec![("Queues", Expr::List(vec![Expr::name(queue)])), ("PolicyDocument", document)]);
    Expr::call("AWS::SQS::QueuePolicy", [Expr::text(format!("{block}-queue-policy")), properties])
}

/// Returns the seconds of a duration, which may be in days: `4d`.
fn days_or_seconds(text: &str) -> Option<i64> {
    match text.trim().strip_suffix('d') {
        Some(days) => Some(days.parse::<i64>().ok()? * 86_400),
        None => seconds(text),
    }
}

/// Gives a service the topics that it publishes to and its queue, with the variables that Copilot sets.
pub(super) fn access(copilot: &Copilot<'_>, manifest: &Manifest, block: &str, draft: &mut Draft) {
    let own: Vec<_> = copilot.topics.iter().filter(|((service, _), _)| *service == manifest.name).collect();
    if !own.is_empty() {
        let mut pieces = vec![Expr::text("{")];
        for (at, ((_, name), (variable, _))) in own.iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            pieces.extend([Expr::text(format!("{comma}\"{name}\":\"")), Expr::name(variable), Expr::text("\"")]);
        }
        pieces.push(Expr::text("}"));
        draft.set("env", [Expr::text("COPILOT_SNS_TOPIC_ARNS"), Expr::Joined(pieces)]);
        let arns = own.iter().map(|(_, (variable, _))| Expr::name(variable)).collect();
        draft.set("allow", [Expr::text("sns:Publish"), Expr::List(arns)]);
    }
    if manifest.node.peek("subscribe").is_some() {
        let queue = variable_name(&format!("{} queue", manifest.name));
        draft.set("env", [Expr::text("COPILOT_QUEUE_URI"), Expr::name(&queue)]);
        let actions =
            ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"];
        let actions = Expr::List(actions.into_iter().map(Expr::text).collect());
        draft.set("allow", [actions, Expr::name(format!("{queue}.Arn"))]);
    } else if manifest.kind == "Worker Service" {
        draft.note(
            manifest.node.line,
            format!("`{block}` subscribes to no topic: Copilot gives it an empty queue, the script none"),
        );
    }
}
