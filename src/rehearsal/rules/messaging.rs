//! Amazon SQS and Amazon SNS: queues and topics. `names` has the names that are in use.

use serde_json::Value as Json;

use super::policy::statements;
use super::view::AccountView;
use super::{CHANGES, CREATION, Refusal, Rule, Subject};
use crate::cfn::type_names::{QUEUE, QUEUE_POLICY};
use crate::rehearsal::property_access::{boolean, number, text};

const TOPIC: &str = "AWS::SNS::Topic";
const SUBSCRIPTION: &str = "AWS::SNS::Subscription";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: QUEUE, intents: CREATION, check: deleted_recently },
    Rule { kind: QUEUE, intents: CREATION, check: invalid_queue_name },
    Rule { kind: QUEUE, intents: CHANGES, check: dead_letter_queue_of_another_type },
    Rule { kind: QUEUE, intents: CHANGES, check: receive_count_out_of_range },
    Rule { kind: QUEUE_POLICY, intents: CHANGES, check: statement_without_a_principal },
    Rule { kind: TOPIC, intents: CREATION, check: invalid_topic_name },
    Rule { kind: SUBSCRIPTION, intents: CREATION, check: first_in_first_out_queue_of_a_standard_topic },
];

/// Returns a refusal of SQS.
fn refuse(error: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::new("Sqs", error, "InvalidRequest", text)
}

/// Refuses a name that a queue had which was deleted less than 60 seconds ago (`QueueDeletedRecently` of `CreateQueue`, SQS API).
fn deleted_recently(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "QueueName")?;
    view.deleted_in_the_last_minute(QUEUE, &format!("/{name}")).then(|| {
        let text = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
        refuse("QueueDeletedRecently", text)
    })
}

/// Refuses a name that is not valid (`QueueName` of `CreateQueue`, SQS API: "a queue name can have up to 80 characters", "alphanumeric
/// characters, hyphens (-), and underscores (_)", "a FIFO queue name must end with the `.fifo` suffix").
fn invalid_queue_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "QueueName")?;
    if boolean(subject.properties, "FifoQueue") {
        return (!is_name(&name, 80, true)).then(|| {
            let text = "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end \
                        with .fifo suffix and be 1 to 80 in length";
            refuse("InvalidParameterValue", text)
        });
    }
    (!is_name(&name, 80, false)).then(|| {
        let text = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
        refuse("InvalidParameterValue", text)
    })
}

/// Returns whether a name has only letters, digits, hyphens and underscores, and the suffix of FIFO if it needs one.
fn is_name(name: &str, longest: usize, fifo: bool) -> bool {
    let bare = if fifo { name.strip_suffix(".fifo") } else { Some(name) };
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    name.len() <= longest && bare.is_some_and(|bare| !bare.is_empty() && bare.chars().all(allowed))
}

/// Refuses a dead-letter queue of another type (`RedrivePolicy` of `CreateQueue`, SQS API: "the dead-letter queue of a FIFO queue must
/// also be a FIFO queue").
fn dead_letter_queue_of_another_type(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let policy = subject.properties.get("RedrivePolicy")?;
    let arn = text(policy, "deadLetterTargetArn")?;
    let target = queue(view, &arn)?;
    (boolean(target, "FifoQueue") != boolean(subject.properties, "FifoQueue")).then(|| {
        let text = format!(
            "Value {policy} for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of queue as the \
             source."
        );
        refuse("InvalidParameterValue", text)
    })
}

/// Refuses a number of receives that is not from 1 to 1000 (`RedrivePolicy` of `CreateQueue`, SQS API; "Amazon SQS dead-letter
/// queues", developer guide).
fn receive_count_out_of_range(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let policy = subject.properties.get("RedrivePolicy")?;
    let count = number(policy, "maxReceiveCount")?;
    (!(1..=1000).contains(&count)).then(|| {
        let text = format!(
            "Value {policy} for parameter RedrivePolicy is invalid. Reason: Invalid value for maxReceiveCount: {count}, valid \
             values are from 1 to 1000 both inclusive."
        );
        refuse("InvalidParameterValue", text)
    })
}

/// Refuses a policy with a statement without a principal ("Basic examples of Amazon SQS policies", SQS developer guide: a policy of
/// a queue has a principal. The message is inferred.)
fn statement_without_a_principal(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let document = subject.properties.get("PolicyDocument")?;
    let is_open = |statement: &&Json| statement.get("Principal").or_else(|| statement.get("NotPrincipal")).is_none();
    statements(document).into_iter().find(is_open)?;
    Some(refuse("InvalidAttributeValue", "Invalid value for the parameter Policy."))
}

/// Returns the properties of the queue with an ARN.
pub(super) fn queue<'a>(view: &AccountView<'a>, arn: &str) -> Option<&'a Json> {
    let end = format!("/{}", arn.rsplit(':').next()?);
    view.of(QUEUE).find(|it| it.physical_id.is_some_and(|url| url.ends_with(&end))).map(|it| it.properties)
}

/// Refuses a name that is not valid (`Name` of `CreateTopic`, SNS API).
fn invalid_topic_name(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "TopicName")?;
    let fifo = boolean(subject.properties, "FifoTopic");
    let text = if fifo {
        "Invalid parameter: Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII \
         letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long."
    } else {
        "Invalid parameter: Topic Name"
    };
    (!is_name(&name, 256, fifo)).then(|| Refusal::new("Sns", "InvalidParameter", "InvalidRequest", text))
}

/// Refuses a FIFO queue of a standard topic (`Subscribe`, SNS API; "Amazon SNS subscription protocols for FIFO topics", developer
/// guide).
fn first_in_first_out_queue_of_a_standard_topic(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    text(subject.properties, "Protocol").filter(|protocol| protocol == "sqs")?;
    let endpoint = text(subject.properties, "Endpoint")?;
    let topic = text(subject.properties, "TopicArn")?;
    let known = queue(view, &endpoint).is_some_and(|queue| boolean(queue, "FifoQueue"));
    (known && topic.strip_suffix(".fifo").is_none()).then(|| {
        let text = "Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS \
                    topics";
        Refusal::new("Sns", "InvalidParameter", "InvalidRequest", text)
    })
}
