//! The last statement of a script without its part that ended in an error, so that the complete stacks are still checked.
//!
//! ```text
//! Stack("web").add(service).outptu("Url", alb.url)     the call is left out
//! [web, Stak("jobs").add(worker)]                      the item of the list is left out
//! ```
//!
//! A part is only left out if the rest certainly is a stack: its chain of calls begins with `Stack(..)` or with a variable that
//! holds a stack. Every setter of a stack returns the stack, so that the rest has no errors because of what is missing.

use std::ops::Range;

use super::lexer::{Kind, Token, tokens};
use super::lint::statement_at;

/// Returns a text in which spaces replace the part at a position, so that nothing else moves. None if no part can be left out.
pub(super) fn without_part(text: &str, position: (u32, u32), is_stack: impl Fn(&str) -> bool) -> Option<String> {
    let found = statement_at(text, position).filter(|it| it.is_last && position <= it.statement.end)?;
    let start = (found.statement.line, found.statement.column);
    let is_inside = |token: &Token<'_>| {
        let at = (token.line, token.column);
        ![Kind::Comment, Kind::BlockComment].contains(&token.kind) && start <= at && at < found.statement.end
    };
    let tokens: Vec<Token<'_>> = tokens(text).filter(is_inside).collect();
    let part = Chain { tokens: &tokens, is_stack: &is_stack }.part(position)?;
    let (first, last) = (tokens.get(part.start)?, tokens.get(part.end.checked_sub(1)?)?);
    let (start, end) = (first.start, last.start + last.text.len());
    let blank: String = text.get(start..end)?.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }).collect();
    Some(format!("{}{blank}{}", &text[..start], &text[end..]))
}

/// The tokens of an expression.
struct Chain<'t, 's> {
    tokens: &'t [Token<'s>],
    /// Returns whether a variable holds a stack.
    is_stack: &'t dyn Fn(&str) -> bool,
}

impl Chain<'_, '_> {
    /// Returns the part to leave out: a call of a chain, or an item of a list.
    fn part(&self, position: (u32, u32)) -> Option<Range<usize>> {
        let whole = 0..self.tokens.len();
        if !self.tokens.first()?.is("[") {
            return self.call(whole, position);
        }
        let items = self.items()?;
        let at = items.iter().rposition(|item| self.starts_before(item.start, position))?;
        if let Some(call) = self.call(items[at].clone(), position) {
            return Some(call);
        }
        // A list without items would be another error.
        match at {
            _ if items.len() < 2 => None,
            0 => Some(items[0].start..items[1].start),
            _ => Some(items[at - 1].end..items[at].end),
        }
    }

    /// Returns the call at a position of the chain of a stack.
    fn call(&self, of: Range<usize>, position: (u32, u32)) -> Option<Range<usize>> {
        let root = self.tokens.get(of.start).filter(|root| root.kind == Kind::Word)?;
        let is_made = root.is_word(&["Stack"]) && self.tokens.get(of.start + 1)?.is("(");
        let mut at = if is_made { self.behind(of.start + 1)? } else { of.start + 1 };
        if !is_made && !(self.is_stack)(root.text) {
            return None;
        }
        while at < of.end && self.tokens[at].is(".") && self.tokens.get(at + 2)?.is("(") {
            let end = self.behind(at + 2)?;
            if self.starts_before(at, position) && !(end < of.end && self.starts_before(end, position)) {
                return Some(at..end);
            }
            at = end;
        }
        None
    }

    /// Returns the items of the list that the expression is.
    fn items(&self) -> Option<Vec<Range<usize>>> {
        let last = self.behind(0).filter(|end| *end == self.tokens.len())? - 1;
        let (mut items, mut start, mut at) = (Vec::new(), 1, 1);
        while at < last {
            match self.tokens[at].text {
                "," => {
                    items.push(start..at);
                    start = at + 1;
                    at += 1;
                }
                text if is_open(text) => at = self.behind(at)?,
                _ => at += 1,
            }
        }
        items.extend((start < last).then_some(start..last));
        Some(items)
    }

    /// Returns the place behind the bracket that closes the one at a place.
    fn behind(&self, open: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.text {
                text if is_open(text) => depth += 1,
                ")" | "]" | "}" => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return Some(at + 1);
            }
        }
        None
    }

    fn starts_before(&self, at: usize, position: (u32, u32)) -> bool {
        self.tokens.get(at).is_some_and(|token| (token.line, token.column) <= position)
    }
}

fn is_open(text: &str) -> bool {
    matches!(text, "(" | "[" | "{" | "#{")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(text: &str, position: (u32, u32)) -> Option<String> {
        without_part(text, position, |name| name == "web")
    }

    #[test]
    fn call_of_a_stack_is_left_out_and_nothing_moves() {
        let text = "let a = 1;\nStack(\"a\").add(b)\n    .outptu(\"U\", b.url)\n    .tag(\"k\", \"v\")";
        let expected = "let a = 1;\nStack(\"a\").add(b)\n                       \n    .tag(\"k\", \"v\")";
        assert_eq!(left(text, (3, 6)).as_deref(), Some(expected));
        assert_eq!(left("web.add(c.d(1)).e()", (1, 11)).as_deref(), Some("web            .e()"));
        assert_eq!(left("web.add(\n  c.d(1)).e()", (2, 5)).as_deref(), Some("web     \n         .e()"));
    }

    #[test]
    fn item_of_a_list_is_left_out_or_its_call() {
        assert_eq!(left("[web, Stak(\"b\").add(c)]", (1, 7)).as_deref(), Some("[web                  ]"));
        assert_eq!(left("[Stak(\"b\"), web]", (1, 2)).as_deref(), Some("[           web]"));
        assert_eq!(left("[web.tagz(1), web]", (1, 6)).as_deref(), Some("[web        , web]"));
        assert_eq!(
            left("[web, f([1, 2], #{ a: 3 }), web]", (1, 7)).as_deref(),
            Some("[web                      , web]")
        );
    }

    #[test]
    fn call_inside_of_a_branch_is_left_out() {
        let text = "if x { web.f() } else { web }";
        assert_eq!(left(text, (1, 12)).as_deref(), Some("if x { web     } else { web }"));
    }

    #[test]
    fn nothing_is_left_out_if_the_rest_may_not_be_a_stack() {
        assert_eq!(left("Stak(\"a\").add(b)", (1, 1)), None);
        assert_eq!(left("app.stack().tag(1)", (1, 5)), None, "`app` is not a stack");
        assert_eq!(left("[Stak(\"a\")]", (1, 2)), None, "the list would be empty");
        assert_eq!(left("web.url", (1, 5)), None, "a property is not a stack");
        assert_eq!(left("web.tag(1);\nweb", (1, 5)), None, "not the last statement");
    }
}
