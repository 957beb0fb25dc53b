//! The changes of stacks by a setting or a reloaded file.

use super::styled_text::{StyledText, TextStyle};
use crate::cfn::diff;
use crate::cfn::diff::ChangeKind;
use crate::cfn::schema::Schema;
use crate::synth::DesiredStack;

/// Lists the variables that changed, then the resources of each stack that changed.
pub(super) fn between(before: &[DesiredStack], after: &[DesiredStack], variables: &[String]) -> StyledText {
    let mut text = StyledText::default();
    if !variables.is_empty() {
        text.push(TextStyle::Faint, format!("changed: {}\n", variables.join(", ")));
    }
    for stack in after {
        match before.iter().find(|old| old.name == stack.name) {
            None => text.push(TextStyle::Good, format!("+ {}\n", stack.name)),
            Some(old) => text.append(of_stack(old, stack)),
        }
    }
    for old in before.iter().filter(|old| !after.iter().any(|stack| stack.name == old.name)) {
        text.push(TextStyle::Bad, format!("- {}\n", old.name));
    }
    if text.is_empty() { StyledText::default().with(TextStyle::Faint, "no changes\n") } else { text }
}

fn of_stack(old: &DesiredStack, new: &DesiredStack) -> StyledText {
    let diff = diff::templates(&old.template, &new.template, Some(Schema::embedded()));
    let mut text = StyledText::default();
    if diff.is_empty() {
        return text;
    }
    text.push(TextStyle::Heading, format!("~ {}\n", new.name));
    for resource in &diff.resources {
        let (style, sign, note) = match resource.change {
            ChangeKind::Added => (TextStyle::Good, "+", ""),
            ChangeKind::Removed => (TextStyle::Bad, "-", ""),
            ChangeKind::Modified => (TextStyle::Changed, "~", ""),
            ChangeKind::PerhapsReplaced => (TextStyle::Changed, "~", ", may be replaced"),
            ChangeKind::Replaced { .. } => (TextStyle::Changed, "~", ", replaced"),
        };
        let causes: Vec<&str> = resource.causes.iter().map(|cause| cause.property.as_str()).collect();
        let causes = if causes.is_empty() { String::new() } else { format!(": {}", causes.join(", ")) };
        text.push(style, format!("  {sign} {}", resource.id));
        text.push(TextStyle::Faint, format!("  {}{note}{causes}\n", resource.kind));
    }
    for section in &diff.sections {
        let name = section.name.clone().unwrap_or_else(|| match &section.step {
            crate::cfn::PathSegment::Key(key) => key.clone(),
            crate::cfn::PathSegment::Index(index) => index.to_string(),
        });
        text.push(TextStyle::Changed, format!("  ~ {name}\n"));
    }
    text
}
