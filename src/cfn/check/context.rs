//! The context of every rule: the template, its resources by type, and single values by path.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

use super::condition_logic::{self, Possibility};
use crate::cfn::graph::{DependencyKind, Graph};
use crate::cfn::schema::Schema;
use crate::cfn::{Function, LogicalId, PropertyPath, Ref, Resource, Segment, Template, Value};
use crate::diag::{Code, Diagnostic, Origin, Suggestions, WithOrigin};

/// The number of comparisons of actions and ARNs in one template.
const MOST_COMPARISONS: usize = 2_000_000;

/// The facts about a stack that its template does not hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct StackFacts<'a> {
    /// The name of the stack.
    pub name: Option<&'a str>,
    /// The region that the script sets.
    pub region: Option<&'a WithOrigin<String>>,
    /// The account that the script sets.
    pub account: Option<&'a WithOrigin<String>>,
    /// The secret settings of the script.
    pub secrets: &'a [SecretSetting],
}

/// A setting that the script declares as a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretSetting {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// A template under examination.
pub(super) struct CheckContext<'a> {
    pub(super) template: &'a Template,
    pub(super) stack: StackFacts<'a>,
    pub(super) schema: &'a Schema,
    pub(super) suggestions: Suggestions,
    /// The comparisons of actions and ARNs that are left.
    comparisons: Cell<usize>,
    by_type: HashMap<&'a str, Vec<ResourceEntry<'a>>>,
    graph: Graph<'a>,
    referrers: HashMap<&'a LogicalId, Vec<ResourceEntry<'a>>>,
    /// The results that are known.
    possibilities: RefCell<HashMap<Vec<(String, bool)>, Possibility>>,
}

/// A resource with its name.
#[derive(Clone, Copy)]
pub(super) struct ResourceEntry<'a> {
    pub(super) id: &'a LogicalId,
    pub(super) resource: &'a Resource,
}

/// A value that a path may have.
#[derive(Clone)]
pub(super) struct Branch<'a> {
    /// The conditions that lead to it.
    pub(super) assumptions: Vec<(&'a str, bool)>,
    /// The value; `None` if there is none.
    pub(super) value: Option<&'a Value>,
}

/// Adds the branches of a value.
fn spread<'a>(value: Option<&'a Value>, assumptions: Vec<(&'a str, bool)>, found: &mut Vec<Branch<'a>>) {
    if let Some(Value::Call(call)) = value
        && call.function == Function::If
        && let Some([name, yes, no]) = call.argument.as_list()
        && let Some(name) = name.as_str()
    {
        for (branch, holds) in [(yes, true), (no, false)] {
            let mut assumptions = assumptions.clone();
            assumptions.push((name, holds));
            spread(Some(branch), assumptions, found);
        }
        return;
    }
    found.push(Branch { assumptions, value: value.filter(|value| !is_aws_no_value(value)) });
}

/// Returns the name of a transform that is not AWS's: a macro, which may rewrite everything.
pub(super) fn macro_name(template: &Template) -> Option<String> {
    let name = |value: &Value| match value {
        Value::Map(map) => {
            map.get("Name").map_or_else(|| "?".to_owned(), |name| name.as_str().unwrap_or("?").to_owned())
        }
        value => value.as_str().unwrap_or("?").to_owned(),
    };
    let of_key = |key: &str| {
        template.other.get(key).map(|value| match value {
            Value::List(items) => items.iter().map(name).collect(),
            Value::Call(call) => vec![name(&call.argument)],
            value => vec![name(value)],
        })
    };
    let names = ["Transform", "Fn::Transform"].into_iter().filter_map(of_key).flatten();
    names.into_iter().find(|name: &String| !name.starts_with("AWS::"))
}

/// The value at a path, or why there is none.
#[derive(Clone, Copy)]
pub(super) enum ValueLookup<'a> {
    /// There is certainly no value.
    Absent,
    /// A value that only a deployment knows.
    Unknown,
    /// The value.
    Here(&'a Value),
}

impl<'a> CheckContext<'a> {
    pub(super) fn new(template: &'a Template, schema: &'a Schema, stack: StackFacts<'a>) -> Self {
        let mut by_type: HashMap<&str, Vec<ResourceEntry<'_>>> = HashMap::new();
        for (id, resource) in &template.resources {
            by_type.entry(resource.kind.as_str()).or_default().push(ResourceEntry { id, resource });
        }
        let graph = Graph::of(template);
        let mut referrers: HashMap<&LogicalId, Vec<ResourceEntry<'_>>> = HashMap::new();
        for (id, resource) in &template.resources {
            for (to, _) in graph.needs(id).filter(|(_, need)| *need == DependencyKind::Reference) {
                referrers.entry(to).or_default().push(ResourceEntry { id, resource });
            }
        }
        let (suggestions, possibilities) = (Suggestions::default(), RefCell::default());
        let comparisons = Cell::new(MOST_COMPARISONS);
        Self { template, stack, schema, suggestions, comparisons, by_type, graph, referrers, possibilities }
    }

