//! A script that was put together from parts: the lines of a session, and the files that were loaded into it.
//!
//! The engine sees one text. Users see the parts, each under its own name, so every position is mapped back to its part.

use std::sync::Arc;

use rhai::Position;

/// A part as users know it, and the edits that were made to it.
#[derive(Debug, Clone)]
pub(crate) struct SourcePart {
    /// `repl:3`, or the path of a file.
    pub(crate) name: Arc<str>,
    /// The text as the user wrote it.
    pub(crate) text: Arc<str>,
    /// The edits, in the order of their positions.
    pub(crate) edits: Vec<SourceEdit>,
}

/// Characters of a line that are replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SourceEdit {
    /// The line, from 1.
    pub(crate) line: u32,
    /// The column of the first character, from 1.
    pub(crate) column: u32,
    /// The number of characters removed; line breaks are left.
    pub(crate) removed: u32,
    /// The inserted text, on one line.
    pub(crate) inserted: String,
}

/// The whole text with its parts.
#[derive(Debug, Clone, Default)]
pub(crate) struct ConcatenatedSource {
    pub(crate) text: String,
    parts: Vec<(u32, SourcePart)>,
}

impl SourcePart {
    /// Returns the text with its edits.
    pub(crate) fn edited(&self) -> String {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        for edit in self.edits.iter().rev() {
            let Some(line) = lines.get_mut(edit.line as usize - 1) else { continue };
            let at = |column: u32| line.char_indices().nth(column as usize - 1).map_or(line.len(), |(at, _)| at);
            let range = at(edit.column)..at(edit.column + edit.removed);
            line.replace_range(range, &edit.inserted);
        }
        lines.join("\n")
    }

    /// Returns the original column of a column of the edited text.
    fn column(&self, line: u32, column: u32) -> u32 {
        let mut shift = 0_u32;
        for edit in self.edits.iter().filter(|edit| edit.line == line) {
            let start = edit.column + shift;
            let length = u32::try_from(edit.inserted.chars().count()).unwrap_or(u32::MAX);
            if column < start {
                break;
            }
            if column < start + length {
                return edit.column;
            }
            shift = (shift + length).saturating_sub(edit.removed);
        }
        column.saturating_sub(shift)
    }
}

impl ConcatenatedSource {
    /// Concatenates parts, each on lines of its own and, except for the last, ended with a semicolon.
    pub(crate) fn of(parts: impl IntoIterator<Item = SourcePart>) -> Self {
        let mut whole = Self::default();
        let mut line = 1;
        for part in parts {
            if !whole.text.is_empty() {
                whole.text += "\n;\n";
                line += 2;
            }
            let edited = part.edited();
            let breaks = u32::try_from(edited.matches('\n').count()).unwrap_or(u32::MAX);
            whole.text += &edited;
            whole.parts.push((line, part));
            line += breaks;
        }
        whole
    }

    /// Returns the part that contains a position, with the line and column in this part.
    pub(crate) fn locate(&self, position: Position) -> Option<(&SourcePart, u32, u32)> {
        let line = position.line().and_then(|line| u32::try_from(line).ok())?;
        let column = position.position().and_then(|column| u32::try_from(column).ok()).unwrap_or(0);
        let (first, part) = self.parts.iter().rev().find(|(first, _)| *first <= line)?;
        let lines = u32::try_from(part.text.lines().count().max(1)).unwrap_or(u32::MAX);
        // What the end of a part lacks is reported at its end.
        let inside = (line - first + 1).min(lines);
        Some((part, inside, part.column(inside, column)))
    }

    /// Returns the parts.
    pub(crate) fn parts(&self) -> impl Iterator<Item = &SourcePart> {
        self.parts.iter().map(|(_, part)| part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, text: &str, edits: Vec<SourceEdit>) -> SourcePart {
        SourcePart { name: name.into(), text: text.into(), edits }
    }

    fn edit(column: u32, removed: u32, inserted: &str) -> SourceEdit {
        SourceEdit { line: 1, column, removed, inserted: inserted.to_owned() }
    }

    #[test]
    fn position_is_mapped_to_the_part_without_its_edits() {
        let edits = vec![edit(1, 0, "let it1 = "), edit(3, 1, "it22")];
        let whole = ConcatenatedSource::of([part("repl:1", "a;\nb", vec![]), part("repl:2", "f(_, x)", edits)]);
        assert_eq!(whole.text, "a;\nb\n;\nlet it1 = f(it22, x)");
        let locate = |line, column| {
            let (part, line, column) = whole.locate(Position::new(line, column)).expect("a part");
            (part.name.to_string(), line, column)
        };
        assert_eq!(locate(2, 1), ("repl:1".into(), 2, 1));
        assert_eq!(locate(4, 11), ("repl:2".into(), 1, 1));
        assert_eq!(locate(4, 13), ("repl:2".into(), 1, 3));
        assert_eq!(locate(4, 19), ("repl:2".into(), 1, 6));
    }
}
