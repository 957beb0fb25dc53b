//! Walks a value and its schema side by side.

use std::mem;

use super::pattern::Patterns;
use super::violation::{ActualType, Conformance, LocatedViolation, Violation};
use crate::cfn::schema::{JsonTypes, Keyword, Node, Schema};
use crate::cfn::{Function, Map, PathSegment, PropertyPath, Template, Value};

/// Collects the violations of one resource. A value that is not known before the deployment never is one.
pub(super) struct Validator<'a, 'p> {
    pub(super) template: &'a Template,
    pub(super) schema: &'a Schema,
    pub(super) patterns: &'p mut Patterns<'a>,
    pub(super) path: Vec<PathSegment>,
    pub(super) violations: Vec<LocatedViolation<'a>>,
    /// Whether a constraint met a value that is not known yet.
    pub(super) unknown: bool,
    /// Whether the resource exists only under a condition.
    pub(super) conditional: bool,
    /// The conditions of the branches that the walk is in.
    assumed: Vec<(&'a str, bool)>,
    probing: usize,
}

impl<'a, 'p> Validator<'a, 'p> {
    pub(super) fn new(template: &'a Template, schema: &'a Schema, patterns: &'p mut Patterns<'a>) -> Self {
        let path = PropertyPath::default().then(PathSegment::Key("Properties".to_owned())).0;
        Self {
            template,
            schema,
            patterns,
            path,
            violations: Vec::new(),
            unknown: false,
            conditional: false,
            assumed: Vec::new(),
            probing: 0,
        }
    }

    pub(super) fn value(&mut self, value: &'a Value, node: Node<'a>) {
        match value {
            Value::Call(call) if call.function == Function::If => self.branches(&call.argument, node),
            Value::Call(_) => self.computed(value, node),
            Value::Map(map) if is_function(map) => self.unknown |= !node.is_anything(),
            Value::Text(text) => match text.as_str() {
                Some(text) if !text.contains("{{resolve:") => self.known(value, node),
                _ if is_aws_no_value(value) => {}
                _ => self.computed(value, node),
            },
            _ => self.known(value, node),
        }
    }

    /// Checks both branches of a condition. In a trial, two different results mean that nothing is known.
    fn branches(&mut self, argument: &'a Value, node: Node<'a>) {
        let Some([name, yes, no]) = argument.as_list() else { return };
        let name = name.as_str().unwrap_or_default();
        if let Some((_, holds)) = self.assumed.iter().find(|(assumed, _)| *assumed == name) {
            let (at, branch) = if *holds { (1, yes) } else { (2, no) };
            return self.branch(at, |validator| validator.value(branch, node));
        }
        if self.probing == 0 {
            for (at, branch, holds) in [(1, yes, true), (2, no, false)] {
                self.assumed.push((name, holds));
                self.branch(at, |validator| validator.value(branch, node));
                self.assumed.pop();
            }
            return;
        }
        let first = self.branch(1, |validator| validator.probe(yes, node));
        let second = self.branch(2, |validator| validator.probe(no, node));
        match (first.verdict(), second.verdict()) {
            (Conformance::Fits, Conformance::Fits) => {}
            (Conformance::Breaks, Conformance::Breaks) => self.violations.extend(first.violations),
            _ => self.unknown = true,
        }
    }

    /// Runs `work` in a branch of an `Fn::If`.
    fn branch<R>(&mut self, at: usize, work: impl FnOnce(&mut Self) -> R) -> R {
        self.path.extend([PathSegment::Key(Function::If.name().to_owned()), PathSegment::Index(at)]);
        let result = work(self);
        self.path.truncate(self.path.len() - 2);
        result
    }

    fn known(&mut self, value: &'a Value, node: Node<'a>) {
        let expected = node.kinds();
        if value.as_map().is_some_and(is_rewritten) {
            return self.unknown |= !node.is_anything();
        }
        if let (Some(item), Value::Map(_)) = (self.item_of_single(node), value) {
            if self.probing == 0 {
                self.violation(Violation::SingleObject);
            }
            return self.value(value, item);
        }
        if !accepts(expected, value) {
            return self.violation(Violation::WrongType { expected, found: ActualType::Value(value) });
        }
        for keyword in node.keywords() {
            match keyword {
                Keyword::Never => self.violation(Violation::NotAllowed),
                Keyword::Type(_) | Keyword::Default(_) | Keyword::Unordered => {}
                Keyword::AllOf(_) | Keyword::AnyOf(_) | Keyword::OneOf(_) | Keyword::Not(_) | Keyword::If(_) => {
                    self.composed(value, node, keyword);
                }
                keyword => match value {
                    Value::Map(map) => self.object(map, node, keyword),
                    Value::List(items) => self.list(items, keyword),
                    _ => self.scalar(value, node, keyword),
                },
            }
        }
    }

