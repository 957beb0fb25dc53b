//! A small lexer for positions that Rhai does not report: comments, keys of map literals, statements.

use std::iter::Peekable;
use std::str::CharIndices;

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A name or keyword.
    Word,
    /// A number.
    Number,
    /// A string in double quotes.
    Text,
    /// A string in back-ticks, with its interpolations, a raw string (`#"text"#`), or a character.
    Template,
    /// A comment to the end of the line.
    Comment,
    /// A comment between `/*` and `*/`.
    BlockComment,
    /// An operator or bracket: one character, or one of `::` `#{` `=>` `==` `!=` `<=` `>=` `..`.
    Symbol,
}

/// A token with its position; lines and columns (in characters) count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token<'a> {
    pub(crate) kind: Kind,
    pub(crate) text: &'a str,
    /// The index of its first byte in the source.
    pub(crate) start: usize,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Token<'_> {
    /// Returns whether the token is this symbol.
    pub(crate) fn is(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// Returns whether the token is one of these words.
    pub(crate) fn is_word(&self, words: &[&str]) -> bool {
        self.kind == Kind::Word && words.contains(&self.text)
    }

    /// Returns the text of a string without its quotes; escapes stay as written.
    pub(crate) fn unquoted(&self) -> &str {
        self.text.get(1..self.text.len().saturating_sub(1)).unwrap_or("")
    }
}

/// The keywords of Rhai.
pub(crate) const KEYWORDS: [&str; 24] = [
    "let", "const", "fn", "if", "else", "for", "in", "while", "loop", "do", "until", "switch", "return", "throw",
    "try", "catch", "import", "export", "as", "private", "true", "false", "break", "continue",
];

const DOUBLE: [&str; 9] = ["::", "#{", "=>", "==", "!=", "<=", ">=", "..", "|>"];

/// Returns the tokens of a script without block comments. Never fails: an unclosed token ends with the text.
pub(crate) fn tokens(source: &str) -> impl Iterator<Item = Token<'_>> {
    all_tokens(source).filter(|token| token.kind != Kind::BlockComment)
}

/// Returns the tokens of a script, as [`tokens`] does, with block comments.
pub(crate) fn all_tokens(source: &str) -> impl Iterator<Item = Token<'_>> {
    Lexer { source, chars: source.char_indices().peekable(), line: 1, column: 1 }
}

struct Lexer<'a> {
    source: &'a str,
    chars: Peekable<CharIndices<'a>>,
    line: u32,
    column: u32,
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let &(start, first) = self.chars.peek()?;
            let (line, column) = (self.line, self.column);
            let rest = &self.source[start..];
            if first.is_whitespace() {
                self.step();
                continue;
            }
            let kind = self.token(first, rest);
            let end = self.here();
            return Some(Token { kind, text: &self.source[start..end], start, line, column });
        }
    }
}

