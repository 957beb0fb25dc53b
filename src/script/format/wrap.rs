//! Breaks in lines that are too wide: chains at their dots, lists at their commas, conditions at their operators.

use std::ops::Range;

use super::WIDTH;
use super::layout::{Line, width};
use super::pieces::{Break, Piece, Role};

/// Breaks each line that is too wide, once; returns whether a line was broken.
pub(super) fn wrap(pieces: &mut [Piece<'_>], lines: &[Line]) -> bool {
    let mut changed = false;
    for (at, line) in lines.iter().enumerate() {
        let suppressed = at.checked_sub(1).is_some_and(|before| has_directive(pieces, &lines[before]));
        if width(pieces, line) > WIDTH && !suppressed && !has_directive(pieces, line) {
            changed |= break_range(pieces, line.pieces.clone());
        }
    }
    changed
}

/// Returns whether a line has a comment for rtiler, which is about that line or the next one.
fn has_directive(pieces: &[Piece<'_>], line: &Line) -> bool {
    pieces[line.pieces.clone()].iter().any(|piece| piece.is_comment() && piece.text.contains("rtiler:"))
}

/// Breaks some pieces at their outermost chain, list or operator; returns whether there is one.
fn break_range(pieces: &mut [Piece<'_>], range: Range<usize>) -> bool {
    let outer: Vec<usize> = outer(pieces, &range);
    let calls: Vec<usize> = outer.iter().copied().filter(|at| is_call(pieces, *at)).collect();
    if calls.len() >= 2 {
        return break_before(pieces, &calls, range.start);
    }
    let group = outer.iter().rev().find_map(|at| {
        let close = pieces[*at].partner.filter(|close| pieces[*at].role == Role::Open && range.contains(close))?;
        (close > at + 1).then_some((*at, close))
    });
    if let Some((open, close)) = group {
        return break_group(pieces, open, close);
    }
    let operators: Vec<usize> = outer.into_iter().filter(|at| is_joint(&pieces[*at])).collect();
    break_before(pieces, &operators, range.start)
}

/// Returns the pieces of a range that are in none of its brackets.
fn outer(pieces: &[Piece<'_>], range: &Range<usize>) -> Vec<usize> {
    let mut found = Vec::new();
    let mut at = range.start;
    while at < range.end {
        found.push(at);
        at = match pieces[at].partner {
            Some(close) if close > at && close < range.end => close + 1,
            _ => at + 1,
        };
    }
    found
}

/// Returns whether a dot is followed by a call.
fn is_call(pieces: &[Piece<'_>], at: usize) -> bool {
    pieces[at].is_dot() && pieces.get(at + 2).is_some_and(|piece| piece.opens(&["("]))
}

/// Returns whether a line may be broken before an operator.
fn is_joint(piece: &Piece<'_>) -> bool {
    piece.role == Role::Binary && matches!(piece.text, "&&" | "||" | "+" | "??")
}

/// Breaks inside a bracket: in its only item if that can be broken, else around each of its items.
fn break_group(pieces: &mut [Piece<'_>], open: usize, close: usize) -> bool {
    let inside = open + 1..close;
    let separators: Vec<usize> = outer(pieces, &inside)
        .into_iter()
        .filter(|at| matches!(pieces[*at].role, Role::Comma | Role::Semicolon) && at + 1 < close)
        .collect();
    if separators.is_empty() && pieces[open].text == "(" && break_range(pieces, inside) {
        return true;
    }
    let starts: Vec<usize> = separators.iter().map(|at| at + 1).chain([open + 1, close]).collect();
    break_before(pieces, &starts, open)
}

/// Begins a line with each of these pieces but the one that begins its line already.
fn break_before(pieces: &mut [Piece<'_>], starts: &[usize], first: usize) -> bool {
    let mut changed = false;
    for at in starts.iter().filter(|at| **at > first) {
        let piece = &mut pieces[*at];
        if piece.before == Break::None && !piece.is_comment() {
            piece.before = Break::Line;
            changed = true;
        }
    }
    changed
}
