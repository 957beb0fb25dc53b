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
            Keyword::MultipleOf(of) if remainder(value, &of) > f64::EPSILON => Violation::Multiple { found: value, of },
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

fn remainder(value: &Value, of: &Scalar<'_>) -> f64 {
    number(value).zip(amount(of)).map_or(0.0, |(number, of)| (number % of).abs())
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
