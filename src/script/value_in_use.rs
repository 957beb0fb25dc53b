//! The error of a closure that uses the value which the calls around it work on: `list.filter(|x| list.contains(x))`.
//!
//! Rhai names the call, and neither its place nor the value. They are found in the text.

use super::lexer::{Kind, Token, tokens};
use crate::diag::{Code, Diagnostic};

/// Returns the diagnostic, with the line and column of the call if they are found. Rhai names the call as `argument #1 of function
/// 'filter'`.
pub(super) fn diagnose(call: &str, text: &str) -> (Diagnostic, Option<(u32, u32)>) {
    let method = call.split('\'').nth(1).filter(|name| !name.is_empty()).unwrap_or("map");
    let all: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let found = found(&all, method);
    let name = found.as_ref().map_or("list", |(_, name)| name);
    let message = format!("the closure of `{method}` uses `{name}`, on which the call works");
    let help = format!("copy it before the call, and use the copy in the closure: `let all_of_{name} = {name};`");
    (Diagnostic::new(Code::ValueInUse, message).help(help), found.map(|(call, _)| (call.line, call.column)))
}

/// Returns the first call of a method whose arguments have the variable at which its chain begins, and the name of the variable.
fn found<'a>(all: &[Token<'a>], method: &str) -> Option<(Token<'a>, &'a str)> {
    (1..all.len()).find_map(|at| {
        let is_call = all[at].is_word(&[method]) && all[at - 1].is(".") && all.get(at + 1).is_some_and(|it| it.is("("));
        let start = if is_call { start_of_chain(all, at - 1)? } else { return None };
        let arguments = at + 2..end_of_brackets(all, at + 1);
        let uses =
            |inside: usize| all[inside].text == start && all[inside].kind == Kind::Word && !all[inside - 1].is(".");
        arguments.into_iter().any(uses).then_some((all[at], start))
    })
}

/// Returns the variable at which a chain begins, before one of its dots.
fn start_of_chain<'a>(all: &[Token<'a>], dot: usize) -> Option<&'a str> {
    let (mut at, mut depth) = (dot, 0_usize);
    loop {
        at = at.checked_sub(1)?;
        let token = &all[at];
        match token.text {
            ")" | "]" | "}" if token.kind == Kind::Symbol => depth += 1,
            "(" | "[" | "{" | "#{" if token.kind == Kind::Symbol => depth = depth.checked_sub(1)?,
            _ if depth > 0 => {}
            _ if token.kind == Kind::Word && !all.get(at.wrapping_sub(1)).is_some_and(|before| before.is(".")) => {
                return Some(token.text);
            }
            _ if token.kind == Kind::Word || token.is(".") => {}
            _ => return None,
        }
    }
}

/// Returns the index after the bracket that closes the one at an index.
fn end_of_brackets(all: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in all.iter().enumerate().skip(open).filter(|(_, token)| token.kind == Kind::Symbol) {
        match token.text {
            "(" | "[" | "{" | "#{" => depth += 1,
            ")" | "]" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    all.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> (String, Option<(u32, u32)>) {
        let (problem, place) = diagnose("argument #1 of function 'filter'", text);
        (problem.message, place)
    }

    #[test]
    fn call_and_its_variable_are_found_in_the_text() {
        let text = "let a = b.filter(|x| x > 1);\nlet c = list.filter(|x| list.contains(x));";
        let message = "the closure of `filter` uses `list`, on which the call works";
        assert_eq!(place(text), (message.to_owned(), Some((2, 14))));
        assert_eq!(place("let k = list.keys().filter(|x| x in list);").1, Some((1, 21)));
        assert_eq!(place("let k = o[f(1)].b.filter(|x| o.c(x));").1, Some((1, 19)));
    }

    #[test]
    fn call_that_is_not_found_has_no_place() {
        for text in ["", "filter", "list.filter(|x| other.list)", "(a + b).filter(|x| a)", ".filter(", "list.filter"] {
            assert_eq!(place(text).1, None, "{text}");
        }
    }
}
