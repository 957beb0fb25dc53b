//! Stacks as trees: blocks with their lines, resources, and outputs.

use indexmap::IndexMap;

use super::cost;
use super::format::counted;
use super::styled_text::{StyledText, TextStyle};
use crate::cfn::{LogicalId, Resource, emit};
use crate::diag::{Origin, SourceMap};
use crate::script::session::call_at;
use crate::synth::DesiredStack;

/// Renders stacks as trees.
pub(super) fn stacks(all: &[DesiredStack], sources: &SourceMap) -> StyledText {
    let mut text = StyledText::default();
    for synth in all {
        text.append(stack(synth, sources));
    }
    text
}

fn stack(synth: &DesiredStack, sources: &SourceMap) -> StyledText {
    let mut text = StyledText::default().with(TextStyle::Heading, synth.name.clone());
    text.push(TextStyle::Faint, format!("  {}\n", counted(synth.template.resources.len(), "resource")));
    let mut blocks: IndexMap<&Origin, Vec<(&LogicalId, &Resource)>> = IndexMap::new();
    for (id, resource) in &synth.template.resources {
        blocks.entry(creator(synth, id, resource)).or_default().push((id, resource));
    }
    for (origin, resources) in blocks {
        text.push(TextStyle::Plain, "  ");
        text.push(TextStyle::Type, creator_call(origin, sources));
        text.push(TextStyle::Faint, format!("  {origin}\n"));
        let width = resources.iter().map(|(id, _)| id.as_str().chars().count()).max().unwrap_or(0);
        for (id, resource) in resources {
            text.push(TextStyle::Name, format!("    {id:<width$}", id = id.as_str()));
            text.push(TextStyle::Faint, format!("  {}\n", resource.kind));
        }
    }
    for (name, output) in &synth.template.outputs {
        text.push(TextStyle::Key, format!("  {name}"));
        text.push(TextStyle::Faint, format!(" = {}\n", emit::json::compact(&output.value)));
    }
    text.append(cost::summary(&synth.template));
    text
}

/// Returns the origin of the block that created a resource.
pub(super) fn creator<'s>(synth: &'s DesiredStack, id: &LogicalId, resource: &'s Resource) -> &'s Origin {
    synth.owners.get(id).map_or(&resource.origin, |owner| &owner.origin)
}

/// Returns the call at an origin, as it is written in the source.
pub(super) fn creator_call(origin: &Origin, sources: &SourceMap) -> String {
    let source = sources.text(&origin.source);
    source
        .and_then(|source| call_at(source, origin.line, origin.column))
        .unwrap_or_else(|| "created without a line".to_owned())
}
