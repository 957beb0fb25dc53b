//! Rhai's parse errors as diagnostics: at the origin of the mistake, with a correction.

use rhai::{LexError, ParseErrorType, Position};

use super::describe::lower;
use super::eval_state::EvalState;
use super::lexer::{KEYWORDS, Kind, Token, tokens};
use super::unresolved_names;
use crate::diag::{Code, Diagnostic, Origin};

/// Returns the diagnostic of a parse error in a source.
pub(crate) fn diagnose(kind: &ParseErrorType, source: &str, position: Position, state: &EvalState) -> Diagnostic {
    let sources = state.sources.borrow();
    let text = sources.text(source).unwrap_or("");
    let at = state.origin_at(source, position);
    let code = |code: Code, message: String| Diagnostic::new(code, message);
    let syntax = |message: String| code(Code::SyntaxError, message).at(&at, "");
    match kind {
        ParseErrorType::VariableUndefined(name) => unresolved_names::variable(name, Some(text)).at(&at, ""),
        ParseErrorType::ModuleUndefined(name) => unresolved_names::module(name).at(&at, ""),
        ParseErrorType::UnexpectedEOF => {
            let problem = syntax("the script ends too early".into());
            with_open_bracket(problem, text, position, &|line, column| origin_at(state, source, line, column))
                .help("close the bracket, the string or the comment that is open")
        }
        // A definition inside a block is often one after a function that is not closed.
        ParseErrorType::WrongFnDefinition | ParseErrorType::WrongExport => {
            let all: Vec<Token<'_>> = code_tokens(text).collect();
            let problem = syntax(lower(&kind.to_string()));
            with_bracket_label(problem, open_bracket(&all), &|line, column| origin_at(state, source, line, column))
        }
        ParseErrorType::ExprTooDeep => code(Code::LimitDepth, "this expression is nested too deeply".into())
            .at(&at, "")
            .help("assign a part of it to a variable"),
        ParseErrorType::LiteralTooLarge(what, most) => {
            code(Code::LimitLiteral, format!("this literal is too large: {} over {most}", lower(what))).at(&at, "")
        }
        ParseErrorType::Reserved(word) => reserved(word, text, position, &at),
        // Rhai names no keyword that is used as a name.
        ParseErrorType::VariableExpected | ParseErrorType::FnMissingName
            if let Some(word) = keyword_at(text, position) =>
        {
            reserved(&word, text, position, &at)
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if word == "eval" && is_name(text, position) => {
            reserved(word, text, position, &at)
        }
        ParseErrorType::BadInput(LexError::ImproperSymbol(word, _)) if word == "eval" => {
            syntax("`eval` is not available: a text that is evaluated is in no file, and no check sees it".into())
                .help("write the expression itself, or a closure: `let f = |x| x + 1;`")
        }
        ParseErrorType::BadInput(LexError::MalformedChar(inside)) => syntax(format!("`'{inside}'` is not a character"))
            .help(format!("write text in double quotes: `\"{inside}\"`")),
        ParseErrorType::MissingToken(token, why) => {
            let origin = |line, column| origin_at(state, source, line, column);
            missing(token, &lower(why), text, position, &at, &origin)
        }
        other => syntax(lower(&other.to_string())),
    }
}

/// Returns the origin of a line and column of a source.
fn origin_at(state: &EvalState, source: &str, line: u32, column: u32) -> Origin {
    let part = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
    state.origin_at(source, Position::new(part(line), part(column)))
}

/// Returns the diagnostic of a reserved word. In the place of a name, it offers another one.
fn reserved(word: &str, text: &str, position: Position, at: &Origin) -> Diagnostic {
    let problem = Diagnostic::new(Code::SyntaxError, format!("`{word}` is a reserved word")).at(at, "");
    if is_name(text, position) {
        return problem.help(format!("choose another name, such as `{}`", other_name(word, text, position)));
    }
    if let Some((Some(before), _)) = at_position(text, position)
        && before.is(".")
    {
        return problem.help(format!("read the key by its name: `[\"{word}\"]`"));
    }
    match word {
        "#" => problem.help("a comment begins with `//`"),
        "new" => problem.help("call a block without `new`: `FargateService(\"Web\")`"),
        "null" | "nil" => problem.help("a missing value is written `()`"),
        "var" | "static" => problem.help("declare a variable with `let`: `let name = ..;`"),
        "match" | "case" => {
            problem.help("choose between values with `switch`: `switch stage { \"prod\" => 4, _ => 1 }`")
        }
        "this" | "print" | "debug" => problem,
        _ if word.chars().all(char::is_alphabetic) => {
            problem.help(format!("choose another name, such as `{}`", other_name(word, text, position)))
        }
        _ => problem.help("choose another name"),
    }
}

/// Returns a name instead of a reserved word: `private_alb` for `let private = Alb(..)`.
fn other_name(word: &str, text: &str, position: Position) -> String {
    let noun = if is_function(text, position) { "function" } else { noun_of(word, text) };
    format!("{}_{noun}", word.to_lowercase())
}

/// Returns the token at a position, with the one before it.
fn at_position(text: &str, position: Position) -> Option<(Option<Token<'_>>, Token<'_>)> {
    let mut before = None;
    for token in code_tokens(text) {
        if is_at_or_after(&token, position) {
            return Some((before, token));
        }
        before = Some(token);
    }
    None
}

/// Returns the keyword at a position, if there is one.
fn keyword_at(text: &str, position: Position) -> Option<String> {
    let (_, token) = at_position(text, position)?;
    token.is_word(&KEYWORDS).then(|| token.text.to_owned())
}

/// Returns whether the word at a position is the name of a variable, function, parameter or module that is declared there.
fn is_name(text: &str, position: Position) -> bool {
    let all: Vec<Token<'_>> = code_tokens(text).take_while(|token| !is_at_or_after(token, position)).collect();
    let next = code_tokens(text).nth(all.len() + 1);
    let Some(before) = all.last() else { return next.is_some_and(|next| next.is("=")) };
    // A parameter: between `|` and `|`, or in the brackets of `fn name(..)`.
    let is_in_list = next.is_some_and(|next| next.is(",") || next.is(")") || next.is("|"));
    let opens = all.iter().rposition(|token| token.is("("));
    let is_of_function = opens.is_some_and(|open| open >= 2 && all[open - 2].is_word(&["fn"]));
    let is_of_closure = all
        .iter()
        .rev()
        .take_while(|token| token.kind == Kind::Word || token.is(",") || token.is("|"))
        .any(|it| it.is("|"));
    before.is_word(&["let", "const", "fn", "for", "as", "catch"])
        || next.is_some_and(|next| next.is("=")) && (before.is(";") || before.is("{") || before.is("}"))
        || is_in_list && (is_of_function || is_of_closure)
}

fn is_function(text: &str, position: Position) -> bool {
    at_position(text, position).and_then(|(before, _)| before).is_some_and(|before| before.is_word(&["fn"]))
}

/// Returns a noun for the value that a variable gets: `alb` for `let shared = Alb(..)`.
fn noun_of(word: &str, text: &str) -> &'static str {
    const NOUNS: [(&str, &str); 18] = [
        ("Alb", "alb"),
        ("Nlb", "nlb"),
        ("FargateService", "service"),
        ("ExpressService", "service"),
        ("Cluster", "cluster"),
        ("Vpc", "vpc"),
        ("Stack", "stack"),
        ("Container", "container"),
        ("Job", "job"),
        ("Database", "db"),
        ("Cache", "cache"),
        ("Bucket", "bucket"),
        ("Queue", "queue"),
        ("Topic", "topic"),
        ("Table", "table"),
        ("Secret", "secret"),
        ("Route", "route"),
        ("Scaling", "scaling"),
    ];
    let all: Vec<Token<'_>> = code_tokens(text).collect();
    let assigned = all.windows(4).find(|four| four[1].text == word && four[2].is("=") && four[3].kind == Kind::Word);
    let Some(made) = assigned.map(|four| four[3].text) else { return "value" };
    NOUNS.iter().find(|(kind, _)| *kind == made).map_or("value", |(_, noun)| noun)
}

