//! Tasks that a schedule or an event starts: the containers that their overrides name.
//!
//! Sources: `Input` of `Target` in the EventBridge API and of `Target` in the EventBridge Scheduler API, which is the
//! `TaskOverride` of `RunTask` in the ECS API. A wrong container fails each invocation with `InvalidParameterException`.

use serde_json::Value as Json;

use super::context::{CheckContext, ResourceEntry};
use super::ecs::container_names;
use crate::cfn::type_names::TASK_DEFINITION;
use crate::cfn::{Ref, Segment, Value};
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
    for machine in scope.all("AWS::StepFunctions::StateMachine") {
        state_machine(machine, scope, sink);
    }
}

/// Checks the overrides of the states that run a task (`ecs:runTask` in "Run Amazon ECS or Fargate tasks with Step
/// Functions"), in a definition that is a JSON text with references.
fn state_machine(machine: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    const PATH: &str = "DefinitionString";
    let Some(Value::Text(text)) = machine.get(PATH) else { return };
    let Ok(definition) = serde_json::from_str::<Json>(&text.to_string()) else { return };
    each_map(&definition, &mut |map| {
        let Some(overrides) = map.get("Overrides").and_then(|it| it.get("ContainerOverrides")?.as_array()) else {
            return;
        };
        let id =
            map.get("TaskDefinition").and_then(Json::as_str).and_then(|it| it.strip_prefix("${")?.strip_suffix('}'));
        let task = id.and_then(|id| scope.target(&Value::from(Ref::to(id)), TASK_DEFINITION));
        if let Some(task) = task {
            names(machine, PATH, overrides.iter().filter_map(|it| it.get("Name")?.as_str()), task, sink);
        }
    });
}

/// Calls `visit` with every object of a JSON value.
fn each_map(json: &Json, visit: &mut impl FnMut(&serde_json::Map<String, Json>)) {
    match json {
        Json::Object(map) => {
            visit(map);
            map.values().for_each(|value| each_map(value, visit));
        }
        Json::Array(items) => items.iter().for_each(|item| each_map(item, visit)),
        _ => {}
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
            Ok(json) => {
                let overrides = json.get("containerOverrides").and_then(Json::as_array).into_iter().flatten();
                names(found, &path, overrides.filter_map(|item| item.get("name")?.as_str()), task, sink);
            }
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

fn names<'j>(
    found: ResourceEntry<'_>,
    path: &str,
    wanted: impl Iterator<Item = &'j str>,
    task: ResourceEntry<'_>,
    sink: &mut Sink,
) {
    let Some(known) = container_names(task) else { return };
    for wanted in wanted {
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
