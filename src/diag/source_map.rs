use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::Origin;

/// The texts of the sources that diagnostics point into, by the names that users know.
#[derive(Debug, Clone, Default)]
pub struct SourceMap {
    texts: BTreeMap<Arc<str>, IndexedText>,
}

/// A text with the places of its lines, which are found once.
#[derive(Debug, Clone)]
struct IndexedText {
    text: Arc<str>,
    lines: OnceLock<Lines>,
}

#[derive(Debug, Clone)]
struct Lines {
    /// The offset of each line.
    starts: Arc<[usize]>,
    /// Whether each character is one byte, so that a column needs no search.
    is_ascii: bool,
}

/// The farthest column that is looked for in a text whose characters have several bytes.
const FARTHEST: usize = 50_000;

impl SourceMap {
    /// Remembers the text of a source.
    pub fn add(&mut self, name: impl Into<Arc<str>>, text: impl Into<Arc<str>>) {
        self.texts.insert(name.into(), IndexedText { text: text.into(), lines: OnceLock::new() });
    }

    /// Returns the text of a source.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.texts.get(name).map(|source| &*source.text)
    }

    /// Returns the lines `first..=last` of a source, counted from 1, without their ends; fewer at the end of the source.
    pub(super) fn lines(&self, name: &str, first: usize, last: usize) -> Option<Vec<&str>> {
        let source = self.texts.get(name)?;
        let starts = &source.index().starts;
        let begin = starts.get(first.checked_sub(1)?).copied().unwrap_or(source.text.len());
        let end = starts.get(last).copied().unwrap_or(source.text.len());
        Some(source.text[begin..end.max(begin)].lines().collect())
    }

    /// Returns the offset in a line of a column, in characters from 1; the end of the line if it has fewer.
    pub(super) fn offset(&self, name: &str, line: &str, column: usize) -> usize {
        let before = column.saturating_sub(1);
        if self.texts.get(name).is_some_and(|source| source.index().is_ascii) {
            return before.min(line.len());
        }
        line.char_indices().nth(before.min(FARTHEST)).map_or(line.len(), |(at, _)| at)
    }

    /// Changes the lines around origins, given with their numbers and the line before each.
    pub fn change_lines<'o>(
        &mut self,
        origins: impl Iterator<Item = &'o Origin>,
        change: impl Fn(u32, &str, &str) -> String,
    ) {
        // The lines that may be shown around a place.
        const AROUND: usize = 3;
        let mut places: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for origin in origins.filter(|origin| origin.line > 0) {
            let line = origin.line as usize;
            let lines = line.saturating_sub(AROUND)..=line + AROUND;
            places.entry(&origin.source).or_default().extend(lines);
        }
        for (name, lines) in places {
            let Some(text) = self.text(name) else { continue };
            let mut before = "";
            let changed = |(at, line)| {
                let before = std::mem::replace(&mut before, line);
                if lines.contains(&(at + 1)) {
                    change(u32::try_from(at + 1).unwrap_or(u32::MAX), before, line)
                } else {
                    line.to_owned()
                }
            };
            let new: String = text.split_inclusive('\n').enumerate().map(changed).collect();
            if new != text {
                self.add(name.to_owned(), new);
            }
        }
    }

    /// Returns the names of all sources.
    pub fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.texts.keys()
    }

    /// Returns the texts of all sources.
    pub fn texts(&self) -> impl Iterator<Item = &str> + Clone {
        self.texts.values().map(|source| &*source.text)
    }

    /// Takes over the sources of another set.
    pub fn extend(&mut self, other: &SourceMap) {
        self.texts.extend(other.texts.iter().map(|(name, text)| (name.clone(), text.clone())));
    }
}

impl IndexedText {
    fn index(&self) -> &Lines {
        self.lines.get_or_init(|| Lines {
            starts: std::iter::once(0).chain(self.text.match_indices('\n').map(|(at, _)| at + 1)).collect(),
            is_ascii: self.text.is_ascii(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_from_one_and_end_with_the_source() {
        let mut sources = SourceMap::default();
        sources.add("a", "one\ntwo\r\nthree\n");
        assert_eq!(sources.lines("a", 1, 2), Some(vec!["one", "two"]));
        assert_eq!(sources.lines("a", 3, 9), Some(vec!["three"]));
        assert_eq!(sources.lines("a", 7, 9), Some(vec![]));
        assert_eq!(sources.lines("b", 1, 1), None);
    }

    #[test]
    fn column_counts_characters() {
        let mut sources = SourceMap::default();
        sources.add("a", "let größe = 1;");
        sources.add("b", "let size = 1;");
        assert_eq!(sources.offset("a", "let größe = 1;", 11), 12);
        assert_eq!(sources.offset("b", "let size = 1;", 10), 9);
        assert_eq!(sources.offset("b", "let size = 1;", 99), 13);
    }
}
