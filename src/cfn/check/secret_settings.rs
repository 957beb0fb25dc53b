//! Values of secret settings of a script that become plain text in the template.
//!
//! Source: "Best practices for CloudFormation" ("Do not embed credentials in your templates").

use super::context::{CheckContext, SecretSetting};
use super::visitor::{ValueOwner, ValuePath, walk};
use crate::cfn::schema::Schema;
use crate::cfn::{PathSegment, PropertyPath, Resource, Segment, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// The length of the shortest value that is searched: a shorter one may be a usual word.
const MIN_LENGTH: usize = 6;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let settings: Vec<&SecretSetting> =
        scope.stack.secrets.iter().filter(|setting| setting.value.len() >= MIN_LENGTH).collect();
    if settings.is_empty() {
        return;
    }
    let mut found = Vec::new();
    walk(scope.template, &mut |value, trail| {
        if let Some(setting) = settings.iter().find(|setting| holds(value, &setting.value)) {
            found.extend(plain_text(setting, trail, scope.schema));
        }
    });
    // `plaintext` reports values that look like secrets in their place.
    let is_said = |problem: &Diagnostic| {
        sink.iter().any(|said| said.code == Code::PlaintextSecret && said.origin() == problem.origin())
    };
    let new: Vec<Diagnostic> = found.into_iter().filter(|problem| !is_said(problem)).collect();
    sink.extend(new);
}

/// Returns whether a value itself, not one inside of it, holds a secret.
fn holds(value: &Value, secret: &str) -> bool {
    match value {
        Value::Text(text) => {
            text.pieces().iter().any(|piece| matches!(piece, Segment::Literal(text) if text.contains(secret)))
        }
        Value::Int(number) => number.to_string() == secret,
        _ => false,
    }
}

/// Returns the problem of a secret in a place where it can be read.
fn plain_text(setting: &SecretSetting, trail: &ValuePath<'_>, schema: &Schema) -> Option<Diagnostic> {
    let path = trail.path(Vec::new());
    if let ValueOwner::Resource(resource) = trail.whole()
        && is_write_only(resource, &path, schema)
    {
        return None;
    }
    let message = format!("the secret setting `{}` becomes plain text in the template", setting.name);
    let problem = Diagnostic::new(Code::PlaintextSecret, message).as_warning().at(&trail.origin(), "");
    Some(
        problem
            .note("everyone who may read the template or the change set sees it")
            .help("keep the value in Secrets Manager: `.secret(NAME, arn)` gives it to tasks, and a property takes `{{resolve:secretsmanager:NAME}}`")
            .help(format!(
                "or declare a parameter, which is not in the template: `parameter(\"{}\", #{{ Type: \"String\", NoEcho: true }})`",
                parameter_name(&setting.name)
            )),
    )
}

/// Returns whether a value is in a property that AWS never returns.
fn is_write_only(resource: &Resource, path: &PropertyPath, schema: &Schema) -> bool {
    let Some(kind) = schema.get(resource.kind.as_str()) else { return false };
    let fits = |pattern: &str| {
        let mut steps = path.0.iter().skip(1);
        pattern.split('.').all(|wanted| match steps.next() {
            Some(PathSegment::Key(key)) => wanted == "*" || wanted == key,
            Some(PathSegment::Index(_)) => wanted == "*",
            None => false,
        })
    };
    kind.write_only().any(fits)
}

/// Returns the name of a parameter for a setting: `DbPassword`.
fn parameter_name(setting: &str) -> String {
    crate::cfn::names::stem(&setting.replace('_', "-"))
}
