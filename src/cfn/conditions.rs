//! Conditions: which hold for the values of parameters, and which branch of an `Fn::If` is taken.

use std::collections::BTreeMap;

use super::{Function, Intrinsic, LogicalId, Resource, Template, Value};

/// The known results of the conditions of a template; a condition that cannot be decided is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions(BTreeMap<String, bool>);

impl Conditions {
    /// Evaluates the conditions of a template. Parameters without a value have their defaults; `values` may
    /// hold pseudo parameters by their names (`AWS::Region`).
    pub fn decide(template: &Template, values: &BTreeMap<LogicalId, String>) -> Self {
        let mut evaluator = Evaluator { template, values, results: BTreeMap::new() };
        template.conditions.keys().for_each(|name| {
            evaluator.condition(name);
        });
        Self(evaluator.results.into_iter().filter_map(|(name, result)| Some((name.to_owned(), result?))).collect())
    }

    /// Returns whether a condition holds, if that is known.
    pub fn holds(&self, name: &str) -> Option<bool> {
        self.0.get(name).copied()
    }

    /// Returns whether a resource may exist: false if it is known not to.
    pub fn may_exist(&self, resource: &Resource) -> bool {
        resource.condition.as_ref().is_none_or(|name| self.holds(name) != Some(false))
    }

    /// Returns the branch that an `Fn::If` takes, if that is known.
    pub fn branch<'v>(&self, call: &'v Intrinsic) -> Option<&'v Value> {
        let Some([name, yes, no]) = call.argument.as_list().filter(|_| call.function == Function::If) else {
            return None;
        };
        self.holds(name.as_str()?).map(|holds| if holds { yes } else { no })
    }
}

struct Evaluator<'a> {
    template: &'a Template,
    values: &'a BTreeMap<LogicalId, String>,
    /// `None` for a condition that cannot be decided, and while it is evaluated, so that a cycle ends.
    results: BTreeMap<&'a str, Option<bool>>,
}

impl<'a> Evaluator<'a> {
    fn condition(&mut self, name: &str) -> Option<bool> {
        let (name, value) = self.template.conditions.get_key_value(name)?;
        if let Some(known) = self.results.get(name.as_str()) {
            return *known;
        }
        self.results.insert(name, None);
        let result = self.evaluate(value);
        self.results.insert(name, result);
        result
    }

    fn evaluate(&mut self, value: &'a Value) -> Option<bool> {
        let Value::Call(call) = value else { return None };
        let items = call.argument.as_list().unwrap_or_default();
        match call.function {
            Function::Condition => self.condition(call.argument.as_str()?),
            Function::Equals => match items {
                [left, right] => Some(self.word(left)? == self.word(right)?),
                _ => None,
            },
            Function::Not => self.evaluate(items.first()?).map(|holds| !holds),
            Function::And => self.all(items, true),
            Function::Or => self.all(items, false),
            _ => None,
        }
    }

    /// Evaluates `And` (`neutral` is true) and `Or`: one argument of the other value decides, else all must be known.
    fn all(&mut self, items: &'a [Value], neutral: bool) -> Option<bool> {
        let results: Vec<Option<bool>> = items.iter().map(|item| self.evaluate(item)).collect();
        if results.contains(&Some(!neutral)) {
            return Some(!neutral);
        }
        results.iter().all(Option::is_some).then_some(neutral)
    }

    fn word(&self, value: &Value) -> Option<String> {
        match value {
            Value::Bool(boolean) => Some(boolean.to_string()),
            Value::Int(number) => Some(number.to_string()),
            Value::Float(number) => Some(Value::float_text(*number)),
            Value::Text(text) => match (text.as_str(), text.as_reference()) {
                (Some(literal), _) => Some(literal.to_owned()),
                (None, Some(reference)) if reference.attribute.is_none() => self.parameter(&reference.id),
                _ => None,
            },
            _ => None,
        }
    }

    fn parameter(&self, id: &LogicalId) -> Option<String> {
        let value = self.values.get(id).cloned();
        value.or_else(|| self.word(self.template.parameters.get(id)?.body.get("Default")?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;

    const TEMPLATE: &str = r"
Parameters:
  Stage: {Type: String, Default: dev}
  Size: {Type: Number}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsBig: !Equals [!Ref Size, 9]
  IsSmallProd: !And [!Condition IsProd, !Not [!Condition IsBig]]
  Either: !Or [!Not [!Condition IsProd], !Condition IsBig]
  Loop: !Not [!Condition Loop]
Resources:
  A: {Type: X}
";

    #[test]
    fn condition_on_known_parameters_is_decided_and_others_stay_unknown() {
        let template = parse::template("t.yaml", TEMPLATE).value.expect("a template");
        let known = Conditions::decide(&template, &BTreeMap::new());
        let results = ["IsProd", "IsBig", "IsSmallProd", "Either", "Loop"].map(|name| known.holds(name));
        assert_eq!(results, [Some(false), None, Some(false), Some(true), None]);
        let values = [("Stage", "prod"), ("Size", "3")].map(|(id, value)| (id.into(), value.to_owned())).into();
        let known = Conditions::decide(&template, &values);
        let results = ["IsProd", "IsBig", "IsSmallProd", "Either"].map(|name| known.holds(name));
        assert_eq!(results, [Some(true), Some(false), Some(true), Some(false)]);
    }
}
