//! Lines and their indentation.

use std::ops::Range;

use super::pieces::{Break, Piece, Role};
use super::spacing::spaces;

/// The spaces of one level.
const INDENT: usize = 4;

/// A line of the formatted script.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) pieces: Range<usize>,
    /// Its indentation in spaces.
    pub(super) indent: usize,
}

/// An open bracket, or the script itself.
struct Frame {
    /// The indentation of a line that begins an item.
    base: usize,
    /// The indentation of the line on which the current item began.
    item: usize,
    /// The indentation of a line that begins with the closing bracket.
    close: usize,
    /// Whether the next piece begins an item or a statement.
    starts_item: bool,
}

/// Returns the lines of settled pieces.
pub(super) fn lines(pieces: &[Piece<'_>]) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut frames = vec![Frame { base: 0, item: 0, close: 0, starts_item: true }];
    for (at, piece) in pieces.iter().enumerate() {
        if begins_line(pieces, at) {
            let indent = indent(pieces, at, frames.last());
            lines.push(Line { pieces: at..at, indent });
        }
        let Some(line) = lines.last_mut() else { continue };
        line.pieces.end = at + 1;
        place(pieces, at, line.indent, &mut frames);
        debug_assert!(!frames.is_empty(), "the frame of the script is never closed, at {}", piece.text);
    }
    lines
}

/// Returns whether a piece begins a line.
fn begins_line(pieces: &[Piece<'_>], at: usize) -> bool {
    at == 0 || pieces[at].before != Break::None || pieces[at - 1].role == Role::LineComment
}

/// Returns the indentation of the line that begins with a piece.
fn indent(pieces: &[Piece<'_>], at: usize, frame: Option<&Frame>) -> usize {
    let Some(frame) = frame else { return 0 };
    if pieces[at].role == Role::Close {
        return frame.close;
    }
    // A comment is indented as what it comments.
    let next = pieces[at..].iter().find(|piece| !piece.is_comment());
    let Some(next) = next.filter(|next| next.role != Role::Close) else { return frame.base };
    let continues = next.is_dot() || next.role == Role::Binary;
    if frame.starts_item && !continues { frame.base } else { frame.item + INDENT }
}

/// Follows the brackets and items from one piece to the next.
fn place(pieces: &[Piece<'_>], at: usize, indent: usize, frames: &mut Vec<Frame>) {
    let piece = &pieces[at];
    if piece.is_comment() {
        return;
    }
    if piece.role == Role::Close {
        if frames.len() > 1 {
            frames.pop();
        }
        if let Some(frame) = frames.last_mut().filter(|_| piece.text == "}") {
            frame.starts_item = ends_statement(pieces, at);
        }
        return;
    }
    if let Some(frame) = frames.last_mut() {
        if frame.starts_item && !piece.is_dot() && piece.role != Role::Binary {
            frame.item = indent;
        }
        frame.starts_item = matches!(piece.role, Role::Comma | Role::Semicolon);
    }
    if piece.role == Role::Open {
        frames.push(Frame { base: indent + INDENT, item: indent, close: indent, starts_item: true });
    }
}

/// Returns whether a closing brace ends a statement: it closes a block, and what follows does not continue it.
fn ends_statement(pieces: &[Piece<'_>], close: usize) -> bool {
    let is_block = pieces[close].partner.is_some_and(|open| pieces[open].text == "{");
    let next = pieces[close + 1..].iter().find(|piece| !piece.is_comment());
    let continues = next.is_some_and(|next| match next.role {
        Role::Binary | Role::Close | Role::Comma | Role::Semicolon | Role::Tight => true,
        Role::Keyword => matches!(next.text, "else" | "catch" | "until"),
        _ => false,
    });
    is_block && !continues
}

/// Returns the width of a line in characters; of text over several lines, its first line counts.
pub(super) fn width(pieces: &[Piece<'_>], line: &Line) -> usize {
    let mut text = String::new();
    print_line(pieces, line, &mut text);
    text.lines().next().unwrap_or("").chars().count()
}

/// Returns the formatted script.
pub(super) fn print(pieces: &[Piece<'_>], lines: &[Line]) -> String {
    let mut text = String::new();
    for line in lines {
        if pieces[line.pieces.start].before == Break::Blank && !text.is_empty() {
            text.push('\n');
        }
        print_line(pieces, line, &mut text);
        text.push('\n');
    }
    text
}

fn print_line(pieces: &[Piece<'_>], line: &Line, text: &mut String) {
    text.extend(std::iter::repeat_n(' ', line.indent));
    let mut last: Option<&Piece<'_>> = None;
    for piece in pieces[line.pieces.clone()].iter().filter(|piece| !piece.omitted) {
        if let Some(last) = last {
            text.extend(std::iter::repeat_n(' ', spaces(last, piece)));
        }
        text.push_str(piece.text);
        if piece.comma_added {
            text.push(',');
        }
        last = Some(piece);
    }
}
