//! Stacks as trees: the stack, its blocks with their lines, their resources, and its outputs.

use indexmap::IndexMap;

use super::styled_text::{StyledText, TextStyle};
use super::value_view::{costs, counted};
use crate::cfn::{LogicalId, Resource, emit};
use crate::diag::{Origin, SourceMap};
use crate::script::session::call_at;
use crate::synth::DesiredStack;

/// The trees of stacks.
pub(super) fn stacks(all: &[DesiredStack], sources: &SourceMap) -> StyledText {
    let mut page = StyledText::default();
    for synth in all {
        page.append(stack(synth, sources));
    }
    page
}

fn stack(synth: &DesiredStack, sources: &SourceMap) -> StyledText {
    let mut page = StyledText::default().with(TextStyle::Heading, synth.name.clone());
    page.push(TextStyle::Faint, format!("  {}\n", counted(synth.template.resources.len(), "resource")));
    let mut blocks: IndexMap<&Origin, Vec<(&LogicalId, &Resource)>> = IndexMap::new();
    for (id, resource) in &synth.template.resources {
        blocks.entry(made_by(synth, id, resource)).or_default().push((id, resource));
    }
    for (origin, resources) in blocks {
        page.push(TextStyle::Plain, "  ");
        page.push(TextStyle::Type, maker(origin, sources));
        page.push(TextStyle::Faint, format!("  {origin}\n"));
        let width = resources.iter().map(|(id, _)| id.as_str().chars().count()).max().unwrap_or(0);
        for (id, resource) in resources {
            page.push(TextStyle::Name, format!("    {id:<width$}", id = id.as_str()));
            page.push(TextStyle::Faint, format!("  {}\n", resource.kind));
        }
    }
    for (name, output) in &synth.template.outputs {
        page.push(TextStyle::Key, format!("  {name}"));
        page.push(TextStyle::Faint, format!(" = {}\n", emit::json::compact(&output.value)));
    }
    page.append(costs(&synth.template));
    page
}

/// Where the block stands that made a resource.
pub(super) fn made_by<'s>(synth: &'s DesiredStack, id: &LogicalId, resource: &'s Resource) -> &'s Origin {
    synth.block_origins.get(id).unwrap_or(&resource.origin)
}

/// The call that made something, as it is written in its source.
pub(super) fn maker(origin: &Origin, sources: &SourceMap) -> String {
    let text = sources.text(&origin.source);
    text.and_then(|text| call_at(text, origin.line, origin.column)).unwrap_or_else(|| "made without a line".to_owned())
}
