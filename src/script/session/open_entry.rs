//! An entry that grows line by line. Each line is read once, however long the entry is.
//!
//! Whether an entry is complete is a question to the parser, which reads it from its start. So it is asked only if the new
//! line can make a difference: not while a bracket, string or comment is open, not after an operator, and not if the line only
//! continues a complete entry. A mistake in an earlier line of a long open entry is found when the entry has grown by an eighth.

use super::completeness::is_complete;
use crate::script::lexer::{KEYWORDS, Kind, Token, tokens};

/// The size of entries that are parsed after each line.
const SMALL: usize = 4 << 10;

/// An entry that was started.
#[derive(Default)]
pub(super) struct OpenEntry {
    text: String,
    /// The start of the code that is not read yet: an open string or comment, else the end of the text.
    unread: usize,
    /// The open string or comment that begins at `unread`.
    opened: Option<Opened>,
    /// Whether there is a comment to the end of a line.
    has_comment: bool,
    /// The number of open brackets.
    depth: i64,
    /// The kind of the last token before `unread`.
    last: Last,
    /// The size of the text when the parser read it last.
    parsed: usize,
    /// Whether it was complete after the last line.
    whole: bool,
    /// The facts about the last line.
    line: LineFacts,
}

#[derive(Clone, Copy, PartialEq)]
enum Opened {
    /// A string in double quotes, which only a backslash carries over the end of a line.
    Quotes,
    /// A raw string.
    Raw,
    /// A string in back-ticks.
    Template,
    Character,
    BlockComment,
}

impl Opened {
    /// Returns what it is, by its open token; a block comment gives no token.
    fn by(token: Option<&Token<'_>>) -> Self {
        match token.and_then(|token| token.text.chars().next()) {
            None => Self::BlockComment,
            Some('"') => Self::Quotes,
            Some('#') => Self::Raw,
            Some('`') => Self::Template,
            Some(_) => Self::Character,
        }
    }

    /// Returns the text without which a line does not close it.
    fn closing(self) -> &'static str {
        match self {
            Self::Quotes | Self::Raw => "\"",
            Self::Template => "`",
            Self::Character => "'",
            Self::BlockComment => "*/",
        }
    }
}

/// The last token of an entry, as far as its end depends on it.
#[derive(Clone, Copy, Default, PartialEq)]
enum Last {
    /// There is no code.
    #[default]
    None,
    Semicolon,
    /// A bar: it opens or closes the parameters of a closure, which needs a body.
    Bar,
    /// An operator, a separator, an opening bracket or a keyword: more must follow, or there is a mistake.
    Open,
    Other,
}

#[derive(Default)]
struct LineFacts {
    has_code: bool,
    has_keyword: bool,
    /// Whether it closes just the brackets that it opens.
    is_balanced: bool,
}

impl OpenEntry {
    /// Returns the text.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Returns the text and starts a new entry.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(self).text
    }

    /// Returns whether there are comments and nothing else.
    pub(super) fn is_comment(&self) -> bool {
        self.has_comment && self.last == Last::None && self.opened.is_none()
    }

    /// Returns whether no line can continue it.
    pub(super) fn ends_with_semicolon(&self) -> bool {
        self.last == Last::Semicolon
    }

    /// Adds a line.
    pub(super) fn push(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
        if self.opened.is_none_or(|opened| line.contains(opened.closing())) {
            self.read();
        }
    }

    /// Reads the tokens that follow the read ones.
    fn read(&mut self) {
        const WORD: &str = "the_end_of_the_text";
        let code = format!("{}{WORD}", &self.text[self.unread..]);
        let all: Vec<Token<'_>> = tokens(&code).collect();
        let is_closed = all.last().is_some_and(|token| token.is_word(&[WORD]));
        let read = all.len().saturating_sub(usize::from(is_closed || ends_open(&all, &code)));
        let mut line = LineFacts { has_code: self.opened.is_some(), is_balanced: true, ..LineFacts::default() };
        let before = self.depth;
        self.has_comment |= all[..read].iter().any(|token| token.kind == Kind::Comment);
        for token in all[..read].iter().filter(|token| token.kind != Kind::Comment) {
            self.depth += bracket(token);
            line.is_balanced &= self.depth >= before;
            line.has_code = true;
            line.has_keyword |= token.is_word(&KEYWORDS);
            self.last = last(token);
        }
        line.is_balanced &= self.depth == before;
        self.line = line;
        let open = all.get(read).filter(|_| !is_closed);
        self.opened = (!is_closed).then(|| Opened::by(open));
        self.unread = match open {
            _ if is_closed => self.text.len(),
            Some(token) => self.unread + token.start,
            None => self.unread + all.last().map_or(0, |token| token.start + token.text.len()),
        };
    }

    /// Returns whether it is complete: no bracket, string or comment is open, and no dot or operator is at its end. A line after
    /// a complete entry is one that continues it.
    pub(super) fn is_complete(&mut self) -> bool {
        self.whole = self.completes();
        self.whole
    }

    fn completes(&mut self) -> bool {
        match self.opened {
            Some(Opened::Quotes) => return !self.text.trim_end_matches('\n').ends_with('\\'),
            Some(_) => return false,
            None => {}
        }
        if self.last == Last::None {
            return true;
        }
        if !self.line.has_code && self.parsed > 0 {
            return self.whole;
        }
        if self.last == Last::Bar {
            return false;
        }
        let has_grown = self.text.len() < SMALL || self.text.len() - self.parsed > self.text.len() / 8;
        let is_open = self.depth > 0 || self.last == Last::Open;
        if is_open && !has_grown {
            return false;
        }
        let only_continues = self.whole && self.line.is_balanced && !self.line.has_keyword;
        if only_continues && !is_open && !has_grown {
            return true;
        }
        self.parsed = self.text.len();
        is_complete(self.text.trim_end_matches('\n'))
    }
}

