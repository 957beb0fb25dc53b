//! The calls that make a block, collected one by one.

use super::note::Note;
use super::writer::Expr;

/// A block that is being described.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) setters: Vec<(String, Vec<Expr>)>,
    pub(super) notes: Vec<Note>,
    file: String,
}

impl Draft {
    /// Creates a block without settings; `file` is that of its notes.
    pub(super) fn new(file: &str) -> Self {
        Self { file: file.to_owned(), ..Self::default() }
    }

    /// Returns the file of its notes.
    pub(super) fn file(&self) -> &str {
        &self.file
    }

    /// Takes the setters and notes of a part.
    pub(super) fn take(&mut self, part: Self) {
        self.setters.extend(part.setters);
        self.notes.extend(part.notes);
    }

    /// Calls a setter.
    pub(super) fn set(&mut self, setter: &str, arguments: impl IntoIterator<Item = Expr>) {
        self.setters.push((setter.to_owned(), arguments.into_iter().collect()));
    }

    /// Calls a setter with a text.
    pub(super) fn set_text(&mut self, setter: &str, text: impl Into<String>) {
        self.set(setter, [Expr::text(text)]);
    }

    /// Calls a setter with a whole number.
    pub(super) fn set_int(&mut self, setter: &str, number: i64) {
        self.set(setter, [Expr::Int(number)]);
    }

    /// Records what has no counterpart, or was changed.
    pub(super) fn note(&mut self, line: u32, text: impl Into<String>) {
        self.notes.push(Note { file: self.file.clone(), line, text: text.into() });
    }

    /// Returns a number within bounds; another one is noted.
    pub(super) fn within(&mut self, line: u32, what: &str, number: i64, least: i64, most: i64) -> i64 {
        let taken = number.clamp(least, most);
        if taken != number {
            self.note(line, format!("`{what}` is {number}, and ECS takes {least} to {most}"));
        }
        taken
    }

    /// Returns the expression: the block with its setters.
    pub(super) fn expression(&self, base: Expr) -> Expr {
        self.setters.iter().fold(base, |block, (setter, arguments)| block.set(setter, arguments.clone()))
    }

    /// Returns the notes as comments, in the order of the source.
    pub(super) fn comments(&self) -> Vec<String> {
        let mut notes = self.notes.clone();
        notes.sort();
        notes.iter().map(Note::to_string).collect()
    }
}
