//! The form of a command's results: text for people, JSON or SARIF for programs.
//!
//! *Invariant*: chosen once for each command; a command passes both forms and never asks which one is printed.

use serde::Serialize;
use serde_json::Value as Json;

use crate::cli::json::CheckCounts;
use crate::cli::sarif::Checked;
use crate::cli::terminal::Terminal;
use crate::diag::{Diagnostic, SourceMap};

/// Prints the results of a command.
#[derive(Clone)]
pub(crate) struct Output {
    terminal: Terminal,
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Text,
    Json,
    Sarif,
}

impl Output {
    /// Creates the output of a command: JSON with `--json`, else text.
    pub(crate) fn new(terminal: &Terminal, json: bool) -> Self {
        Self { terminal: terminal.clone(), format: if json { Format::Json } else { Format::Text } }
    }

    /// Creates the output of a check, which may also be SARIF.
    pub(crate) fn of_check(terminal: &Terminal, json: bool, sarif: bool) -> Self {
        let output = Self::new(terminal, json);
        if sarif { Self { format: Format::Sarif, ..output } } else { output }
    }

    /// Returns the terminal behind the output.
    pub(super) fn terminal(&self) -> &Terminal {
        &self.terminal
    }

    /// Returns whether the results are text.
    pub(super) fn is_text(&self) -> bool {
        self.format == Format::Text
    }

    /// Prints the result of the command, or adds it to its JSON document.
    pub(crate) fn result(&self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.is_text() { self.terminal.print(&text()) } else { self.json(value) }
    }

    /// Prints the result of the command, or adds it to its JSON document, and makes only the form that is used.
    pub(crate) fn result_of<T: Serialize>(&self, value: impl FnOnce() -> T, text: impl FnOnce() -> String) {
        if self.is_text() { self.terminal.print(&text()) } else { self.json(&value()) }
    }

    /// Sets the result of the JSON document, for a result that only programs need.
    pub(crate) fn json(&self, value: &impl Serialize) {
        if let (false, Some(document)) = (self.is_text(), self.terminal.document()) {
            document.set_result(to_json(value));
        }
    }

    /// Prints one of several results that come one by one: a line of text, or of JSON.
    pub(crate) fn line(&self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.is_text() { self.terminal.println(&text()) } else { self.json_line(value) }
    }

    /// Prints one of several results that only programs need, as a line of JSON.
    pub(crate) fn json_line(&self, value: &impl Serialize) {
        if !self.is_text() {
            if let Some(document) = self.terminal.document() {
                document.note_line();
            }
            self.terminal.print_json(&to_json(value), false);
        }
    }

    /// Prints a line of a result that only people need.
    pub(crate) fn text_line(&self, line: &str) {
        if self.is_text() {
            self.terminal.println(line);
        }
    }

    /// Prints progress for people, unless `--quiet` is set.
    pub(crate) fn status(&self, text: &str) {
        if self.is_text() {
            self.terminal.status(text);
        }
    }

    /// Returns a list of results.
    pub(crate) fn list(&self) -> ResultList<'_> {
        ResultList { output: self, items: Vec::new() }
    }

    /// Prints the diagnostics of a file for programs; returns whether the results are for programs.
    pub(crate) fn machine_problems(&self, problems: &[Diagnostic], file: &str, sources: &SourceMap) -> bool {
        match self.format {
            Format::Text => {}
            Format::Json => {
                self.terminal.note(problems, sources);
                let errors = problems.iter().filter(|problem| problem.is_error()).count();
                self.json(&CheckCounts { errors, warnings: problems.len() - errors });
            }
            Format::Sarif => self.terminal.print_json(&Checked::new(file, sources).log(problems), true),
        }
        !self.is_text()
    }
}

/// Several results: text is printed as it comes, JSON as one array at the end.
pub(crate) struct ResultList<'a> {
    output: &'a Output,
    items: Vec<Json>,
}

impl ResultList<'_> {
    /// Adds a result.
    pub(crate) fn push(&mut self, value: &impl Serialize, text: impl FnOnce() -> String) {
        if self.output.is_text() {
            self.output.terminal.print(&text());
        } else {
            self.items.push(to_json(value));
        }
    }

    /// Adds a result, and makes only the form that is used.
    pub(crate) fn push_of<T: Serialize>(&mut self, value: impl FnOnce() -> T, text: impl FnOnce() -> String) {
        if self.output.is_text() {
            self.output.terminal.print(&text());
        } else {
            self.items.push(to_json(&value()));
        }
    }

    /// Completes the list.
    pub(crate) fn finish(self) {
        self.output.json(&self.items);
    }
}

fn to_json(value: &impl Serialize) -> Json {
    serde_json::to_value(value).unwrap_or_default()
}
