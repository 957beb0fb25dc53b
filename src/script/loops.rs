//! The loops that were running when a limit ended the evaluation.
//!
//! Rhai reports such an error at the outermost call: its place inside of functions is lost. So the loops of the called function, and of
//! the functions that it calls, are looked up in the text.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Kind, Token, tokens};
use crate::diag::{Code, Diagnostic, Label, Origin, SourceMap};

/// The maximum number of loops that a problem shows.
const MOST_LOOPS: usize = 3;

/// The maximum number of functions in which loops are looked up.
const MOST_FUNCTIONS: usize = 100;

/// Makes the loops in the function that a problem of a limit was found in its first places. `function` is its name if it is known;
/// otherwise it is the function that is called at the place of the problem.
pub(super) fn point_at_loops(problem: &mut Diagnostic, function: Option<&str>, sources: &SourceMap) {
    if !matches!(problem.code, Code::LimitOperations | Code::LimitTime) {
        return;
    }
    let Some(at) = problem.origin().cloned() else { return };
    let texts = Texts::of(sources);
    let Some(function) = function.or_else(|| texts.called_at(&at)) else { return };
    let loops = texts.loops(&at.source, function);
    if loops.is_empty() {
        return;
    }
    problem.labels.retain(|label| label.origin.line > 0);
    let others = problem.labels.iter_mut().filter(|label| label.message.is_empty());
    others.for_each(|label| "called here".clone_into(&mut label.message));
    let label = |origin: Origin| Label { origin, message: "this loop may not end".to_owned() };
    problem.labels.splice(0..0, loops.into_iter().take(MOST_LOOPS).map(label));
}

/// The tokens of the scripts of a project.
struct Texts<'s>(Vec<(&'s Arc<str>, Vec<Token<'s>>)>);

impl<'s> Texts<'s> {
    fn of(sources: &'s SourceMap) -> Self {
        let is_of_project = |name: &&Arc<str>| name.ends_with(".rhai") && !name.starts_with("std/");
        let text = |name: &'s Arc<str>| {
            let all = tokens(sources.text(name).unwrap_or_default()).filter(|token| token.kind != Kind::Comment);
            (name, all.collect())
        };
        Self(sources.names().filter(is_of_project).map(text).collect())
    }

    fn of_source(&self, source: &str) -> Option<&[Token<'s>]> {
        self.0.iter().find(|(name, _)| &***name == source).map(|(_, tokens)| tokens.as_slice())
    }

    /// Returns the name of the function that is called at a place.
    fn called_at(&self, at: &Origin) -> Option<&'s str> {
        let tokens = self.of_source(&at.source)?;
        let start = tokens.iter().position(|token| (token.line, token.column) == (at.line, at.column))?;
        let path = tokens[start..].iter().take_while(|token| token.kind == Kind::Word || token.is("::"));
        path.filter(|token| token.kind == Kind::Word).last().map(|token| token.text)
    }

    /// Returns the loops of a function, and of those that it calls. A loop over a list or range counts if there is no other.
    fn loops(&self, source: &str, function: &str) -> Vec<Origin> {
        let (mut endless, mut bounded) = (Vec::new(), Vec::new());
        let mut open = vec![function];
        let mut seen = BTreeSet::new();
        while let Some(name) = open.pop() {
            if seen.len() >= MOST_FUNCTIONS || !seen.insert(name) {
                continue;
            }
            let Some((source, body)) = self.body(source, name) else { continue };
            for pair in body.windows(2) {
                let origin = || Origin::new(Arc::clone(source), pair[0].line, pair[0].column);
                if pair[0].is_word(&["loop", "while", "do"]) {
                    endless.push(origin());
                } else if pair[0].is_word(&["for"]) {
                    bounded.push(origin());
                } else if pair[0].kind == Kind::Word && pair[1].is("(") {
                    open.push(pair[0].text);
                }
            }
        }
        if endless.is_empty() { bounded } else { endless }
    }

    /// Returns the body of a function, in this source or in another one.
    fn body(&self, source: &str, function: &str) -> Option<(&'s Arc<str>, &[Token<'s>])> {
        let first = self.0.iter().filter(|(name, _)| &***name == source);
        let others = self.0.iter().filter(|(name, _)| &***name != source);
        first.chain(others).find_map(|(name, tokens)| Some((*name, &tokens[body(tokens, function)?])))
    }
}

/// Returns the tokens of the body of a function.
fn body(tokens: &[Token<'_>], function: &str) -> Option<Range<usize>> {
    let start = tokens.windows(2).position(|pair| pair[0].is_word(&["fn"]) && pair[1].text == function)?;
    let open = start + tokens[start..].iter().position(|token| token.is("{"))?;
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open) {
        match token.text {
            "{" | "#{" if token.kind == Kind::Symbol => depth += 1,
            "}" if token.kind == Kind::Symbol => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return Some(open..at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "fn helper(n) {\n  // loop\n  while n > 0 { n += 1; }\n}\nfn outer() {\n  helper(1);\n  for i in 0..3 { }\n}\n\
                       fn other() { loop { } }\nfn bounded() { for i in 0..9 { #{ a: 1 } } }\nouter();\n";

    fn lines(function: Option<&str>, line: u32, column: u32) -> Vec<(u32, String)> {
        let mut sources = SourceMap::default();
        sources.add("app.rhai", APP);
        let mut problem = Diagnostic::new(Code::LimitOperations, "x").at(&Origin::new("app.rhai", line, column), "");
        point_at_loops(&mut problem, function, &sources);
        problem.labels.into_iter().map(|label| (label.origin.line, label.message)).collect()
    }

    #[test]
    fn limit_in_a_function_is_shown_at_the_loops_that_the_call_reaches() {
        let found = lines(None, 11, 1);
        assert_eq!(found, [(3, "this loop may not end".to_owned()), (11, "called here".to_owned())]);
        assert_eq!(lines(Some("other"), 0, 0), [(9, "this loop may not end".to_owned())]);
        assert_eq!(lines(Some("bounded"), 0, 0)[0].0, 10);
    }

    #[test]
    fn limit_outside_of_functions_keeps_its_place() {
        assert_eq!(lines(None, 9, 14), [(9, String::new())]);
        assert_eq!(lines(None, 3, 9), [(3, String::new())]);
    }
}
