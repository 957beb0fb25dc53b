//! Where a resource comes from, and who refers to it.

use super::styled_text::{StyledText, TextStyle};
use super::tree::{made_by, maker};
use crate::cfn::graph::Graph;
use crate::cfn::{LogicalId, Resource};
use crate::diag::SourceMap;
use crate::synth::DesiredStack;

/// The story of a resource of a stack.
pub(super) fn story(synth: &DesiredStack, id: &LogicalId, resource: &Resource, sources: &SourceMap) -> StyledText {
    let mut page = StyledText::default().with(TextStyle::Name, id.to_string());
    page.push(TextStyle::Faint, format!("  {} in {}\n", resource.kind, synth.name));
    let block = made_by(synth, id, resource);
    line(&mut page, "made by", &format!("{}  {block}", maker(block, sources)));
    if resource.origin != *block {
        line(&mut page, "because of", &format!("{}  {}", maker(&resource.origin, sources), resource.origin));
    }
    for (path, origin) in &resource.marks {
        line(&mut page, "", &format!("{path}  set by {} at {origin}", maker(origin, sources)));
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
            line(&mut page, title, &names.join(", "));
        }
    }
    page
}

fn line(page: &mut StyledText, title: &str, text: &str) {
    page.push(TextStyle::Key, format!("  {title:<11}"));
    page.push(TextStyle::Plain, format!("{text}\n"));
}
