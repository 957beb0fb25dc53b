//! Numbers that AWS takes within a range.

use std::ops::RangeInclusive;

use crate::diag::{Code, Diagnostic, WithOrigin, nearest};

const PORTS: RangeInclusive<i64> = 1..=65535;

/// Reports a number that is out of its range: `a port is 1 to 65535, not 0`.
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

/// Reports a number that is not a port.
pub(crate) fn port(number: &WithOrigin<i64>) -> Option<Diagnostic> {
    within(number, PORTS, Code::PortRange, "a port", "")
}

/// Returns whether a number is a port.
pub(crate) fn is_port(number: i64) -> bool {
    PORTS.contains(&number)
}

/// Reports a word that is none of those that AWS knows.
pub(crate) fn one_of(word: &WithOrigin<String>, known: &[&'static str], what: &str, code: Code) -> Option<Diagnostic> {
    let written = word.value.as_str();
    if known.contains(&written) {
        return None;
    }
    let list: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    let meant = nearest(written, known.iter().copied());
    Some(
        Diagnostic::new(code, format!("`{written}` is not {what}"))
            .at(&word.origin, "")
            .help_if(meant.map(|meant| format!("did you mean `{meant}`?")))
            .help(format!("use one of {}", list.join(", "))),
    )
}
