//! Whether conditions can hold together.
//!
//! Each expression that a condition compares is a variable with the values that matter: the literals that it is compared
//! with and one other, or the allowed values of its parameter. All assignments are tried. If the variables depend on each
//! other, only an impossibility is certain: the assignments that are tried include every real one.

use std::collections::HashSet;

use indexmap::IndexMap;

use crate::cfn::emit::json;
use crate::cfn::{Function, Template, Value};

/// Whether some values of the parameters make conditions hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Possibility {
    /// Some values certainly do.
    Possible,
    /// No values do.
    Impossible,
    /// Only a deployment decides.
    Unknown,
}

/// The assignments that are tried at most.
const MOST_ASSIGNMENTS: usize = 16_384;

/// The parts of formulas that are looked at: conditions of conditions can double with each, `!And [!Condition A, !Condition A]`.
const MOST_PARTS: usize = 500;

/// The parts that are evaluated at most, over all assignments.
const MOST_STEPS: usize = 400_000;

/// A condition and the result that it must have.
pub(super) type Assumption<'a> = (&'a str, bool);

/// Returns whether all assumptions about conditions can be true at once.
pub(super) fn possibility(template: &Template, assumptions: &[Assumption<'_>]) -> Possibility {
    let mut solver = Solver { template, variables: IndexMap::new(), parts: 0, is_exact: true };
    let formulas: Vec<(Formula, bool)> =
        assumptions.iter().map(|(name, holds)| (solver.condition(name, &mut Vec::new()), *holds)).collect();
    solver.solve(&formulas)
}

/// A condition in terms of variables.
enum Formula {
    Known(bool),
    /// The variable has this value.
    Is(usize, String),
    /// The two variables are equal.
    Same(usize, usize),
    Not(Box<Formula>),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// An expression that conditions compare, with the values that matter.
#[derive(Default)]
struct Variable {
    values: Vec<String>,
    is_closed: bool,
    refs: HashSet<String>,
}

enum Side {
    Literal(String),
    Variable(usize),
}

struct Solver<'a> {
    template: &'a Template,
    variables: IndexMap<String, Variable>,
    /// The number of parts of the formulas.
    parts: usize,
    is_exact: bool,
}

impl<'a> Solver<'a> {
    fn condition(&mut self, name: &str, open: &mut Vec<String>) -> Formula {
        let Some(value) = self.template.conditions.get(name).filter(|_| !open.iter().any(|known| known == name)) else {
            self.is_exact = false;
            return self.free(&format!("condition {name}"));
        };
        open.push(name.to_owned());
        let formula = self.formula(value, open);
        open.pop();
        formula
    }

    /// Returns a formula about which nothing is known.
    fn free(&mut self, key: &str) -> Formula {
        let at = self.variable(key.to_owned(), Variable::default());
        self.note(at, "true");
        Formula::Is(at, "true".to_owned())
    }

    fn formula(&mut self, value: &'a Value, open: &mut Vec<String>) -> Formula {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            self.is_exact = false;
            return self.free("the rest");
        }
        let Value::Call(call) = value else { return self.unreadable(value) };
        let items = call.argument.as_list().unwrap_or_default();
        match (call.function, items) {
            (Function::Condition, _) => match call.argument.as_str() {
                Some(name) => self.condition(name, open),
                None => self.unreadable(value),
            },
            (Function::Equals, [left, right]) => self.equals(left, right),
            (Function::Not, [inner]) => Formula::Not(Box::new(self.formula(inner, open))),
            (Function::And, items) => Formula::All(items.iter().map(|item| self.formula(item, open)).collect()),
            (Function::Or, items) => Formula::Any(items.iter().map(|item| self.formula(item, open)).collect()),
            _ => self.unreadable(value),
        }
    }

    fn unreadable(&mut self, value: &Value) -> Formula {
        self.is_exact = false;
        self.free(&json::compact(value))
    }

    fn equals(&mut self, left: &Value, right: &Value) -> Formula {
        match (self.side(left), self.side(right)) {
            (Side::Literal(left), Side::Literal(right)) => Formula::Known(left == right),
            (Side::Variable(at), Side::Literal(text)) | (Side::Literal(text), Side::Variable(at)) => {
                self.note(at, &text);
                Formula::Is(at, text)
            }
            (Side::Variable(left), Side::Variable(right)) => {
                self.is_exact = false;
                if left == right { Formula::Known(true) } else { Formula::Same(left, right) }
            }
        }
    }

    fn side(&mut self, value: &Value) -> Side {
        match value {
            Value::Bool(boolean) => Side::Literal(boolean.to_string()),
            Value::Int(number) => Side::Literal(number.to_string()),
            Value::Float(number) => Side::Literal(Value::float_text(*number)),
            Value::Text(text) if text.as_str().is_some() => Side::Literal(text.as_str().unwrap_or_default().to_owned()),
            value => {
                let variable = self.described(value);
                Side::Variable(self.variable(json::compact(value), variable))
            }
        }
    }

    /// Returns a new variable: the allowed values of a parameter, the column of a mapping, or any text.
    fn described(&mut self, value: &Value) -> Variable {
        let mut variable = Variable::default();
        value.each_ref(&mut |reference| _ = variable.refs.insert(reference.id.to_string()));
        let parameter = value.as_reference().and_then(|reference| self.template.parameters.get(&reference.id));
        if let Some(parameter) = parameter {
            self.is_exact &= !parameter.body.contains_key("AllowedPattern");
            if let Some(allowed) = parameter.body.get("AllowedValues").and_then(Value::as_list) {
                variable.values = allowed.iter().filter_map(word).collect();
                variable.is_closed = variable.values.len() == allowed.len();
            }
        } else if let Some(column) = self.column(value) {
            variable.values = column;
            variable.is_closed = true;
        } else if value.as_reference().is_none() {
            self.is_exact = false;
        }
        variable
    }

    /// Returns the values that a lookup in a mapping can find.
    fn column(&self, value: &Value) -> Option<Vec<String>> {
        let Value::Call(call) = value else { return None };
        let [map, first, second] = call.argument.as_list().filter(|_| call.function == Function::FindInMap)? else {
            return None;
        };
        let map = self.template.mappings.get(map.as_str()?)?.as_map()?;
        let rows: Vec<&Value> = match first.as_str() {
            Some(key) => vec![map.get(key)?],
            None => map.values().collect(),
        };
        rows.into_iter().filter_map(|row| row.get(second.as_str()?)).map(word).collect()
    }

    fn variable(&mut self, key: String, variable: Variable) -> usize {
        let entry = self.variables.entry(key);
        let at = entry.index();
        entry.or_insert(variable);
        at
    }

    fn note(&mut self, at: usize, text: &str) {
        let variable = &mut self.variables[at];
        if !variable.is_closed && !variable.values.iter().any(|known| known == text) {
            variable.values.push(text.to_owned());
        }
    }

    fn solve(mut self, formulas: &[(Formula, bool)]) -> Possibility {
        let mut seen = HashSet::new();
        let depends = self.variables.values().flat_map(|variable| &variable.refs).any(|id| !seen.insert(id.clone()));
        let is_exact = self.is_exact && !depends && !self.template.other.contains_key("Rules");
        for variable in self.variables.values_mut().filter(|variable| !variable.is_closed) {
            // A value that no condition names.
            variable.values.push("\u{0}".to_owned());
        }
        let domains: Vec<&[String]> = self.variables.values().map(|variable| variable.values.as_slice()).collect();
        let count = domains.iter().try_fold(1_usize, |count, domain| count.checked_mul(domain.len()));
        let is_short = |count: &usize| *count <= MOST_ASSIGNMENTS && count * self.parts <= MOST_STEPS;
        let Some(count) = count.filter(is_short) else { return Possibility::Unknown };
        let fits = |assignment: usize| {
            let values = assignment_of(&domains, assignment);
            formulas.iter().all(|(formula, wanted)| holds(formula, &values) == *wanted)
        };
        match ((0..count).any(fits), is_exact) {
            (false, _) => Possibility::Impossible,
            (true, true) => Possibility::Possible,
            (true, false) => Possibility::Unknown,
        }
    }
}

