//! What a setting or a file that was read again changed.

use super::page::{Page, Paint};
use crate::cfn::diff::{self, Fate};
use crate::cfn::schema::Schema;
use crate::synth::Synth;

/// The resources that differ, stack by stack, after the variables that do.
pub(super) fn between(before: &[Synth], after: &[Synth], variables: &[String]) -> Page {
    let mut page = Page::default();
    if !variables.is_empty() {
        page.push(Paint::Faint, format!("changed: {}\n", variables.join(", ")));
    }
    for stack in after {
        match before.iter().find(|old| old.name == stack.name) {
            None => page.push(Paint::Good, format!("+ {}\n", stack.name.value)),
            Some(old) => page.append(of_stack(old, stack)),
        }
    }
    for old in before.iter().filter(|old| !after.iter().any(|stack| stack.name == old.name)) {
        page.push(Paint::Bad, format!("- {}\n", old.name.value));
    }
    if page.is_empty() { Page::default().with(Paint::Faint, "nothing changed\n") } else { page }
}

fn of_stack(old: &Synth, new: &Synth) -> Page {
    let diff = diff::templates(&old.template, &new.template, Some(Schema::embedded()));
    let mut page = Page::default();
    if diff.is_empty() {
        return page;
    }
    page.push(Paint::Heading, format!("~ {}\n", new.name.value));
    for resource in &diff.resources {
        let (paint, sign, fate) = match resource.fate {
            Fate::Added => (Paint::Good, "+", ""),
            Fate::Removed => (Paint::Bad, "-", ""),
            Fate::Modified => (Paint::Changed, "~", ""),
            Fate::PerhapsReplaced => (Paint::Changed, "~", ", perhaps replaced"),
            Fate::Replaced { .. } => (Paint::Changed, "~", ", replaced"),
        };
        let causes: Vec<&str> = resource.causes.iter().map(|cause| cause.property.as_str()).collect();
        let causes = if causes.is_empty() { String::new() } else { format!(": {}", causes.join(", ")) };
        page.push(paint, format!("  {sign} {}", resource.id));
        page.push(Paint::Faint, format!("  {}{fate}{causes}\n", resource.kind));
    }
    for section in &diff.sections {
        let name = section.name.clone().unwrap_or_else(|| match &section.step {
            crate::cfn::Step::Key(key) => key.clone(),
            crate::cfn::Step::Index(index) => index.to_string(),
        });
        page.push(Paint::Changed, format!("  ~ {name}\n"));
    }
    page
}
