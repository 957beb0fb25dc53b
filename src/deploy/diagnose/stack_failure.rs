//! Diagnostics of a failed operation, at the lines of the script.

use super::advice;
use super::api_error::diagnose_api_error;
use super::failure_cause::{FailureCause, FailureKind, causes, rollback_causes};
use super::task_failure::diagnose_task_failure;
use crate::cfn::emit::json;
use crate::cfn::names::with_article;
use crate::cfn::type_names::is_service;
use crate::cfn::{PathSegment, PropertyPath, Resource, Template, Value};
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsError, StackEvent};
use crate::deploy::monitor::Diagnosis;
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};
use crate::synth::DesiredStack;

/// A stack with an operation that failed.
#[derive(Debug, Clone, Copy)]
pub struct FailedStack<'a> {
    /// The name of the stack.
    pub name: &'a str,
    /// The template of the script.
    pub template: &'a Template,
    /// The place in the script that creates the stack.
    pub origin: &'a Origin,
    /// The events of the failures, in order.
    pub failures: &'a [StackEvent],
    /// The status of the stack, if known.
    pub status: Option<&'a StackStatus>,
    /// Whether the operation was rolled back.
    pub is_rolled_back: bool,
}

/// Returns one diagnostic for each cause of a failure, then those of the rollback. If the monitor diagnosed a service that
/// failed, its diagnosis is the cause.
pub fn diagnose_stack_failure(stack: &FailedStack<'_>, diagnoses: &[Diagnosis]) -> Vec<Diagnostic> {
    let result = if stack.is_rolled_back { "the stack was rolled back" } else { "the stack must be recovered" };
    let diagnose = |cause: &FailureCause| {
        let seen = diagnoses.iter().find(|seen| cause.resource.as_ref() == Some(&seen.service));
        let problem = match seen {
            Some(seen) => diagnose_task_failure(seen, stack.template, stack.origin)
                .note(format!("CloudFormation says: {}", cause.message)),
            None => cause_diagnostic(stack, cause),
        };
        problem.note(result.to_owned())
    };
    let mut problems: Vec<_> = causes(stack.failures).iter().map(diagnose).collect();
    problems.extend(rollback_failures(stack));
    if stack.status == Some(&StackStatus::DeleteFailed) {
        let again = Hint::from("then delete the rest with ").command(CommandName::Destroy.of(stack.name));
        problems = with_last_help(problems, &again);
    }
    if problems.is_empty() {
        let status = stack.status.map_or_else(String::new, |status| format!(" ({status})"));
        let message = format!("stack `{}` failed{status} and AWS gave no reason", stack.name);
        let help = Hint::from("see all events with ").command(CommandName::Events.of(stack.name));
        problems.push(Diagnostic::new(Code::StackFailed, message).at(stack.origin, "this stack").help(help));
    }
    problems
}

/// Adds a hint to the last problem.
fn with_last_help(mut problems: Vec<Diagnostic>, hint: &Hint) -> Vec<Diagnostic> {
    let last = problems.pop().map(|last| last.help(hint.clone()));
    problems.extend(last);
    problems
}

/// Returns the diagnostics of what failed during the rollback.
pub fn rollback_failures(stack: &FailedStack<'_>) -> Vec<Diagnostic> {
    rollback_causes(stack.failures).iter().map(|cause| rollback_diagnostic(stack, cause)).collect()
}

/// Returns the diagnostic of an API error that concerns a stack.
pub fn refused(stack: &DesiredStack, error: &AwsError) -> Diagnostic {
    diagnose_api_error(error).at(&stack.origin, format!("stack `{}`", stack.name))
}

fn cause_diagnostic(stack: &FailedStack<'_>, cause: &FailureCause) -> Diagnostic {
    let (code, general) = code(cause);
    let advice = advice::for_cause(cause).or(general);
    let Some(id) = &cause.resource else {
        return Diagnostic::new(code, format!("stack `{}` could not be changed: {}", stack.name, cause.message))
            .at(stack.origin, "this stack")
            .help_if(advice.map(str::to_owned));
    };
    let verb = verb(cause.event.status.as_str());
    let problem = Diagnostic::new(code, format!("`{id}` could not be {verb}: {}", cause.message));
    let unnamed = || !stack.template.resources.get(id.as_str()).is_some_and(has_own_name);
    let advice = match cause.kind {
        FailureKind::AlreadyExists if advice == general && unnamed() => Some("delete or import the existing resource"),
        _ => advice,
    };
    at_resource(problem, stack.template, id, &cause.message)
        .note(format!("`{id}` is {}", with_article(&cause.resource_type)))
        .help_if(advice.map(str::to_owned))
}

