//! A line or file of a session, and its part in the script of the session.

use std::collections::HashSet;
use std::sync::Arc;

use super::entry_code::{EntryCode, Function, function};

use super::snapshot::Snapshot;
use crate::diag::Origin;
use crate::script::concatenated_source::{SourceEdit, SourcePart};
use crate::script::lint::TopLevelStatement;

/// The part of an entry that the session retains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::script) enum Retention {
    /// The entry: the session differs without it.
    Full,
    /// Its stacks, as long as they are among the latest; it changed no variable.
    Stacks,
    /// Nothing: it only showed a value. It is retained for that value if a later entry uses it as `_`.
    None,
}

/// A line or file.
#[derive(Debug, Clone)]
pub(in crate::script) struct SessionEntry {
    /// `repl:3`, or the path of the file.
    pub(in crate::script) name: Arc<str>,
    pub(in crate::script) text: Arc<str>,
    code: Arc<EntryCode>,
    /// Whether it is a file.
    pub(in crate::script) loaded: bool,
    /// Whether its value is a stack or a list of stacks.
    pub(in crate::script) has_stacks: bool,
    /// The variable that holds its value.
    pub(in crate::script) variable: Option<String>,
    /// The reason why it stays in the session.
    pub(in crate::script) retention: Retention,
    /// The variable that `_` means in it.
    last: Option<String>,
    number: usize,
}

impl SessionEntry {
    /// Creates the entry of line `number` of a session.
    pub(in crate::script) fn typed(number: usize, text: &str) -> Self {
        Self::new(format!("repl:{number}").into(), text, false, number)
    }

    /// Creates the entry of a file.
    pub(in crate::script) fn loaded(path: &str, text: &str) -> Self {
        Self::new(path.into(), text, true, 0)
    }

    fn new(name: Arc<str>, text: &str, loaded: bool, number: usize) -> Self {
        Self {
            name,
            text: text.into(),
            code: Arc::new(EntryCode::of(text)),
            loaded,
            has_stacks: false,
            variable: None,
            retention: Retention::Full,
            last: None,
            number,
        }
    }

    /// Returns whether it is the file of this path.
    pub(in crate::script) fn is_file(&self, path: &str) -> bool {
        self.loaded && self.name.as_ref() == path
    }

    /// Sets the text to the current content of the file.
    pub(in crate::script) fn rewrite(&mut self, text: &str) {
        self.text = text.into();
        self.code = Arc::new(EntryCode::of(text));
    }

    /// Returns the origin of its first use of the last value.
    pub(in crate::script) fn underscore(&self) -> Option<Origin> {
        let (line, column) = *self.code.underscores.first()?;
        Some(Origin::new(Arc::clone(&self.name), line, column))
    }

    /// Sets the variable that `_` means.
    pub(in crate::script) fn use_last(&mut self, variable: String) {
        self.last = Some(variable);
    }

    /// Stores its stacks in a variable: `stack` or `stacks` for a file if this name is free.
    pub(in crate::script) fn store_stacks(&mut self, snapshot: &Snapshot, is_one: bool) {
        self.has_stacks = true;
        let good = if is_one { "stack" } else { "stacks" };
        match snapshot.get(good) {
            None if self.loaded => self.variable = Some(good.to_owned()),
            _ => drop(self.store_in_variable()),
        }
    }

    /// Stores its value in a variable and returns the name.
    pub(in crate::script) fn store_in_variable(&mut self) -> String {
        let number = self.number;
        self.variable.get_or_insert_with(|| format!("it{number}")).clone()
    }

    /// Returns whether it declares a function, an import or an export.
    pub(in crate::script) fn has_declaration(&self) -> bool {
        self.code.statements.iter().any(|top| matches!(top.kind.as_str(), "fn" | "import" | "export"))
    }

    /// Returns its part of the script, without the functions that a later entry redefines.
    fn part(&self, overridden: &HashSet<&Function>) -> SourcePart {
        let mut edits = Vec::new();
        if let Some(last) = &self.last {
            let one = |(line, column)| SourceEdit { line, column, removed: 1, inserted: last.clone() };
            edits.extend(self.code.underscores.iter().copied().map(one));
        }
        let statements = &self.code.statements;
        for top in statements.iter().filter(|top| function(top).is_some_and(|defined| overridden.contains(&defined))) {
            edits.extend(blanked(&self.text, top));
        }
        if let (Some(name), Some(top)) = (&self.variable, statements.last().filter(|top| top.is_expression)) {
            let inserted = format!("let {name} = ");
            edits.push(SourceEdit { line: top.line, column: top.column, removed: 0, inserted });
        }
        edits.sort_by_key(|edit| (edit.line, edit.column, edit.removed));
        SourcePart { name: Arc::clone(&self.name), text: Arc::clone(&self.text), edits }
    }
}

/// Returns the parts of the script, one for each entry.
pub(in crate::script) fn parts(entries: &[SessionEntry]) -> Vec<SourcePart> {
    let mut later = HashSet::new();
    let mut parts = Vec::new();
    for entry in entries.iter().rev() {
        parts.push(entry.part(&later));
        later.extend(&entry.code.functions);
    }
    parts.reverse();
    parts
}