    /// Returns the schema of the items of a list for which CloudFormation also takes one object.
    fn item_of_single(&self, node: Node<'a>) -> Option<Node<'a>> {
        const LISTS: [&str; 3] = ["DBSecurityGroupIngress", "SecurityGroupEgress", "SecurityGroupIngress"];
        let is_such = matches!(self.path.last(), Some(PathSegment::Key(name)) if LISTS.contains(&name.as_str()));
        node.keywords().filter(|_| is_such && node.kinds() == JsonTypes::LIST).find_map(|keyword| match keyword {
            Keyword::Items(item) => Some(item),
            _ => None,
        })
    }

    pub(super) fn violation(&mut self, violation: Violation<'a>) {
        self.violations.push(LocatedViolation {
            path: self.path.clone(),
            violation,
            since: Vec::new(),
            fact: "",
            nearest_of: 0,
        });
    }

    /// Runs `work` one step further inside.
    pub(super) fn inside(&mut self, step: PathSegment, work: impl FnOnce(&mut Self)) {
        self.path.push(step);
        work(self);
        self.path.pop();
    }

    /// Returns whether nothing ties the conditions of this place to those around it.
    pub(super) fn is_unconditional(&self) -> bool {
        !self.conditional && self.assumed.is_empty() && self.probing == 0
    }

    /// Returns how a value fits, without a report.
    pub(super) fn probe(&mut self, value: &'a Value, node: Node<'a>) -> TrialResult<'a> {
        let (violations, unknown) = (mem::take(&mut self.violations), mem::take(&mut self.unknown));
        self.probing += 1;
        self.value(value, node);
        self.probing -= 1;
        TrialResult {
            violations: mem::replace(&mut self.violations, violations),
            unknown: mem::replace(&mut self.unknown, unknown),
        }
    }
}

/// The outcome of trying a value.
pub(super) struct TrialResult<'a> {
    pub(super) violations: Vec<LocatedViolation<'a>>,
    unknown: bool,
}

impl TrialResult<'_> {
    pub(super) fn verdict(&self) -> Conformance {
        match (self.violations.is_empty(), self.unknown) {
            (false, _) => Conformance::Breaks,
            (true, true) => Conformance::Unknown,
            (true, false) => Conformance::Fits,
        }
    }
}

pub(super) fn is_aws_no_value(value: &Value) -> bool {
    value.as_reference().is_some_and(|reference| reference.id.as_str() == "AWS::NoValue")
}

/// Returns whether a macro of the account rewrites the object: it sees what surrounds its `Fn::Transform`.
fn is_rewritten(map: &Map) -> bool {
    let name = map.get("Fn::Transform").and_then(|transform| transform.get("Name"));
    name.is_some_and(|name| name.as_str().is_none_or(|name| !name.starts_with("AWS::")))
}

/// Returns whether it looks like a function; the check of functions reports unknown ones.
fn is_function(map: &Map) -> bool {
    map.len() == 1 && map.keys().all(|name| name.starts_with("Fn::") || name == "Ref")
}

/// Returns whether CloudFormation accepts the value for these types: "2" is an integer, "true" a boolean, and 123 a
/// string; the reverse of none of them holds.
fn accepts(kinds: JsonTypes, value: &Value) -> bool {
    let text = || value.as_str().unwrap_or_default();
    let whole = JsonTypes::INTEGER.meets(kinds);
    let number = JsonTypes::NUMBER.meets(kinds);
    let string = JsonTypes::STRING.meets(kinds);
    match value {
        Value::Null => kinds == JsonTypes::ANY,
        Value::Map(_) => kinds.meets(JsonTypes::OBJECT),
        Value::List(_) => kinds.meets(JsonTypes::LIST),
        Value::Bool(_) => string || kinds.meets(JsonTypes::BOOLEAN),
        Value::Int(_) => string || whole || number,
        Value::Float(float) => string || number || whole && float.fract() == 0.0,
        _ => {
            string
                || kinds.meets(JsonTypes::BOOLEAN)
                    && ["true", "false"].iter().any(|word| text().eq_ignore_ascii_case(word))
                || whole && text().parse::<i64>().is_ok()
                || number && text().parse::<f64>().is_ok()
        }
    }
}
