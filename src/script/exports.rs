//! The functions and constants that a module exports, read from its text: also while it has errors.

use std::collections::BTreeSet;

use super::bindings;
use super::lexer::{Kind, Token, all_tokens};

/// The text of a module.
pub(crate) struct Exports {
    /// The comment at its beginning.
    pub(crate) about: String,
    /// Its exports, in order.
    pub(crate) items: Vec<Export>,
}

/// A function or constant that a module exports.
pub(crate) struct Export {
    /// Its name.
    pub(crate) name: String,
    /// The names of its parameters; none for a constant.
    pub(crate) parameters: Option<Vec<String>>,
    /// The comment above it.
    pub(crate) doc: String,
    /// Its lines.
    pub(crate) code: String,
    /// The blocks and resources that it creates, those of the functions that it calls included.
    pub(crate) creates: Vec<String>,
}

impl Export {
    /// Returns the call, as scripts write it: `web_service(name, image)`; none for a constant.
    pub(crate) fn signature(&self) -> Option<String> {
        Some(format!("{}({})", self.name, self.parameters.as_ref()?.join(", ")))
    }
}

/// A declaration of the top level.
struct Item<'a> {
    name: &'a str,
    parameters: Option<Vec<String>>,
    /// The index of its first token and that behind its last one.
    tokens: (usize, usize),
    is_exported: bool,
}

/// Reads the text of a module.
pub(crate) fn exports_of(text: &str) -> Exports {
    let tokens: Vec<Token<'_>> = all_tokens(text).collect();
    let items = items(&tokens);
    let first = items.first().map(|item| item.tokens.0);
    let about = tokens.iter().position(|token| !is_comment(token)).unwrap_or(tokens.len());
    let about = match first.map(|first| comment_start(&tokens, first)) {
        // The comment right above the first function is about the function.
        Some(start) if start < about => start,
        _ => about,
    };
    let names: Vec<&str> = bindings::types().into_iter().map(|known| known.name).collect();
    let exported = items.iter().filter(|item| item.is_exported).map(|item| Export {
        name: item.name.to_owned(),
        parameters: item.parameters.clone(),
        doc: comment(&tokens[comment_start(&tokens, item.tokens.0)..item.tokens.0]),
        code: code(text, &tokens, item.tokens),
        creates: created(&tokens, &items, item, &names),
    });
    Exports { items: exported.collect(), about: comment(&tokens[..about]) }
}

fn is_comment(token: &Token<'_>) -> bool {
    matches!(token.kind, Kind::Comment | Kind::BlockComment)
}

/// Returns the declarations of the top level.
fn items<'a>(tokens: &[Token<'a>]) -> Vec<Item<'a>> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match item(tokens, at) {
            Some(item) => {
                at = item.tokens.1;
                found.push(item);
            }
            None => at = after_brackets(tokens, at),
        }
    }
    found
}

/// Returns the declaration that begins at a token.
fn item<'a>(tokens: &[Token<'a>], start: usize) -> Option<Item<'a>> {
    let word = |at: usize| tokens.get(at).filter(|token| token.kind == Kind::Word);
    if tokens[start].is_word(&["export"]) {
        let declares = word(start + 1)?.is_word(&["const", "let"]);
        let name = word(if declares { start + 2 } else { start + 1 })?.text;
        let end = statement_end(tokens, start);
        let alias = tokens[start..end].windows(2).rfind(|pair| pair[0].is_word(&["as"]) && !declares);
        let name = alias.map_or(name, |pair| pair[1].text);
        return Some(Item { name, parameters: None, tokens: (start, end), is_exported: true });
    }
    let is_private = tokens[start].is_word(&["private"]);
    let at = start + usize::from(is_private);
    if !tokens.get(at)?.is_word(&["fn"]) {
        return None;
    }
    let name = word(at + 1)?.text;
    let open = (at + 2..tokens.len()).find(|at| tokens[*at].is("("))?;
    let close = after_brackets(tokens, open);
    let parameters = tokens[open..close].iter().filter(|token| token.kind == Kind::Word);
    let parameters = parameters.map(|token| token.text.to_owned()).collect();
    let body = (close..tokens.len()).find(|at| tokens[*at].is("{"))?;
    let end = after_brackets(tokens, body);
    Some(Item { name, parameters: Some(parameters), tokens: (start, end), is_exported: !is_private })
}

/// Returns the index behind the bracket that closes the one at `start`; for another token, the next index.
fn after_brackets(tokens: &[Token<'_>], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate().skip(start) {
        if ["(", "[", "{", "#{"].iter().any(|bracket| token.is(bracket)) {
            depth += 1;
        } else if [")", "]", "}"].iter().any(|bracket| token.is(bracket)) {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return at + 1;
        }
    }
    tokens.len()
}

