//! Numbers that AWS takes within a range.

use std::ops::RangeInclusive;

use crate::diag::{Code, Diagnostic, WithOrigin};

/// A problem where a number is out of its range: `a port is 1 to 65535, not 0`.
pub(crate) fn within(
    number: &WithOrigin<i64>,
    range: RangeInclusive<i64>,
    code: Code,
    what: &str,
    unit: &str,
) -> Option<Diagnostic> {
    if range.contains(&number.value) {
        return None;
    }
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    Some(
        Diagnostic::new(code, format!("{what} cannot be {}{unit}", number.value)).at(&number.origin, "").help(format!(
            "use {} to {}{unit}",
            range.start(),
            range.end()
        )),
    )
}

/// A problem where a number is not a port.
pub(crate) fn port(number: &WithOrigin<i64>) -> Option<Diagnostic> {
    within(number, 1..=65535, Code::PortRange, "a port", "")
}
