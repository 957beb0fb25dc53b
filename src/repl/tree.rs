//! Stacks by blocks: their calls with their places, outputs and costs.

use indexmap::IndexMap;

use super::format::counted;
use super::styled_text::{StyledText, TextStyle};
use super::{cost, table};
use crate::cfn::sensitive::{HIDDEN, is_secret_name};
use crate::cfn::{LogicalId, Resource, emit};
use crate::diag::{Origin, SourceMap};
use crate::script::session::call_at;
use crate::synth::DesiredStack;

/// Renders stacks by blocks.
pub(super) fn stacks(all: &[DesiredStack], sources: &SourceMap) -> StyledText {
    let mut text = StyledText::default();
    for synth in all {
        text.append(stack(synth, sources));
    }
    text
}

/// The largest number of resources of one type that are listed one by one.
const FEW: usize = 4;

fn stack(synth: &DesiredStack, sources: &SourceMap) -> StyledText {
    let mut text = StyledText::default().with(TextStyle::Heading, synth.name.clone());
    let count = counted(synth.template.resources.len(), "resource");
    text.push(TextStyle::Faint, format!("  {count}; `:resources` lists them\n"));
    text.append(table::rows(&blocks(synth, sources)));
    for (name, output) in &synth.template.outputs {
        text.push(TextStyle::Key, format!("  {name}"));
        let value = if is_secret_name(name) { HIDDEN.to_owned() } else { emit::json::compact(&output.value) };
        text.push(TextStyle::Faint, format!(" = {value}\n"));
    }
    text.append(cost::summary(&synth.template));
    text
}

/// Returns a row for each block: its call, the number of its resources, its place. Resources that the script writes itself
/// have a row each, or one for those of a type.
fn blocks(synth: &DesiredStack, sources: &SourceMap) -> Vec<Vec<String>> {
    let mut blocks: IndexMap<&Origin, usize> = IndexMap::new();
    let mut others: IndexMap<&str, Vec<(&LogicalId, &Origin)>> = IndexMap::new();
    for (id, resource) in &synth.template.resources {
        let origin = creator(synth, id, resource);
        match synth.block_of(id) {
            Some(_) => *blocks.entry(origin).or_default() += 1,
            None => others.entry(resource.kind.as_str()).or_default().push((id, origin)),
        }
    }
    let block = |(origin, count): (&Origin, usize)| {
        vec![creator_call(origin, sources), counted(count, "resource"), origin.to_string()]
    };
    let mut rows: Vec<Vec<String>> = blocks.into_iter().map(block).collect();
    for (kind, resources) in others {
        if resources.len() > FEW {
            rows.push(vec![kind.to_owned(), counted(resources.len(), "resource"), resources[0].1.to_string()]);
        } else {
            rows.extend(resources.iter().map(|(id, origin)| vec![id.to_string(), kind.to_owned(), origin.to_string()]));
        }
    }
    rows
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
