//! Spaces between two pieces of a line.

use super::pieces::{Piece, Role};

/// Returns the number of spaces between two pieces on one line.
pub(super) fn spaces(before: &Piece<'_>, after: &Piece<'_>) -> usize {
    match after.role {
        Role::LineComment => 2,
        _ => usize::from(is_spaced(before, after)),
    }
}

fn is_spaced(before: &Piece<'_>, after: &Piece<'_>) -> bool {
    match (before.role, after.role) {
        // `| |` and `||` are different tokens, as are `- 5` and `-5`; `--` is none.
        (Role::BlockComment, _)
        | (_, Role::BlockComment)
        | (Role::ParametersOpen, Role::ParametersClose)
        | (Role::Unary, Role::Operand | Role::Unary) => after.spaced,
        (_, Role::Comma | Role::Semicolon | Role::Colon | Role::Tight)
        | (Role::ParametersOpen | Role::Tight | Role::Unary, _)
        | (Role::Open, Role::Close) => false,
        (Role::Open, _) => matches!(before.text, "{" | "#{"),
        (_, Role::Close) => after.text == "}",
        (_, Role::ParametersClose) => !in_parameters(before),
        (Role::Operand, Role::Open) => !matches!(after.text, "(" | "[" | "?["),
        (Role::Close, Role::Open) => before.text == "}" || !matches!(after.text, "(" | "[" | "?["),
        _ => true,
    }
}

/// Returns whether a closing bar ends parameters, and is not `||`.
fn in_parameters(before: &Piece<'_>) -> bool {
    matches!(before.role, Role::Operand | Role::Comma)
}