/// Returns whether the last entry redefines a function.
pub(in crate::script) fn overrides(entries: &[SessionEntry]) -> bool {
    let Some((last, before)) = entries.split_last() else { return false };
    let is_known = |defined: &Function| before.iter().any(|entry| entry.code.functions.contains(defined));
    last.code.functions.iter().any(is_known)
}

/// Returns the functions that entries define, each with its parameters: `web(name, image)`.
pub(in crate::script) fn functions(entries: &[SessionEntry]) -> Vec<String> {
    let mut found: Vec<(Function, String)> = Vec::new();
    for top in entries.iter().flat_map(|entry| &entry.code.statements) {
        let Some(defined) = function(top) else { continue };
        let signature = format!("{}({})", defined.0, top.parameters.join(", "));
        found.retain(|(known, _)| *known != defined);
        found.push((defined, signature));
    }
    found.into_iter().map(|(_, signature)| signature).collect()
}

/// Returns the entries that only set a variable that a later entry sets again before any entry mentions it;
/// the latest first.
pub(in crate::script) fn overwritten(entries: &[SessionEntry]) -> Vec<usize> {
    let Some((name, _)) = entries.last().and_then(SessionEntry::only_sets) else { return Vec::new() };
    let about: Vec<usize> = (0..entries.len()).filter(|at| entries[*at].mention_count(name) > 0).collect();
    let sets = |at: usize| entries[at].only_sets().filter(|(known, _)| *known == name).map(|(_, declares)| declares);
    let pairs = about.windows(2).rev().filter(|pair| {
        // The variable of an assignment must stay declared.
        let good = sets(pair[0]).zip(sets(pair[1])).is_some_and(|(declared, declares)| declares || !declared);
        good && entries[pair[1]].mention_count(name) == 1 && !entries[pair[0]].loaded
    });
    pairs.map(|pair| pair[0]).collect()
}

/// Removes the entries whose functions the last entry redefines.
pub(in crate::script) fn forget_overridden(entries: &mut Vec<SessionEntry>) {
    let Some(last) = entries.last() else { return };
    let (name, code) = (Arc::clone(&last.name), Arc::clone(&last.code));
    let overridden = |top: &TopLevelStatement| function(top).is_some_and(|defined| code.functions.contains(&defined));
    entries.retain(|entry| {
        let statements = &entry.code.statements;
        entry.name == name || entry.loaded || statements.is_empty() || !statements.iter().all(overridden)
    });
}

/// The maximum number of unnamed values that a session retains without a use.
const MAX_UNUSED_VALUES: usize = 16;

/// Removes the oldest entries that are retained only for their values, if no entry, nor the new one, uses them.
pub(in crate::script) fn forget_unused_values(entries: &mut Vec<SessionEntry>, new: &SessionEntry) {
    let stacks = entries.iter().rposition(|entry| entry.has_stacks);
    let candidates: Vec<usize> =
        (0..entries.len()).filter(|at| entries[*at].retention != Retention::Full && Some(*at) != stacks).collect();
    let excess = candidates.len().saturating_sub(MAX_UNUSED_VALUES);
    let used = |at: usize, name: &str| entries[at + 1..].iter().chain([new]).any(|entry| entry.mention_count(name) > 0);
    let unused = |at: &usize| entries[*at].variable.as_deref().is_some_and(|name| !used(*at, name));
    let removed: Vec<usize> = candidates.into_iter().take(excess).filter(unused).collect();
    removed.into_iter().rev().for_each(|at| drop(entries.remove(at)));
}

impl SessionEntry {
    /// Returns the variable that the entry sets, and whether it declares it, if it does nothing else.
    fn only_sets(&self) -> Option<(&str, bool)> {
        let (name, declares) = self.code.only_sets.as_ref()?;
        (!*declares || self.variable.is_none()).then_some((name, *declares))
    }

    /// Counts how often it names a variable.
    fn mention_count(&self, name: &str) -> usize {
        let last = usize::from(self.last.as_deref() == Some(name));
        last + self.code.words.get(name).copied().unwrap_or(0)
    }

    /// Returns whether another entry gives the same source.
    pub(in crate::script) fn is_same_source(&self, other: &SessionEntry) -> bool {
        self.name == other.name && self.variable == other.variable
    }
}

/// Returns the edits that remove a statement and keep its line breaks.
fn blanked(text: &str, top: &TopLevelStatement) -> Vec<SourceEdit> {
    let all = text.lines().zip(1_u32..).filter(|(_, line)| (top.line..=top.end.0).contains(line));
    let one = |(content, line): (&str, u32)| {
        let column = if line == top.line { top.column } else { 1 };
        let width = u32::try_from(content.chars().count()).unwrap_or(u32::MAX);
        let end = if line == top.end.0 { top.end.1 } else { width + 1 };
        SourceEdit { line, column, removed: end.saturating_sub(column), inserted: String::new() }
    };
    all.map(one).collect()
}
