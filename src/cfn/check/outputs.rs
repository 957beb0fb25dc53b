//! The section `Outputs`.

use std::collections::HashMap;

use super::context::CheckContext;
use crate::cfn::schema::JsonTypes;
use crate::cfn::{Output, PathSegment, PropertyPath, Value};
use crate::diag::{Code, Diagnostic, Sink};

const DESCRIPTION_BYTES: usize = 1024;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut exports: HashMap<String, &str> = HashMap::new();
    for (id, output) in &scope.template.outputs {
        let at = |key: &str, problem: Diagnostic| problem.at(&origin(scope, id, output, key), "");
        if let Some(what) = not_a_string(&output.value).or_else(|| a_list(scope, &output.value)) {
            let problem =
                Diagnostic::new(Code::OutputValue, format!("the value of the output `{id}` is {what}, not a string"));
            let is_list = matches!(output.value, Value::List(_) | Value::Text(_));
            let hint = is_list.then_some("use `Fn::Join` or `Fn::Select`");
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
        if let Some(first) = exports.insert(crate::cfn::emit::json::compact(export), id) {
            let message = format!("the outputs `{first}` and `{id}` have one export name");
            sink.push(at("Export", Diagnostic::new(Code::ExportName, message)));
        }
    }
}

/// Returns an attribute that is a list, such as the name servers of a hosted zone.
fn a_list(scope: &CheckContext<'_>, value: &Value) -> Option<&'static str> {
    let reference = value.as_reference()?;
    let resource = scope.template.resources.get(reference.id.as_str())?;
    let attribute = scope.schema.get(resource.kind.as_str())?.attribute(reference.attribute.as_deref()?)?;
    (attribute.node?.kinds() == JsonTypes::LIST).then_some("a list")
}

fn origin(scope: &CheckContext<'_>, id: &str, output: &Output, key: &str) -> crate::diag::Origin {
    let steps = ["Outputs", id, key].map(|step| PathSegment::Key(step.to_owned()));
    let origin = scope.template.origin_of(&PropertyPath(steps.into()));
    if origin.is_known() { origin } else { output.origin.clone() }
}

fn not_a_string(value: &Value) -> Option<&'static str> {
    match value {
        Value::List(_) => Some("a list"),
        // The rules of functions report what looks like one.
        Value::Map(map) if map.keys().any(|key| key.starts_with("Fn::") || key == "Ref") => None,
        Value::Map(_) => Some("an object"),
        _ => None,
    }
}
