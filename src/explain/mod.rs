//! Explains each diagnostic code: the problem, its reason, a wrong and a right example.
//!
//! A file in `pages/` for each code: prose and fenced examples. A test evaluates them: ` ```rhai wrong ` must give the
//! problem, ` ```rhai right ` must not. The title of a page is the title of its code.
//!
//! *Invariant*: imports `diag` only, and every code has its page.

mod pages;

use std::fmt;

use crate::diag::Code;

/// The page about one code.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The code.
    pub code: Code,
    /// The body, in Markdown.
    pub text: &'static str,
}

/// An example of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The language of the example: `rhai`, `yaml`, `sh`.
    pub language: &'static str,
    /// Whether the example gives the problem.
    pub wrong: bool,
    /// The source of the example.
    pub text: &'static str,
}

impl Page {
    /// Returns the wrong and right examples.
    pub fn examples(&self) -> Vec<Example> {
        let mut rest = self.text;
        let mut examples = Vec::new();
        while let Some((_, after)) = rest.split_once("```") {
            let Some((head, body)) = after.split_once('\n') else { break };
            let Some((text, after)) = body.split_once("```") else { break };
            let mut words = head.split_whitespace();
            let language = words.next().unwrap_or("");
            match words.next() {
                Some("wrong") => examples.push(Example { language, wrong: true, text }),
                Some("right") => examples.push(Example { language, wrong: false, text }),
                _ => {}
            }
            rest = after;
        }
        examples
    }
}

impl fmt::Display for Page {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}\n\n{}\n\n{}", self.code, self.code.title(), self.text)
    }
}

/// Returns every page, in the order of [`Code::ALL`].
pub fn pages() -> impl Iterator<Item = Page> {
    Code::ALL.iter().map(|code| page(*code))
}

/// Returns the page about a code.
pub fn page(code: Code) -> Page {
    Page { code, text: pages::text(code) }
}
