//! The story of each kind of problem: what it means, why it matters, a wrong and a right example.
//!
//! One page for each code in `pages/`: a title line, prose, and fenced examples (` ```rhai wrong ` gives the problem,
//! ` ```rhai right ` does not; tests evaluate both).
//!
//! *Invariant*: imports nothing of ours; every code that the crate reports has its page, and a test keeps it so.

mod pages;

use std::fmt;

/// A page about one code.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The code.
    pub code: &'static str,
    /// Markdown.
    pub text: &'static str,
}

/// An example of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// What it is written in: `rhai`, `yaml`, `sh`.
    pub language: &'static str,
    /// True where it gives the problem.
    pub wrong: bool,
    /// The example.
    pub text: &'static str,
}

impl Page {
    /// The title: what the code means, in a line.
    pub fn summary(&self) -> &'static str {
        self.text.lines().next().unwrap_or("").trim_start_matches(['#', ' '])
    }

    /// The wrong and right examples.
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
        writeln!(out, "{}\n", self.code)?;
        out.write_str(self.text.trim_start_matches(['#', ' ']))
    }
}

/// Every page, by code.
pub fn pages() -> impl Iterator<Item = Page> {
    pages::PAGES.iter().map(|(code, text)| Page { code, text })
}

/// The page about a code.
pub fn page(code: &str) -> Option<Page> {
    pages().find(|page| page.code == code)
}