    /// Counts comparisons of actions and ARNs; returns whether they are worth the time. A policy has at most 10,240
    /// characters ("IAM and AWS STS quotas"), which allow far fewer.
    pub(super) fn may_compare(&self, count: usize) -> bool {
        let left = self.comparisons.get().checked_sub(count);
        self.comparisons.set(left.unwrap_or(0));
        left.is_some()
    }

    /// Returns the resources of a type, `AWS::ECS::Service`.
    pub(super) fn all(&self, kind: &str) -> impl Iterator<Item = ResourceEntry<'a>> {
        self.by_type.get(kind).into_iter().flatten().copied()
    }

    /// Returns every resource.
    pub(super) fn resources(&self) -> impl Iterator<Item = ResourceEntry<'a>> {
        self.template.resources.iter().map(|(id, resource)| ResourceEntry { id, resource })
    }

    /// Returns the resource of a type that a value refers to, by `Ref` or by an attribute.
    pub(super) fn target(&self, value: &Value, kind: &str) -> Option<ResourceEntry<'a>> {
        let (id, resource) = self.template.resources.get_key_value(&value.as_reference()?.id)?;
        (resource.kind.as_str() == kind).then_some(ResourceEntry { id, resource })
    }

    /// Returns the text of a value if it holds nothing but literals and pseudo parameters that are known.
    pub(super) fn resolved(&self, value: &'a Value) -> Option<Cow<'a, str>> {
        let Value::Text(text) = value else { return None };
        if let Some(literal) = text.as_str() {
            return Some(Cow::Borrowed(literal));
        }
        let mut whole = String::new();
        for piece in text.pieces() {
            whole.push_str(match piece {
                Segment::Literal(literal) => literal,
                Segment::Ref(reference) => self.pseudo(reference)?,
                Segment::Call(_) => return None,
            });
        }
        Some(Cow::Owned(whole))
    }

    /// Returns the value of a pseudo parameter, if the script sets it.
    pub(super) fn pseudo(&self, reference: &Ref) -> Option<&'a str> {
        match reference.id.as_str() {
            "AWS::StackName" => self.stack.name,
            "AWS::Region" => self.stack.region.map(|region| region.value.as_str()),
            "AWS::AccountId" => self.stack.account.map(|account| account.value.as_str()),
            _ => None,
        }
    }

    /// Returns what every resource needs.
    pub(super) fn graph(&self) -> &Graph<'a> {
        &self.graph
    }

    /// Returns the resources that refer to one.
    pub(super) fn referrers(&self, id: &LogicalId) -> impl Iterator<Item = ResourceEntry<'a>> {
        self.referrers.get(id).into_iter().flatten().copied()
    }

    /// Returns whether CloudFormation rewrites the template before it reads it, so that names may appear from nowhere.
    pub(super) fn is_transformed(&self) -> bool {
        let other = &self.template.other;
        other.keys().any(|name| name == "Transform" || name.starts_with("Fn::"))
    }

    /// Returns the macro of the account that rewrites the whole template, if there is one.
    pub(super) fn macro_name(&self) -> Option<String> {
        macro_name(self.template)
    }

    /// Returns whether assumptions about conditions can be true at once.
    pub(super) fn possibility(&self, assumptions: &[(&str, bool)]) -> Possibility {
        let mut known = self.possibilities.borrow_mut();
        let key = assumptions.iter().map(|(name, holds)| ((*name).to_owned(), *holds)).collect();
        *known.entry(key).or_insert_with(|| condition_logic::possibility(self.template, assumptions))
    }

    /// Returns whether two parts of the template certainly exist together for some parameters.
    pub(super) fn can_both_exist(&self, first: Option<&str>, second: Option<&str>) -> bool {
        if first.is_none() || second.is_none() || first == second {
            let only = first.or(second);
            return only.is_none_or(|name| self.possibility(&[(name, true)]) == Possibility::Possible);
        }
        let both: Vec<(&str, bool)> = first.into_iter().chain(second).map(|name| (name, true)).collect();
        self.possibility(&both) == Possibility::Possible
    }

    /// Returns whether the template uses a transform of AWS by this name.
    pub(super) fn transforms(&self, name: &str) -> bool {
        match self.template.other.get("Transform") {
            Some(Value::List(items)) => items.iter().any(|item| item.as_str() == Some(name)),
            Some(value) => value.as_str() == Some(name),
            None => false,
        }
    }
}

