//! The queues, topics and functions to which a bucket sends events.

use serde_json::Value as Json;

use super::messaging::queue;
use super::policy::{allows, is_for_everyone, statements, texts};
use super::view::{AccountView, Existing};
use super::{CHANGES, Refusal, Rule, Subject};
use crate::cfn::type_names::{BUCKET, QUEUE};
use crate::rehearsal::property_access::{list, strings, text};

const TOPIC: &str = "AWS::SNS::Topic";
const QUEUE_POLICY: &str = "AWS::SQS::QueuePolicy";
const TOPIC_POLICY: &str = "AWS::SNS::TopicPolicy";

pub(super) const RULES: &[Rule] = &[Rule { kind: BUCKET, intents: CHANGES, check: destination_not_writable }];

/// Refuses a queue or topic of the account whose policy does not let S3 send to it when the bucket is created
/// (`PutBucketNotificationConfiguration`, S3 API; "Granting permissions to publish event notification messages to a destination",
/// user guide; the message is quoted in serverless/serverless#12361).
fn destination_not_writable(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let configuration = subject.properties.get("NotificationConfiguration").filter(|_| view.complete)?;
    let queues = list(configuration, "QueueConfigurations").filter_map(|it| text(it, "Queue"));
    let topics = list(configuration, "TopicConfigurations").filter_map(|it| text(it, "Topic"));
    let closed = queues.into_iter().any(|arn| is_closed_queue(view, &arn))
        || topics.into_iter().any(|arn| is_closed(view, TOPIC, &arn, (TOPIC_POLICY, "Topics")));
    closed.then(|| {
        let text = "Unable to validate the following destination configurations";
        Refusal::new("S3", "InvalidArgument", "InvalidRequest", text)
    })
}

/// Returns whether a queue is known and no policy lets S3 send to it. A queue's policies name its URL.
fn is_closed_queue(view: &AccountView<'_>, arn: &str) -> bool {
    let end = format!("/{}", arn.rsplit(':').next().unwrap_or_default());
    let url = view.of(QUEUE).filter_map(|it| it.physical_id).find(|url| url.ends_with(&end));
    queue(view, arn).is_some() && url.is_some_and(|url| is_closed(view, QUEUE, url, (QUEUE_POLICY, "Queues")))
}

/// Returns whether a destination is known and no policy lets S3 send to it.
fn is_closed(view: &AccountView<'_>, kind: &str, id: &str, (policy, property): (&str, &str)) -> bool {
    let about = |it: &&Existing<'_>| !it.is_pending && strings(it.properties, property).iter().any(|own| own == id);
    let opens = |it: &Existing<'_>| {
        let document = it.properties.get("PolicyDocument");
        document.is_none_or(|document| statements(document).into_iter().any(lets_s3_in))
    };
    view.find(kind, id).is_some() && !view.of(policy).filter(about).any(opens)
}

/// Returns whether a statement allows something to S3 or to everyone.
fn lets_s3_in(statement: &Json) -> bool {
    let service = statement
        .get("Principal")
        .is_some_and(|principal| texts(principal, "Service").iter().any(|service| service.starts_with("s3.")));
    allows(statement) && (service || is_for_everyone(statement))
}