/// Returns the diagnostic of a token that Rhai expected.
fn missing(
    token: &str,
    why: &str,
    text: &str,
    position: Position,
    at: &Origin,
    origin: &dyn Fn(u32, u32) -> Origin,
) -> Diagnostic {
    let all: Vec<Token<'_>> = code_tokens(text).collect();
    let is_before = |token: &&Token<'_>| !is_at_or_after(token, position);
    let before = all.iter().filter(is_before).count();
    let syntax = |message: String| Diagnostic::new(Code::SyntaxError, message);
    let next = all.get(before);
    if token == ";" && next.is_some_and(|next| next.is(":")) && before >= 2 && all[before - 2].is("{") {
        let brace = all[before - 2];
        return syntax("a map begins with `#{`".into())
            .at(&origin(brace.line, brace.column), "this begins a block of statements")
            .help(format!("write `#{{ {}: .. }}`", all[before - 1].text));
    }
    let is_separator = token == "," || token == ";";
    let is_closing = |next: &&Token<'_>| [")", "]", "}"].iter().any(|bracket| next.is(bracket));
    let ends_early = next.is_none_or(|next| next.is(";") || is_closing(&next));
    let last = before.checked_sub(1).map(|index| all[index]);
    // In a script with an unclosed block, the next line is more likely after the block than a part of it.
    let begins_line = next.zip(last).is_some_and(|(next, last)| next.line > last.line);
    let ends_block = token == ";" && begins_line && open_bracket(&all).is_some_and(|open| open.is("{"));
    if is_separator
        && !ends_early
        && !ends_block
        && let Some(last) = last
    {
        let name = if token == "," { "comma" } else { "semicolon" };
        return syntax(format!("expected `{token}` {why}"))
            .at(&origin(last.line, last.column), format!("a {name} is missing after this"));
    }
    let Some(open) = open_bracket(&all[..before]) else {
        return syntax(format!("expected `{token}` {why}")).at(at, "");
    };
    let problem = syntax(format!("expected `{}`", closing(open.text)));
    // At the end of the script only the bracket is underlined.
    let problem = if next.is_some() { problem.at(at, "") } else { problem };
    problem.at(&origin(open.line, open.column), format!("`{}` is not closed", open.text))
}

