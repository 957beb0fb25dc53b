//! The kinds of the parts of a line, for syntax highlighting.

use std::ops::Range;

use crate::script::lexer::{KEYWORDS, Kind, tokens};

/// A part of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant is what it is called")]
pub enum HighlightKind {
    Keyword,
    /// A variable, a key of a map.
    Name,
    /// A function, the name of a block, or a module.
    Function,
    /// A name after a dot.
    Member,
    Text,
    Number,
    Comment,
    Symbol,
}

/// Returns the parts of a text with their bytes; blanks and block comments are left out.
pub fn lexemes(text: &str) -> Vec<(Range<usize>, HighlightKind)> {
    let all: Vec<_> = tokens(text).collect();
    let part = |at: usize| {
        let token = all[at];
        let next = all.get(at + 1);
        let before = at.checked_sub(1).map(|before| all[before]);
        let lexeme = match token.kind {
            Kind::Number => HighlightKind::Number,
            Kind::Text | Kind::Template => HighlightKind::Text,
            Kind::Comment | Kind::BlockComment => HighlightKind::Comment,
            Kind::Symbol => HighlightKind::Symbol,
            Kind::Word if token.text == "global" || KEYWORDS.contains(&token.text) => HighlightKind::Keyword,
            Kind::Word if before.is_some_and(|before| before.is(".")) => HighlightKind::Member,
            Kind::Word if next.is_some_and(|next| next.is("(") || next.is("::")) => HighlightKind::Function,
            Kind::Word => HighlightKind::Name,
        };
        let start = token.text.as_ptr() as usize - text.as_ptr() as usize;
        (start..start + token.text.len(), lexeme)
    };
    (0..all.len()).map(part).collect()
}

/// Returns the call at a position with its first argument: `FargateService("Titiler")`.
pub fn call_at(text: &str, line: u32, column: u32) -> Option<String> {
    let all: Vec<_> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let at = all.iter().position(|token| (token.line, token.column) == (line, column))?;
    let (mut start, mut end) = (at, at);
    while start >= 2 && all[start - 1].is("::") {
        start -= 2;
    }
    while all.get(end + 1).is_some_and(|token| token.is("::")) && end + 2 < all.len() {
        end += 2;
    }
    let name: String = all[start..=end].iter().map(|token| token.text).collect();
    let is = |at: usize, symbols: &[&str]| all.get(at).is_some_and(|token| symbols.iter().any(|it| token.is(it)));
    if !is(end + 1, &["("]) {
        return Some(name);
    }
    let argument = match all.get(end + 2) {
        Some(token) if token.is(")") => "",
        Some(token) if token.kind != Kind::Symbol && is(end + 3, &[")", ","]) => token.text,
        _ => "..",
    };
    Some(format!("{name}({argument})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_line_have_their_highlight_kinds() {
        let text = "let a = Alb(\"x\").cpu(1); // b";
        let found: Vec<_> = lexemes(text).into_iter().map(|(range, it)| (&text[range], it)).collect();
        assert_eq!(found[0], ("let", HighlightKind::Keyword));
        assert_eq!(found[3], ("Alb", HighlightKind::Function));
        assert_eq!(found[8], ("cpu", HighlightKind::Member));
        assert_eq!(found.last(), Some(&("// b", HighlightKind::Comment)));
    }

    #[test]
    fn call_is_found_by_line_and_column() {
        let text = "let a = 1;\nlet b = AWS::S3::Bucket(\"x\", #{});";
        assert_eq!(call_at(text, 2, 18).as_deref(), Some("AWS::S3::Bucket(\"x\")"));
    }
}
