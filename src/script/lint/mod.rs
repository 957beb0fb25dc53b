//! Mistakes in scripts that parse: a setter whose result is dropped, double quotes that do not interpolate.
//! Rhai reports neither, and both change the template. `statement_at` finds the statement at a position.

mod statement_at;

use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

use super::lexer::{Kind, Token, tokens};
use crate::diag::{Code, Diagnostic, Origin};

pub(crate) use statement_at::statement_at;

/// Returns every such mistake in a source. `is_setter` knows the methods of blocks. `names` are those that the whole text
/// declares, of which the source may be a part: strings may mean them.
pub(crate) fn lint(
    source: &Arc<str>,
    text: &str,
    names: &HashSet<&str>,
    is_setter: &dyn Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let all: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let mut lint = Lint { source, tokens: &all, is_setter, problems: Vec::new() };
    let (top, _) = lint.block(0, BlockPosition::Value);
    lint.dropped(&top, true);
    lint.interpolation(names);
    lint.problems
}

/// Names that a text declares: variables, constants, loop variables, parameters, modules.
pub(crate) fn declared(text: &str) -> HashSet<&str> {
    let all: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let pairs = all.windows(2).filter_map(|pair| {
        let declares = pair[0].is_word(&["let", "const", "for", "as"]) || (pair[0].is("(") || pair[0].is(","));
        (declares && pair[1].kind == Kind::Word).then_some(pair[1].text)
    });
    pairs.collect()
}

/// A statement of the top level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TopLevelStatement {
    /// Its first word: `let`, `fn`, or what an expression begins with.
    pub(crate) kind: String,
    /// The name that it declares: the word after the first.
    pub(crate) name: Option<String>,
    /// The names of a function's parameters.
    pub(crate) parameters: Vec<String>,
    /// Whether it is a function that no other file calls.
    pub(crate) is_private: bool,
    /// The start position.
    pub(crate) line: u32,
    /// The start position.
    pub(crate) column: u32,
    /// The line and column behind its last character.
    pub(crate) end: (u32, u32),
    /// Whether it is an expression: neither a declaration nor an assignment nor a loop.
    pub(crate) is_expression: bool,
}

impl TopLevelStatement {
    /// Returns the function that it defines: its name and number of parameters.
    pub(crate) fn function(&self) -> Option<(&str, usize)> {
        (self.kind == "fn").then_some(())?;
        Some((self.name.as_deref()?, self.parameters.len()))
    }
}

/// Returns the statements of the top level, in order.
pub(crate) fn statements(text: &str) -> Vec<TopLevelStatement> {
    let tokens: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let lint = Lint { source: &"".into(), tokens: &tokens, is_setter: &|_| false, problems: Vec::new() };
    let (block, _) = lint.block(0, BlockPosition::Value);
    block.statements.iter().filter_map(|statement| top(&tokens[statement.tokens.clone()])).collect()
}

fn top(tokens: &[Token<'_>]) -> Option<TopLevelStatement> {
    let (start, last) = (tokens.first()?, tokens.last()?);
    let is_private = start.is_word(&["private"]);
    let tokens = if is_private { &tokens[1..] } else { tokens };
    let first = tokens.first()?;
    let word = |token: &&Token<'_>| token.kind == Kind::Word;
    let parameters = tokens.iter().skip(3).take_while(|token| !token.is(")")).filter(word);
    let is_function = first.is_word(&["fn"]);
    let assigns = |token: &Token<'_>| ["=", "+=", "-=", "*=", "/="].contains(&token.text) && token.kind == Kind::Symbol;
    let statement = first.is_word(NOT_A_CHAIN) || first.is_word(LOOPS) || at_depth_zero(tokens).any(assigns);
    let height = u32::try_from(last.text.matches('\n').count()).unwrap_or(0);
    let tail = last.text.rsplit('\n').next().unwrap_or("");
    let width = u32::try_from(tail.chars().count()).unwrap_or(0);
    Some(TopLevelStatement {
        kind: first.text.to_owned(),
        name: tokens.get(1).filter(word).map(|token| token.text.to_owned()),
        parameters: parameters.filter(|_| is_function).map(|token| token.text.to_owned()).collect(),
        is_private,
        line: start.line,
        column: start.column,
        end: (last.line + height, if height == 0 { last.column + width } else { width + 1 }),
        is_expression: !statement,
    })
}

/// Returns the tokens outside of all brackets.
fn at_depth_zero<'t, 'a>(tokens: &'t [Token<'a>]) -> impl Iterator<Item = &'t Token<'a>> {
    tokens
        .iter()
        .scan(0_i32, |depth, token| {
            let change = match token.text {
                "(" | "[" | "{" | "#{" if token.kind == Kind::Symbol => 1,
                ")" | "]" | "}" if token.kind == Kind::Symbol => -1,
                _ => 0,
            };
            *depth += change;
            Some((*depth == 0 && change == 0).then_some(token))
        })
        .flatten()
}

