//! A failed operation as diagnostics at the lines of the script.

use super::api_error::diagnose_api_error;
use super::failure_cause::{FailureCause, FailureKind, causes, rollback_causes};
use super::task_failure::diagnose_task_failure;
use crate::cfn::emit::json;
use crate::cfn::names::with_article;
use crate::cfn::type_names::SERVICE;
use crate::cfn::{PathSegment, PropertyPath, Resource, Template, Value};
use crate::deploy::api::AwsError;
use crate::deploy::engine::progress::{OperationResult, Progress};
use crate::deploy::monitor::Diagnosis;
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin};
use crate::synth::DesiredStack;

/// Why an operation failed: one diagnostic for each cause, then what failed while it was undone. Where a service failed and
/// was watched, what was seen of its tasks is the cause.
pub fn diagnose_stack_failure(
    stack: &str,
    template: &Template,
    origin: &Origin,
    progress: &Progress,
    verdict: OperationResult,
    diagnoses: &[Diagnosis],
) -> Vec<Diagnostic> {
    let ending = match verdict {
        OperationResult::RolledBack => "the stack was rolled back",
        _ => "the stack needs a decision",
    };
    let mut told: Vec<_> = causes(&progress.failures)
        .iter()
        .map(|cause| {
            let seen = diagnoses.iter().find(|seen| cause.resource.as_ref() == Some(&seen.service));
            match seen {
                Some(seen) => diagnose_task_failure(seen, template, origin)
                    .note(format!("CloudFormation says: {}", cause.message)),
                None => one(stack, template, origin, cause),
            }
            .note(ending.to_owned())
        })
        .collect();
    told.extend(rollback_failures(stack, template, origin, progress));
    if told.is_empty() {
        let status = progress.status.as_ref().map_or_else(String::new, |status| format!(" ({status})"));
        let problem =
            Diagnostic::new(Code::StackFailed, format!("stack `{stack}` failed{status} and AWS gave no reason"));
        told.push(
            problem
                .at(origin, "this stack")
                .help(Hint::from("see all events with ").command(CommandName::Events.of(stack))),
        );
    }
    told
}

/// What failed while an operation was undone.
pub fn rollback_failures(stack: &str, template: &Template, origin: &Origin, progress: &Progress) -> Vec<Diagnostic> {
    rollback_causes(&progress.failures).iter().map(|cause| undoing(stack, template, origin, cause)).collect()
}

/// A refusal of AWS that concerns a stack.
pub fn refused(stack: &DesiredStack, error: &AwsError) -> Diagnostic {
    diagnose_api_error(error).at(&stack.origin, format!("stack `{}`", stack.name))
}

fn one(stack: &str, template: &Template, origin: &Origin, cause: &FailureCause) -> Diagnostic {
    let (code, advice) = code(cause);
    let Some(id) = &cause.resource else {
        return Diagnostic::new(code, format!("stack `{stack}` could not be changed: {}", cause.message))
            .at(origin, "this stack")
            .help_if(advice.map(str::to_owned));
    };
    let verb = verb(cause.event.status.as_str());
    let problem = Diagnostic::new(code, format!("`{id}` could not be {verb}: {}", cause.message));
    placed(problem, template, id, &cause.message)
        .note(format!("`{id}` is {}", with_article(&cause.resource_type)))
        .help_if(advice.map(str::to_owned))
}

fn undoing(stack: &str, template: &Template, origin: &Origin, cause: &FailureCause) -> Diagnostic {
    let id = cause.resource.as_deref().unwrap_or(stack);
    let problem = Diagnostic::new(Code::RollbackFailed, format!("`{id}` could not be put back: {}", cause.message));
    let problem = placed(problem, template, id, &cause.message);
    let problem = if problem.labels.is_empty() { problem.at(origin, "this stack") } else { problem };
    problem.help(
        Hint::from("fix what AWS names, then run ")
            .command(CommandName::Rollback.of(stack))
            .text(format!("; add `--skip {id}` if it cannot be rolled back")),
    )
}

