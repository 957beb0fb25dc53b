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
    /// The cycles, if there is no such order.
    pub fn order(&self) -> Result<Vec<&'t LogicalId>, Vec<Cycle<'t>>> {
        let mut walk =
            Walk { graph: self, state: vec![State::New; self.nodes.len()], order: Vec::new(), cycles: Vec::new() };
        (0..self.nodes.len()).for_each(|at| walk.visit(at));
        if walk.cycles.is_empty() {
            Ok(walk.order.into_iter().map(|at| self.id(at)).collect())
        } else {
            Err(walk.cycles)
        }
    }
}

/// Resources that need each other: each needs the one after it, and the last the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle<'t>(pub Vec<&'t LogicalId>);

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

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

/// A walk in depth with its own stack: chains of resources may be as long as a template.
struct Walk<'g, 't> {
    graph: &'g Graph<'t>,
    state: Vec<State>,
    order: Vec<usize>,
    cycles: Vec<Cycle<'t>>,
}

impl Walk<'_, '_> {
    fn visit(&mut self, start: usize) {
        if self.state[start] != State::New {
            return;
        }
        self.state[start] = State::Open;
        let mut path = vec![(start, 0)];
        while let Some((at, next)) = path.last_mut() {
            let at = *at;
            let Some((to, _)) = self.graph.nodes[at].get_index(*next) else {
                self.state[at] = State::Done;
                self.order.push(at);
                path.pop();
                continue;
            };
            *next += 1;
            match self.state[*to] {
                State::New => {
                    self.state[*to] = State::Open;
                    path.push((*to, 0));
                }
                State::Open => {
                    let around = path.iter().skip_while(|(node, _)| node != to);
                    self.cycles.push(Cycle(around.map(|(node, _)| self.graph.id(*node)).collect()));
                }
                State::Done => {}
            }
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
        assert_eq!(cycles.iter().map(|cycle| names(&cycle.0)).collect::<Vec<_>>(), ["B C", "D"]);
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
