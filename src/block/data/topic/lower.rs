use std::rc::Rc;

use super::Topic;
use crate::block::Block;
use crate::block::data::{Queue, part};
use crate::block::kind::{BlockKind, named_block};
use crate::block::lowering::Lowering;
use crate::block::repeated::repeated;
use crate::cfn;
use crate::cfn::type_names::{QUEUE_POLICY, SUBSCRIPTION, TOPIC};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value, names};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

impl Topic {
    fn subscription(&self, protocol: &str, endpoint: impl Into<Value>, origin: &Origin) -> Resource {
        Resource::new(SUBSCRIPTION, origin.clone())
            .with("TopicArn", self.arn())
            .with("Protocol", protocol)
            .with("Endpoint", endpoint)
            .record_origin("Endpoint", origin)
    }

    /// Adds the subscriptions of addresses and URLs, each named after its receiver.
    fn receivers(&self, lowering: &mut Lowering<'_>) {
        for (protocol, receivers) in [("email", &self.email), ("https", &self.https)] {
            let twice = repeated(receivers, |receiver| &receiver.value);
            lowering.report_all(twice.into_iter().map(|(again, first)| {
                Diagnostic::new(Code::DuplicateItem, format!("`{}` is subscribed twice", again.value))
                    .at(&again.origin, "the second time")
                    .at(&first.origin, "the first time")
                    .help("remove one of the two")
            }));
            for receiver in receivers {
                lowering.report_all(wrong_receiver(protocol, receiver));
                let id = part(&self.name, &format!("TopicTo{}", words(&receiver.value)));
                lowering.add(id, self.subscription(protocol, receiver.value.as_str(), &receiver.origin));
            }
        }
    }

    /// Adds the subscriptions of queues. A queue has one policy (`SetQueueAttributes` replaces it), so the first topic of a queue
    /// adds the policy that admits all of its topics.
    fn queues(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        for subscribed in &self.subscribe {
            let queue = &subscribed.value;
            let stem = queue.name.value.stem();
            let mut subscription =
                self.subscription("sqs", queue.arn(), &subscribed.origin).with("RawMessageDelivery", true);
            let topics = lowering.context.topics_of(queue);
            if topics.first().is_none_or(|first| first.name.value == self.name.value) {
                let arns: Vec<TemplateString> = topics.iter().map(|topic| topic.arn()).collect();
                let policy = format!("{stem}QueuePolicy");
                subscription = subscription.after(policy.clone());
                lowering.add(policy, admits(queue, &arns, &subscribed.origin));
            }
            lowering.add(part(&self.name, &format!("TopicTo{stem}")), subscription);
        }
    }

    /// Adds the key that encrypts messages. `CloudWatch` and EventBridge may use it, so that alarms and events reach the topic: the key
    /// of AWS (`alias/aws/sns`) does not admit them. EventBridge does not say for which account it uses the key ("Key management", SNS
    /// developer guide: `aws:SourceAccount` "is not supported for EventBridge-to-encrypted topics").
    fn key(&self, lowering: &mut Lowering<'_>) {
        let Some(set) = &self.encrypted else { return };
        let root = TemplateString::from("arn:")
            .with(Ref::to("AWS::Partition"))
            .with(":iam::")
            .with(Ref::to("AWS::AccountId"))
            .with(":root");
        let account = cfn!({
            "Sid": "Account",
            "Effect": "Allow",
            "Principal": cfn!({ "AWS": root }),
            "Action": "kms:*",
            "Resource": "*",
        });
        let alarms = cfn!({
            "Sid": "Alarms",
            "Effect": "Allow",
            "Principal": cfn!({ "Service": "cloudwatch.amazonaws.com" }),
            "Action": cfn!(["kms:Decrypt", "kms:GenerateDataKey*"]),
            "Resource": "*",
            "Condition": cfn!({ "StringEquals": cfn!({ "aws:SourceAccount": Ref::to("AWS::AccountId") }) }),
        });
        let events = cfn!({
            "Sid": "Events",
            "Effect": "Allow",
            "Principal": cfn!({ "Service": "events.amazonaws.com" }),
            "Action": cfn!(["kms:Decrypt", "kms:GenerateDataKey*"]),
            "Resource": "*",
        });
        let policy = cfn!({ "Version": "2012-10-17", "Statement": cfn!([account, alarms, events]) });
        let key = Resource::new("AWS::KMS::Key", set.origin.clone())
            .with("Description", format!("Messages of the topic {}", self.name.value))
            .with("EnableKeyRotation", true)
            .with("KeyPolicy", policy);
        lowering.add(self.key_id(), key);
    }
}

/// Returns a text as a part of a logical id: its letters and digits, each word with a capital.
fn words(text: &str) -> String {
    let letters = |letter: char| if letter.is_ascii_alphanumeric() { letter } else { '-' };
    names::stem(&text.chars().map(letters).collect::<String>())
}

fn wrong_receiver(protocol: &str, receiver: &WithOrigin<String>) -> Option<Diagnostic> {
    let text = &receiver.value;
    let (is_right, what, help) = match protocol {
        "email" => {
            let filled = text.split_once('@').is_some_and(|(user, host)| !user.is_empty() && !host.is_empty());
            (filled && !text.contains(' '), "an e-mail address", "write `ops@example.com`")
        }
        _ => (text.starts_with("https://"), "an HTTPS URL", "write `https://alerts.example.com/sns`"),
    };
    (!is_right).then(|| {
        Diagnostic::new(Code::DataSetting, format!("`{text}` is not {what}")).at(&receiver.origin, "").help(help)
    })
}

/// Returns the policy that lets topics send to a queue ("Subscribing an Amazon SQS queue to an Amazon SNS topic", SNS guide).
fn admits(queue: &Queue, topics: &[TemplateString], origin: &Origin) -> Resource {
    let sources = match topics {
        [one] => Value::from(one),
        several => Value::list(several),
    };
    let statement = cfn!({
        "Effect": "Allow",
        "Principal": cfn!({ "Service": "sns.amazonaws.com" }),
        "Action": "sqs:SendMessage",
        "Resource": queue.arn(),
        "Condition": cfn!({ "ArnEquals": cfn!({ "aws:SourceArn": sources }) }),
    });
    Resource::new(QUEUE_POLICY, origin.clone())
        .with("Queues", cfn!([queue.url()]))
        .with("PolicyDocument", cfn!({ "Version": "2012-10-17", "Statement": cfn!([statement]) }))
}

impl BlockKind for Topic {
    named_block!();

    fn logical_ids(&self) -> Vec<LogicalId> {
        std::iter::once(self.logical_id()).chain(self.encrypted.as_ref().map(|_| self.key_id())).collect()
    }

    fn reference(&self) -> TemplateString {
        self.arn()
    }

    fn lower(self: &Rc<Self>, lowering: &mut Lowering<'_>) {
        let key = self.encrypted.as_ref().map(|_| Value::from(Ref::to(self.key_id())));
        let topic = Resource::new(TOPIC, self.name.origin.clone()).with_some("KmsMasterKeyId", key);
        self.key(lowering);
        lowering.add(self.logical_id(), topic);
        self.receivers(lowering);
        self.queues(lowering);
        let twice = repeated(&self.subscribe, |queue| Block::Queue(queue.value.clone()).logical_ids());
        lowering.report_all(twice.into_iter().map(|(again, first)| {
            Diagnostic::new(Code::DuplicateItem, format!("the queue `{}` is subscribed twice", again.value.name.value))
                .at(&again.origin, "the second time")
                .at(&first.origin, "the first time")
                .help("remove one of the two")
        }));
    }
}
