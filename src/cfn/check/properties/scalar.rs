//! Constraints on strings, numbers and booleans.

use super::format;
use super::object::fits_count;
use super::validator::Validator;
use super::violation::Violation;
use crate::cfn::Value;
use crate::cfn::schema::{Bound, Keyword, Node, Scalar};

impl<'a> Validator<'a, '_> {
    pub(super) fn scalar(&mut self, value: &'a Value, node: Node<'a>, keyword: Keyword<'a>) {
        let violation = match keyword {
            Keyword::Enum { values, fold_case } if !values.iter().any(|allowed| same(allowed, value, fold_case)) => {
                Violation::NotInEnum { found: value, allowed: values }
            }
            Keyword::Pattern(pattern) if !spellings(value).any(|text| self.patterns.fits(pattern, &text)) => {
                Violation::Pattern { found: value, pattern }
            }
            Keyword::Format(name) if value.as_str().is_some_and(|text| !format::fits(name, text)) => {
                Violation::Format { found: value, formats: vec![name] }
            }
            Keyword::Range { limit, bound } if number(value).is_some_and(|number| !within(number, &limit, bound)) => {
                Violation::Range { found: value, node }
            }
            Keyword::MultipleOf(of) if !is_multiple(value, &of) => Violation::Multiple { found: value, of },
            Keyword::Length { min, max } => match written(value).chars().count() {
                length if fits_count(length, min, max) => return,
                length => Violation::Length { length, min, max },
            },
            _ => return,
        };
        self.violation(violation);
    }
}

/// Returns a scalar as CloudFormation turns it into a string.
pub(super) fn written(value: &Value) -> String {
    match value {
        Value::Bool(boolean) => boolean.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => Value::float_text(*number),
        _ => value.as_str().unwrap_or_default().to_owned(),
    }
}

/// Returns the strings that services may receive for a scalar: `2.0` is `2` for those that take whole numbers.
fn spellings(value: &Value) -> impl Iterator<Item = String> {
    let whole = match value {
        Value::Float(number) if number.fract() == 0.0 => Some(number.to_string()),
        _ => None,
    };
    std::iter::once(written(value)).chain(whole)
}

fn same(allowed: &Scalar<'_>, value: &Value, fold_case: bool) -> bool {
    spellings(value).any(|written| match allowed {
        Scalar::Text(text) if !fold_case => *text == written,
        allowed => allowed.to_string().eq_ignore_ascii_case(&written),
    })
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(_) => None,
        value => written(value).parse().ok(),
    }
}

/// Returns whether a number is a multiple of another one. 10 is one of 0.1, which a float is not exactly.
fn is_multiple(value: &Value, of: &Scalar<'_>) -> bool {
    let times = number(value).zip(amount(of)).map(|(number, of)| number / of);
    times.is_none_or(|times| (times - times.round()).abs() <= 1e-9 * times.abs().max(1.0))
}

pub(super) fn amount(scalar: &Scalar<'_>) -> Option<f64> {
    scalar.to_string().parse().ok()
}

fn within(number: f64, limit: &Scalar<'_>, bound: Bound) -> bool {
    let Some(limit) = amount(limit) else { return true };
    match bound {
        Bound::AtLeast => number >= limit,
        Bound::AtMost => number <= limit,
        Bound::MoreThan => number > limit,
        Bound::LessThan => number < limit,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_is_a_multiple_of_a_tenth_although_a_float_is_not_exact() {
        let fits = |value: Value, of: &'static str| is_multiple(&value, &Scalar::Text(of));
        assert!(fits(Value::Int(10), "0.1") && fits(Value::Float(2.5), "0.1") && fits(Value::Float(99.9), "0.1"));
        assert!(!fits(Value::Float(12.34), "0.1") && !fits(Value::Int(90), "60") && fits(Value::Int(120), "60"));
    }
}
