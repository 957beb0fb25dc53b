//! Conditions: which hold for given parameters, and what is left of a value when they are known.

use std::collections::BTreeMap;

use super::{Function, Intrinsic, LogicalId, Resource, Template, Value};

/// What is known of the conditions of a template; one that cannot be decided is missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions(BTreeMap<String, bool>);

impl Conditions {
    /// Evaluates the conditions of a template. Parameters that are not given have their defaults; pseudo parameters may
    /// be given by their names (`AWS::Region`).
    pub fn decide(template: &Template, given: &BTreeMap<LogicalId, String>) -> Self {
        let mut deciding = Deciding { template, given, found: BTreeMap::new() };
        template.conditions.keys().for_each(|name| {
            deciding.condition(name);
        });
        Self(deciding.found.into_iter().filter_map(|(name, truth)| Some((name.to_owned(), truth?))).collect())
    }

    /// Returns whether a condition holds, where that is known.
    pub fn holds(&self, name: &str) -> Option<bool> {
        self.0.get(name).copied()
    }

    /// Returns whether a resource may exist: false if it is known not to.
    pub fn may_exist(&self, resource: &Resource) -> bool {
        resource.condition.as_ref().is_none_or(|name| self.holds(name) != Some(false))
    }

    /// Returns the branch that an `Fn::If` takes, where that is known.
    pub fn branch<'v>(&self, call: &'v Intrinsic) -> Option<&'v Value> {
        let Some([name, yes, no]) = call.argument.as_list().filter(|_| call.function == Function::If) else {
            return None;
        };
        self.holds(name.as_str()?).map(|truth| if truth { yes } else { no })
    }
}

struct Deciding<'a> {
    template: &'a Template,
    given: &'a BTreeMap<LogicalId, String>,
    /// `None` for a condition that cannot be decided, and while it is being looked at, so that a cycle ends.
    found: BTreeMap<&'a str, Option<bool>>,
}

impl<'a> Deciding<'a> {
    fn condition(&mut self, name: &str) -> Option<bool> {
        let (name, value) = self.template.conditions.get_key_value(name)?;
        if let Some(known) = self.found.get(name.as_str()) {
            return *known;
        }
        self.found.insert(name, None);
        let truth = self.truth(value);
        self.found.insert(name, truth);
        truth
    }

    fn truth(&mut self, value: &'a Value) -> Option<bool> {
        let Value::Call(call) = value else { return None };
        let items = call.argument.as_list().unwrap_or_default();
        match call.function {
            Function::Condition => self.condition(call.argument.as_str()?),
            Function::Equals => match items {
                [left, right] => Some(self.word(left)? == self.word(right)?),
                _ => None,
            },
            Function::Not => self.truth(items.first()?).map(|truth| !truth),
            Function::And => self.all(items, true),
            Function::Or => self.all(items, false),
            _ => None,
        }
    }

    /// Evaluates `And` (`neutral` is true) and `Or`: one argument of the other value decides, else all must be known.
    fn all(&mut self, items: &'a [Value], neutral: bool) -> Option<bool> {
        let truths: Vec<Option<bool>> = items.iter().map(|item| self.truth(item)).collect();
        if truths.contains(&Some(!neutral)) {
            return Some(!neutral);
        }
        truths.iter().all(Option::is_some).then_some(neutral)
    }

    fn word(&self, value: &Value) -> Option<String> {
        match value {
            Value::Bool(truth) => Some(truth.to_string()),
            Value::Int(number) => Some(number.to_string()),
            Value::Float(number) => Some(number.to_string()),
            Value::Text(text) => match (text.as_str(), text.as_reference()) {
                (Some(literal), _) => Some(literal.to_owned()),
                (None, Some(reference)) if reference.attribute.is_none() => self.parameter(&reference.id),
                _ => None,
            },
            _ => None,
        }
    }

    fn parameter(&self, id: &LogicalId) -> Option<String> {
        let given = self.given.get(id).cloned();
        given.or_else(|| self.word(self.template.parameters.get(id)?.body.get("Default")?))
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
    fn parameters_decide_conditions_and_what_is_unknown_stays_so() {
        let template = parse::template("t.yaml", TEMPLATE).value.expect("a template");
        let known = Conditions::decide(&template, &BTreeMap::new());
        let truths = ["IsProd", "IsBig", "IsSmallProd", "Either", "Loop"].map(|name| known.holds(name));
        assert_eq!(truths, [Some(false), None, Some(false), Some(true), None]);
        let given = [("Stage", "prod"), ("Size", "3")].map(|(id, value)| (id.into(), value.to_owned())).into();
        let known = Conditions::decide(&template, &given);
        let truths = ["IsProd", "IsBig", "IsSmallProd", "Either"].map(|name| known.holds(name));
        assert_eq!(truths, [Some(true), Some(false), Some(true), Some(false)]);
    }
}
