//! Splits lines into entries, which are evaluated one at a time.

use super::open_entry::{OpenEntry, is_comment};
use crate::script::lexer::tokens;

/// Lines that are read one after the other, from a paste, a pipe or a file.
///
/// An entry continues while it is incomplete, and also if the next line can only continue it: `.cpu(256)`, `+ 1`,
/// `else`. So a complete entry is returned when the line after it is known; after a semicolon, an empty line or a command it is
/// returned at once.
#[derive(Default)]
pub struct EntryReader {
    /// The entry that was started; empty if there is none.
    entry: OpenEntry,
    /// Comments after a complete entry: they belong to it if it continues, else to the next.
    comments: String,
    /// Whether the entry that was started is complete.
    whole: bool,
}

impl EntryReader {
    /// Splits a text into entries; the last one may be incomplete.
    pub fn entries(text: &str) -> Vec<String> {
        let mut reading = Self::default();
        let mut all: Vec<String> = text.lines().flat_map(|line| reading.line(line)).collect();
        all.extend(reading.end());
        all
    }

    /// Returns whether a text ends in the middle of an entry.
    pub fn is_open(text: &str) -> bool {
        let mut reading = Self::default();
        text.lines().for_each(|line| drop(reading.line(line)));
        // An empty line at the end continues the entry.
        !reading.whole && !reading.entry.is_comment() && !reading.entry.text().is_empty()
    }

    /// Returns the number of bytes of the entry that was started.
    pub fn pending(&self) -> usize {
        self.entry.text().len() + self.comments.len()
    }

    /// Reads a line and returns the entries that it completes.
    pub fn line(&mut self, line: &str) -> Vec<String> {
        let mut done = Vec::new();
        if self.whole && is_comment(line) {
            self.comments.push_str(line);
            self.comments.push('\n');
            return done;
        }
        if self.whole && !continues_entry(line) {
            done.extend(self.taken());
        }
        std::mem::take(&mut self.comments).lines().for_each(|comment| self.entry.push(comment));
        if line.trim().is_empty() && (self.entry.text().is_empty() || self.entry.is_comment()) {
            done.extend(self.taken());
            return done;
        }
        let is_command = self.entry.text().is_empty() && line.trim_start().starts_with(':');
        self.entry.push(line);
        self.whole = is_command || (!self.entry.is_comment() && self.entry.is_complete());
        if is_command || (self.whole && self.entry.ends_with_semicolon()) {
            done.extend(self.taken());
        }
        done
    }

    /// Returns the rest after the last line; it may be incomplete.
    pub fn end(mut self) -> Option<String> {
        let rest = [self.entry.take(), std::mem::take(&mut self.comments)].concat();
        (!rest.is_empty()).then(|| rest.trim_end_matches('\n').to_owned())
    }

    fn taken(&mut self) -> Option<String> {
        self.whole = false;
        let entry = self.entry.take();
        (!entry.trim().is_empty()).then(|| entry.trim_end_matches('\n').to_owned())
    }
}

/// Returns whether a line continues the previous entry.
fn continues_entry(line: &str) -> bool {
    const OPERATORS: [&str; 16] = [".", "?", "&", "|", "|>", "==", "!=", "<", ">", "<=", ">=", "+", "*", "/", "%", "="];
    let Some(first) = tokens(line).next() else { return false };
    // A closure begins with one bar, "or" has two.
    let is_closure = first.is("|") && !line.trim_start().starts_with("||");
    !is_closure && (OPERATORS.iter().any(|operator| first.is(operator)) || first.is_word(&["else", "catch"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_split_where_statements_end() {
        let text = "let a = 1\nFargateService(\"a\")\n    // half a core\n    .cpu(512)\n    .memory(1024);\n\n\
                    // the stack\nif a {\n  2\n}\nelse {\n  3\n}\n:vars\nfn f() {\n\n  1 }\na +\n1\n+ 2";
        let entries = EntryReader::entries(text);
        let expected = [
            "let a = 1",
            "FargateService(\"a\")\n    // half a core\n    .cpu(512)\n    .memory(1024);",
            "// the stack\nif a {\n  2\n}\nelse {\n  3\n}",
            ":vars",
            "fn f() {\n\n  1 }",
            "a +\n1\n+ 2",
        ];
        assert_eq!(entries, expected);
    }

    #[test]
    fn entry_is_returned_once_its_end_is_known() {
        let mut reading = EntryReader::default();
        assert!(reading.line("a").is_empty());
        assert_eq!(reading.line(""), ["a"]);
        assert_eq!(reading.line("b;"), ["b;"]);
        assert!(reading.line("c").is_empty());
        assert_eq!(reading.line(":vars"), ["c", ":vars"]);
        assert!(reading.line("f(").is_empty());
        assert_eq!(reading.end().as_deref(), Some("f("));
    }

    #[test]
    fn incomplete_last_entry_is_open() {
        assert!(EntryReader::is_open("let a = 1\nlet b = ("));
        assert!(EntryReader::is_open("Alb(\"a\").\n"));
        assert!(!EntryReader::is_open("let a = 1\nlet b = 2\n"));
        assert!(!EntryReader::is_open(":doc Alb("));
        assert!(!EntryReader::is_open(""));
    }
}
