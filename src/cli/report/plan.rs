//! Plans as text: `+` creates, `~` changes, `-` deletes.
//!
//! The resources of a block are one line. A resource has a line of its own if it is replaced or deleted, or if
//! it is one of few that change; with `--verbose`, every resource has one.

use serde_json::Value as Json;

use super::grants::grants;
use super::planned_blocks::blocks;
use super::style::{bad, bold, faint, good, warning};
use crate::cfn::sensitive::{CHANGED, GuardedValue, HIDDEN};
use crate::cli::terminal::Detail;
use crate::cli::text_width::{cut_end, width as columns, wrap};
use crate::deploy::StackState;
use crate::deploy::api::{Action, Replacement, revision};
use crate::deploy::plan::shared::stacks_of;
use crate::deploy::plan::{
    CountChange, Danger, HotswappedService, Outage, Plan, PlannedChange, PropertyChange, TrafficReset,
};
use crate::printable::one_line;

/// The indent of the further lines of a line that is wrapped.
const CONTINUATION: usize = 8;

/// Returns a plan by blocks, with the access that it adds and a line of summary.
pub(crate) fn plan(plan: &Plan, detail: Detail) -> String {
    let is_new = matches!(plan.state, StackState::NotFound | StackState::MustBeDeleted);
    let what = match plan.is_empty() {
        _ if is_new => "will be created",
        true => "has no changes",
        false => "will be updated",
    };
    let mut text = format!("{} {what}\n", bold(&one_line(&plan.stack)));
    let blocks = blocks(&plan.resources, detail);
    text.push_str(&blocks.text);
    text.push_str(&others(plan, is_new, detail));
    text.push_str(&grants(&plan.broadenings, detail));
    if let Some(on) = plan.termination_protection {
        text.push_str(&format!("  {} termination protection {}\n", warning("~"), if on { "on" } else { "off" }));
    }
    for service in &plan.hotswapped {
        text.push_str(&format!(
            "  {} {} {}\n",
            warning("~"),
            one_line(&service.service),
            one_line(&hotswapped(service, plan))
        ));
    }
    for CountChange { service, current, new } in &plan.counts {
        text.push_str(&format!(
            "  {} {} DesiredCount: {current} now, {new} afterwards\n",
            warning("!"),
            one_line(service)
        ));
    }
    for Outage { service, listener, .. } in &plan.outages {
        let note = format!("{service} answers with 503 from the change of {listener} until a new task is healthy");
        text.push_str(&format!("  {} {}\n", warning("!"), one_line(&note)));
    }
    for TrafficReset { service, listener } in &plan.traffic_resets {
        let note = format!("{service} gets its traffic by its first target group again: {listener} changes");
        text.push_str(&format!("  {} {}\n", warning("!"), one_line(&note)));
    }
    for end in plan.shared_ends.iter().filter(|end| !end.replaced) {
        let note = format!("{} is deleted last, after {} was deployed without it", end.resource, stacks_of(end));
        text.push_str(&format!("  {} {}\n", bold(">"), one_line(&note)));
    }
    for end in plan.shared_ends.iter().filter(|end| end.replaced) {
        let note = format!("{} is replaced while {} uses it", end.resource, stacks_of(end));
        text.push_str(&format!("  {} {}\n", warning("!"), one_line(&note)));
    }
    for job in &plan.jobs {
        let verb = if job.resumed { "continues" } else { "runs" };
        let note = format!("job {} {verb} before the services change", job.name);
        text.push_str(&format!("  {} {}\n", bold(">"), one_line(&note)));
    }
    if !plan.is_empty() {
        text.push_str(&format!("  {}\n", summary(plan, blocks.is_folded)));
    }
    text.split('\n').map(|line| wrap(line, detail.width, CONTINUATION)).collect::<Vec<_>>().join("\n")
}

/// Returns what a hotswapped service runs, and what it runs afterwards.
fn hotswapped(service: &HotswappedService, plan: &Plan) -> String {
    let named = |arn: &str, images: &[String]| match images {
        [] => revision(arn).to_owned(),
        images => format!("{} ({})", revision(arn), images.join(", ")),
    };
    let from = named(&service.running, &service.running_images);
    let to = named(&service.stack, &service.stack_images);
    if plan.resources.iter().any(|change| change.logical_id == service.service) {
        return format!("runs {from} from a hotswap; afterwards it runs the revision of this plan");
    }
    format!("runs {from} from a hotswap; afterwards it runs {to}")
}

