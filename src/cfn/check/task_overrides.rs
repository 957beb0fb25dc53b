//! Tasks that a schedule or an event starts: the containers that their overrides name.
//!
//! Sources: `Input` of `Target` in the EventBridge API and of `Target` in the EventBridge Scheduler API, which is the
//! `TaskOverride` of `RunTask` in the ECS API. A wrong container fails each invocation with `InvalidParameterException`.

use serde_json::Value as Json;

use super::context::{CheckContext, ResourceEntry};
use super::ecs::container_names;
use crate::cfn::type_names::TASK_DEFINITION;
use crate::cfn::{Segment, Value};
use crate::diag::{Code, Sink, did_you_mean};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for rule in scope.all("AWS::Events::Rule") {
        rule.each_path("Targets.*", &mut |target| {
            check_target(rule, target, &["Input", "InputTransformer.InputTemplate"], scope, sink);
        });
    }
    for schedule in scope.all("AWS::Scheduler::Schedule") {
        check_target(schedule, "Target", &["Input"], scope, sink);
    }
}

fn check_target(found: ResourceEntry<'_>, target: &str, inputs: &[&str], scope: &CheckContext<'_>, sink: &mut Sink) {
    let task = found.get(&format!("{target}.EcsParameters.TaskDefinitionArn"));
    let Some(task) = task.and_then(|task| scope.target(task, TASK_DEFINITION)) else { return };
    for input in inputs {
        let path = format!("{target}.{input}");
        let Some(Value::Text(text)) = found.get(&path) else { continue };
        let is_template = input.ends_with("Template");
        let whole: String =
            text.pieces().iter().map(|piece| if let Segment::Literal(it) = piece { it } else { "0" }).collect();
        let whole = if is_template { without_variables(&whole) } else { whole };
        match serde_json::from_str::<Json>(&whole) {
            Ok(json) => names(found, &path, &json, task, sink),
            Err(_) if text.as_str().is_some() && !is_template => {
                let problem = found.error(Code::WrongFormat, &path, "the input of a target is JSON, and this is not");
                sink.push(
                    problem.help("write it as `{\"containerOverrides\": [{\"name\": \"web\", \"command\": [..]}]}`"),
                );
            }
            Err(_) => {}
        }
    }
}

/// Returns the template of an input with 0 for each variable, `<name>`.
fn without_variables(template: &str) -> String {
    let mut whole = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('<') {
        whole.push_str(before);
        match after.split_once('>') {
            Some((_, after)) => {
                whole.push('0');
                rest = after;
            }
            None => rest = after,
        }
    }
    whole + rest
}

fn names(found: ResourceEntry<'_>, path: &str, input: &Json, task: ResourceEntry<'_>, sink: &mut Sink) {
    let Some(known) = container_names(task) else { return };
    let overrides = input.get("containerOverrides").and_then(Json::as_array);
    for wanted in overrides.into_iter().flatten().filter_map(|item| item.get("name")?.as_str()) {
        if known.contains(&wanted) {
            continue;
        }
        let message = format!("the task `{}` has no container `{wanted}`", task.id);
        let problem = found.error(Code::UnknownContainer, path, message);
        let problem = problem.at(task.origin("ContainerDefinitions"), "its containers are here");
        let list: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        let hint = did_you_mean(wanted, known.iter().copied());
        sink.push(problem.help_if(hint).help(format!("the task has {}", list.join(", "))));
    }
}
