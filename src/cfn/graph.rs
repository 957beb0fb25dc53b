//! The dependencies between resources, and the order in which they are created.
//!
//! Edges are references (`Ref`, `Fn::GetAtt`, `Fn::Sub`) and `DependsOn`. Once conditions are known, resources that do
//! not exist and branches that are not taken have none.

use indexmap::IndexMap;

use super::conditions::Conditions;
use super::{LogicalId, Ref, Resource, Template, Value};

/// The reason why one resource needs another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DependencyKind {
    /// A `DependsOn`.
    DependsOn,
    /// A reference.
    Reference,
}

/// The resources of a template and what each needs.
#[derive(Debug, Clone)]
pub struct Graph<'t> {
    /// Each resource with the positions of those that it needs.
    nodes: IndexMap<&'t LogicalId, IndexMap<usize, DependencyKind>>,
}

impl<'t> Graph<'t> {
    /// Creates the graph of a template whose conditions are not known: every branch counts.
    pub fn of(template: &'t Template) -> Self {
        Self::after(template, &Conditions::default())
    }

    /// Creates the graph that is left when conditions are known.
    pub fn after(template: &'t Template, conditions: &Conditions) -> Self {
        let exists = |resource: &Resource| conditions.may_exist(resource);
        let resources: IndexMap<&LogicalId, &Resource> =
            template.resources.iter().filter(|(_, resource)| exists(resource)).collect();
        let needs = |resource| needs(resource, conditions, &resources);
        Self { nodes: resources.iter().map(|(id, resource)| (*id, needs(resource))).collect() }
    }

    /// Returns every resource, in the template's order.
    pub fn ids(&self) -> impl Iterator<Item = &'t LogicalId> {
        self.nodes.keys().copied()
    }

    /// Returns what a resource needs, and why; itself, where it refers to itself.
    pub fn needs(&self, id: &LogicalId) -> impl Iterator<Item = (&'t LogicalId, DependencyKind)> {
        let needs = self.nodes.get(id);
        needs.into_iter().flatten().map(|(to, need)| (self.id(*to), *need))
    }

    /// Returns everything that a resource needs, directly or through others.
    pub fn all_needs(&self, id: &LogicalId) -> Vec<&'t LogicalId> {
        let mut seen = vec![false; self.nodes.len()];
        let (mut open, mut found) = (Vec::from_iter(self.nodes.get_index_of(id)), Vec::new());
        while let Some(at) = open.pop() {
            for next in self.nodes[at].keys().copied() {
                if !std::mem::replace(&mut seen[next], true) {
                    found.push(self.id(next));
                    open.push(next);
                }
            }
        }
        found
    }

    fn id(&self, at: usize) -> &'t LogicalId {
        self.nodes.get_index(at).expect("edges lead to resources of this graph").0
    }

    /// Returns the order in which resources can be made: what is needed comes first, else as in the template.
    ///
    /// # Errors
    ///
    /// The groups of resources that need each other, if there is no such order.
    pub fn order(&self) -> Result<Vec<&'t LogicalId>, Vec<Cycle<'t>>> {
        let groups = Walk::groups(self);
        let cycles: Vec<Cycle<'t>> = groups.iter().filter_map(|group| self.cycle(group)).collect();
        if cycles.is_empty() { Ok(groups.into_iter().flatten().map(|at| self.id(at)).collect()) } else { Err(cycles) }
    }

    /// Returns the circle of a group of resources that all lead to each other; none for a resource without a circle.
    fn cycle(&self, group: &[usize]) -> Option<Cycle<'t>> {
        let first = *group.iter().min()?;
        if group.len() == 1 && !self.nodes[first].contains_key(&first) {
            return None;
        }
        let ids = |group: &[usize]| group.iter().map(|at| self.id(*at)).collect();
        let mut members = group.to_vec();
        members.sort_unstable();
        Some(Cycle { path: ids(&self.shortest_circle(first, &members)), members: ids(&members) })
    }

    /// Returns a shortest circle from a resource over sorted members of its group.
    fn shortest_circle(&self, first: usize, members: &[usize]) -> Vec<usize> {
        let mut before: IndexMap<usize, usize> = IndexMap::new();
        let mut next = 0;
        let mut at = first;
        while !self.nodes[at].contains_key(&first) {
            let needs = self.nodes[at].keys().filter(|to| members.binary_search(to).is_ok());
            for to in needs {
                before.entry(*to).or_insert(at);
            }
            // Everything in the group leads back, so there is a next one.
            (at, _) = before.get_index(next).map(|(to, from)| (*to, *from)).expect("a group leads back");
            next += 1;
        }
        let mut path = vec![at];
        while at != first {
            at = before[&at];
            path.push(at);
        }
        path.reverse();
        path
    }
}

