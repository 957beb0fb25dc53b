//! A script as pieces: its tokens and comments, each with its role and the line break before it.

use crate::script::lexer::{KEYWORDS, Kind, Token, all_tokens};

/// The line break before a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Break {
    /// It follows on the same line.
    None,
    /// It begins a line.
    Line,
    /// It begins a line after an empty one.
    Blank,
}

/// The role of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A name, number or text.
    Operand,
    /// A keyword that an operand or a block follows.
    Keyword,
    /// An operator between two operands, `=` and `=>` included.
    Binary,
    /// An operator before its operand.
    Unary,
    /// `.`, `?.`, `::`, `..` and `..=`, which have no spaces around them.
    Tight,
    /// `:` after the key of a map.
    Colon,
    Comma,
    Semicolon,
    Open,
    Close,
    /// `|` before the parameters of a closure.
    ParametersOpen,
    /// `|` after the parameters of a closure, or `||` for none.
    ParametersClose,
    LineComment,
    BlockComment,
}

/// A token or a comment of a script.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) role: Role,
    pub(super) before: Break,
    /// Whether there is a space before it, or a line break.
    pub(super) spaced: bool,
    /// The other bracket of a pair.
    pub(super) partner: Option<usize>,
    /// A comma at the end of a list that is printed after it though the source has none.
    pub(super) comma_added: bool,
    /// Whether it is a comma at the end of a list that is not printed.
    pub(super) omitted: bool,
}

impl Piece<'_> {
    pub(super) fn is_comment(&self) -> bool {
        matches!(self.role, Role::LineComment | Role::BlockComment)
    }

    /// Returns whether the piece is an opening bracket of one of these kinds.
    pub(super) fn opens(&self, brackets: &[&str]) -> bool {
        self.role == Role::Open && brackets.contains(&self.text)
    }

    /// Returns whether the piece continues the chain of calls before it.
    pub(super) fn is_dot(&self) -> bool {
        self.role == Role::Tight && matches!(self.text, "." | "?.")
    }
}

/// The operators of more than one character, longest first.
const OPERATORS: [&str; 31] = [
    "**=", "<<=", ">>=", "..=", "??=", "?.", "?[", "??", "**", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "<<",
    ">>", "&&", "||", "==", "!=", "<=", ">=", "=>", "->", "::", "#{", "..", "|>",
];

/// Reads a script as pieces. Never fails: what is not closed has no partner.
pub(super) fn read(source: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut end = 0;
    let tokens: Vec<Token<'_>> = all_tokens(source).collect();
    for (at, token) in tokens.iter().enumerate() {
        if token.start < end {
            continue;
        }
        let stop = end_of(source, &tokens[at..], pieces.last());
        let gap = &source[end..token.start];
        let before = match gap.matches('\n').count() {
            0 => Break::None,
            1 => Break::Line,
            _ => Break::Blank,
        };
        let text = &source[token.start..stop];
        let text = if token.kind == Kind::Comment { text.trim_end() } else { text };
        let role = role(token, text, &pieces);
        let spaced = !gap.is_empty();
        pieces.push(Piece { text, role, before, spaced, partner: None, comma_added: false, omitted: false });
        end = stop;
    }
    pair(&mut pieces);
    pieces
}

/// Returns the end of the piece that begins with these tokens: operators and numbers are several tokens of the lexer.
fn end_of(source: &str, tokens: &[Token<'_>], last: Option<&Piece<'_>>) -> usize {
    let token = &tokens[0];
    let rest = &source[token.start..];
    match token.kind {
        Kind::Symbol => {
            let not_in = rest.starts_with("!in") && !rest[3..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
            let operator = OPERATORS.iter().find(|operator| rest.starts_with(**operator));
            let length = if not_in { 3 } else { operator.map_or(token.text.len(), |operator| operator.len()) };
            token.start + length
        }
        Kind::Number if last.is_none_or(|last| !last.is_dot()) => end_of_number(source, tokens),
        _ => token.start + token.text.len(),
    }
}

/// Returns the end of a number: `1.5`, `1e-5`.
fn end_of_number(source: &str, tokens: &[Token<'_>]) -> usize {
    let end = |token: &Token<'_>| token.start + token.text.len();
    let mut at = 0;
    while let [first, sign, digits, ..] = &tokens[at..] {
        let adjacent = end(first) == sign.start && end(sign) == digits.start && digits.kind == Kind::Number;
        let text = &source[tokens[0].start..end(first)];
        let exponent = text.ends_with(['e', 'E']) && !text.starts_with("0x") && (sign.is("-") || sign.is("+"));
        if !adjacent || !(exponent || (sign.is(".") && !text.contains('.'))) {
            break;
        }
        at += 2;
    }
    end(&tokens[at])
}

/// Returns the role of a piece after the given ones.
fn role(token: &Token<'_>, text: &str, before: &[Piece<'_>]) -> Role {
    let last = before.iter().rev().find(|piece| !piece.is_comment());
    match (token.kind, text) {
        (Kind::Comment, _) => Role::LineComment,
        (Kind::BlockComment, _) => Role::BlockComment,
        // After a dot a keyword is the name of a property.
        (Kind::Word, "true" | "false") => Role::Operand,
        (Kind::Word, word) if KEYWORDS.contains(&word) && !last.is_some_and(Piece::is_dot) => Role::Keyword,
        (Kind::Word | Kind::Number | Kind::Text | Kind::Template, _) => Role::Operand,
        (_, "(" | "[" | "?[" | "{" | "#{") => Role::Open,
        (_, ")" | "]" | "}") => Role::Close,
        (_, ",") => Role::Comma,
        (_, ";") => Role::Semicolon,
        (_, ":") => Role::Colon,
        (_, "." | "?." | "::" | ".." | "..=") => Role::Tight,
        (_, "|") if in_parameters(before) => Role::ParametersClose,
        (_, symbol) if last.is_none_or(expects_operand) => match symbol {
            "|" => Role::ParametersOpen,
            "||" => Role::ParametersClose,
            _ => Role::Unary,
        },
        _ => Role::Binary,
    }
}

/// Returns whether an operand follows the piece, and not an operator.
fn expects_operand(piece: &Piece<'_>) -> bool {
    !matches!(piece.role, Role::Operand | Role::Close)
}

/// Returns whether the parameters of a closure are open.
fn in_parameters(before: &[Piece<'_>]) -> bool {
    let bar =
        before.iter().rev().find(|piece| !matches!(piece.role, Role::Operand | Role::Comma) && !piece.is_comment());
    bar.is_some_and(|piece| piece.role == Role::ParametersOpen)
}

/// Connects the brackets of each pair.
fn pair(pieces: &mut [Piece<'_>]) {
    let mut open = Vec::new();
    for at in 0..pieces.len() {
        match pieces[at].role {
            Role::Open => open.push(at),
            Role::Close => {
                if let Some(first) = open.pop() {
                    pieces[at].partner = Some(first);
                    let first: &mut Piece<'_> = &mut pieces[first];
                    first.partner = Some(at);
                }
            }
            _ => {}
        }
    }
}