impl Lexer<'_> {
    fn here(&mut self) -> usize {
        self.chars.peek().map_or(self.source.len(), |(at, _)| *at)
    }

    fn step(&mut self) -> Option<char> {
        let (_, c) = self.chars.next()?;
        if c == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(c)
    }

    fn steps(&mut self, count: usize) {
        for _ in 0..count {
            self.step();
        }
    }

    fn steps_while(&mut self, wanted: impl Fn(char) -> bool) {
        while self.chars.peek().is_some_and(|(_, c)| wanted(*c)) {
            self.step();
        }
    }

    fn token(&mut self, first: char, rest: &str) -> Kind {
        match first {
            '/' if rest.starts_with("//") => {
                self.steps_while(|c| c != '\n');
                Kind::Comment
            }
            '/' if rest.starts_with("/*") => {
                self.block_comment();
                Kind::BlockComment
            }
            '#' if opening_hashes(rest) > 0 => {
                self.raw(opening_hashes(rest));
                Kind::Template
            }
            '"' | '\'' => {
                self.quoted(first);
                if first == '"' { Kind::Text } else { Kind::Template }
            }
            '`' => {
                self.template();
                Kind::Template
            }
            c if c.is_alphabetic() || c == '_' => {
                self.steps_while(|c| c.is_alphanumeric() || c == '_');
                Kind::Word
            }
            c if c.is_ascii_digit() => {
                self.steps_while(|c| c.is_alphanumeric() || c == '_');
                Kind::Number
            }
            _ => {
                let double = DOUBLE.iter().any(|symbol| rest.starts_with(symbol));
                self.steps(1 + usize::from(double));
                Kind::Symbol
            }
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0_u32;
        loop {
            let at = self.here();
            let step = if self.source[at..].starts_with("/*") {
                depth += 1;
                2
            } else if self.source[at..].starts_with("*/") {
                depth -= 1;
                2
            } else {
                1
            };
            for _ in 0..step {
                if self.step().is_none() {
                    return;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    fn quoted(&mut self, quote: char) {
        self.step();
        while let Some(c) = self.step() {
            match c {
                '\\' => self.steps(1),
                c if c == quote => return,
                _ => {}
            }
        }
    }

    /// Reads a raw string, which ends with a quote and as many `#` as it begins with.
    fn raw(&mut self, hashes: usize) {
        self.steps(hashes + 1);
        let end = format!("\"{}", "#".repeat(hashes));
        let rest = &self.source[self.here()..];
        let length = rest.find(&end).map_or(rest.len(), |at| at + end.len());
        let past = self.here() + length;
        while self.here() < past {
            self.step();
        }
    }

    fn template(&mut self) {
        self.step();
        while let Some(c) = self.step() {
            match c {
                '`' => return,
                '$' if self.chars.peek().is_some_and(|(_, c)| *c == '{') => self.interpolation(),
                _ => {}
            }
        }
    }

    fn interpolation(&mut self) {
        let mut depth = 0_u32;
        while let Some(&(_, c)) = self.chars.peek() {
            match c {
                '"' => self.quoted('"'),
                '`' => self.template(),
                _ => {
                    self.step();
                    match c {
                        '{' => depth += 1,
                        '}' if depth <= 1 => return,
                        '}' => depth -= 1,
                        _ => {}
                    }
                }
            }
        }
    }
}

/// Returns the number of `#` before the quote with which a raw string begins; 0 if there is none.
fn opening_hashes(text: &str) -> usize {
    let hashes = text.bytes().take_while(|byte| *byte == b'#').count();
    if text[hashes..].starts_with('"') { hashes } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<&str> {
        tokens(source).map(|token| token.text).collect()
    }

    #[test]
    fn string_with_brackets_and_quotes_is_one_token() {
        assert_eq!(
            texts(r#"a("x \" (", `b${c("}")}d`) // e"#),
            ["a", "(", r#""x \" (""#, ",", r#"`b${c("}")}d`"#, ")", "// e"]
        );
    }

    #[test]
    fn nested_block_comment_gives_no_token() {
        assert_eq!(texts("a /* b /* c */ d */ e"), ["a", "e"]);
    }

    #[test]
    fn raw_string_with_quotes_is_one_token() {
        assert_eq!(
            texts(r###"a(#"x " ( y"#, ##"z "# {"##) #{"###),
            ["a", "(", r##"#"x " ( y"#"##, ",", r###"##"z "# {"##"###, ")", "#{"]
        );
    }

    #[test]
    fn column_counts_characters_not_bytes() {
        let last = tokens("grün\n  größe::x").last().expect("a token");
        assert_eq!((last.text, last.line, last.column), ("x", 2, 10));
    }

    #[test]
    fn unclosed_string_or_comment_ends_with_the_text() {
        for source in ["\"abc", "`a${b", "/* x", "'", "`", "#\"abc\""] {
            assert!(texts(source).len() <= 1, "{source}");
        }
    }
}
