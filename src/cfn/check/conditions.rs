//! The section `Conditions`, and the conditions that resources and outputs name.

use super::context::CheckContext;
use super::functions::defined;
use crate::cfn::{Function, PathSegment, PropertyPath, Value};
use crate::diag::{Code, Diagnostic, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let template = scope.template;
    for (name, value) in template.conditions.iter().filter(|(name, _)| !name.starts_with("Fn::")) {
        if !is_condition_function(value) {
            let origin = template
                .origin_of(&PropertyPath(vec![PathSegment::Key("Conditions".into()), PathSegment::Key(name.clone())]));
            let problem =
                Diagnostic::new(Code::ConditionShape, format!("the condition `{name}` is neither true nor false"));
            let hint = "a condition is one of `Fn::And`, `Fn::Equals`, `Fn::Not`, `Fn::Or` or `Condition`";
            sink.push(problem.at(&origin, "").help(hint));
        }
    }
    for found in scope.resources() {
        if let Some(name) = &found.resource.condition {
            let origin = found.resource.origin_of(&PropertyPath::attribute("Condition"));
            sink.extend(defined(scope, Some(name)).map(|problem| problem.at(origin, "")));
        }
    }
    for (id, output) in &template.outputs {
        if let Some(name) = &output.condition {
            let steps = ["Outputs", id, "Condition"].map(|step| PathSegment::Key(step.to_owned()));
            let origin = template.origin_of(&PropertyPath(steps.into()));
            let origin = if origin.is_known() { origin } else { output.origin.clone() };
            sink.extend(defined(scope, Some(name)).map(|problem| problem.at(&origin, "")));
        }
    }
}

/// Returns whether it is a function of conditions whose arguments are conditions too.
fn is_condition_function(value: &Value) -> bool {
    let Value::Call(call) = value else { return false };
    match call.function {
        Function::And | Function::Or | Function::Not => {
            call.argument.as_list().is_none_or(|items| items.iter().all(is_condition_function))
        }
        Function::Equals | Function::Condition | Function::If | Function::FindInMap => true,
        _ => false,
    }
}
