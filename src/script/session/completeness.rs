//! Decides if a text is complete, or continues in the next line.

use rhai::{Engine, ParseErrorType as Error, Position};

use crate::script::lexer::{Kind, Token, tokens};
use crate::script::limited_engine::limit_depths;
use crate::script::name_comparisons::are_too_many;

/// Returns whether the last comment of a text is not closed.
pub(super) fn is_in_comment(text: &str) -> bool {
    // Comments nest; deeper nesting is a mistake.
    let opened = text.matches("/*").count().min(64);
    opened > 0 && !is_complete(text) && (1..=opened).any(|many| is_complete(&format!("{text}{}", "*/".repeat(many))))
}

/// Returns whether a text is complete: no bracket, string or comment is open, and no dot or operator is at its end.
pub(super) fn is_complete(text: &str) -> bool {
    match open(text) {
        Open::Nothing => {}
        // Only a backslash carries a text in double quotes over the end of its line: else it is a mistake to report
        // now.
        Open::Quotes => return !text.ends_with('\\'),
        Open::Other => return false,
    }
    let Some(last) = tokens(text).filter(|token| token.kind != Kind::Comment).last() else { return true };
    if last.is("|") {
        // A closure without a body parses, and is never meant.
        return false;
    }
    if are_too_many(text) {
        return true;
    }
    let mut engine = Engine::new_raw();
    limit_depths(&mut engine);
    match engine.compile(text) {
        Ok(_) => true,
        Err(error) => !at_the_end(&error.0, error.1, text, &last),
    }
}

enum Open {
    Nothing,
    Quotes,
    Other,
}

/// Returns the string or comment that is open at the end of a text.
fn open(text: &str) -> Open {
    const WORD: &str = "the_end_of_the_text";
    let longer = format!("{text}\n{WORD}");
    match tokens(&longer).last() {
        Some(token) if token.is_word(&[WORD]) => Open::Nothing,
        Some(token) if token.kind == Kind::Text => Open::Quotes,
        _ => Open::Other,
    }
}

/// Returns whether an error means only that the text ends too early.
fn at_the_end(error: &Error, position: Position, text: &str, last: &Token<'_>) -> bool {
    match error {
        Error::UnexpectedEOF => true,
        Error::MissingToken(..)
        | Error::ExprExpected(_)
        | Error::PropertyExpected
        | Error::VariableExpected
        | Error::FnMissingName
        | Error::FnMissingParams(_)
        | Error::FnMissingBody(_) => after(position, last) || ends_with_the_text(position, text) || last.is("|"),
        // Of an end right behind a closure's parameters or an operator Rhai gives no position.
        _ if position.is_none() => last.kind == Kind::Symbol && !matches!(last.text, ")" | "]" | "}" | ";"),
        _ => after(position, last),
    }
}

/// Returns whether a position is after the last token.
fn after(position: Position, last: &Token<'_>) -> bool {
    let (Some(line), Some(column)) = (position.line(), position.position()) else { return true };
    let end = last.column as usize + last.text.chars().count();
    let lines = last.text.matches('\n').count();
    line > last.line as usize + lines || (line == last.line as usize && column >= end)
}

fn ends_with_the_text(position: Position, text: &str) -> bool {
    let (Some(line), Some(column)) = (position.line(), position.position()) else { return true };
    let lines: Vec<&str> = text.lines().collect();
    line >= lines.len() && column > lines.last().map_or(0, |line| line.trim_end().chars().count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entry_with_an_open_construct_is_incomplete() {
        let mut found = Vec::new();
        for text in [
            "Stack(\"a\"",
            "let x =",
            "let",
            "FargateService(\"a\").",
            "FargateService(\"a\")\n    .cpu(256)\n    .",
            "1 +",
            "a &&",
            "#{ a: 1,",
            "[1, 2",
            "if x {",
            "fn f(a) {\n  a +",
            "fn f(",
            "fn f",
            "`text ${x",
            "`text\nmore",
            "/* a comment",
            "for x in",
            "import",
            "let f = |x|",
            "AWS::S3::Bucket(\"Tiles\", #{\n  BucketName: \"x\",",
        ] {
            found.extend(is_complete(text).then_some(text));
        }
        assert!(found.is_empty(), "{found:#?}");
    }

    #[test]
    fn whole_or_wrong_entry_is_complete() {
        let mut found = Vec::new();
        for text in [
            "",
            "1 + 1",
            "let x = 1",
            "let x = 1;",
            "Stack(\"a\")",
            ")",
            "let = 1",
            "1 2",
            "// a comment",
            "fn f() { 1 }",
            "if x { 1 } else { 2 }",
            "x.y",
            "`a ${b} c`",
            "\"a",
            "let x = ;",
            "f(,)",
            "switch 1 { _ => 2 }",
            "let 1 = 2",
        ] {
            found.extend((!is_complete(text)).then_some(text));
        }
        assert!(found.is_empty(), "{found:#?}");
    }
}
