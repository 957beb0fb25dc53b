//! The section `Mappings`: two levels of keys, then strings or lists of strings.
//!
//! Source: "Mappings" in the CloudFormation user guide.

use super::context::CheckContext;
use crate::cfn::{PathSegment, PropertyPath, Value};
use crate::diag::{Code, Diagnostic, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for (name, mapping) in &scope.template.mappings {
        for (first, row) in entries(mapping) {
            let path = ["Mappings", name, first];
            let Value::Map(_) = row else {
                let what = format!("`{name}` has a value below its first key `{first}`");
                sink.push(shape(scope, &path, &what, &format!("write a second key: `{first}: {{Key: value}}`")));
                continue;
            };
            for (second, value) in entries(row).filter(|(_, value)| !is_value(value)) {
                let what = match value {
                    Value::Map(_) => format!("`{name}` has more than two levels of keys"),
                    Value::Null => format!("`{name}` has no value at `{first}.{second}`"),
                    _ => format!("`{name}` holds a function at `{first}.{second}`"),
                };
                let hint = "a mapping has two levels of keys, then strings or lists of strings";
                sink.push(shape(scope, &["Mappings", name, first, second], &what, hint));
            }
        }
    }
}

fn shape(scope: &CheckContext<'_>, path: &[&str], what: &str, hint: &str) -> Diagnostic {
    let steps = path.iter().map(|step| PathSegment::Key((*step).to_owned())).collect();
    let origin = scope.template.origin_of(&PropertyPath(steps));
    Diagnostic::new(Code::MappingShape, format!("the mapping {what}")).at(&origin, "").help(hint.to_owned())
}

/// Returns the entries of an object; what a transform expands is left to CloudFormation.
fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    let entries = value.as_map().into_iter().flatten();
    entries.map(|(key, value)| (key.as_str(), value)).filter(|(key, _)| !key.starts_with("Fn::"))
}

fn is_value(value: &Value) -> bool {
    match value {
        Value::List(items) => items.iter().all(|item| !matches!(item, Value::List(_)) && is_value(item)),
        Value::Text(text) => text.as_str().is_some(),
        Value::Call(call) => call.function == crate::cfn::Function::Transform,
        Value::Null | Value::Map(_) => false,
        Value::Bool(_) | Value::Int(_) | Value::Float(_) => true,
    }
}
