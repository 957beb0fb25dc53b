//! The containers that a container waits for (`DependsOn`).
//!
//! Source: `ContainerDependency` of the ECS API and "Container dependency" of the developer guide: `COMPLETE` and `SUCCESS` cannot
//! be set on an essential container, `HEALTHY` needs a health check of the task definition.

use std::collections::BTreeMap;

use super::task_definition::{all_known, containers_of, name, path};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Diagnostic, Sink};

/// The containers of a task by their names, with their positions.
type Containers<'a> = BTreeMap<&'a str, (usize, &'a Value)>;

pub(super) fn check(task: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    if !all_known(task) {
        return;
    }
    let containers: Containers<'_> =
        containers_of(task).filter_map(|(at, container)| Some((name(container)?, (at, container)))).collect();
    let before = sink.len();
    for (waiting, (at, _)) in &containers {
        for (index, item) in task.list(&path(*at, "DependsOn")).iter().enumerate() {
            let Some(wanted) = wanted(item) else { continue };
            let problem = |message: String| {
                task.error(Code::ContainerDependency, &path(*at, &format!("DependsOn.{index}")), message)
            };
            match containers.get(wanted) {
                None => {
                    let hint = scope.suggestions.did_you_mean(wanted, containers.keys().copied());
                    let message = format!("the task has no container `{wanted}` to depend on");
                    sink.push(problem(message).help_if(hint));
                }
                Some(_) if wanted == *waiting => sink.push(problem(format!("`{wanted}` depends on itself"))),
                Some((_, other)) => sink.extend(never_met(wanted, other, item).map(problem)),
            }
        }
    }
    if sink.len() == before {
        sink.extend(circle(task, &containers));
    }
}

fn wanted(item: &Value) -> Option<&str> {
    item.get("ContainerName")?.as_str()
}

/// Returns why the condition of a dependency on a container can never be met.
fn never_met(wanted: &str, other: &Value, item: &Value) -> Option<String> {
    let condition = item.get("Condition")?.as_str()?;
    match condition {
        "HEALTHY" if other.get("HealthCheck").is_none() => {
            Some(format!("`{wanted}` has no health check, so it is never healthy"))
        }
        "COMPLETE" | "SUCCESS" if is_essential(other) => Some(format!(
            "`{wanted}` is essential, so the task ends with it: no container can wait for it with `{condition}`"
        )),
        _ => None,
    }
}

/// Returns whether a container is essential, which is the default; an unknown value is not.
fn is_essential(container: &Value) -> bool {
    match container.get("Essential") {
        None | Some(Value::Bool(true)) => true,
        Some(value) => value.as_str() == Some("true"),
    }
}

/// Returns the problem of containers that wait for each other.
fn circle(task: ResourceEntry<'_>, containers: &Containers<'_>) -> Option<Diagnostic> {
    let needs = |at: usize| task.list(&path(at, "DependsOn")).iter().filter_map(wanted).collect::<Vec<_>>();
    let mut left: BTreeMap<&str, Vec<&str>> = containers.iter().map(|(name, (at, _))| (*name, needs(*at))).collect();
    // A container that waits for none of the others starts; what is left in the end waits in a circle, or for one.
    while let Some(free) = left.iter().find(|(_, needs)| needs.iter().all(|need| !left.contains_key(need))) {
        let free = *free.0;
        left.remove(free);
    }
    let mut way = vec![*left.keys().next()?];
    let first = loop {
        let next = left.get(way.last()?)?.iter().find(|need| left.contains_key(*need))?;
        match way.iter().position(|known| known == next) {
            Some(first) => break first,
            None => way.push(next),
        }
    };
    let circle = &way[first..];
    let names: Vec<String> = circle.iter().chain(circle.first()).map(|name| format!("`{name}`")).collect();
    let message = format!("containers wait for each other: {}", names.join(" waits for "));
    let (at, _) = containers.get(circle.first()?)?;
    let problem = task.error(Code::ContainerDependency, &path(*at, "DependsOn"), message);
    Some(problem.help("remove one `DependsOn` between these containers"))
}
