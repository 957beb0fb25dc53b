//! Where lines end: the breaks of the source, and those that brackets and statements need.

use super::pieces::{Break, Piece, Role};

/// Settles the breaks of all pieces, and the commas at the ends of lists.
pub(super) fn settle(pieces: &mut [Piece<'_>]) {
    for at in 0..pieces.len() {
        join(pieces, at);
    }
    // From the inside out: a bracket over several lines makes those around it so, too.
    for at in (0..pieces.len()).rev() {
        if let (Role::Open, Some(close)) = (pieces[at].role, pieces[at].partner) {
            settle_bracket(pieces, at, close);
        }
    }
    settle_statements(pieces, None);
    for at in 0..pieces.len() {
        let opened = at == 0 || pieces[at - 1].role == Role::Open;
        if pieces[at].before == Break::Blank && (opened || pieces[at].role == Role::Close) {
            pieces[at].before = Break::Line;
        }
    }
}

/// Removes a break before a piece that belongs to the line before it, and moves one after a dot to before it.
fn join(pieces: &mut [Piece<'_>], at: usize) {
    let Some(before) = at.checked_sub(1).map(|before| pieces[before].clone()) else { return };
    if before.role == Role::LineComment || pieces[at].before == Break::None {
        return;
    }
    if before.is_dot() {
        pieces[at - 1].before = pieces[at - 1].before.max(Break::Line);
        pieces[at].before = Break::None;
        return;
    }
    let piece = &pieces[at];
    let continues = match piece.role {
        Role::Comma | Role::Semicolon | Role::Colon => true,
        Role::Keyword => before.text == "}" && matches!(piece.text, "else" | "catch" | "until"),
        // A block that begins a statement stays on its own line.
        Role::Open if piece.text == "{" => {
            matches!(before.role, Role::Operand | Role::ParametersClose)
                || before.text == ")"
                || matches!(before.text, "else" | "loop" | "try" | "do" | "=>")
        }
        Role::Open => before.role == Role::Operand && piece.text == "(",
        _ => before.text == "::",
    };
    if continues {
        pieces[at].before = Break::None;
    }
}

/// Settles the breaks after the opening bracket and before the closing one.
fn settle_bracket(pieces: &mut [Piece<'_>], open: usize, close: usize) {
    if close == open + 1 {
        pieces[close].before = Break::None;
        return;
    }
    let first = pieces[open + 1].before != Break::None;
    let last = pieces[close].before != Break::None;
    let expands = match pieces[open].text {
        "{" | "#{" => own_pieces(pieces, open, close).any(|at| pieces[at].before != Break::None),
        _ => first || last,
    };
    if expands {
        let comment = pieces[open + 1].role == Role::LineComment && !first;
        let first = if comment { open + 2 } else { open + 1 };
        pieces[first].before = pieces[first].before.max(Break::Line);
        pieces[close].before = Break::Line;
        if pieces[open].text == "{" {
            settle_statements(pieces, Some((open, close)));
        }
    }
    settle_comma(pieces, open, close, expands);
}

/// Returns the pieces that are directly in a bracket, the closing one included: not those of brackets inside it.
fn own_pieces<'p>(pieces: &'p [Piece<'_>], open: usize, close: usize) -> impl Iterator<Item = usize> + 'p {
    let mut at = open;
    std::iter::from_fn(move || {
        at = match pieces[at].partner {
            Some(partner) if at != open && partner > at => partner,
            _ => at + 1,
        };
        (at <= close).then_some(at)
    })
}

/// Begins a line after each statement of a block over several lines, or of the script.
fn settle_statements(pieces: &mut [Piece<'_>], block: Option<(usize, usize)>) {
    let ends: Vec<usize> = match block {
        Some((open, close)) => own_pieces(pieces, open, close).filter(|at| *at < close).collect(),
        None => top_level(pieces),
    };
    for at in ends {
        let Some(next) = pieces.get(at + 1) else { continue };
        let ends_statement = pieces[at].role == Role::Semicolon;
        if ends_statement && !next.is_comment() && next.before == Break::None {
            pieces[at + 1].before = Break::Line;
        }
    }
}

/// Returns the pieces outside of all brackets.
fn top_level(pieces: &[Piece<'_>]) -> Vec<usize> {
    let mut depth = 0_usize;
    let mut found = Vec::new();
    for (at, piece) in pieces.iter().enumerate() {
        match piece.role {
            Role::Open => depth += 1,
            Role::Close => depth = depth.saturating_sub(1),
            _ if depth == 0 => found.push(at),
            _ => {}
        }
    }
    found
}

/// Adds the comma at the end of a list or map over several lines, and omits it on one line.
fn settle_comma(pieces: &mut [Piece<'_>], open: usize, close: usize, expands: bool) {
    let Some(last) = (open + 1..close).rev().find(|at| !pieces[*at].is_comment()) else { return };
    let is_comma = pieces[last].role == Role::Comma;
    let is_list = pieces[open].text == "#{" || (pieces[open].text == "[" && !is_index(pieces, open));
    let is_call = pieces[open].text == "(";
    pieces[last].comma_added = expands && is_list && !is_comma;
    pieces[last].omitted = is_comma && !expands && (is_list || is_call);
}

/// Returns whether a bracket is an index: `list[0]`.
fn is_index(pieces: &[Piece<'_>], open: usize) -> bool {
    let before = open.checked_sub(1).map(|before| &pieces[before]);
    before.is_some_and(|before| matches!(before.role, Role::Operand) || matches!(before.text, ")" | "]"))
}