/// Returns the values of the variables in one of all assignments.
fn assignment_of<'v>(domains: &[&'v [String]], mut number: usize) -> Vec<&'v str> {
    let mut values = Vec::with_capacity(domains.len());
    for domain in domains {
        values.push(domain[number % domain.len()].as_str());
        number /= domain.len();
    }
    values
}

fn holds(formula: &Formula, values: &[&str]) -> bool {
    match formula {
        Formula::Known(known) => *known,
        Formula::Is(at, text) => values[*at] == text,
        Formula::Same(left, right) => values[*left] == values[*right],
        Formula::Not(inner) => !holds(inner, values),
        Formula::All(parts) => parts.iter().all(|part| holds(part, values)),
        Formula::Any(parts) => parts.iter().any(|part| holds(part, values)),
    }
}

fn word(value: &Value) -> Option<String> {
    match value {
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::Int(number) => Some(number.to_string()),
        Value::Float(number) => Some(Value::float_text(*number)),
        value => value.as_str().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    const TEMPLATE: &str = "
Parameters:
  Stage: {Type: String, AllowedValues: [dev, test, prod]}
  Size: {Type: String}
  Plain: {Type: String, AllowedPattern: 'x+'}
Mappings:
  Sizes: {dev: {Big: 'no'}, prod: {Big: 'no'}}
Conditions:
  IsDev: !Equals [!Ref Stage, dev]
  IsTest: !Equals [!Ref Stage, test]
  IsProd: !Not [!Or [!Condition IsDev, !Condition IsTest]]
  IsLarge: !Equals [!Ref Size, large]
  IsSmall: !Equals [!Ref Size, small]
  Both: !And [!Condition IsProd, !Condition IsLarge]
  Never: !Equals ['a', 'b']
  IsPlain: !Equals [!Ref Plain, y]
  IsBig: !Equals [!FindInMap [Sizes, !Ref Stage, Big], 'yes']
  Mapped: !Equals [!FindInMap [Sizes, !Ref Stage, Big], 'no']
Resources:
  A: {Type: X}
";

    fn of(assumptions: &[Assumption<'_>]) -> Possibility {
        let template = parse::template("t.yaml", TEMPLATE).value.expect("a template");
        possibility(&template, assumptions)
    }

    #[test]
    fn conditions_that_exclude_each_other_cannot_hold_together() {
        assert_eq!(of(&[("IsDev", true), ("IsTest", true)]), Possibility::Impossible);
        assert_eq!(of(&[("IsDev", true), ("IsProd", true)]), Possibility::Impossible);
        assert_eq!(of(&[("Both", true), ("IsSmall", true)]), Possibility::Impossible);
        assert_eq!(of(&[("IsDev", false), ("IsTest", false), ("IsProd", false)]), Possibility::Impossible);
        assert_eq!(of(&[("Never", true)]), Possibility::Impossible);
        assert_eq!(of(&[("IsBig", true)]), Possibility::Impossible);
    }

    #[test]
    fn independent_conditions_can_hold_together() {
        assert_eq!(of(&[("IsDev", true), ("IsLarge", true)]), Possibility::Possible);
        assert_eq!(of(&[("IsLarge", false), ("IsSmall", false)]), Possibility::Possible);
        assert_eq!(of(&[("Both", true)]), Possibility::Possible);
    }

    #[test]
    fn conditions_that_double_with_each_other_are_not_decided() {
        let next = |at: usize| format!("  C{}: !And [!Condition C{at}, !Condition C{at}]\n", at + 1);
        let chain: String = (0..300).map(next).collect();
        let text = format!("Conditions:\n  C0: !Equals [!Ref A, b]\n{chain}Resources: {{A: {{Type: X}}}}");
        let template = parse::template("t.yaml", &text).value.expect("a template");
        assert_eq!(possibility(&template, &[("C300", true)]), Possibility::Unknown);
        assert_eq!(possibility(&template, &[("C3", true), ("C2", false)]), Possibility::Impossible);
    }

    #[test]
    fn condition_on_values_that_are_not_free_is_not_decided() {
        assert_eq!(of(&[("IsPlain", true)]), Possibility::Unknown);
        assert_eq!(of(&[("Mapped", true), ("IsTest", true)]), Possibility::Unknown);
        assert_eq!(of(&[("Missing", true)]), Possibility::Unknown);
    }
}