/// Resources that all need each other, directly or through others of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle<'t> {
    /// A circle: each needs the one after it, and the last the first.
    pub path: Vec<&'t LogicalId>,
    /// All of them, in the template's order.
    pub members: Vec<&'t LogicalId>,
}

fn needs(
    resource: &Resource,
    conditions: &Conditions,
    nodes: &IndexMap<&LogicalId, &Resource>,
) -> IndexMap<usize, DependencyKind> {
    let mut found = IndexMap::new();
    let mut add = |id: &LogicalId, need: DependencyKind| {
        if let Some(at) = nodes.get_index_of(id) {
            let known: &mut DependencyKind = found.entry(at).or_insert(need);
            *known = (*known).max(need);
        }
    };
    resource.depends_on.iter().for_each(|id| add(id, DependencyKind::DependsOn));
    let own = resource.properties.iter().filter(|(name, _)| !is_moved(resource.kind.as_str(), name));
    let values = own.map(|(_, value)| value).chain(resource.attributes.values());
    values.for_each(|value| {
        each_taken_ref(value, conditions, &mut |reference| add(&reference.id, DependencyKind::Reference));
    });
    found
}

/// Properties of SAM's types that the transform writes into other resources, which come after: permissions, event sources,
/// stages, deployment groups (AWS SAM, "Generated CloudFormation resources").
const MOVED: [(&str, &[&str]); 4] = [
    ("AWS::Serverless::Function", &["DeploymentPreference", "EventInvokeConfig", "Events", "FunctionUrlConfig"]),
    ("AWS::Serverless::Api", &["AccessLogSetting", "CanarySetting", "Domain", "MethodSettings", "Variables"]),
    ("AWS::Serverless::HttpApi", &["AccessLogSettings", "Domain", "RouteSettings", "StageVariables"]),
    ("AWS::Serverless::StateMachine", &["Events"]),
];

fn is_moved(kind: &str, property: &str) -> bool {
    MOVED.iter().any(|(moved, names)| *moved == kind && names.contains(&property))
}

/// Calls `visit` with the references of a value, those of branches that are not taken left out.
fn each_taken_ref(value: &Value, conditions: &Conditions, visit: &mut impl FnMut(&Ref)) {
    match value {
        Value::Call(call) => match conditions.branch(call) {
            Some(taken) => each_taken_ref(taken, conditions, visit),
            None if call.substitution().is_some() => call.each_ref(visit),
            None => each_taken_ref(&call.argument, conditions, visit),
        },
        Value::List(items) => items.iter().for_each(|item| each_taken_ref(item, conditions, visit)),
        Value::Map(map) => map.values().for_each(|item| each_taken_ref(item, conditions, visit)),
        _ => value.each_ref(visit),
    }
}

/// A walk in depth that finds the groups of resources that lead to each other (Tarjan, "Depth-first search and linear
/// graph algorithms"). It has its own stack: chains of resources may be as long as a template.
struct Walk<'g, 't> {
    graph: &'g Graph<'t>,
    /// The number of each resource in the order of the visits, and the lowest that it leads to.
    numbers: Vec<Option<(usize, usize)>>,
    /// The resources whose group is not complete.
    open: Vec<usize>,
    is_open: Vec<bool>,
    groups: Vec<Vec<usize>>,
}

impl<'g, 't> Walk<'g, 't> {
    /// Returns the groups; what is needed comes first.
    fn groups(graph: &'g Graph<'t>) -> Vec<Vec<usize>> {
        let size = graph.nodes.len();
        let (numbers, is_open) = (vec![None; size], vec![false; size]);
        let mut walk = Self { graph, numbers, open: Vec::new(), is_open, groups: Vec::new() };
        let mut visited = 0;
        (0..size).for_each(|at| walk.visit(at, &mut visited));
        walk.groups
    }

