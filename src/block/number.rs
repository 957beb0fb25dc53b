//! Numbers as templates write them.

use crate::cfn::Value;

/// Returns a number as a template writes it: `30` and not `30.0`.
pub(super) fn number(value: f64) -> Value {
    #[allow(clippy::cast_possible_truncation, reason = "a whole number within the range of the setters")]
    let whole = value as i64;
    #[allow(clippy::cast_precision_loss, clippy::float_cmp, reason = "asks whether the number is whole")]
    let is_whole = whole as f64 == value;
    if is_whole { Value::Int(whole) } else { Value::Float(value) }
}