/// Returns the changes outside of the resources; what a new stack adds is listed by name.
fn others(plan: &Plan, is_new: bool, detail: Detail) -> String {
    let entries: Vec<PropertyChange> = plan.others.iter().flat_map(entries).collect();
    if !is_new || detail.verbose {
        return entries.iter().map(|entry| property(entry, 2, detail)).collect();
    }
    let mut text = String::new();
    for (section, title) in [("Outputs.", "outputs"), ("Parameters.", "parameters")] {
        let names: Vec<&str> = entries.iter().filter_map(|entry| entry.path.strip_prefix(section)).collect();
        if !names.is_empty() {
            text.push_str(&format!("  {} {title}: {}\n", good("+"), one_line(&names.join(", "))));
        }
    }
    text
}

/// Returns a property with its values before and after.
pub(super) fn property(change: &PropertyChange, indent: usize, detail: Detail) -> String {
    let path = &*one_line(change.path.strip_prefix("Properties.").unwrap_or(&change.path));
    let room = detail.width.saturating_sub(indent + columns(path) + 4).max(24);
    let text = |value: &GuardedValue| match detail.part_of(value) {
        Json::String(mark) if mark == HIDDEN || mark == CHANGED => mark.clone(),
        value => value.to_string(),
    };
    let shown = |value: &GuardedValue| cut_end(&text(value), room);
    let values = match (&change.before, &change.after) {
        // There is nothing to show before it.
        (Some(_), Some(after)) if text(after) == CHANGED => warning(CHANGED),
        (Some(before), Some(after)) => {
            let (before, after) = (text(before), text(after));
            if columns(&before) + columns(&after) + 4 > room {
                return two_lines(path, (&before, &after), indent, detail);
            }
            format!("{} -> {}", bad(&before), good(&after))
        }
        (None, Some(after)) => good(&format!("+ {}", shown(after))),
        (Some(before), None) => bad(&format!("- {}", shown(before))),
        (None, None) => String::new(),
    };
    format!("{:indent$}{path}: {values}\n", "")
}

/// Returns a property whose values do not fit on one line, each on a line of its own. Of long values, the part around their
/// first difference is shown.
fn two_lines(path: &str, (before, after): (&str, &str), indent: usize, detail: Detail) -> String {
    let room = detail.width.saturating_sub(indent + 4).max(24);
    let alike = before.char_indices().zip(after.chars()).find(|((_, one), other)| one != other);
    let start = alike.map_or(before.len().min(after.len()), |((at, _), _)| at);
    let is_long = columns(before).max(columns(after)) > room;
    // A part of what both begin with stays in sight.
    let from = if is_long { start.saturating_sub(room / 3) } else { 0 };
    let shown = |value: &str| {
        let from = (0..=from.min(value.len())).rev().find(|at| value.is_char_boundary(*at)).unwrap_or(0);
        // A part begins with a word if one begins before the difference.
        let word = value.get(from..start.min(value.len())).and_then(|skipped| skipped.find(' '));
        let from = if from == 0 { 0 } else { word.map_or(from, |at| from + at + 1) };
        let head = if from == 0 { "" } else { ".." };
        cut_end(&format!("{head}{}", &value[from..]), room)
    };
    let (before, after) = (bad(&format!("- {}", shown(before))), good(&format!("+ {}", shown(after))));
    format!("{:indent$}{path}:\n{:indent$}  {before}\n{:indent$}  {after}\n", "", "", "")
}