impl<'a> ResourceEntry<'a> {
    pub(super) fn kind(self) -> &'a str {
        self.resource.kind.as_str()
    }

    /// Returns the value at a path below `Properties`: `NetworkConfiguration.AwsvpcConfiguration.Subnets.0`.
    pub(super) fn look(self, path: &str) -> ValueLookup<'a> {
        let mut steps = path.split('.');
        let first = steps.next().unwrap_or_default();
        let properties = &self.resource.properties;
        if properties.keys().any(|name| name.starts_with("Fn::")) {
            return ValueLookup::Unknown;
        }
        properties.get(first).map_or(ValueLookup::Absent, |value| steps.fold(ValueLookup::at(value), ValueLookup::step))
    }

    /// Returns the value at a path, unless it is not there or not known.
    pub(super) fn get(self, path: &str) -> Option<&'a Value> {
        match self.look(path) {
            ValueLookup::Here(value) => Some(value),
            ValueLookup::Absent | ValueLookup::Unknown => None,
        }
    }

    pub(super) fn text(self, path: &str) -> Option<&'a str> {
        self.get(path)?.as_str()
    }

    pub(super) fn int(self, path: &str) -> Option<i64> {
        self.get(path)?.as_int()
    }

    pub(super) fn list(self, path: &str) -> &'a [Value] {
        match self.get(path) {
            Some(Value::List(items)) => items,
            _ => &[],
        }
    }

    /// Returns the rules of a security group: CloudFormation takes one object for a list of it.
    pub(super) fn rules(self, path: &str) -> &'a [Value] {
        match self.get(path) {
            Some(rule @ Value::Map(_)) => std::slice::from_ref(rule),
            _ => self.list(path),
        }
    }

    /// Returns every value that a path may have, through the branches of `Fn::If`, each with the conditions of its
    /// branches; `None` for a branch without a value.
    pub(super) fn branches(self, path: &str) -> Vec<Branch<'a>> {
        let mut steps = path.split('.');
        let first = self.resource.properties.get(steps.next().unwrap_or_default());
        let mut open = Vec::new();
        spread(first, Vec::new(), &mut open);
        for step in steps {
            let mut next = Vec::new();
            for branch in open {
                let inner = match branch.value {
                    Some(Value::Map(map)) => map.get(step),
                    Some(Value::List(items)) => step.parse::<usize>().ok().and_then(|at| items.get(at)),
                    None => None,
                    Some(_) => continue,
                };
                spread(inner, branch.assumptions, &mut next);
            }
            open = next;
        }
        open
    }

    pub(super) fn reference(self, path: &str) -> Option<&'a Ref> {
        self.get(path)?.as_reference()
    }

    /// Calls `visit` with every path of the resource that matches a pattern, in which `*` is every item of a list.
    pub(super) fn each_path(self, pattern: &str, visit: &mut impl FnMut(&str)) {
        match pattern.split_once(".*") {
            Some((list, rest)) => {
                (0..self.list(list).len()).for_each(|at| self.each_path(&format!("{list}.{at}{rest}"), visit));
            }
            None => visit(pattern),
        }
    }

    /// Returns whether there is certainly no value.
    pub(super) fn lacks(self, path: &str) -> bool {
        matches!(self.look(path), ValueLookup::Absent)
    }

    /// Returns whether there may be a value.
    pub(super) fn has(self, path: &str) -> bool {
        !self.lacks(path)
    }

    /// Returns the origin of the value at a path below `Properties`; an empty path is the resource.
    pub(super) fn origin(self, path: &str) -> &'a Origin {
        if path.is_empty() { &self.resource.origin } else { self.resource.origin_of(&PropertyPath::property(path)) }
    }

    /// Creates an error about the value at a path.
    pub(super) fn error(self, code: Code, path: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).at(self.origin(path), "")
    }

    /// Creates a warning about the value at a path.
    pub(super) fn warning(self, code: Code, path: &str, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).as_warning().at(self.origin(path), "")
    }
}

impl<'a> ValueLookup<'a> {
    /// Returns what a value is: a function is not known, and `AWS::NoValue` is nothing.
    pub(super) fn at(value: &'a Value) -> Self {
        match value {
            Value::Call(_) => ValueLookup::Unknown,
            value if is_aws_no_value(value) => ValueLookup::Absent,
            value => ValueLookup::Here(value),
        }
    }

    fn step(self, step: &str) -> Self {
        match self {
            ValueLookup::Here(Value::Map(map)) => map.get(step).map_or(ValueLookup::Absent, ValueLookup::at),
            ValueLookup::Here(Value::List(items)) => match step.parse::<usize>() {
                Ok(at) => items.get(at).map_or(ValueLookup::Absent, ValueLookup::at),
                Err(_) => ValueLookup::Unknown,
            },
            ValueLookup::Here(_) => ValueLookup::Unknown,
            other => other,
        }
    }
}

/// Returns whether it is true, also as a string in any case.
pub(super) fn is_true(value: &Value) -> bool {
    *value == Value::Bool(true) || value.as_str().is_some_and(|text| text.eq_ignore_ascii_case("true"))
}

/// Returns whether it is `AWS::NoValue`, which removes a property.
pub(super) fn is_aws_no_value(value: &Value) -> bool {
    value.as_reference().is_some_and(|reference| reference.id.as_str() == "AWS::NoValue")
}
