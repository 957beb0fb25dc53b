//! The dependencies of resources, drawn with plain characters.

use std::collections::BTreeSet;

use super::format::cut;
use super::styled_text::{StyledText, TextStyle};
use crate::cfn::graph::Graph;
use crate::cfn::{LogicalId, Template};

/// Columns of the drawing.
const WIDTH: usize = 80;

/// Draws each resource without dependents above its dependencies. A resource that was drawn before is repeated by its
/// name alone.
pub(super) fn draw(template: &Template) -> StyledText {
    let graph = Graph::of(template);
    let needed: BTreeSet<&str> = graph.ids().flat_map(|id| graph.needs(id)).map(|(id, _)| id.as_str()).collect();
    let roots: Vec<&LogicalId> = graph.ids().filter(|id| !needed.contains(id.as_str())).collect();
    let mut drawing = Drawing { graph: &graph, template, drawn: BTreeSet::new(), text: StyledText::default() };
    // In a cycle there is no root to begin with.
    let first = if roots.is_empty() { graph.ids().take(1).collect() } else { roots };
    first.into_iter().for_each(|root| drawing.node(root, "", ""));
    drawing.text
}

struct Drawing<'g> {
    graph: &'g Graph<'g>,
    template: &'g Template,
    drawn: BTreeSet<&'g str>,
    text: StyledText,
}

impl<'g> Drawing<'g> {
    fn node(&mut self, id: &'g LogicalId, lead: &str, under: &str) {
        let needs: Vec<&LogicalId> = self.graph.needs(id).map(|(need, _)| need).filter(|need| *need != id).collect();
        let again = !self.drawn.insert(id.as_str()) && !needs.is_empty();
        let kind = self.template.resources.get(id).map(|resource| resource.kind.to_string()).unwrap_or_default();
        let tail = if again { " ..".to_owned() } else { format!("  {kind}") };
        let used = lead.chars().count();
        let name = cut(id.as_str(), WIDTH.saturating_sub(used));
        let room = WIDTH.saturating_sub(used + name.chars().count());
        self.text.push(TextStyle::Faint, lead);
        self.text.push(TextStyle::Name, name);
        self.text.push(TextStyle::Faint, cut(&tail, room) + "\n");
        if again {
            return;
        }
        for (at, need) in needs.iter().enumerate() {
            let last = at + 1 == needs.len();
            let (corner, line) = if last { ("`-- ", "    ") } else { ("|-- ", "|   ") };
            self.node(need, &format!("{under}{corner}"), &format!("{under}{line}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    #[test]
    fn dependency_is_drawn_below_its_dependent_and_only_once() {
        let source = "Resources:\n  A: {Type: T, Properties: {X: !Ref B, Y: !Ref C}}\n  B: {Type: T, DependsOn: C}\n  \
                    C: {Type: T, DependsOn: D}\n  D: {Type: T}\n";
        let template = parse::template("t.yaml", source).value.expect("a template");
        let drawn = draw(&template).to_string();
        assert_eq!(drawn, "A  T\n|-- B  T\n|   `-- C  T\n|       `-- D  T\n`-- C ..\n");
    }

    #[test]
    fn cycle_is_drawn_once() {
        let source = "Resources:\n  A: {Type: T, DependsOn: B}\n  B: {Type: T, DependsOn: A}\n";
        let template = parse::template("t.yaml", source).value.expect("a template");
        assert_eq!(draw(&template).to_string(), "A  T\n`-- B  T\n    `-- A ..\n");
    }
}