/// Returns whether a resource has a property that gives it a name.
fn has_own_name(resource: &Resource) -> bool {
    resource.properties.keys().any(|name| name.ends_with("Name") || name.ends_with("Identifier"))
}

fn rollback_diagnostic(stack: &FailedStack<'_>, cause: &FailureCause) -> Diagnostic {
    let id = cause.resource.as_deref().unwrap_or(stack.name);
    let message = format!("`{id}` could not be rolled back: {}", cause.message);
    let problem = at_resource(Diagnostic::new(Code::RollbackFailed, message), stack.template, id, &cause.message);
    let problem = if problem.labels.is_empty() { problem.at(stack.origin, "this stack") } else { problem };
    problem.help(
        Hint::from("fix what AWS names, then run ")
            .command(CommandName::Rollback.of(stack.name))
            .text(format!("; add `--skip {id}` if it cannot be rolled back")),
    )
}

fn at_resource(problem: Diagnostic, template: &Template, id: &str, message: &str) -> Diagnostic {
    let Some(resource) = template.resources.get(id) else { return problem };
    match blamed(resource, message) {
        Some(path) => problem.at(resource.origin_of(&path), format!("{path} of `{id}`")),
        None => problem.at(&resource.origin, format!("`{id}` is created here")),
    }
}

fn verb(status: &str) -> &'static str {
    match status.split('_').next() {
        Some("CREATE") => "created",
        Some("DELETE") => "deleted",
        Some("IMPORT") => "imported",
        _ => "updated",
    }
}

fn code(cause: &FailureCause) -> (Code, Option<&'static str>) {
    match cause.kind {
        FailureKind::AlreadyExists => (
            Code::ResourceAlreadyExists,
            Some("remove the name so that CloudFormation generates one, or delete or import the existing resource"),
        ),
        FailureKind::AccessDenied => {
            (Code::ResourceAccessDenied, Some("give the caller of the deployment that permission"))
        }
        FailureKind::NotFound => {
            (Code::ResourceDependencyNotFound, Some("create what it refers to first, in this region"))
        }
        FailureKind::Quota => {
            (Code::ResourceQuota, Some("request a higher quota (Service Quotas), or delete what is not needed"))
        }
        FailureKind::NotStable if is_service(&cause.resource_type) => {
            (Code::ServiceUnstable, Some("check the service's stopped tasks and the health of its targets"))
        }
        FailureKind::NotStable => (Code::ResourceNotStable, None),
        FailureKind::InUse if cause.resource.is_none() => {
            (Code::ExportInUse, Some("first deploy the importing stacks without the import, then this one"))
        }
        FailureKind::InUse => (Code::ResourceInUse, Some("remove what still uses it first")),
        FailureKind::Invalid => (Code::ResourceInvalid, None),
        FailureKind::Throttled => (Code::ResourceThrottled, Some("run the same command again in a minute")),
        FailureKind::Cancelled => (Code::ResourceCancelled, None),
        FailureKind::Internal => {
            (Code::AwsInternalFailure, Some("run the same command again: the failure is on AWS's side"))
        }
        FailureKind::Other => (Code::ResourceFailed, None),
    }
}

/// Returns the property that a message is about: by a JSON pointer (`#/Port`), by a literal value that the message repeats,
/// or by the property's name.
fn blamed(resource: &Resource, message: &str) -> Option<PropertyPath> {
    pointer(message).or_else(|| quoted(resource, message)).or_else(|| named(resource, message))
}

fn pointer(message: &str) -> Option<PropertyPath> {
    let at = message.find("#/")?;
    let path: String =
        message[at + 2..].chars().take_while(|letter| letter.is_alphanumeric() || *letter == '/').collect();
    let path = path.strip_prefix("properties/").or(path.strip_prefix("Properties/")).unwrap_or(&path);
    (!path.is_empty()).then(|| PropertyPath::property(&path.trim_end_matches('/').replace('/', ".")))
}

/// Returns the longest literal of the properties that the message repeats; short ones are ignored.
fn quoted(resource: &Resource, message: &str) -> Option<PropertyPath> {
    let mut literals = Vec::new();
    for (name, value) in &resource.properties {
        collect(value, PropertyPath::property(name), &mut literals);
    }
    let repeated = literals.into_iter().filter(|(_, text)| text.len() > 3 && has_word(message, text));
    repeated.max_by_key(|(_, text)| text.len()).map(|(path, _)| path)
}

