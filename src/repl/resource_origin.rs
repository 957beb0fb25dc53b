//! The origin of a resource, and the resources that refer to it.

use super::styled_text::{StyledText, TextStyle};
use super::tree::{creator, creator_call};
use crate::cfn::graph::Graph;
use crate::cfn::{LogicalId, Resource};
use crate::diag::SourceMap;
use crate::synth::DesiredStack;

/// Describes a resource of a stack: the block that created it, the lines that set its properties, and its references.
pub(super) fn describe(synth: &DesiredStack, id: &LogicalId, resource: &Resource, sources: &SourceMap) -> StyledText {
    let mut text = StyledText::default().with(TextStyle::Name, id.to_string());
    text.push(TextStyle::Faint, format!("  {} in {}\n", resource.kind, synth.name));
    let block = creator(synth, id, resource);
    line(&mut text, "created by", &format!("{}  {block}", creator_call(block, sources)));
    if resource.origin != *block {
        line(&mut text, "because of", &format!("{}  {}", creator_call(&resource.origin, sources), resource.origin));
    }
    for (path, origin) in &resource.origins {
        line(&mut text, "", &format!("{path}  set by {} at {origin}", creator_call(origin, sources)));
    }
    let graph = Graph::of(&synth.template);
    let needs: Vec<String> = graph.needs(id).map(|(need, _)| need.to_string()).collect();
    let needs_it = |other: &&LogicalId| graph.needs(other).any(|(need, _)| need == id);
    let needed: Vec<String> = graph.ids().filter(needs_it).map(ToString::to_string).collect();
    let mut outputs: Vec<String> = Vec::new();
    for (name, output) in &synth.template.outputs {
        output.value.each_ref(&mut |reference| {
            if reference.id == *id && !outputs.contains(name) {
                outputs.push(name.clone());
            }
        });
    }
    for (title, names) in [("needs", needs), ("needed by", needed), ("outputs", outputs)] {
        if !names.is_empty() {
            line(&mut text, title, &names.join(", "));
        }
    }
    text
}

fn line(out: &mut StyledText, title: &str, text: &str) {
    out.push(TextStyle::Key, format!("  {title:<12}"));
    out.push(TextStyle::Plain, format!("{text}\n"));
}