fn placed(problem: Diagnostic, template: &Template, id: &str, message: &str) -> Diagnostic {
    let Some(resource) = template.resources.get(id) else { return problem };
    match blamed(resource, message) {
        Some(path) => problem.at(resource.origin_of(&path), format!("{path} of `{id}`")),
        None => problem.at(&resource.origin, format!("`{id}` is made here")),
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
            Some("leave the name out so that CloudFormation makes one, or delete or import what is there"),
        ),
        FailureKind::AccessDenied => {
            (Code::ResourceAccessDenied, Some("the caller of the deployment needs that permission"))
        }
        FailureKind::NotFound => {
            (Code::ResourceDependencyNotFound, Some("what it refers to must be there first, in this region"))
        }
        FailureKind::Quota => {
            (Code::ResourceQuota, Some("ask AWS for a higher quota (Service Quotas), or delete what is not needed"))
        }
        FailureKind::NotStable if cause.resource_type == SERVICE => {
            (Code::ServiceUnstable, Some("look at the service's stopped tasks and at the health of its targets"))
        }
        FailureKind::NotStable => (Code::ResourceNotStable, None),
        FailureKind::InUse if cause.resource.is_none() => {
            (Code::ExportInUse, Some("deploy the stacks that import it without it first, then this one"))
        }
        FailureKind::InUse => (Code::ResourceInUse, Some("remove what still uses it first")),
        FailureKind::Invalid => (Code::ResourceInvalid, None),
        FailureKind::Throttled => (Code::ResourceThrottled, Some("run the same command again in a minute")),
        FailureKind::Cancelled => (Code::ResourceCancelled, None),
        FailureKind::Internal => (Code::AwsInternalFailure, Some("run the same command again; it is AWS's failure")),
        FailureKind::Other => (Code::ResourceFailed, None),
    }
}

/// The property that a message speaks of: by a JSON pointer (`#/Port`), by a value that stands in it word for word, or by
/// the property's name.
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

/// The longest literal of the properties that the message repeats; short ones prove nothing.
fn quoted(resource: &Resource, message: &str) -> Option<PropertyPath> {
    let mut literals = Vec::new();
    for (name, value) in &resource.properties {
        collect(value, PropertyPath::property(name), &mut literals);
    }
    let repeated = literals.into_iter().filter(|(_, text)| text.len() > 3 && message.contains(text.as_str()));
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

fn named(resource: &Resource, message: &str) -> Option<PropertyPath> {
    let is_word = |name: &str| {
        message.split(|letter: char| !letter.is_alphanumeric()).any(|word| word.eq_ignore_ascii_case(name))
    };
    resource
        .properties
        .keys()
        .filter(|name| is_word(name))
        .max_by_key(|name| name.len())
        .map(|name| PropertyPath::property(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::EventStatus;
    use crate::deploy::api::status::ResourceStatus;
    use crate::deploy::engine::progress::OperationGoal;
    use crate::testing::fixtures::event;

    fn template() -> Template {
        let bucket = Resource::new("AWS::S3::Bucket", Origin::new("app.rhai", 3, 1))
            .with("BucketName", "tiles-of-mine")
            .with("ObjectLockEnabled", true)
            .record_origin("BucketName", &Origin::new("app.rhai", 4, 5))
            .record_origin("ObjectLockEnabled", &Origin::new("app.rhai", 5, 5));
        Template { resources: [("Tiles".into(), bucket)].into_iter().collect(), ..Template::default() }
    }

    fn line(reason: &str) -> (u32, &'static str) {
        let mut progress = Progress::new(OperationGoal::Deployed);
        let failed = EventStatus::Resource(ResourceStatus::CreateFailed);
        progress.apply(&event("Tiles", failed, reason));
        let told = diagnose_stack_failure(
            "web",
            &template(),
            &Origin::new("app.rhai", 9, 1),
            &progress,
            OperationResult::RolledBack,
            &[],
        );
        assert_eq!(told.len(), 1);
        (told[0].origin().unwrap().line, told[0].code.as_str())
    }

    #[test]
    fn the_line_is_that_of_the_property_that_aws_speaks_of() {
        assert_eq!(line("tiles-of-mine already exists"), (4, "resource-already-exists"));
        assert_eq!(line("Properties validation failed (#/ObjectLockEnabled: invalid)"), (5, "resource-invalid"));
        assert_eq!(line("the value of ObjectLockEnabled is not valid here"), (5, "resource-invalid"));
        assert_eq!(line("Access Denied"), (3, "resource-access-denied"));
    }

    #[test]
    fn a_failure_without_words_still_ends_in_a_diagnostic() {
        let silent = Progress::new(OperationGoal::Deployed);
        let told = diagnose_stack_failure(
            "web",
            &template(),
            &Origin::new("app.rhai", 9, 1),
            &silent,
            OperationResult::Failed,
            &[],
        );
        assert_eq!((told[0].code.as_str(), told[0].origin().unwrap().line), ("stack-failed", 9));
    }
}