/// Adds the bracket that is open at a position to a diagnostic.
fn with_open_bracket(
    problem: Diagnostic,
    text: &str,
    position: Position,
    origin: &dyn Fn(u32, u32) -> Origin,
) -> Diagnostic {
    let before: Vec<Token<'_>> = code_tokens(text).take_while(|token| !is_at_or_after(token, position)).collect();
    with_bracket_label(problem, open_bracket(&before), origin)
}

/// Adds a label to a diagnostic at a bracket that is not closed, if there is one.
fn with_bracket_label(problem: Diagnostic, open: Option<Token<'_>>, origin: &dyn Fn(u32, u32) -> Origin) -> Diagnostic {
    match open {
        Some(open) => problem.at(&origin(open.line, open.column), format!("`{}` is not closed", open.text)),
        None => problem,
    }
}

fn code_tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    tokens(text).filter(|token| token.kind != Kind::Comment)
}

fn is_at_or_after(token: &Token<'_>, position: Position) -> bool {
    let number = |part: Option<usize>| part.and_then(|part| u32::try_from(part).ok());
    let Some(line) = number(position.line()) else { return false };
    (token.line, token.column) >= (line, number(position.position()).unwrap_or(0))
}

/// Returns the innermost bracket that is open after some tokens.
fn open_bracket<'a>(tokens: &[Token<'a>]) -> Option<Token<'a>> {
    let mut open: Vec<Token<'a>> = Vec::new();
    for token in tokens.iter().filter(|token| token.kind == Kind::Symbol) {
        match token.text {
            "(" | "[" | "{" | "#{" => open.push(*token),
            ")" | "]" | "}" => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

fn closing(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" => "]",
        _ => "}",
    }
}