fn collect(value: &Value, path: PropertyPath, literals: &mut Vec<(PropertyPath, String)>) {
    match value {
        Value::Map(map) => {
            map.iter()
                .for_each(|(key, inner)| collect(inner, path.clone().then(PathSegment::Key(key.clone())), literals));
        }
        Value::List(list) => {
            let items = list.iter().enumerate();
            items.for_each(|(at, inner)| collect(inner, path.clone().then(PathSegment::Index(at)), literals));
        }
        Value::Text(text) => literals.extend(text.as_str().map(|text| (path, text.to_owned()))),
        Value::Int(_) | Value::Float(_) => literals.push((path, json::compact(value))),
        _ => {}
    }
}

/// Returns whether a text is in a message and is not a part of a longer word there.
fn has_word(message: &str, text: &str) -> bool {
    let ends_word = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_alphanumeric());
    message.match_indices(text).any(|(at, _)| {
        ends_word(message[..at].chars().next_back()) && ends_word(message[at + text.len()..].chars().next())
    })
}

/// Returns the property with the longest name that a message names, as one word or as several: `capacity provider strategy`.
fn named(resource: &Resource, message: &str) -> Option<PropertyPath> {
    let message = message.to_lowercase();
    let is_named =
        |name: &str| has_word(&message, &name.to_lowercase()) || has_word(&message, &in_words(name).to_lowercase());
    resource
        .properties
        .keys()
        .filter(|name| is_named(name))
        .max_by_key(|name| name.len())
        .map(|name| PropertyPath::property(name))
}

/// Writes a name in CamelCase as words.
fn in_words(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(letter);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::EventStatus;
    use crate::deploy::api::status::ResourceStatus;
    use crate::testing::fixtures::event;

    fn template() -> Template {
        let bucket = Resource::new("AWS::S3::Bucket", Origin::new("app.rhai", 3, 1))
            .with("BucketName", "tiles-of-mine")
            .with("ObjectLockEnabled", true)
            .record_origin("BucketName", &Origin::new("app.rhai", 4, 5))
            .record_origin("ObjectLockEnabled", &Origin::new("app.rhai", 5, 5));
        Template { resources: [("Tiles".into(), bucket)].into_iter().collect(), ..Template::default() }
    }

    fn diagnosed(failures: &[StackEvent]) -> Vec<Diagnostic> {
        let (template, origin) = (&template(), &Origin::new("app.rhai", 9, 1));
        let stack = FailedStack { name: "web", template, origin, failures, status: None, is_rolled_back: true };
        diagnose_stack_failure(&stack, &[])
    }

    fn line(reason: &str) -> (u32, &'static str) {
        let failed = EventStatus::Resource(ResourceStatus::CreateFailed);
        let problems = diagnosed(&[event("Tiles", failed, reason)]);
        assert_eq!(problems.len(), 1);
        (problems[0].origin().unwrap().line, problems[0].code.as_str())
    }

    #[test]
    fn label_is_at_the_property_that_the_message_names() {
        assert_eq!(line("tiles-of-mine already exists"), (4, "resource-already-exists"));
        assert_eq!(line("Properties validation failed (#/ObjectLockEnabled: invalid)"), (5, "resource-invalid"));
        assert_eq!(line("the value of ObjectLockEnabled is not valid here"), (5, "resource-invalid"));
        assert_eq!(line("the object lock enabled is not valid here"), (5, "resource-invalid"));
        assert_eq!(line("Access Denied"), (3, "resource-access-denied"));
    }

    #[test]
    fn value_inside_a_longer_word_of_the_message_is_not_blamed() {
        assert_eq!(line("no tiles-of-mine2 here"), (3, "resource-failed"));
    }

    #[test]
    fn failed_deletion_says_how_to_delete_the_rest() {
        let failed = EventStatus::Resource(ResourceStatus::DeleteFailed);
        let failures = [event("Tiles", failed, "The bucket you tried to delete is not empty")];
        let (template, origin) = (&template(), &Origin::new("app.rhai", 9, 1));
        let status = Some(&StackStatus::DeleteFailed);
        let stack = FailedStack { name: "web", template, origin, failures: &failures, status, is_rolled_back: false };
        let problems = diagnose_stack_failure(&stack, &[]);
        let hints: Vec<String> = problems[0].hints.iter().map(ToString::to_string).collect();
        assert!(hints[0].contains("empty the bucket"), "{hints:?}");
        assert!(hints[1].contains("destroy web"), "{hints:?}");
    }

    #[test]
    fn failure_without_a_reason_is_one_diagnostic() {
        let problems = diagnosed(&[]);
        assert_eq!((problems[0].code.as_str(), problems[0].origin().unwrap().line), ("stack-failed", 9));
    }
}
