//! What a setting or a file that was read again changed.

use super::styled_text::{StyledText, TextStyle};
use crate::cfn::diff;
use crate::cfn::diff::ChangeKind;
use crate::cfn::schema::Schema;
use crate::synth::DesiredStack;

/// The resources that differ, stack by stack, after the variables that do.
pub(super) fn between(before: &[DesiredStack], after: &[DesiredStack], variables: &[String]) -> StyledText {
    let mut page = StyledText::default();
    if !variables.is_empty() {
        page.push(TextStyle::Faint, format!("changed: {}\n", variables.join(", ")));
    }
    for stack in after {
        match before.iter().find(|old| old.name == stack.name) {
            None => page.push(TextStyle::Good, format!("+ {}\n", stack.name)),
            Some(old) => page.append(of_stack(old, stack)),
        }
    }
    for old in before.iter().filter(|old| !after.iter().any(|stack| stack.name == old.name)) {
        page.push(TextStyle::Bad, format!("- {}\n", old.name));
    }
    if page.is_empty() { StyledText::default().with(TextStyle::Faint, "nothing changed\n") } else { page }
}

fn of_stack(old: &DesiredStack, new: &DesiredStack) -> StyledText {
    let diff = diff::templates(&old.template, &new.template, Some(Schema::embedded()));
    let mut page = StyledText::default();
    if diff.is_empty() {
        return page;
    }
    page.push(TextStyle::Heading, format!("~ {}\n", new.name));
    for resource in &diff.resources {
        let (paint, sign, fate) = match resource.fate {
            ChangeKind::Added => (TextStyle::Good, "+", ""),
            ChangeKind::Removed => (TextStyle::Bad, "-", ""),
            ChangeKind::Modified => (TextStyle::Changed, "~", ""),
            ChangeKind::PerhapsReplaced => (TextStyle::Changed, "~", ", perhaps replaced"),
            ChangeKind::Replaced { .. } => (TextStyle::Changed, "~", ", replaced"),
        };
        let causes: Vec<&str> = resource.causes.iter().map(|cause| cause.property.as_str()).collect();
        let causes = if causes.is_empty() { String::new() } else { format!(": {}", causes.join(", ")) };
        page.push(paint, format!("  {sign} {}", resource.id));
        page.push(TextStyle::Faint, format!("  {}{fate}{causes}\n", resource.kind));
    }
    for section in &diff.sections {
        let name = section.name.clone().unwrap_or_else(|| match &section.step {
            crate::cfn::PathSegment::Key(key) => key.clone(),
            crate::cfn::PathSegment::Index(index) => index.to_string(),
        });
        page.push(TextStyle::Changed, format!("  ~ {name}\n"));
    }
    page
}
