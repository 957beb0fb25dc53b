//! The context of the cursor: the prefix before it, and the brackets around it.

use crate::script::lexer::{Kind, Token, tokens};

/// The text before the cursor, as tokens.
pub(super) struct CursorContext<'a> {
    /// The tokens before the prefix.
    pub(super) tokens: Vec<Token<'a>>,
    /// The letters before the cursor that candidates begin with.
    pub(super) prefix: &'a str,
    /// The byte at which the prefix begins.
    pub(super) start: usize,
    /// Whether the cursor is inside a string; `prefix` is its content.
    pub(super) quoted: bool,
    /// The brackets that are open, the innermost last.
    pub(super) brackets: Vec<Bracket>,
}

/// A bracket that is open at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bracket {
    /// `(`, `[`, `{` or `#{`.
    pub(super) open: &'static str,
    /// The index of its token.
    pub(super) at: usize,
    /// Commas since it was opened.
    pub(super) commas: usize,
    /// The keys of a map, so far.
    pub(super) keys: Vec<String>,
    /// Whether a key can follow: nothing was written since the bracket or the last comma.
    pub(super) at_key: bool,
}

impl<'a> CursorContext<'a> {
    /// Returns the context at the end of a text; none inside a comment or after a closed string.
    pub(super) fn at_the_end(text: &'a str) -> Option<Self> {
        Self::behind(text, 0)
    }

    fn behind(text: &'a str, offset: usize) -> Option<Self> {
        let mut all: Vec<Token<'a>> = tokens(text).collect();
        let last = all.last().copied();
        let starts = |token: &Token<'_>| token.text.as_ptr() as usize - text.as_ptr() as usize;
        let touches = last.filter(|token| starts(token) + token.text.len() == text.len());
        let (mut prefix, mut start, mut quoted) = ("", text.len(), false);
        match touches {
            Some(token) if token.kind == Kind::Comment => return None,
            Some(token) if token.kind == Kind::Template => {
                let inside = interpolated(token.text)?;
                return Self::behind(inside, offset + text.len() - inside.len());
            }
            Some(token) if token.kind == Kind::Text => {
                if is_closed(token.text) {
                    return None;
                }
                (prefix, start, quoted) = (&token.text[1..], starts(&token) + 1, true);
                all.pop();
            }
            Some(token) if matches!(token.kind, Kind::Word | Kind::Number) => {
                (prefix, start) = (token.text, starts(&token));
                all.pop();
            }
            _ => {}
        }
        all.retain(|token| token.kind != Kind::Comment);
        let brackets = brackets(&all);
        Some(Self { tokens: all, prefix, start: offset + start, quoted, brackets })
    }

    /// Returns the innermost call that the cursor is in: the indices of its name, and of its argument.
    pub(super) fn call(&self) -> Option<(std::ops::Range<usize>, usize)> {
        let bracket =
            self.brackets.iter().rev().find(|bracket| bracket.open == "(" && self.names(bracket.at).is_some())?;
        Some((self.names(bracket.at)?, bracket.commas))
    }

    /// Returns the tokens of the name before a bracket: `AWS::S3::Bucket`, `cpu`.
    pub(super) fn names(&self, bracket: usize) -> Option<std::ops::Range<usize>> {
        let word = |at: usize| self.tokens[at].kind == Kind::Word;
        let mut start = bracket.checked_sub(1).filter(|at| word(*at))?;
        while start >= 2 && self.tokens[start - 1].is("::") && word(start - 2) {
            start -= 2;
        }
        Some(start..bracket)
    }

    /// Returns the text of some tokens as one name.
    pub(super) fn joined(&self, range: std::ops::Range<usize>) -> String {
        self.tokens[range].iter().map(|token| token.text).collect()
    }
}

/// Returns the expression after the last `${` of a string in back-ticks, if it is not closed.
fn interpolated(text: &str) -> Option<&str> {
    let inside = &text[text.rfind("${")? + 2..];
    let depth: i32 = inside.chars().map(|letter| i32::from(letter == '{') - i32::from(letter == '}')).sum();
    (depth >= 0).then_some(inside)
}

/// Returns whether a string has its closing quote.
pub(super) fn is_closed(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')) else { return false };
    let escapes = inside.len() - inside.trim_end_matches('\\').len();
    escapes.is_multiple_of(2)
}

fn brackets(tokens: &[Token<'_>]) -> Vec<Bracket> {
    let mut open: Vec<Bracket> = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind == Kind::Symbol && matches!(token.text, ")" | "]" | "}") {
            open.pop();
            continue;
        }
        let kind = ["(", "[", "{", "#{"].into_iter().find(|kind| token.is(kind));
        if let Some(innermost) = open.last_mut() {
            let key = matches!(token.kind, Kind::Word | Kind::Text) && innermost.at_key;
            match token.text {
                "," if token.kind == Kind::Symbol => {
                    innermost.commas += 1;
                    innermost.at_key = true;
                }
                _ if key && innermost.open == "#{" => {
                    innermost
                        .keys
                        .push(if token.kind == Kind::Text { token.unquoted() } else { token.text }.to_owned());
                    innermost.at_key = false;
                }
                _ => innermost.at_key = false,
            }
        }
        if let Some(kind) = kind {
            open.push(Bracket { open: kind, at, commas: 0, keys: Vec::new(), at_key: true });
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(text: &str) -> CursorContext<'_> {
        CursorContext::at_the_end(text).expect("a place")
    }

    #[test]
    fn prefix_and_its_start_are_found() {
        let text = "let a = Farg";
        assert_eq!((context(text).prefix, context(text).start), ("Farg", 8));
        assert_eq!(context("alb.").prefix, "");
        assert!(context("import \"std/ti").quoted);
        assert!(CursorContext::at_the_end("// a comm").is_none());
        assert!(CursorContext::at_the_end("x(\"closed\"").is_none());
        let text = "`x ${f(`y`)} ${al";
        assert_eq!((context(text).prefix, context(text).start), ("al", 15));
    }

    #[test]
    fn open_brackets_have_their_keys_and_commas() {
        let context = context("AWS::S3::Bucket(\"a\", #{ Tags: [#{ Key: f(1, 2), Value: 1 }, #{ Key: \"x\", ");
        let shown: Vec<_> =
            context.brackets.iter().map(|it| (it.open, it.commas, it.keys.join(" "), it.at_key)).collect();
        let expected = [("(", 1, "", false), ("#{", 0, "Tags", false), ("[", 1, "", false), ("#{", 1, "Key", true)];
        let expected: Vec<_> = expected.iter().map(|(a, b, c, d)| (*a, *b, (*c).to_owned(), *d)).collect();
        assert_eq!(shown, expected);
        let (name, argument) = context.call().expect("a call");
        assert_eq!((context.joined(name), argument), ("AWS::S3::Bucket".to_owned(), 1));
    }
}