/// Returns whether a line has a comment and nothing else.
pub(super) fn is_comment(line: &str) -> bool {
    let mut all = tokens(line).peekable();
    all.peek().is_some() && all.all(|token| token.kind == Kind::Comment)
}

/// Returns whether the last token is open at the end of a text: a string, and not a block comment behind it.
fn ends_open(all: &[Token<'_>], code: &str) -> bool {
    all.last().is_some_and(|token| token.start + token.text.len() == code.len())
}

fn bracket(token: &Token<'_>) -> i64 {
    match token.text {
        "(" | "[" | "{" | "#{" if token.kind == Kind::Symbol => 1,
        ")" | "]" | "}" if token.kind == Kind::Symbol => -1,
        _ => 0,
    }
}

fn last(token: &Token<'_>) -> Last {
    match token.kind {
        Kind::Symbol if token.is(";") => Last::Semicolon,
        Kind::Symbol if token.is("|") => Last::Bar,
        Kind::Symbol if [")", "]", "}", "!", "?"].contains(&token.text) => Last::Other,
        Kind::Symbol => Last::Open,
        Kind::Word if token.is_word(&KEYWORDS) && !token.is_word(&["true", "false", "return", "break", "continue"]) => {
            Last::Open
        }
        _ => Last::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds lines and returns whether the entry is complete after each.
    fn after_each(lines: &[&str]) -> Vec<bool> {
        let mut entry = OpenEntry::default();
        let one = |line: &&str| {
            entry.push(line);
            entry.is_complete()
        };
        lines.iter().map(one).collect()
    }

    #[test]
    fn growing_entry_is_complete_where_its_text_is() {
        for lines in [
            &["a(", "// b", "", "1,", "\"x\\", "y\",", ")", "+", "2"][..],
            &["let a = `b", "${c", "} '", "` + /* d", "*/ 1"],
            &["let a = 1 /* b", "'", "*/", "// c"],
            &["let a = `b", "'\"", "c` +", "1"],
            &["/* a /* b", "*/", "*/ let x", "= #\"", "\"# "],
            &["if a {", "1", "}", "else", "{ 2 }", "}"],
            &["f(1 2", "3)"],
            &["a", "  .b(|x| x)", "  .c(|", "x|", "x)", "+ if x", "{ 1 }"],
            &["fn f(a)", "// b", "{", "}"],
        ] {
            let mut text = String::new();
            let one = |line: &&str| {
                text = format!("{text}{line}\n");
                is_complete(text.trim_end_matches('\n'))
            };
            assert_eq!(after_each(lines), lines.iter().map(one).collect::<Vec<_>>(), "{lines:?}");
        }
    }

    #[test]
    fn long_entry_is_complete_when_its_bracket_closes_and_when_it_has_a_mistake() {
        let filler = "    \"a text of some length, which is an item\",";
        let mut entry = OpenEntry::default();
        let mut add = |line: &str| {
            entry.push(line);
            entry.is_complete()
        };
        assert!(!add("let list = ["));
        assert!((0..2_000).all(|_| !add(filler)));
        assert!(add("];"));
        let mut entry = OpenEntry::default();
        let mut add = |line: &str| {
            entry.push(line);
            entry.is_complete()
        };
        assert!(!add("let list = [") && (0..200).all(|_| !add(filler)));
        assert!(add("\"a\" \"b\",") || (0..200).any(|_| add(filler)), "the mistake is not found");
    }

    #[test]
    fn lines_of_a_long_entry_are_parsed_rarely() {
        let mut entry = OpenEntry::default();
        let mut parsed = 0;
        entry.push("let f = [");
        for _ in 0..3_000 {
            entry.push("a + 1, b,");
            let before = entry.parsed;
            assert!(!entry.is_complete());
            parsed += usize::from(entry.parsed != before && entry.text.len() >= SMALL);
        }
        assert!((1..60).contains(&parsed), "{parsed}");
        let mut entry = OpenEntry::default();
        for _ in 0..10_000 {
            entry.push("|x|");
            assert!(!entry.is_complete());
        }
        assert_eq!(entry.parsed, 0);
    }
}