/// The use of the value of the last statement of a block.
#[derive(Clone, Copy, PartialEq)]
enum BlockPosition {
    /// It is the value of a function, closure or script.
    Value,
    /// The value is discarded: the body of a loop.
    Loop,
    /// It is the value of the statement that the block is part of.
    Branch,
}

struct Statements {
    kind: BlockPosition,
    statements: Vec<Statement>,
}

struct Statement {
    tokens: Range<usize>,
    blocks: Vec<Statements>,
}

struct Lint<'a> {
    source: &'a Arc<str>,
    tokens: &'a [Token<'a>],
    is_setter: &'a dyn Fn(&str) -> bool,
    problems: Vec<Diagnostic>,
}

const BRANCHES: &[&str] = &["if", "switch", "try"];
const LOOPS: &[&str] = &["for", "while", "loop", "do"];
const CONTINUATIONS: &[&str] = &["else", "catch", "while", "until"];
const NOT_A_CHAIN: &[&str] =
    &["let", "const", "return", "throw", "import", "export", "fn", "private", "break", "continue"];

impl<'a> Lint<'a> {
    /// Returns the statements of the block whose first token is at `at`, and the index after the bracket that closes
    /// it.
    fn block(&self, mut at: usize, kind: BlockPosition) -> (Statements, usize) {
        let mut statements = Vec::new();
        while let Some(token) = self.tokens.get(at) {
            if token.is("}") {
                return (Statements { kind, statements }, at + 1);
            }
            if token.is(";") {
                at += 1;
                continue;
            }
            let (statement, next) = self.statement(at);
            statements.push(statement);
            at = next.max(at + 1);
        }
        (Statements { kind, statements }, at)
    }

    fn statement(&self, start: usize) -> (Statement, usize) {
        let first = self.tokens[start];
        let (mut at, mut depth, mut blocks) = (start, 0_u32, Vec::new());
        while let Some(token) = self.tokens.get(at) {
            match token.text {
                "(" | "[" | "#{" if token.kind == Kind::Symbol => depth += 1,
                "{" if token.kind == Kind::Symbol => {
                    let (block, next) = self.block(at + 1, self.kind_of_block(first, at));
                    blocks.push(block);
                    at = next;
                    if depth == 0 && self.ends_with_block(first, at) {
                        break;
                    }
                    continue;
                }
                ")" | "]" | "}" if token.kind == Kind::Symbol => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                ";" if token.kind == Kind::Symbol && depth == 0 => break,
                _ => {}
            }
            at += 1;
        }
        (Statement { tokens: start..at, blocks }, at)
    }

    fn kind_of_block(&self, first: Token<'_>, at: usize) -> BlockPosition {
        match at.checked_sub(1).map(|before| self.tokens[before]) {
            Some(before) if before.is("|") || before.is("||") => BlockPosition::Value,
            _ if first.is_word(LOOPS) => BlockPosition::Loop,
            _ if first.is_word(BRANCHES) || first.is("{") => BlockPosition::Branch,
            _ => BlockPosition::Value,
        }
    }

    fn ends_with_block(&self, first: Token<'_>, at: usize) -> bool {
        let opens =
            first.is_word(LOOPS) || first.is_word(BRANCHES) || first.is_word(&["fn", "private"]) || first.is("{");
        opens
            && !self
                .tokens
                .get(at)
                .is_some_and(|next| next.is_word(CONTINUATIONS) && (next.text != "while" || first.text == "do"))
    }

    fn dropped(&mut self, block: &Statements, used: bool) {
        for (index, statement) in block.statements.iter().enumerate() {
            let used = used && index + 1 == block.statements.len();
            if !used && let Some(setter) = self.setter_at_the_end(statement.tokens.clone()) {
                let first = self.tokens[statement.tokens.start];
                let is_variable = self.tokens.get(statement.tokens.start + 1).is_some_and(|next| next.is("."));
                self.problems.push(dropped_result(self.source, is_variable.then_some(first), setter));
            }
            let first = self.tokens[statement.tokens.start];
            for inner in &statement.blocks {
                let inner_used = match inner.kind {
                    BlockPosition::Value => true,
                    BlockPosition::Loop => false,
                    BlockPosition::Branch => used || !(first.is_word(BRANCHES) || first.is("{")),
                };
                self.dropped(inner, inner_used);
            }
        }
    }

    /// Returns the last method of a statement that is only a chain of calls, if it is a setter.
    fn setter_at_the_end(&self, range: Range<usize>) -> Option<Token<'a>> {
        let statement = &self.tokens[range];
        let (first, mut rest) = statement.split_first()?;
        if first.kind != Kind::Word || first.is_word(NOT_A_CHAIN) {
            return None;
        }
        let mut last = None;
        while let Some((token, after)) = rest.split_first() {
            rest = match token.text {
                "::" | "." | "?" if after.first().is_some_and(|next| next.kind == Kind::Word || next.is(".")) => {
                    last = after.first().filter(|_| token.is("."));
                    &after[1..]
                }
                "(" | "[" => after_bracket(after)?,
                _ => return None,
            };
        }
        let closed = statement.last().is_some_and(|token| token.is(")"));
        last.copied().filter(|name| closed && (self.is_setter)(name.text))
    }

    fn interpolation(&mut self, names: &HashSet<&str>) {
        for (index, token) in self.tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Text) {
            let is_sub = index >= 2 && self.tokens[index - 1].is("(") && self.tokens[index - 2].text == "sub";
            let variable = interpolated(token.text).find(|name| names.contains(name));
            if let Some(variable) = variable.filter(|_| !is_sub) {
                self.problems.push(no_interpolation(self.source, *token, variable));
            }
        }
    }
}