    fn visit(&mut self, start: usize, visited: &mut usize) {
        if self.numbers[start].is_some() {
            return;
        }
        let mut path = vec![(start, 0)];
        self.enter(start, visited);
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            let Some((to, _)) = self.graph.nodes[at].get_index(*next) else {
                path.pop();
                self.leave(at);
                if let Some((above, _)) = path.last() {
                    self.reaches(*above, self.lowest(at));
                }
                continue;
            };
            *next += 1;
            if self.numbers[*to].is_none() {
                path.push((*to, 0));
                self.enter(*to, visited);
            } else if self.is_open[*to] {
                self.reaches(at, self.lowest(*to));
            }
        }
    }

    fn enter(&mut self, at: usize, visited: &mut usize) {
        self.numbers[at] = Some((*visited, *visited));
        *visited += 1;
        self.open.push(at);
        self.is_open[at] = true;
    }

    fn lowest(&self, at: usize) -> usize {
        self.numbers[at].map_or(usize::MAX, |(_, lowest)| lowest)
    }

    fn reaches(&mut self, at: usize, number: usize) {
        if let Some((_, lowest)) = &mut self.numbers[at] {
            *lowest = number.min(*lowest);
        }
    }

    /// Completes the group of a resource that leads to none before itself.
    fn leave(&mut self, at: usize) {
        if self.numbers[at].is_some_and(|(number, lowest)| number == lowest) {
            let first = self.open.iter().rposition(|open| *open == at).unwrap_or(0);
            let group = self.open.split_off(first);
            group.iter().for_each(|member| self.is_open[*member] = false);
            self.groups.push(group);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::cfn::parse;

    fn template(resources: &str) -> Template {
        let text = format!(
            "Parameters: {{P: {{Type: String, Default: a}}}}\nConditions: {{C: !Equals [!Ref P, b]}}\n\
                            Resources:\n{resources}"
        );
        parse::template("t.yaml", &text).value.expect("a template")
    }

    fn names(ids: &[&LogicalId]) -> String {
        ids.iter().map(|id| id.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn dependencies_come_first_for_every_kind_of_edge() {
        let template = template(
            "  A: {Type: T, DependsOn: E, Properties: {X: !Ref B, Y: !GetAtt C.Arn}}\n  B: {Type: T, Properties: \
             {X: !Sub 'a-${D.Arn}'}}\n  C: {Type: T, Properties: {X: !Sub ['${v}-${E}', {v: !Ref D}]}}\n  \
             D: {Type: T}\n  E: {Type: T}\n",
        );
        let graph = Graph::of(&template);
        assert_eq!(names(&graph.order().expect("no cycle")), "E D B C A");
        let direct: Vec<_> = graph.needs(&"A".into()).map(|(id, need)| (id.as_str(), need)).collect();
        assert_eq!(
            direct,
            [("E", DependencyKind::DependsOn), ("B", DependencyKind::Reference), ("C", DependencyKind::Reference)]
        );
        assert_eq!(graph.all_needs(&"B".into()), [&LogicalId::from("D")]);
    }

    #[test]
    fn cycle_lists_every_member() {
        let template = template(
            "  A: {Type: T, DependsOn: B}\n  B: {Type: T, DependsOn: C}\n  C: {Type: T, DependsOn: B}\n  \
             D: {Type: T, Properties: {X: !Ref D}}\n",
        );
        let cycles = Graph::of(&template).order().expect_err("two cycles");
        assert_eq!(cycles.iter().map(|cycle| names(&cycle.members)).collect::<Vec<_>>(), ["B C", "D"]);
    }

    #[test]
    fn many_circles_through_the_same_resources_are_one_group_with_a_short_circle() {
        let needs =
            |at: usize| (1..20).map(|step| format!("B{}", (at * step + step) % 60)).collect::<Vec<_>>().join(", ");
        let resources: String =
            (0..60).map(|at| format!("  B{at}: {{Type: T, DependsOn: [{}]}}\n", needs(at))).collect();
        let template = template(&resources);
        let cycles = Graph::of(&template).order().expect_err("circles");
        assert!(cycles.len() <= 20 && cycles[0].members.len() > 30, "{cycles:?}");
        assert!(cycles.iter().all(|cycle| cycle.path.len() <= 4), "{cycles:?}");
        for cycle in &cycles {
            let graph = Graph::of(&template);
            for (at, id) in cycle.path.iter().enumerate() {
                let next = cycle.path[(at + 1) % cycle.path.len()];
                assert!(graph.needs(id).any(|(need, _)| need == next), "{id} does not need {next}");
            }
        }
    }

    #[test]
    fn known_condition_removes_resources_and_branches() {
        let template = template(
            "  A: {Type: T, Properties: {X: !If [C, !Ref B, !Ref D]}}\n  B: {Type: T, Condition: C}\n  D: {Type: T}\n",
        );
        assert_eq!(Graph::of(&template).needs(&"A".into()).count(), 2);
        let known = Conditions::decide(&template, &BTreeMap::new());
        assert_eq!(names(&Graph::after(&template, &known).order().expect("no cycle")), "D A");
    }

    #[test]
    #[allow(clippy::format_collect, reason = "a test makes its text as it reads best")]
    fn long_chain_does_not_overflow_the_call_stack() {
        let chain: String = (0..20_000).map(|n| format!("  R{n}: {{Type: T, DependsOn: R{}}}\n", n + 1)).collect();
        let template = template(&(chain + "  R20000: {Type: T}\n"));
        assert_eq!(Graph::of(&template).order().expect("no cycle").first().map(|id| id.as_str()), Some("R20000"));
    }
}