/// Returns the index behind the semicolon of a statement.
fn statement_end(tokens: &[Token<'_>], start: usize) -> usize {
    let mut at = start;
    while at < tokens.len() {
        if tokens[at].is(";") {
            return at + 1;
        }
        at = after_brackets(tokens, at);
    }
    at
}

/// Returns the index of the first comment of those that end on the line above a token.
fn comment_start(tokens: &[Token<'_>], item: usize) -> usize {
    let mut start = item;
    let mut line = tokens[item].line;
    while let Some(above) = start.checked_sub(1) {
        let height = u32::try_from(tokens[above].text.trim_end().matches('\n').count()).unwrap_or(u32::MAX);
        if !is_comment(&tokens[above]) || tokens[above].line.saturating_add(height + 1) != line {
            break;
        }
        line = tokens[above].line;
        start = above;
    }
    start
}

/// Returns the text of comments in Markdown, without suppressions.
fn comment(tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    for token in tokens {
        let inner = token.text.trim_start_matches("/**").trim_start_matches("/*").trim_end_matches("*/");
        for line in inner.lines() {
            let line = match token.kind {
                Kind::BlockComment => line.trim_start().trim_start_matches("* ").trim_end(),
                _ => line.trim_start_matches(['/', '!']).trim_end(),
            };
            if !line.trim_start().starts_with("rtiler:") {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

fn code(text: &str, tokens: &[Token<'_>], (start, end): (usize, usize)) -> String {
    let last = &tokens[end - 1];
    text[tokens[start].start..last.start + last.text.len()].to_owned()
}

/// Returns the blocks and resource types whose constructors are called in a function, or in functions that it calls.
fn created(tokens: &[Token<'_>], items: &[Item<'_>], item: &Item<'_>, blocks: &[&str]) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![item.tokens];
    let mut seen = BTreeSet::new();
    while let Some(range) = open.pop() {
        if !seen.insert(range) {
            continue;
        }
        let tokens: Vec<&Token<'_>> = tokens[range.0..range.1].iter().filter(|token| !is_comment(token)).collect();
        for (at, pair) in tokens.windows(2).enumerate().filter(|(_, pair)| pair[1].is("(")) {
            let name = pair[0].text;
            let is_plain = at.checked_sub(1).is_none_or(|before| !tokens[before].is("::") && !tokens[before].is("."));
            if is_plain && blocks.contains(&name) {
                found.insert(name.to_owned());
            } else if is_plain {
                open.extend(items.iter().filter(|other| other.name == name).map(|other| other.tokens));
            } else if let Some(start) = at.checked_sub(4)
                && tokens[start].is_word(&["AWS"])
            {
                found.insert(tokens[start..=at].iter().map(|token| token.text).collect());
            }
        }
    }
    found.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEB: &str = r#"// Web services, as Acme runs them.
// In two lines.

import "std/titiler" as titiler;

/// Creates a service behind a load balancer.
///
/// ```rhai
/// web_service("shop", "nginx:1.27")
/// ```
// rtiler: allow(mutable-image-tag) the caller chooses the image
fn web_service(name, image) {
    let map = #{ fn_like: "fn not_this() {}" };
    FargateService(name).image(image).behind(edge(name))
}

private fn edge(name) { Alb(name).listen(80) /* Vpc("x") */ }

/** Creates a queue. */
fn queue(name) { AWS::SQS::Queue(name, #{}) }
export const SIZES = #{ small: 256, large: 1024 };
let inner = 1;
export inner as OUTER;
fn broken(a, b {
"#;

    #[test]
    fn exports_have_their_comments_parameters_and_blocks() {
        let exports = exports_of(WEB);
        assert_eq!(exports.about.trim(), "Web services, as Acme runs them.\n In two lines.");
        let names: Vec<&str> = exports.items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(names, ["web_service", "queue", "SIZES", "OUTER"]);
        let web = &exports.items[0];
        assert_eq!(web.signature().as_deref(), Some("web_service(name, image)"));
        assert!(web.doc.starts_with(" Creates a service behind a load balancer.\n"), "{}", web.doc);
        assert!(!web.doc.contains("mutable-image-tag"), "{}", web.doc);
        assert_eq!(web.creates, ["Alb", "FargateService"]);
        assert_eq!(exports.items[1].doc.trim(), "Creates a queue.");
        assert_eq!(exports.items[1].creates, ["AWS::SQS::Queue"]);
        assert_eq!(exports.items[2].code, "export const SIZES = #{ small: 256, large: 1024 };");
        assert_eq!(exports.items[2].signature(), None);
    }

    #[test]
    fn comment_right_above_the_first_function_is_its_own() {
        let exports = exports_of("// Creates one.\nfn one() { two() }\nfn two() { one() }\n");
        assert_eq!((exports.about.as_str(), exports.items[0].doc.as_str()), ("", " Creates one.\n"));
        assert!(exports_of("").items.is_empty());
        assert!(exports_of("export").items.is_empty());
        assert!(exports_of("private").items.is_empty());
    }
}