fn after_bracket<'t, 'a>(tokens: &'t [Token<'a>]) -> Option<&'t [Token<'a>]> {
    let mut depth = 0_u32;
    for (index, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Kind::Symbol) {
        match token.text {
            "(" | "[" | "{" | "#{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => return Some(&tokens[index + 1..]),
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
    }
    None
}

/// Returns the first names inside each `${..}` of a string.
fn interpolated(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("${").map(|(at, _)| {
        let inside = text[at + 2..].trim_start();
        let end = inside.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(inside.len());
        &inside[..end]
    })
}

fn dropped_result(source: &Arc<str>, variable: Option<Token<'_>>, setter: Token<'_>) -> Diagnostic {
    let problem = Diagnostic::new(
        Code::UnusedResult,
        format!("the result of `.{}(..)` is dropped, so it changes nothing", setter.text),
    )
    .at(&Origin::new(source.clone(), setter.line, setter.column), "gives a new value and leaves the old one as it was");
    problem.help(match variable {
        Some(variable) => format!("keep it: `{0} = {0}.{1}(..);`", variable.text, setter.text),
        None => "give it a name, `let web = ..;`, and add it to a stack, or remove the statement".to_owned(),
    })
}

fn no_interpolation(source: &Arc<str>, token: Token<'_>, variable: &str) -> Diagnostic {
    Diagnostic::new(
        Code::NoInterpolation,
        format!("double quotes do not interpolate, so `${{{variable}..}}` stays as it is"),
    )
    .at(&Origin::new(source.clone(), token.line, token.column), "literal text")
    .help(format!("write it with back-ticks: `{}`", token.unquoted()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(script: &str) -> Vec<(u32, &'static str)> {
        let setter = |name: &str| ["cpu", "allow", "env"].contains(&name);
        lint(&"a.rhai".into(), script, &declared(script), &setter)
            .iter()
            .map(|p| (p.origin().expect("a place").line, p.code.as_str()))
            .collect()
    }

    const DROPPED: &str = "unused-result";

    #[test]
    fn setter_as_a_statement_is_unused_in_every_context() {
        assert_eq!(found("let s = F(1);\ns.cpu(512);\ns"), [(2, DROPPED)]);
        assert_eq!(found("for b in [1] {\n  s.allow(\"x\", b);\n}\ns"), [(2, DROPPED)]);
        assert_eq!(found("for b in [1] {\n  s.allow(\"x\", b)\n}\ns"), [(2, DROPPED)]);
        assert_eq!(found("fn f(s) {\n  s.cpu(1);\n  s\n}\nf(1)"), [(2, DROPPED)]);
        assert_eq!(found("if x {\n  s.env(\"a\", 1);\n}\ns"), [(2, DROPPED)]);
        assert_eq!(found("if x { y() } else {\n  s.cpu(1)\n}\ns"), [(2, DROPPED)]);
        assert_eq!(found("F(1)\n .cpu(1);\nx"), [(2, DROPPED)]);
    }

    #[test]
    fn setter_whose_value_is_used_is_accepted() {
        for script in [
            "let s = F(1);\ns = s.cpu(512);\ns.cpu(1)",
            "fn f(s) { s.cpu(1) }\nfn g(s) { s.cpu(2); }\nf(1)",
            "let s = if x { s.cpu(1) } else { s.cpu(2) }; s",
            "if x { s.cpu(1) } else { s.cpu(2) }",
            "let f = |s| { s.cpu(1) }; f",
            "let y = switch x { 1 => s.cpu(1), _ => s.cpu(2) }; y",
            "list.push(s.cpu(1)); list",
            "fn f(s) { return s.cpu(1); }\n[s.cpu(1), s.env(\"a\", 1)]",
            "print(s.cpu(1)); x",
        ] {
            assert_eq!(found(script), [], "{script}");
        }
    }

    #[test]
    fn variable_in_double_quotes_is_not_interpolated() {
        assert_eq!(found("let alb = 1;\nx(\"http://${alb.url}\")"), [(2, "no-interpolation")]);
        assert_eq!(found("fn f(name) {\n  \"${name}-x\" }"), [(2, "no-interpolation")]);
    }

    #[test]
    fn shell_variable_or_sub_argument_in_double_quotes_is_accepted() {
        assert_eq!(found("x([\"sh\", \"-c\", \"echo ${PORT}\"])"), []);
        assert_eq!(found("let a = 1; cfn::sub(\"${a}\")"), []);
    }
}
