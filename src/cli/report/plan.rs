use serde_json::Value as Json;

use super::style::{bad, bold, faint, good, warning};
use crate::cli::table::{cut_end, pad, width as columns};
use crate::deploy::StackState;
use crate::deploy::api::{Action, Replacement, revision};
use crate::deploy::plan::broadening::Grant;
use crate::deploy::plan::{Plan, PlannedChange, PropertyChange};

/// Returns a plan as a tree: `+` creates, `~` changes, `-` deletes; replacements are named with their causes.
pub(crate) fn plan(plan: &Plan) -> String {
    let what = match plan.state {
        StackState::NotFound | StackState::MustBeDeleted => "will be created",
        _ if plan.is_empty() => "has no changes",
        _ => "will be updated",
    };
    let mut text = format!("{} {what}\n", bold(&plan.stack));
    let width = plan.resources.iter().map(|change| columns(&change.logical_id)).max().unwrap_or(0);
    plan.resources.iter().for_each(|change| text.push_str(&resource(change, width)));
    plan.others.iter().flat_map(entries).for_each(|other| text.push_str(&detail(&other, 2)));
    for broadening in &plan.broadenings {
        text.push_str(&format!("  {} {}: {}\n", warning("!"), broadening.resource, grant(&broadening.grant)));
    }
    if let Some(on) = plan.termination_protection {
        text.push_str(&format!("  {} termination protection {}\n", warning("~"), if on { "on" } else { "off" }));
    }
    for service in &plan.hotswapped {
        let (from, to) = (revision(&service.running), revision(&service.stack));
        let note = format!("runs {from} from a hotswap; this deployment restores {to} unless it changes the service");
        text.push_str(&format!("  {} {} {note}\n", warning("~"), service.service));
    }
    if !plan.is_empty() {
        text.push_str(&format!("  {}\n", faint(&counts(plan))));
    }
    text
}

fn resource(change: &PlannedChange, width: usize) -> String {
    let sign = match (change.action, change.replacement) {
        (Action::Add | Action::Import, _) => good("+"),
        (Action::Remove, _) => bad("-"),
        (_, Some(Replacement::True)) => bad("~"),
        _ => warning("~"),
    };
    let mut text = format!("  {sign} {}  {}", pad(&change.logical_id, width), faint(&change.kind));
    if let Some(replacement) = replacement(change) {
        text.push_str(&format!("  {}", bad(&replacement)));
    }
    if change.retained {
        text.push_str(&format!("  {}", warning("the old one is retained")));
    }
    text.push('\n');
    if change.action == Action::Modify || change.action == Action::Dynamic {
        change.details.iter().for_each(|one| text.push_str(&detail(one, 6)));
    }
    text
}

/// Returns whether and why a resource is replaced.
fn replacement(change: &PlannedChange) -> Option<String> {
    let causes = if change.causes.is_empty() { String::new() } else { format!(": {}", change.causes.join(", ")) };
    match change.replacement? {
        Replacement::False => None,
        Replacement::True if change.delete_first => Some(format!("replaced (the old one is deleted first){causes}")),
        Replacement::True => Some(format!("replaced{causes}")),
        Replacement::Conditional => Some(format!("may be replaced{causes}")),
    }
}

fn detail(detail: &PropertyChange, indent: usize) -> String {
    let path = detail.path.strip_prefix("Properties.").unwrap_or(&detail.path);
    let values = match (&detail.before, &detail.after) {
        (Some(before), Some(after)) => format!("{} -> {}", bad(&shown(before)), good(&shown(after))),
        (None, Some(after)) => good(&format!("+ {}", shown(after))),
        (Some(before), None) => bad(&format!("- {}", shown(before))),
        (None, None) => String::new(),
    };
    format!("{:indent$}{path}: {values}\n", "")
}

/// Returns the entries of a section that is added or removed as a whole.
fn entries(other: &PropertyChange) -> Vec<PropertyChange> {
    let object = |value: &Option<Json>| value.as_ref().and_then(Json::as_object).cloned().unwrap_or_default();
    let (before, after) = (object(&other.before), object(&other.after));
    let is_section = other.path == "Outputs" || other.path == "Parameters";
    if other.path.starts_with("Outputs.") {
        let (before, after) = (other.before.as_ref().map(only_value), other.after.as_ref().map(only_value));
        return vec![PropertyChange { path: other.path.clone(), before, after }];
    }
    if !is_section || (before.is_empty() && after.is_empty()) {
        return vec![other.clone()];
    }
    let one = |key: &String| PropertyChange {
        path: format!("{}.{key}", other.path),
        before: before.get(key).map(only_value),
        after: after.get(key).map(only_value),
    };
    let names = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    names.map(one).collect()
}

/// Returns the value of an output that has nothing else.
fn only_value(entry: &Json) -> Json {
    match entry.as_object() {
        Some(object) if object.len() == 1 => object.get("Value").unwrap_or(entry).clone(),
        _ => entry.clone(),
    }
}

/// Returns a value on one line; `diff --json` prints it whole.
fn shown(value: &Json) -> String {
    const LONGEST: usize = 80;
    cut_end(&value.to_string(), LONGEST)
}

fn grant(grant: &Grant) -> String {
    let list = |items: &std::collections::BTreeSet<String>| items.iter().cloned().collect::<Vec<_>>().join(", ");
    match grant {
        Grant::Statement { effect, actions, resources, principals, .. } => {
            let who = if principals.is_empty() { String::new() } else { format!(" to {}", list(principals)) };
            let on = if resources.is_empty() { String::new() } else { format!(" on {}", list(resources)) };
            let verb = if effect == "Allow" { "allows" } else { "no longer denies" };
            format!("{verb} {}{on}{who}", list(actions))
        }
        Grant::ManagedPolicy(arn) => format!("attaches {arn}"),
        Grant::Rule { ingress: true, peer, ports } => format!("allows inbound traffic from {peer} on {ports}"),
        Grant::Rule { ingress: false, peer, ports } => format!("allows outbound traffic to {peer} on {ports}"),
    }
}

fn counts(plan: &Plan) -> String {
    let count =
        |predicate: fn(&PlannedChange) -> bool| plan.resources.iter().filter(|change| predicate(change)).count();
    let created = count(|change| matches!(change.action, Action::Add | Action::Import));
    let replaced = count(|change| change.replacement == Some(Replacement::True));
    let changed = count(|change| matches!(change.action, Action::Modify | Action::Dynamic)) - replaced;
    let removed = count(|change| change.action == Action::Remove);
    format!("{created} to create, {changed} to change, {replaced} to replace, {removed} to delete")
}
