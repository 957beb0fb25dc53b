//! AWS Lambda: functions and the queues that call them. `versions` has the rules about versions and aliases.

pub(super) mod versions;

use super::policy::is_closed_to;
use super::view::AccountView;
use super::{CHANGES, CREATION, Refusal, Rule, Subject};
use crate::cfn::type_names::{FUNCTION, QUEUE};
use crate::rehearsal::property_access::{number, text};

const EVENT_SOURCE: &str = "AWS::Lambda::EventSourceMapping";

pub(super) const RULES: &[Rule] = &[
    Rule { kind: FUNCTION, intents: CREATION, check: name_in_use },
    Rule { kind: FUNCTION, intents: CHANGES, check: role_closed_to_lambda },
    Rule { kind: FUNCTION, intents: CHANGES, check: reserved_variable },
    Rule { kind: EVENT_SOURCE, intents: CHANGES, check: queue_is_visible_too_early },
];

/// Returns a refusal of a parameter.
fn invalid(text: impl Into<String>) -> Refusal {
    Refusal::new("Lambda", "InvalidParameterValueException", "InvalidRequest", text)
}

/// Refuses a name that another function has (`ResourceConflictException` of `CreateFunction`, Lambda API).
fn name_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = text(subject.properties, "FunctionName")?;
    view.others(FUNCTION, subject).find(|other| other.has("FunctionName", &name))?;
    let text = format!("Function already exist: {name}");
    Some(Refusal::new("Lambda", "ResourceConflictException", "AlreadyExists", text).with_status(409))
}

/// Refuses a role that Lambda cannot assume (`Role` of `CreateFunction`, Lambda API; "Execution role", developer guide).
fn role_closed_to_lambda(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let role = text(subject.properties, "Role")?;
    is_closed_to(view, &role, "lambda.amazonaws.com")
        .then(|| invalid("The role defined for the function cannot be assumed by Lambda."))
}

/// Refuses variables that Lambda sets ("Defined runtime environment variables", developer guide: "reserved environment variables").
fn reserved_variable(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    const RESERVED: [&str; 10] = [
        "_HANDLER",
        "AWS_ACCESS_KEY_ID",
        "AWS_DEFAULT_REGION",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
        "AWS_LAMBDA_FUNCTION_NAME",
        "AWS_LAMBDA_FUNCTION_VERSION",
        "AWS_LAMBDA_RUNTIME_API",
        "AWS_REGION",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ];
    let variables = subject.properties.get("Environment")?.get("Variables")?;
    let name = RESERVED.iter().find(|name| variables.get(name).is_some())?;
    Some(invalid(format!(
        "Lambda was unable to configure your environment variables because the environment variables you have provided \
         contains reserved keys that are currently not supported for modification. Reserved keys used in this request: {name}"
    )))
}

/// Refuses a queue whose messages are visible again before the function has ended ("Using Lambda with Amazon SQS", developer guide;
/// `CreateEventSourceMapping`, Lambda API).
fn queue_is_visible_too_early(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let source = text(subject.properties, "EventSourceArn").filter(|arn| arn.split(':').nth(2) == Some("sqs"))?;
    let queue = source.rsplit(':').next()?;
    let queue = view.of(QUEUE).find(|it| it.physical_id.is_some_and(|url| url.ends_with(&format!("/{queue}"))))?;
    let name = text(subject.properties, "FunctionName")?;
    let function = view.find(FUNCTION, function_name(&name))?;
    let visible = number(queue.properties, "VisibilityTimeout").unwrap_or(30);
    let timeout = number(function.properties, "Timeout").unwrap_or(3);
    (visible < timeout).then(|| {
        invalid(format!("Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"))
    })
}

/// Returns the name in a reference to a function: a name or an ARN, which may end in a version or an alias (`FunctionName` of
/// `CreateAlias`, Lambda API: `MyFunction`, `123456789012:function:MyFunction`, or the whole ARN).
pub(in crate::rehearsal) fn function_name(reference: &str) -> &str {
    let after = reference.split_once("function:").map_or(reference, |(_, after)| after);
    after.split(':').next().unwrap_or(after)
}
