//! The section `Outputs`.

use std::collections::HashMap;

use super::context::CheckContext;
use crate::cfn::schema::JsonTypes;
use crate::cfn::{Function, Output, PathSegment, PropertyPath, Ref, Value};
use crate::diag::{Code, Diagnostic, Sink};

const DESCRIPTION_BYTES: usize = 1024;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut exports: HashMap<String, Vec<(&str, &Output)>> = HashMap::new();
    for (id, output) in &scope.template.outputs {
        let at = |key: &str, problem: Diagnostic| problem.at(&origin(scope, id, output, key), "");
        if let Some(what) = not_a_string(scope, &output.value) {
            let problem =
                Diagnostic::new(Code::OutputValue, format!("the value of the output `{id}` is {what}, not a string"));
            let hint = (what == A_LIST).then_some("use `Fn::Join` or `Fn::Select`");
            sink.push(at("Value", problem).help_if(hint));
        }
        if output.description.as_ref().is_some_and(|text| text.len() > DESCRIPTION_BYTES) {
            let message = format!("the description of `{id}` is longer than {DESCRIPTION_BYTES} bytes");
            sink.push(at("Description", Diagnostic::new(Code::DescriptionLength, message)));
        }
        let Some(export) = &output.export else { continue };
        let mut resource = None;
        export.each_ref(&mut |reference| {
            resource = scope.template.resources.get_key_value(&reference.id).map(|(id, _)| id).or(resource);
        });
        if let Some(resource) = resource {
            let message = format!("the name of an export cannot depend on the resource `{resource}`");
            sink.push(at("Export", Diagnostic::new(Code::ExportName, message)));
        }
        let same = exports.entry(crate::cfn::emit::json::compact(export)).or_default();
        let other = same
            .iter()
            .find(|(_, first)| scope.can_both_exist(first.condition.as_deref(), output.condition.as_deref()));
        if let Some((first, _)) = other {
            let message = format!("the outputs `{first}` and `{id}` have one export name");
            sink.push(at("Export", Diagnostic::new(Code::ExportName, message)));
        }
        same.push((id, output));
    }
}

const A_LIST: &str = "a list";

/// Returns whether a reference gives a list: a parameter of a list type, or an attribute such as the name servers of a
/// hosted zone.
pub(super) fn is_list(scope: &CheckContext<'_>, reference: &Ref) -> bool {
    if let Some(parameter) = scope.template.parameters.get(&reference.id) {
        let kind = parameter.body.get("Type").and_then(Value::as_str).unwrap_or_default();
        return reference.attribute.is_none() && (kind.contains("List<") || kind.contains("CommaDelimitedList"));
    }
    let Some(name) = &reference.attribute else { return reference.id.as_str() == "AWS::NotificationARNs" };
    let resource = scope.template.resources.get(reference.id.as_str());
    let kind = resource.and_then(|resource| scope.schema.get(resource.kind.as_str()));
    let node = kind.and_then(|kind| kind.attribute(name)?.node);
    node.is_some_and(|node| node.kinds() == JsonTypes::LIST)
}

fn origin(scope: &CheckContext<'_>, id: &str, output: &Output, key: &str) -> crate::diag::Origin {
    let steps = ["Outputs", id, key].map(|step| PathSegment::Key(step.to_owned()));
    let origin = scope.template.origin_of(&PropertyPath(steps.into()));
    if origin.is_known() { origin } else { output.origin.clone() }
}

/// Returns a description of a value that is certainly not a string, also of a branch of an `Fn::If`.
fn not_a_string(scope: &CheckContext<'_>, value: &Value) -> Option<&'static str> {
    match value {
        Value::List(_) => Some(A_LIST),
        Value::Text(text) if text.as_reference().is_some_and(|reference| is_list(scope, reference)) => Some(A_LIST),
        Value::Call(call) => match call.function {
            Function::Split | Function::GetAzs | Function::Cidr => Some(A_LIST),
            Function::If => call.argument.as_list()?.iter().skip(1).find_map(|branch| not_a_string(scope, branch)),
            _ => None,
        },
        // The rules of functions report what looks like one.
        Value::Map(map) if map.keys().any(|key| key.starts_with("Fn::") || key == "Ref") => None,
        Value::Map(_) => Some("an object"),
        _ => None,
    }
}
