//! The formatter of scripts, for `rtiler fmt`.
//!
//! `pieces` reads a script as pieces: tokens and comments, each with the line break before it and its role. `breaks` settles
//! where lines end, `layout` indents and spaces them, `wrap` breaks lines that are too wide.
//!
//! Line breaks are the author's, except where brackets, statements or the width of a line decide: a list over several lines
//! stays so, and a chain of calls that fits in a line is not broken.
//!
//! May import `diag`, and of `script` the lexer, the parser with its limits, and what reports syntax errors.
//!
//! *Invariant*: the formatted text has the tokens of the original, commas before a closing bracket apart, and all of its
//! comments; formatting it again changes nothing.

mod breaks;
mod layout;
mod pieces;
mod spacing;
mod wrap;

#[cfg(test)]
mod tests;

use rhai::{Engine, EvalAltResult, Position, Token};

use super::error;
use super::eval_state::EvalState;
use super::lexer::{Kind, Token as Lexeme, all_tokens};
use super::limited_engine::limit_depths;
use super::limits::Limits;
use super::name_comparisons;
use crate::diag::{Code, Diagnostic, Origin};

/// The maximum width of a line in characters. Lines with one long text may be wider.
const WIDTH: usize = 100;

/// Returns a script in the standard format. It need not evaluate: names may be unknown.
///
/// # Errors
///
/// The syntax error of a text that is not a script, at its line.
pub fn format(name: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
    if let Some(problem) = super::binary(name, text) {
        return Err(vec![problem]);
    }
    let engine = parser();
    parse(&engine, name, text)?;
    let formatted = arranged(text);
    let tokens = |text: &str| tokens(&engine, text);
    if tokens(&formatted) == tokens(text) && verbatim(&formatted) == verbatim(text) {
        return Ok(formatted);
    }
    let message = format!("`{name}` cannot be formatted without changing its meaning");
    Err(vec![
        Diagnostic::new(Code::FormatUnsafe, message)
            .at(&Origin::new(name, 0, 0), "")
            .help("this is a fault of rtiler; the file was not changed: please report it with the script"),
    ])
}

/// Returns the text in the standard format, whether or not it parses.
fn arranged(text: &str) -> String {
    let mut pieces = pieces::read(text);
    // Each round breaks a line of the round before, so there are at most as many as brackets in each other.
    loop {
        breaks::settle(&mut pieces);
        let lines = layout::lines(&pieces);
        if !wrap::wrap(&mut pieces, &lines) {
            return layout::print(&pieces, &lines);
        }
    }
}

fn parser() -> Engine {
    let mut engine = Engine::new_raw();
    limit_depths(&mut engine);
    engine
}

/// Parses a script, which names may be unknown in.
fn parse(engine: &Engine, name: &str, text: &str) -> Result<(), Vec<Diagnostic>> {
    let Err(problem) = name_comparisons::compile(engine, text) else { return Ok(()) };
    let state = EvalState::default();
    state.sources.borrow_mut().add(name, text);
    let problem = EvalAltResult::ErrorInModule(name.to_owned(), problem, Position::NONE);
    error::report(problem, name, &state, &Limits::default());
    Err(state.problems.take().into_iter().collect())
}

/// Returns the tokens of a script as Rhai reads them, without the commas that may end a list. Texts in back-ticks are left
/// out: without its parser, Rhai does not find their ends.
fn tokens(engine: &Engine, text: &str) -> Vec<Token> {
    let (mut plain, mut end) = (String::new(), 0);
    for template in all_tokens(text).filter(|token| token.text.starts_with('`')) {
        plain += &text[end..template.start];
        plain += "\"\"";
        end = template.start + template.text.len();
    }
    plain += &text[end..];
    let texts = [plain.as_str()];
    let mut found: Vec<Token> = Vec::new();
    // At the end, Rhai gives `EOF` again and again.
    for token in engine.lex(&texts).0.map(|(token, _)| token).take_while(|token| *token != Token::EOF) {
        if matches!(token, Token::RightParen | Token::RightBracket | Token::RightBrace)
            && found.last() == Some(&Token::Comma)
        {
            found.pop();
        }
        match token {
            Token::Comment(_) => {}
            // `()` and `( )` are the same.
            Token::Unit => found.extend([Token::LeftParen, Token::RightParen]),
            token => found.push(token),
        }
    }
    found
}

/// Returns what is printed as it is: comments, without the spaces at the ends of their lines, and texts in back-ticks.
fn verbatim(text: &str) -> Vec<String> {
    let trimmed = |text: &str| text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let kept = |token: Lexeme<'_>| match token.kind {
        Kind::Comment | Kind::BlockComment => Some(trimmed(token.text)),
        Kind::Template => Some(token.text.to_owned()),
        _ => None,
    };
    all_tokens(text).filter_map(kept).collect()
}
