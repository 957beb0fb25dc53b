//! Secrets whose value a deployment generates again.
//!
//! Sources: `GenerateSecretString` of `AWS::SecretsManager::Secret` (CloudFormation guide): "when you make a change to this property, a
//! new secret version is created"; "Using dynamic references" (CloudFormation guide): a value is read again when the resource that
//! has the reference is updated, so a database keeps the password with which it was created.

use super::{Plan, PlannedChange, origin_of_change};
use crate::cfn::type_names::SECRET;
use crate::cfn::{LogicalId, Segment, TemplateString, Value};
use crate::deploy::api::{Action, Replacement};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

const GENERATED: &str = "Properties.GenerateSecretString";

/// Returns a problem for each secret that is generated again: an error if a resource keeps the value that it was created with and
/// `allowed` (`--allow-replace`) does not name the secret, else a warning.
pub(crate) fn generated_secrets(
    plan: &Plan,
    stack: &DesiredStack,
    allowed: &[String],
    retried_by: CommandName,
) -> Vec<Diagnostic> {
    changed(plan, stack).map(|change| problem(change, plan, stack, allowed, retried_by)).collect()
}

/// Returns the secrets with a resource that keeps the old value, and that `allowed` names.
pub(crate) fn accepted_new_secrets(plan: &Plan, stack: &DesiredStack, allowed: &[String]) -> Vec<String> {
    let names = changed(plan, stack).filter(|change| keeps_old_value(change, plan, stack).is_some());
    names.map(|change| change.logical_id.clone()).filter(|id| allowed.contains(id)).collect()
}

fn changed<'p>(plan: &'p Plan, stack: &'p DesiredStack) -> impl Iterator<Item = &'p PlannedChange> {
    plan.resources.iter().filter(|change| {
        let is_kept = change.action == Action::Modify && change.replacement != Some(Replacement::True);
        let is_generated = || {
            let secret = stack.template.resources.get(change.logical_id.as_str());
            secret.is_some_and(|secret| secret.properties.contains_key("GenerateSecretString"))
        };
        is_kept && change.kind == SECRET && cause(change).is_some() && is_generated()
    })
}

/// Returns the path of the first change of how a secret is generated.
fn cause(change: &PlannedChange) -> Option<&str> {
    let paths = change.details.iter().map(|detail| detail.path.as_str());
    paths
        .into_iter()
        .find(|path| path.strip_prefix(GENERATED).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

/// Returns a resource that reads the secret when it is created, and that this deployment leaves as it is.
fn keeps_old_value<'s>(change: &PlannedChange, plan: &Plan, stack: &'s DesiredStack) -> Option<&'s LogicalId> {
    let is_made_new = |id: &LogicalId| {
        plan.resources.iter().any(|other| {
            let is_new = other.action == Action::Add || other.replacement == Some(Replacement::True);
            other.logical_id == id.as_str() && is_new
        })
    };
    let mut readers = stack
        .template
        .resources
        .iter()
        .filter(|(_, resource)| resource.properties.values().any(|value| reads(value, &change.logical_id)));
    readers.find(|(id, _)| !is_made_new(id)).map(|(id, _)| id)
}

/// Returns whether a value has a dynamic reference to a secret.
fn reads(value: &Value, secret: &str) -> bool {
    match value {
        Value::Text(text) => reads_text(text, secret),
        Value::List(items) => items.iter().any(|item| reads(item, secret)),
        Value::Map(map) => map.values().any(|item| reads(item, secret)),
        Value::Call(call) => reads(&call.argument, secret),
        _ => false,
    }
}

fn reads_text(text: &TemplateString, secret: &str) -> bool {
    text.pieces().windows(2).any(|pair| match pair {
        [Segment::Literal(before), Segment::Ref(reference)] => {
            before.ends_with("{{resolve:secretsmanager:") && reference.id.as_str() == secret
        }
        _ => false,
    })
}

fn problem(
    change: &PlannedChange,
    plan: &Plan,
    stack: &DesiredStack,
    allowed: &[String],
    retried_by: CommandName,
) -> Diagnostic {
    let id = &change.logical_id;
    let path = cause(change).unwrap_or(GENERATED);
    let origin = origin_of_change(&stack.template, id, path).unwrap_or(&stack.origin);
    let property = path.strip_prefix("Properties.").unwrap_or(path);
    let reader = keeps_old_value(change, plan, stack);
    let message = match reader {
        Some(reader) => {
            format!("`{id}` gets a new value, and `{reader}` keeps the old one: tasks can no longer log in")
        }
        None => format!("`{id}` gets a new value"),
    };
    let problem = Diagnostic::new(Code::SecretRegenerated, message)
        .at(origin, "how it is generated changes here")
        .note(format!("cause: {property}; Secrets Manager keeps the old value with the stage `AWSPREVIOUS`"))
        .help("to keep the value, leave the settings as they are deployed");
    let is_allowed = allowed.iter().any(|name| name == "*" || name == id);
    match reader {
        Some(_) if !is_allowed => {
            let command = retried_by.of(&stack.name).arg("--allow-replace").arg(id);
            let hint = Hint::from("if you set the new password in the database yourself, run ").command(command);
            problem.help(hint)
        }
        Some(_) => problem.as_warning(),
        None => problem.as_warning().note("running tasks keep the old value; new ones get the new one"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::cfn::schema::Schema;
    use crate::deploy::plan::plan_against;
    use crate::testing::harness::stack;

    fn template(length: u32, more: &str) -> String {
        format!(
            "Resources:\n  Token:\n    Type: AWS::SecretsManager::Secret\n    Properties:\n      GenerateSecretString: \
             {{PasswordLength: {length}}}\n{more}"
        )
    }

    const READER: &str = "  Db:\n    Type: AWS::RDS::DBInstance\n    Properties:\n      MasterUserPassword: !Sub \
                          \"{{resolve:secretsmanager:${Token}:SecretString:password}}\"\n";

    fn problems(before: &str, after: &str, allowed: &[&str]) -> Vec<bool> {
        let old = parse::template("before.yaml", before).value.expect("a template");
        let new = stack("db", after);
        let plan = plan_against(&old, &new, Some(Schema::embedded()));
        let allowed: Vec<String> = allowed.iter().map(|name| (*name).to_owned()).collect();
        let found = generated_secrets(&plan, &new, &allowed, CommandName::Deploy);
        found.iter().map(Diagnostic::is_error).collect()
    }

    #[test]
    fn other_length_gives_a_new_value_with_a_warning() {
        assert_eq!(problems(&template(32, ""), &template(64, ""), &[]), [false]);
        assert_eq!(problems(&template(32, ""), &template(32, ""), &[]), [false; 0]);
    }

    #[test]
    fn password_of_a_database_that_keeps_the_old_one_is_refused_unless_allowed() {
        let (before, after) = (template(32, READER), template(64, READER));
        assert_eq!(problems(&before, &after, &[]), [true]);
        assert_eq!(problems(&before, &after, &["Token"]), [false]);
        // A database that is created by the same deployment reads the new value.
        assert_eq!(problems(&template(32, ""), &after, &[]), [false]);
    }
}
