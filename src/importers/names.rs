//! Names of blocks, variables and settings from the names of a source.

use std::collections::HashSet;

/// The words that cannot be the name of a variable (Rhai, "Keywords").
const RESERVED: &[&str] = &[
    "Fn",
    "as",
    "async",
    "await",
    "break",
    "call",
    "case",
    "catch",
    "const",
    "continue",
    "curry",
    "debug",
    "default",
    "do",
    "else",
    "eval",
    "exit",
    "export",
    "false",
    "fn",
    "for",
    "global",
    "go",
    "goto",
    "if",
    "import",
    "in",
    "is",
    "is_def_fn",
    "is_def_var",
    "is_shared",
    "let",
    "loop",
    "match",
    "module",
    "new",
    "nil",
    "null",
    "package",
    "print",
    "private",
    "protected",
    "public",
    "return",
    "shared",
    "spawn",
    "static",
    "super",
    "switch",
    "sync",
    "this",
    "thread",
    "throw",
    "true",
    "try",
    "type_of",
    "until",
    "use",
    "var",
    "void",
    "while",
    "with",
    "yield",
];

/// Returns whether a text can be a name of the script.
pub(super) fn is_identifier(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let letters = text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_');
    starts && letters && text.contains(|letter: char| letter.is_ascii_alphanumeric()) && !RESERVED.contains(&text)
}

/// Returns the words of a name: `web`, `api`, `v2` of `Web_API-v2`.
pub(super) fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    for letter in name.chars() {
        if !letter.is_ascii_alphanumeric() || before.is_ascii_lowercase() && letter.is_ascii_uppercase() {
            words.push(String::new());
        }
        if letter.is_ascii_alphanumeric() {
            words.last_mut().expect("one word at least").push(letter.to_ascii_lowercase());
        }
        before = letter;
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Returns the name of a block in kebab-case: `web-api`.
pub(super) fn block_name(name: &str) -> String {
    begins_with_letter(&words(name).join("-"), "app")
}

/// Returns the name of a variable: `web_api`.
pub(super) fn variable_name(name: &str) -> String {
    let name = begins_with_letter(&words(name).join("_"), "value").replace('-', "_");
    if is_identifier(&name) { name } else { format!("{name}_") }
}

fn begins_with_letter(name: &str, fallback: &str) -> String {
    match name.chars().next() {
        None => fallback.to_owned(),
        Some(first) if first.is_ascii_alphabetic() => name.to_owned(),
        Some(_) => format!("{fallback}-{name}"),
    }
}

/// Names that are taken.
#[derive(Debug, Default)]
pub(super) struct Taken(HashSet<String>);

impl Taken {
    /// Creates a set in which these names are taken.
    pub(super) fn with(names: &[&str]) -> Self {
        Self(names.iter().map(|name| (*name).to_owned()).collect())
    }

    /// Returns a name that is not taken, and takes it. Names that differ in capitals, hyphens or underscores only are the same.
    pub(super) fn unique(&mut self, name: &str, separator: &str) -> String {
        let plain = |name: &str| name.replace(['-', '_'], "").to_ascii_lowercase();
        let candidates =
            std::iter::once(name.to_owned()).chain((2..).map(|number| format!("{name}{separator}{number}")));
        let free = candidates.into_iter().find(|name| !self.0.contains(&plain(name)));
        let free = free.expect("numbers do not end");
        self.0.insert(plain(&free));
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_form_become_names_of_blocks_and_variables() {
        for (name, block, variable) in [
            ("web", "web", "web"),
            ("Web_API", "web-api", "web_api"),
            ("my.service", "my-service", "my_service"),
            ("MyBucket", "my-bucket", "my_bucket"),
            ("1st", "app-1st", "value_1st"),
            ("été", "t", "t"),
            ("--", "app", "value"),
            ("default", "default", "default_"),
        ] {
            assert_eq!((block_name(name).as_str(), variable_name(name).as_str()), (block, variable), "{name}");
        }
    }

    #[test]
    fn names_that_would_give_one_logical_id_get_numbers() {
        let mut taken = Taken::default();
        assert_eq!(taken.unique("web-api", "-"), "web-api");
        assert_eq!(taken.unique("webapi", "-"), "webapi-2");
        assert_eq!(taken.unique("web-api", "-"), "web-api-3");
    }
}
