//! The size of values: measured before they are copied, because a short script can make a value of gigabytes.

use super::text::{Segment, TemplateString};
use super::value::Value;

/// The bytes that a value without content takes.
const NODE: usize = 32;

/// The part of a limit that is left.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    bytes: usize,
    depth: usize,
}

impl Allowance {
    /// Returns the allowance of a value, in bytes of memory and in values inside each other.
    pub(crate) const fn new(bytes: usize, depth: usize) -> Self {
        Self { bytes, depth }
    }

    /// Takes the bytes of a text; returns whether they were left.
    pub(crate) fn take(&mut self, text: usize) -> bool {
        let left = self.bytes.checked_sub(NODE + text);
        self.bytes = left.unwrap_or(0);
        left.is_some()
    }

    /// Measures what is inside a value; returns whether it is within the limit.
    pub(crate) fn inside(&mut self, measure: impl FnOnce(&mut Self) -> bool) -> bool {
        if self.depth == 0 {
            return false;
        }
        self.depth -= 1;
        let fits = measure(self);
        self.depth += 1;
        fits
    }

    /// Takes a value; returns whether all of it is within the limit.
    pub(crate) fn take_value(&mut self, value: &Value) -> bool {
        match value {
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => self.take(0),
            Value::Text(text) => self.take_text(text),
            Value::List(items) => self.take(0) && self.inside(|left| items.iter().all(|item| left.take_value(item))),
            Value::Map(map) => {
                let entry = |left: &mut Self, key: &str, value| left.take(key.len()) && left.take_value(value);
                self.take(0) && self.inside(|left| map.iter().all(|(key, value)| entry(left, key, value)))
            }
            Value::Call(call) => self.take(0) && self.inside(|left| left.take_value(&call.argument)),
        }
    }

    fn take_text(&mut self, text: &TemplateString) -> bool {
        self.take(0)
            && text.pieces().iter().all(|piece| match piece {
                Segment::Literal(literal) => self.take(literal.len()),
                Segment::Ref(_) => self.take(0),
                Segment::Call(call) => self.inside(|left| left.take_value(&call.argument)),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::Function;

    fn fits(value: &Value, bytes: usize, depth: usize) -> bool {
        Allowance::new(bytes, depth).take_value(value)
    }

    #[test]
    fn texts_of_a_list_are_added_up() {
        let list = Value::list(["x".repeat(1000), "y".repeat(1000)].map(Value::from));
        assert!(fits(&list, 3000, 10));
        assert!(!fits(&list, 2000, 10));
    }

    #[test]
    fn functions_inside_functions_count_as_depth() {
        let mut value = Value::from("x");
        for _ in 0..20 {
            value = Value::call(Function::Base64, value);
        }
        assert!(fits(&value, 10_000, 30));
        assert!(!fits(&value, 10_000, 10));
    }
}
