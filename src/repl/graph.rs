//! The dependencies of a stack's blocks or resources, drawn as a tree.

use std::collections::HashMap;

use indexmap::{IndexMap, IndexSet};

use super::format::{counted, cut};
use super::styled_text::{StyledText, TextStyle};
use crate::cfn::LogicalId;
use crate::cfn::graph::Graph;
use crate::synth::DesiredStack;

/// Columns of the drawing.
const WIDTH: usize = 80;

/// The characters of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LineStyle {
    /// Box-drawing characters of Unicode.
    #[default]
    Box,
    /// Characters of ASCII, for terminals of another encoding.
    Ascii,
}

impl LineStyle {
    /// Returns what is before a node that another follows, and before the last one; each with what is below it.
    fn corners(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Box => [("\u{251c}\u{2500}\u{2500} ", "\u{2502}   "), ("\u{2514}\u{2500}\u{2500} ", "    ")],
            Self::Ascii => [("|-- ", "|   "), ("`-- ", "    ")],
        }
    }
}

/// Draws each node without dependents above its dependencies. A node that was drawn before is repeated by its name alone.
/// The nodes are blocks, and the resources that the script writes itself; with `all` every resource is one.
pub(super) fn draw(synth: &DesiredStack, all: bool, style: LineStyle) -> StyledText {
    let nodes = nodes(synth, all);
    let needed: IndexSet<&str> = nodes.values().flat_map(|node| node.needs.iter().copied()).collect();
    let mut drawing = Drawing { nodes: &nodes, style, drawn: IndexSet::new(), text: StyledText::default() };
    let roots = nodes.keys().filter(|name| !needed.contains(**name));
    // In a cycle there is no root to begin with; a block comes after those that it needs, so the last one is the user.
    for name in roots.chain(nodes.keys().rev()) {
        if !drawing.drawn.contains(name) {
            drawing.node(name, "", "");
        }
    }
    drawing.text
}

/// A block or resource.
#[derive(Default)]
struct Node<'s> {
    /// The type of a resource; none for a block.
    kind: Option<&'s str>,
    /// The number of resources.
    resources: usize,
    needs: IndexSet<&'s str>,
}

/// Returns the blocks and resources, each with those that it needs.
fn nodes(synth: &DesiredStack, all: bool) -> IndexMap<&str, Node<'_>> {
    let graph = Graph::of(&synth.template);
    let block = |id: &LogicalId| if all { None } else { synth.block_of(id) };
    let names: HashMap<&str, &str> = graph.ids().map(|id| (id.as_str(), block(id).unwrap_or(id.as_str()))).collect();
    let mut nodes: IndexMap<&str, Node<'_>> = IndexMap::new();
    for id in graph.ids() {
        let name = names[id.as_str()];
        let node = nodes.entry(name).or_default();
        node.resources += 1;
        let kind = || synth.template.resources.get(id).map(|resource| resource.kind.as_str());
        node.kind = if block(id).is_none() { kind() } else { None };
        let needs = graph.needs(id).map(|(need, _)| names[need.as_str()]);
        node.needs.extend(needs.filter(|need| *need != name));
    }
    nodes
}

struct Drawing<'n, 's> {
    nodes: &'n IndexMap<&'s str, Node<'s>>,
    style: LineStyle,
    drawn: IndexSet<&'s str>,
    text: StyledText,
}

impl<'s> Drawing<'_, 's> {
    fn node(&mut self, name: &'s str, lead: &str, under: &str) {
        let node = &self.nodes[name];
        let again = !self.drawn.insert(name) && !node.needs.is_empty();
        let tail = match node.kind {
            _ if again => " ..".to_owned(),
            Some(kind) => format!("  {kind}"),
            None => format!("  {}", counted(node.resources, "resource")),
        };
        let used = lead.chars().count();
        let name = cut(name, WIDTH.saturating_sub(used));
        let room = WIDTH.saturating_sub(used + name.chars().count());
        self.text.push(TextStyle::Faint, lead);
        self.text.push(TextStyle::Name, name);
        self.text.push(TextStyle::Faint, cut(&tail, room) + "\n");
        if again {
            return;
        }
        let [middle, last] = self.style.corners();
        for (at, need) in node.needs.iter().enumerate() {
            let (corner, line) = if at + 1 == node.needs.len() { last } else { middle };
            self.node(need, &format!("{under}{corner}"), &format!("{under}{line}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::diag::Origin;
    use crate::synth::OwnerBlock;

    fn stack(source: &str) -> DesiredStack {
        let template = parse::template("t.yaml", source).value.expect("a template");
        DesiredStack::new("web", template, Origin::unknown())
    }

    #[test]
    fn dependency_is_drawn_below_its_dependent_and_only_once() {
        let source = "Resources:\n  A: {Type: T, Properties: {X: !Ref B, Y: !Ref C}}\n  B: {Type: T, DependsOn: C}\n  \
                    C: {Type: T, DependsOn: D}\n  D: {Type: T}\n";
        let drawn = draw(&stack(source), false, LineStyle::Ascii).to_string();
        assert_eq!(drawn, "A  T\n|-- B  T\n|   `-- C  T\n|       `-- D  T\n`-- C ..\n");
        let drawn = draw(&stack(source), false, LineStyle::Box).to_string();
        assert_eq!(drawn, "A  T\n├── B  T\n│   └── C  T\n│       └── D  T\n└── C ..\n");
    }

    #[test]
    fn cycle_is_drawn_once() {
        let source = "Resources:\n  A: {Type: T, DependsOn: B}\n  B: {Type: T, DependsOn: A}\n";
        assert_eq!(draw(&stack(source), false, LineStyle::Ascii).to_string(), "B  T\n`-- A  T\n    `-- B ..\n");
    }

    #[test]
    fn resources_of_a_block_are_one_node_unless_all_are_drawn() {
        let source =
            "Resources:\n  Net: {Type: T}\n  Subnet: {Type: T, DependsOn: Net}\n  Web: {Type: T, DependsOn: Subnet}\n";
        let mut stack = stack(source);
        for (id, label) in [("Net", "Vpc Shop"), ("Subnet", "Vpc Shop")] {
            stack.owners.insert(id.into(), OwnerBlock { origin: Origin::unknown(), label: Some(label.into()) });
        }
        assert_eq!(draw(&stack, false, LineStyle::Ascii).to_string(), "Web  T\n`-- Vpc Shop  2 resources\n");
        assert_eq!(draw(&stack, true, LineStyle::Ascii).to_string(), "Web  T\n`-- Subnet  T\n    `-- Net  T\n");
    }
}