/// Returns the entries of a section that is added or removed as a whole.
fn entries(other: &PropertyChange) -> Vec<PropertyChange> {
    let parts = |value: &Option<GuardedValue>| value.as_ref().map(GuardedValue::entries).unwrap_or_default();
    let (before, after) = (parts(&other.before), parts(&other.after));
    let is_section = other.path == "Outputs" || other.path == "Parameters";
    if other.path.starts_with("Outputs.") {
        let (before, after) = (other.before.as_ref().map(only_value), other.after.as_ref().map(only_value));
        return vec![PropertyChange { path: other.path.clone(), before, after }];
    }
    if !is_section || (before.is_empty() && after.is_empty()) {
        return vec![other.clone()];
    }
    let at = |all: &[(String, GuardedValue)], key: &str| {
        all.iter().find(|(name, _)| name == key).map(|(_, value)| only_value(value))
    };
    let one = |key: &String| PropertyChange {
        path: format!("{}.{key}", other.path),
        before: at(&before, key),
        after: at(&after, key),
    };
    let added = after.iter().filter(|(key, _)| at(&before, key).is_none());
    before.iter().chain(added).map(|(key, _)| one(key)).collect()
}

/// Returns the value of an output that has nothing else.
fn only_value(entry: &GuardedValue) -> GuardedValue {
    let mut parts = entry.entries();
    match parts.as_slice() {
        [(key, _)] if key == "Value" => parts.remove(0).1,
        _ => entry.clone(),
    }
}

/// Returns the line of summary: how many resources, and what needs a look.
fn summary(plan: &Plan, is_folded: bool) -> String {
    let count = |test: &dyn Fn(&PlannedChange) -> bool| plan.resources.iter().filter(|change| test(change)).count();
    let replaced = count(&|change| change.replacement == Some(Replacement::True));
    let perhaps = count(&|change| change.replacement == Some(Replacement::Conditional));
    let is_in_place = |change: &PlannedChange| {
        matches!(change.action, Action::Modify | Action::Dynamic)
            && !matches!(change.replacement, Some(Replacement::True | Replacement::Conditional))
    };
    let changed = count(&is_in_place);
    let added = count(&|change| matches!(change.action, Action::Add | Action::Import));
    let removed = count(&|change| change.action == Action::Remove);
    let part = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let safe = [part(added, "to create"), part(changed, "to change")].into_iter().flatten();
    let risky = [part(replaced, "to replace"), part(perhaps, "may be replaced"), part(removed, "to delete")];
    let risky = risky.into_iter().flatten().map(|part| bad(&part));
    let dangerous = plan.broadenings.iter().filter(|it| it.danger() >= Danger::High).count();
    let dangerous = part(dangerous, "dangerous grants of access").map(|part| bad(&part));
    let mut parts: Vec<String> = safe.chain(risky).chain(dangerous).collect();
    if parts.is_empty() {
        parts.push("no resource changes".to_owned());
    }
    let hint = if is_folded { faint("; -v lists every resource") } else { String::new() };
    format!("{}{hint}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(before: &str, after: &str, width: usize) -> Vec<String> {
        let path = "Properties.ContainerDefinitions[web].Image".to_owned();
        let change = PropertyChange { path, before: Some(before.into()), after: Some(after.into()) };
        let printed = property(&change, 6, Detail { verbose: false, width, values: None });
        crate::printable::plain(&printed).lines().map(str::to_owned).collect()
    }

    #[test]
    fn values_that_share_a_line_are_next_to_each_other() {
        assert_eq!(lines("api:1", "api:2", 80), [r#"      ContainerDefinitions[web].Image: "api:1" -> "api:2""#]);
    }

    #[test]
    fn long_values_have_lines_of_their_own_that_show_the_difference() {
        let (before, after) = ("ghcr.io/acme/shop-api:1.0.0", "ghcr.io/acme/shop-api:1.1.0");
        let expected = [
            "      ContainerDefinitions[web].Image:",
            r#"        - "ghcr.io/acme/shop-api:1.0.0""#,
            r#"        + "ghcr.io/acme/shop-api:1.1.0""#,
        ];
        assert_eq!(lines(before, after, 60), expected);
        for width in [40, 50] {
            let (before, after) = (format!("{}{before}", "a".repeat(40)), format!("{}{after}", "a".repeat(40)));
            let shown = lines(&before, &after, width);
            assert!(shown[1].contains("1.0.0") && shown[2].contains("1.1.0"), "{shown:?}");
            assert!(shown.iter().all(|line| columns(line) <= width), "{shown:?}");
        }
    }
}
