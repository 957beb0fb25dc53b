//! The names that Rhai's parser compares: each name with those that are declared before it, one after the other.
//!
//! A text of some thousand declarations would take minutes, in which no limit is looked at: the evaluation starts later. So the
//! comparisons are counted before.

use rhai::{AST, Engine, EvalAltResult, Position};

use super::lexer::{KEYWORDS, Kind, Token, tokens};

/// The maximum number of comparisons in one text: those of 10,000 variables, and some. They take about a second.
const MOST: usize = 60_000_000;

/// Compiles a text, unless its parser would compare too many names.
pub(super) fn compile(engine: &Engine, text: &str) -> Result<AST, Box<EvalAltResult>> {
    if let Some(token) = excess(text, MOST) {
        let part = |number: u32| u16::try_from(number).unwrap_or(u16::MAX);
        return Err(Box::new(EvalAltResult::ErrorTooManyVariables(Position::new(
            part(token.line),
            part(token.column),
        ))));
    }
    engine.compile(text).map_err(|error| Box::new(EvalAltResult::ErrorParsing(*error.0, error.1)))
}

/// Returns whether the parser of a text would compare too many names.
pub(super) fn are_too_many(text: &str) -> bool {
    excess(text, MOST).is_some()
}

/// Returns the token at which the parser has compared more names than a maximum.
fn excess(text: &str, most: usize) -> Option<Token<'_>> {
    let (mut comparisons, mut scopes) = (0_usize, Scopes::default());
    tokens(text).find(|token| {
        comparisons = comparisons.saturating_add(scopes.comparisons(token));
        comparisons > most
    })
}

/// The names that are declared at a place of a text.
#[derive(Default)]
struct Scopes {
    /// The number of variables and modules.
    names: usize,
    /// The braces that are open: the number of names before each, and for a map, the number of its keys.
    open: Vec<(usize, Option<usize>)>,
    /// The number of names in the list that is open: parameters of a function or closure.
    listed: usize,
    /// Whether the name of a variable or module may follow.
    declares: bool,
}

impl Scopes {
    /// Returns the number of names with which a token is compared, and takes it.
    fn comparisons(&mut self, token: &Token<'_>) -> usize {
        match token.kind {
            Kind::Word if KEYWORDS.contains(&token.text) => {
                self.declares = matches!(token.text, "let" | "const" | "for" | "as" | "catch");
                self.listed = 0;
                0
            }
            Kind::Word => {
                // A parameter is compared with those before it, and is a variable of its function.
                let compared = self.names + self.listed;
                self.names += usize::from(std::mem::take(&mut self.declares));
                self.listed += 1;
                compared
            }
            Kind::Template if token.text.contains("${") => {
                let words =
                    token.text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
                words.count() * (self.names + self.listed)
            }
            Kind::Symbol => self.symbol(token.text),
            _ => 0,
        }
    }

    fn symbol(&mut self, symbol: &str) -> usize {
        match symbol {
            "," | "(" => return 0,
            "#{" => self.open.push((self.names, Some(0))),
            "{" => self.open.push((self.names, None)),
            "}" => self.names = self.open.pop().map_or(self.names, |(names, _)| names),
            ":" => {
                if let Some((_, Some(keys))) = self.open.last_mut() {
                    *keys += 1;
                    return *keys;
                }
            }
            _ => self.listed = 0,
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    fn repeated(number: usize, part: impl Fn(usize) -> String) -> String {
        (0..number).fold(String::new(), |mut text, at| {
            let _ = write!(text, "{}", part(at));
            text
        })
    }

    fn is_refused(text: &str) -> bool {
        excess(text, 100_000).is_some()
    }

    #[test]
    fn declarations_parameters_keys_and_uses_are_counted() {
        for text in [
            repeated(1_000, |at| format!("let v{at} = 1; ")),
            repeated(1_000, |at| format!("import \"a\" as m{at}; ")),
            format!("fn f({}z) {{ 1 }}", repeated(1_000, |at| format!("a{at}, "))),
            format!("let f = |{}z| 1;", repeated(1_000, |at| format!("a{at}, "))),
            format!("let m = #{{ {} }};", repeated(1_000, |at| format!("k{at}: 1, "))),
            format!("{}{}", repeated(100, |at| format!("let v{at} = 1; ")), "v1; ".repeat(1_000)),
            format!("{}`{}`", repeated(100, |at| format!("let v{at} = 1; ")), "${v1}".repeat(1_000)),
        ] {
            assert!(is_refused(&text), "{}", &text[..60]);
        }
    }

    #[test]
    fn names_of_a_block_end_with_it_and_lists_with_theirs() {
        for text in [
            repeated(1_000, |at| format!("fn f{at}(a, b) {{ let c = a; c }} ")),
            format!("let l = [{}];", "a, ".repeat(1_000)),
            repeated(1_000, |_| "#{ a: 1, b: 2 };".to_owned()),
            format!("let s = \"{}\";", "${a} ".repeat(1_000)),
        ] {
            let short = text.replace("a, a", "\"a\", \"a\"");
            assert!(!is_refused(&short), "{}", &short[..30]);
        }
    }

    #[test]
    fn text_with_too_many_names_is_not_parsed() {
        let text = repeated(20_000, |at| format!("let v{at}=1;"));
        let error = compile(&Engine::new_raw(), &text).expect_err("too many names");
        assert!(matches!(*error, EvalAltResult::ErrorTooManyVariables(position) if position.line() == Some(1)));
        assert!(are_too_many(&text) && !are_too_many("let a = 1;"));
    }
}
