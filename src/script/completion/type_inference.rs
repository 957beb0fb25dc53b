//! The type of an expression that is being written, as far as it can be known without evaluating it.

use rhai::Dynamic;

use crate::block::RawResource;
use crate::script::bindings;
use crate::script::block_types::type_name;
use crate::script::lexer::{Kind as Lexical, Token};
use crate::script::session::Session;

/// The inferred type of a value.
#[derive(Debug, Clone)]
pub(super) enum InferredType {
    /// A block or a part of one: the name of its type, and the setters that were called for it.
    Block(&'static str, Vec<String>),
    /// A resource of this type of CloudFormation, and the setters that were called.
    Resource(String, Vec<String>),
    /// A value that the session holds.
    Value(Dynamic),
    /// A map with these keys.
    Keys(Vec<String>),
    Text,
    List,
    Number,
    Reference,
    Unknown,
}

/// The maximum number of declarations to follow.
const DEPTH: usize = 20;

/// Returns the expression that ends with the last of some tokens: of `x = f(a).b` it is `f(a).b`.
pub(super) fn ending<'t, 'a>(tokens: &'t [Token<'a>]) -> &'t [Token<'a>] {
    let mut start = tokens.len();
    while let Some(last) = start.checked_sub(1) {
        let token = tokens[last];
        let bracket = token.is(")") || token.is("]") || token.is("}");
        if bracket {
            let Some(open) = opening(tokens, last) else { break };
            start = open;
            // What is before the bracket is called or indexed.
            let called = open.checked_sub(1).is_some_and(|before| {
                let before = tokens[before];
                !token.is("}") && (before.kind == Lexical::Word || before.is(")") || before.is("]"))
            });
            if called {
                continue;
            }
        } else if matches!(token.kind, Lexical::Word | Lexical::Text | Lexical::Template | Lexical::Number) {
            start = last;
        } else {
            break;
        }
        match start.checked_sub(1).map(|before| tokens[before]) {
            Some(before) if before.is(".") || before.is("::") => start -= 1,
            _ => break,
        }
    }
    &tokens[start.min(tokens.len())..]
}

