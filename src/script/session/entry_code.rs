//! Facts about the code of an entry. They are found once, because every further line of the session uses them.

use std::collections::HashMap;

use crate::script::lexer::{Kind, Token, tokens};
use crate::script::lint::{TopLevelStatement, statements};

/// A function by its name and number of parameters.
pub(super) type Function = (String, usize);

/// The code of an entry.
#[derive(Debug)]
pub(super) struct EntryCode {
    /// The statements of the top level.
    pub(super) statements: Vec<TopLevelStatement>,
    /// The functions that it defines.
    pub(super) functions: Vec<Function>,
    /// The number of occurrences of each word in the code and in templates.
    pub(super) words: HashMap<String, usize>,
    /// The positions where `_` is a value and not the default of a `switch`.
    pub(super) underscores: Vec<(u32, u32)>,
    /// The variable that it sets, and whether it declares it, if it does nothing else.
    pub(super) only_sets: Option<(String, bool)>,
}

impl EntryCode {
    /// Reads the code of a text.
    pub(super) fn of(text: &str) -> Self {
        let code: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
        let statements = statements(text);
        let mut words = HashMap::new();
        for word in code.iter().flat_map(words_of) {
            *words.entry(word.to_owned()).or_default() += 1;
        }
        Self {
            functions: statements.iter().filter_map(function).collect(),
            words,
            underscores: underscores(&code),
            only_sets: only_sets(&statements, &code),
            statements,
        }
    }
}

/// Returns the function that a statement defines.
pub(super) fn function(top: &TopLevelStatement) -> Option<Function> {
    top.function().map(|(name, parameters)| (name.to_owned(), parameters))
}

fn words_of<'t>(token: &Token<'t>) -> impl Iterator<Item = &'t str> + use<'t> {
    let text = if matches!(token.kind, Kind::Word | Kind::Template) { token.text } else { "" };
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

fn underscores(code: &[Token<'_>]) -> Vec<(u32, u32)> {
    let next = |at: usize| code.get(at + 1).is_some_and(|token| token.is("=>"));
    let used = code.iter().enumerate().filter(|(at, token)| token.is_word(&["_"]) && !next(*at));
    used.map(|(_, token)| (token.line, token.column)).collect()
}

fn only_sets(statements: &[TopLevelStatement], code: &[Token<'_>]) -> Option<(String, bool)> {
    let [top] = statements else { return None };
    if top.kind == "let" {
        return Some((top.name.clone()?, true));
    }
    let [first, then, ..] = code else { return None };
    (first.kind == Kind::Word && then.is("=")).then(|| (first.text.to_owned(), false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_of_an_entry_names_its_words_functions_and_last_values() {
        let code = EntryCode::of("fn twice(x) { x + x } // x\nlet y = `${x} of ${_}` + _; switch y { _ => 1 }");
        assert_eq!(code.functions, [("twice".to_owned(), 1)]);
        assert_eq!(code.words.get("x"), Some(&4));
        assert_eq!(code.underscores, [(2, 26)]);
        assert_eq!(code.only_sets, None);
        assert_eq!(EntryCode::of("let a = 1;").only_sets, Some(("a".to_owned(), true)));
        assert_eq!(EntryCode::of("a = 1").only_sets, Some(("a".to_owned(), false)));
    }
}
