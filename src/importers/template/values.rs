//! The values of a template as expressions of a script.

use std::cell::Cell;
use std::collections::HashSet;

use indexmap::IndexMap;

use super::id_of;
use crate::cfn::{Function, Intrinsic, LogicalId, Map, Ref, Segment, TemplateString, Value};
use crate::importers::names::{Taken, is_identifier, variable_name};
use crate::importers::writer::Expr;

/// The pseudo parameters that scripts have by their names.
const PSEUDO: &[&str] = &[
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The names of the script for what has a logical id.
#[derive(Debug)]
pub(super) struct Values {
    names: IndexMap<LogicalId, Named>,
    defined: HashSet<LogicalId>,
    pub(super) variables: Taken,
    ids: HashSet<String>,
    /// The beginning of every logical id.
    pub(super) prefix: String,
    /// The values of parameters that the script does not have.
    pub(super) given: IndexMap<LogicalId, Expr>,
    /// The mappings of which the script has the values alone.
    pub(super) mappings: Map,
    /// Whether the script needs a mapping after all.
    pub(super) needs_mapping: Cell<bool>,
}

impl Default for Values {
    fn default() -> Self {
        Self {
            names: IndexMap::new(),
            defined: HashSet::new(),
            variables: Taken::with(&["stack"]),
            ids: HashSet::new(),
            prefix: String::new(),
            given: IndexMap::new(),
            mappings: Map::new(),
            needs_mapping: Cell::new(false),
        }
    }
}

#[derive(Debug)]
struct Named {
    variable: String,
    id: String,
}

impl Values {
    /// Creates the names of a part of another script.
    pub(super) fn of_part(prefix: &str, given: IndexMap<LogicalId, Expr>, mappings: Map) -> Self {
        Self { prefix: prefix.to_owned(), given, mappings, ..Self::default() }
    }

    /// Chooses the variable and the logical id of a resource or parameter.
    pub(super) fn add(&mut self, id: &LogicalId) {
        let variable = self.variables.unique(&variable_name(id.as_str()), "_");
        let stem = format!("{}{}", self.prefix, id_of(id.as_str()));
        let candidates = std::iter::once(stem.clone()).chain((2..).map(|number| format!("{stem}{number}")));
        let free = candidates.into_iter().find(|id| !self.ids.contains(id)).unwrap_or(stem);
        self.ids.insert(free.clone());
        self.names.insert(id.clone(), Named { variable, id: free });
    }

    /// Returns the logical id in the script.
    pub(super) fn id(&self, id: &LogicalId) -> String {
        self.names.get(id).map_or_else(|| id.to_string(), |named| named.id.clone())
    }

    /// Records that the script has the variable from here on. Returns it.
    pub(super) fn define(&mut self, id: &LogicalId) -> String {
        self.defined.insert(id.clone());
        self.names.get(id).map_or_else(String::new, |named| named.variable.clone())
    }

    /// Returns the variable, if the script has it already.
    pub(super) fn variable(&self, id: &LogicalId) -> Option<String> {
        self.names.get(id).filter(|_| self.defined.contains(id)).map(|named| named.variable.clone())
    }

    /// Returns every variable.
    pub(super) fn defined(&self) -> Vec<String> {
        let defined = self.names.iter().filter(|(id, _)| self.defined.contains(*id));
        defined.map(|(_, named)| named.variable.clone()).collect()
    }

    /// Returns a value as an expression.
    pub(super) fn expression(&self, value: &Value) -> Expr {
        match value {
            Value::Null => Expr::Unit,
            Value::Bool(flag) => Expr::Bool(*flag),
            Value::Int(number) => Expr::Int(*number),
            Value::Float(number) => Expr::Float(*number),
            Value::Text(text) => self.text(text),
            Value::List(items) => Expr::List(items.iter().map(|item| self.expression(item)).collect()),
            Value::Map(map) => self.map(map),
            Value::Call(call) => self.call(call),
        }
    }

    /// Returns an object as a map.
    pub(super) fn map(&self, map: &Map) -> Expr {
        Expr::Map(map.iter().map(|(name, value)| (name.clone(), self.expression(value))).collect())
    }

    fn text(&self, text: &TemplateString) -> Expr {
        let piece = |piece: &Segment| match piece {
            Segment::Literal(text) => Expr::text(text),
            Segment::Ref(reference) => self.reference(reference),
            Segment::Call(call) => self.call(call),
        };
        match text.pieces() {
            [only] => piece(only),
            pieces => Expr::joined(pieces.iter().map(piece).collect()),
        }
    }

    fn reference(&self, reference: &Ref) -> Expr {
        let id = reference.id.as_str();
        if let Some(given) = self.given.get(&reference.id).filter(|_| reference.attribute.is_none()) {
            return given.clone();
        }
        match (&reference.attribute, self.variable(&reference.id)) {
            (None, _) if PSEUDO.contains(&id) => Expr::name(id),
            (None, Some(variable)) => Expr::Name(variable),
            (Some(attribute), Some(variable)) if attribute.split('.').all(is_identifier) => {
                Expr::Name(format!("{variable}.{attribute}"))
            }
            (None, None) => Expr::call("cfn::ref", [Expr::text(self.id(&reference.id))]),
            (Some(attribute), _) => {
                Expr::call("cfn::get_att", [Expr::text(self.id(&reference.id)), Expr::text(attribute)])
            }
        }
    }

    fn call(&self, call: &Intrinsic) -> Expr {
        let arguments = call.argument.as_list().unwrap_or_default();
        let is_text = |value: &Value| value.as_str().is_some();
        let all = || arguments.iter().map(|argument| self.expression(argument)).collect::<Vec<_>>();
        match (call.function, arguments) {
            (Function::FindInMap, [map, first, second]) if !self.mappings.is_empty() => {
                self.mapped([map, first, second])
            }
            (Function::Join, [delimiter, _]) if is_text(delimiter) => Expr::call("cfn::join", all()),
            (Function::Split, [delimiter, _]) if is_text(delimiter) => Expr::call("cfn::split", all()),
            (Function::Select, [_, _]) => Expr::call("cfn::select", all()),
            (Function::Sub, [text, Value::Map(variables)]) if is_text(text) && !variables.is_empty() => {
                self.substitution(text.as_str().unwrap_or_default(), variables)
            }
            (Function::Cidr, [_, Value::Int(_), Value::Int(_)]) => Expr::call("cfn::cidr", all()),
            (Function::ImportValue, []) if matches!(call.argument, Value::Text(_)) => {
                Expr::call("cfn::import_value", [self.expression(&call.argument)])
            }
            (Function::GetAzs, []) if call.argument.as_str() == Some("") => Expr::call("cfn::azs", []),
            (Function::GetAzs, []) if matches!(call.argument, Value::Text(_)) => {
                Expr::call("cfn::azs", [self.expression(&call.argument)])
            }
            (Function::Base64, []) => Expr::call("cfn::base64", [self.expression(&call.argument)]),
            (function, _) => self.function(function, &call.argument),
        }
    }

    /// Returns the value of a mapping whose keys are known.
    fn mapped(&self, keys: [&Value; 3]) -> Expr {
        let [map, first, second] = keys.map(Value::as_str);
        let value = map
            .zip(first)
            .zip(second)
            .and_then(|((map, first), second)| self.mappings.get(map)?.get(first)?.get(second));
        self.needs_mapping.set(self.needs_mapping.get() || value.is_none());
        value.map_or(Expr::Unit, |value| self.expression(value))
    }

    /// Returns a function as CloudFormation writes it.
    fn function(&self, function: Function, argument: &Value) -> Expr {
        let argument = match (function, argument) {
            // The id of an `Fn::GetAtt` with a computed attribute.
            (Function::GetAtt, Value::List(parts)) => Expr::List(
                parts
                    .iter()
                    .enumerate()
                    .map(|(at, part)| match part.as_str() {
                        Some(id) if at == 0 => Expr::text(self.id(&id.into())),
                        _ => self.expression(part),
                    })
                    .collect(),
            ),
            _ => self.expression(argument),
        };
        Expr::Map(vec![(function.name().to_owned(), argument)])
    }

    /// Returns an `Fn::Sub` with variables of its own; ids in its text are those of the script.
    fn substitution(&self, text: &str, variables: &Map) -> Expr {
        let mut renamed = text.to_owned();
        for (id, named) in self.names.iter().filter(|(id, named)| id.as_str() != named.id) {
            if !variables.contains_key(id.as_str()) {
                renamed = renamed.replace(&format!("${{{id}}}"), &format!("${{{}}}", named.id));
                renamed = renamed.replace(&format!("${{{id}."), &format!("${{{}.", named.id));
            }
        }
        let Expr::Map(mut entries) = self.map(variables) else { return Expr::Unit };
        for (id, value) in &self.given {
            if renamed.contains(&format!("${{{id}}}")) && !variables.contains_key(id.as_str()) {
                entries.push((id.to_string(), value.clone()));
            }
        }
        Expr::call("cfn::sub", [Expr::text(renamed), Expr::Map(entries)])
    }
}