/// Returns the index of the bracket that one closes.
fn opening(tokens: &[Token<'_>], close: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for at in (0..=close).rev().filter(|at| tokens[*at].kind == Lexical::Symbol) {
        match tokens[at].text {
            ")" | "]" | "}" => depth += 1,
            "(" | "[" | "{" | "#{" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

/// Returns the index of the bracket that closes one.
fn closing(tokens: &[Token<'_>], open: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(open).filter(|(_, token)| token.kind == Lexical::Symbol) {
        match token.text {
            "(" | "[" | "{" | "#{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    tokens.len()
}

/// Returns the type of a whole expression; `all` are the tokens in which variables may be declared.
pub(super) fn of(session: &Session, all: &[Token<'_>], expression: &[Token<'_>]) -> InferredType {
    typed(session, all, expression, DEPTH)
}

fn typed(session: &Session, all: &[Token<'_>], expression: &[Token<'_>], depth: usize) -> InferredType {
    let Some(depth) = depth.checked_sub(1) else { return InferredType::Unknown };
    let (mut kind, mut at) = primary(session, all, expression, depth);
    while let Some(token) = expression.get(at) {
        if token.is("[") {
            kind = InferredType::Unknown;
            at = closing(expression, at) + 1;
            continue;
        }
        let (true, Some(name)) = (token.is("."), expression.get(at + 1)) else { return InferredType::Unknown };
        let called = expression.get(at + 2).is_some_and(|next| next.is("("));
        kind = member(kind, name.text, called);
        at = if called { closing(expression, at + 2) + 1 } else { at + 2 };
    }
    kind
}

/// Returns the type of the first operand of an expression, and the index after it.
fn primary(session: &Session, all: &[Token<'_>], expression: &[Token<'_>], depth: usize) -> (InferredType, usize) {
    let Some(first) = expression.first() else { return (InferredType::Unknown, 0) };
    match first.kind {
        Lexical::Text | Lexical::Template => return (InferredType::Text, 1),
        Lexical::Number => return (InferredType::Number, 1),
        Lexical::Symbol => {
            let end = closing(expression, 0);
            let inside = &expression[1..end.clamp(1, expression.len())];
            let kind = match first.text {
                "(" => typed(session, all, inside, depth),
                "[" => InferredType::List,
                "#{" => InferredType::Keys(keys(inside)),
                _ => InferredType::Unknown,
            };
            return (kind, end + 1);
        }
        _ => {}
    }
    let mut end = 1;
    while expression.get(end).is_some_and(|token| token.is("::")) && expression.len() > end + 1 {
        end += 2;
    }
    let name: String = expression[..end].iter().map(|token| token.text).collect();
    if expression.get(end).is_some_and(|token| token.is("(")) {
        let close = closing(expression, end);
        let arguments = &expression
            [(end + 1).min(expression.len())..close.min(expression.len()).max(end + 1).min(expression.len())];
        return (of_function_result(&name, arguments), close + 1);
    }
    let kind = if end > 1 { InferredType::Unknown } else { variable(session, all, first, depth) };
    (if name.starts_with("AWS::") { InferredType::Reference } else { kind }, end)
}

/// Returns the type that a function returns.
fn of_function_result(name: &str, arguments: &[Token<'_>]) -> InferredType {
    if name.starts_with("AWS::") {
        return InferredType::Resource(name.to_owned(), Vec::new());
    }
    if name == "settings" {
        let map = arguments.iter().position(|token| token.is("#{")).map(|at| &arguments[at + 1..]);
        return InferredType::Keys(map.map(keys).unwrap_or_default());
    }
    if name.starts_with("cfn::") {
        return InferredType::Reference;
    }
    bindings::made_by(name).map_or(InferredType::Unknown, |owner| InferredType::Block(owner, Vec::new()))
}

/// Returns the type of a variable: of the text itself, else of the session.
fn variable(session: &Session, all: &[Token<'_>], name: &Token<'_>, depth: usize) -> InferredType {
    let declared = all.windows(3).rposition(|three| {
        three[0].is_word(&["let", "const"]) && three[1].text == name.text && three[2].is("=")
            || !three[0].is(".") && three[1].kind == Lexical::Word && three[1].text == name.text && three[2].is("=")
    });
    if let Some(at) = declared {
        let rest = &all[at + 3..];
        let end = end_of_statement(rest);
        // Without its end it is the declaration that is being written.
        if end < rest.len() {
            return typed(session, &all[..at], &rest[..end], depth);
        }
    }
    let name = if name.text == "_" {
        session.last().map(|last| last.value.clone())
    } else {
        session.snapshot.get(name.text).cloned()
    };
    name.map_or(InferredType::Unknown, of_session_value)
}

fn end_of_statement(tokens: &[Token<'_>]) -> usize {
    let mut depth = 0_i32;
    for (at, token) in tokens.iter().enumerate().filter(|(_, token)| token.kind == Lexical::Symbol) {
        match token.text {
            "(" | "[" | "{" | "#{" => depth += 1,
            ")" | "]" | "}" => depth -= 1,
            ";" if depth == 0 => return at,
            _ => {}
        }
        if depth < 0 {
            return at;
        }
    }
    tokens.len()
}

/// Returns the type of a value of the session.
fn of_session_value(value: Dynamic) -> InferredType {
    if let Some(resource) = value.read_lock::<std::rc::Rc<RawResource>>() {
        return InferredType::Resource(resource.kind.to_string(), Vec::new());
    }
    InferredType::Value(value)
}

/// Returns the type of a property or of the result of a method.
fn member(kind: InferredType, name: &str, called: bool) -> InferredType {
    match kind {
        InferredType::Block(owner, used) => of_block(owner, used, name),
        InferredType::Resource(kind, mut used) if called => {
            used.push(name.to_owned());
            InferredType::Resource(kind, used)
        }
        InferredType::Resource(..) => InferredType::Reference,
        InferredType::Value(value) => {
            if let Some(owner) = type_name(&value) {
                return of_block(owner, Vec::new(), name);
            }
            let entry = value.as_map_ref().ok().and_then(|map| map.get(name).cloned());
            entry.map_or(InferredType::Unknown, of_session_value)
        }
        InferredType::Reference if !called => InferredType::Reference,
        _ => InferredType::Unknown,
    }
}

fn of_block(owner: &'static str, mut used: Vec<String>, name: &str) -> InferredType {
    let types = bindings::types();
    let Some(known) = types.iter().find(|known| known.name == owner) else { return InferredType::Unknown };
    if known.properties.iter().any(|property| property.0 == name) {
        return InferredType::Reference;
    }
    used.push(name.to_owned());
    InferredType::Block(owner, used)
}

/// Returns the keys at the beginning of the inside of a map.
fn keys(tokens: &[Token<'_>]) -> Vec<String> {
    let (mut depth, mut keys, mut at_key) = (0_i32, Vec::new(), true);
    for token in tokens {
        match token.text {
            "(" | "[" | "{" | "#{" if token.kind == Lexical::Symbol => depth += 1,
            ")" | "]" | "}" if token.kind == Lexical::Symbol => depth -= 1,
            "," if depth == 0 => {
                at_key = true;
                continue;
            }
            _ if depth == 0 && at_key => {
                keys.push(if token.kind == Lexical::Text { token.unquoted() } else { token.text }.to_owned());
            }
            _ => {}
        }
        at_key = false;
        if depth < 0 {
            break;
        }
    }
    keys
}
