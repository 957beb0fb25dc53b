//! A line or file of a session, and its part in the script of the session.

use std::sync::Arc;

use super::snapshot::Snapshot;
use crate::diag::Origin;
use crate::script::concatenated_source::{SourceEdit, SourcePart};
use crate::script::lexer::{Kind, Token, tokens};
use crate::script::lint::{TopLevelStatement, statements};

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
    }

    /// Returns the origin of its first use of the last value.
    pub(in crate::script) fn underscore(&self) -> Option<Origin> {
        let position = underscore_positions(&self.text).into_iter().next()?;
        Some(Origin::new(Arc::clone(&self.name), position.0, position.1))
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
        statements_of(&self.text).iter().any(|top| matches!(top.kind.as_str(), "fn" | "import" | "export"))
    }

    /// Returns its part of the script, without the functions that a later entry redefines.
    fn part(&self, overridden: &[Function]) -> SourcePart {
        let mut edits = Vec::new();
        if let Some(last) = &self.last {
            let one = |(line, column)| SourceEdit { line, column, removed: 1, inserted: last.clone() };
            edits.extend(underscore_positions(&self.text).into_iter().map(one));
        }
        let statements_of = statements_of(&self.text);
        for top in statements_of.iter().filter(|top| function(top).is_some_and(|defined| overridden.contains(&defined)))
        {
            edits.extend(blanked(&self.text, top));
        }
        if let (Some(name), Some(top)) = (&self.variable, statements_of.last().filter(|top| top.is_expression)) {
            let inserted = format!("let {name} = ");
            edits.push(SourceEdit { line: top.line, column: top.column, removed: 0, inserted });
        }
        edits.sort_by_key(|edit| (edit.line, edit.column, edit.removed));
        SourcePart { name: Arc::clone(&self.name), text: Arc::clone(&self.text), edits }
    }
}

/// Returns the parts of the script, one for each entry.
pub(in crate::script) fn parts(entries: &[SessionEntry]) -> Vec<SourcePart> {
    let mut later: Vec<Function> = Vec::new();
    let mut parts = Vec::new();
    for entry in entries.iter().rev() {
        parts.push(entry.part(&later));
        later.extend(statements_of(&entry.text).iter().filter_map(function));
    }
    parts.reverse();
    parts
}

/// Returns whether the last entry redefines a function.
pub(in crate::script) fn overrides(entries: &[SessionEntry]) -> bool {
    let Some((last, before)) = entries.split_last() else { return false };
    let known: Vec<Function> =
        before.iter().flat_map(|entry| statements_of(&entry.text)).filter_map(|top| function(&top)).collect();
    statements_of(&last.text).iter().filter_map(function).any(|defined| known.contains(&defined))
}

/// Returns the functions that entries define, each with its parameters: `web(name, image)`.
pub(in crate::script) fn functions(entries: &[SessionEntry]) -> Vec<String> {
    let mut found: Vec<(Function, String)> = Vec::new();
    for top in entries.iter().flat_map(|entry| statements_of(&entry.text)) {
        let Some(defined) = function(&top) else { continue };
        let signature = format!("{}({})", defined.0, top.parameters.join(", "));
        found.retain(|(known, _)| *known != defined);
        found.push((defined, signature));
    }
    found.into_iter().map(|(_, signature)| signature).collect()
}

/// A function by its name and number of parameters.
type Function = (String, usize);

fn function(top: &TopLevelStatement) -> Option<Function> {
    top.function().map(|(name, parameters)| (name.to_owned(), parameters))
}

/// Returns the entries that only set a variable that a later entry sets again before any entry mentions it;
/// the latest first.
pub(in crate::script) fn overwritten(entries: &[SessionEntry]) -> Vec<usize> {
    let Some((name, _)) = entries.last().and_then(SessionEntry::only_sets) else { return Vec::new() };
    let about: Vec<usize> = (0..entries.len()).filter(|at| entries[*at].mention_count(&name) > 0).collect();
    let sets = |at: usize| entries[at].only_sets().filter(|(known, _)| *known == name).map(|(_, declares)| declares);
    let pairs = about.windows(2).rev().filter(|pair| {
        // The variable of an assignment must stay declared.
        let good = sets(pair[0]).zip(sets(pair[1])).is_some_and(|(declared, declares)| declares || !declared);
        good && entries[pair[1]].mention_count(&name) == 1 && !entries[pair[0]].loaded
    });
    pairs.map(|pair| pair[0]).collect()
}

/// Removes the entries whose functions the last entry redefines.
pub(in crate::script) fn forget_overridden(entries: &mut Vec<SessionEntry>) {
    let Some(last) = entries.last() else { return };
    let (name, later): (_, Vec<Function>) =
        (Arc::clone(&last.name), statements_of(&last.text).iter().filter_map(function).collect());
    let overridden = |top: &TopLevelStatement| function(top).is_some_and(|defined| later.contains(&defined));
    entries.retain(|entry| {
        let statements_of = statements_of(&entry.text);
        entry.name == name || entry.loaded || statements_of.is_empty() || !statements_of.iter().all(overridden)
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
    fn only_sets(&self) -> Option<(String, bool)> {
        let statements_of = statements_of(&self.text);
        let [top] = statements_of.as_slice() else { return None };
        if top.kind == "let" && self.variable.is_none() {
            return Some((top.name.clone()?, true));
        }
        let mut code = tokens(&self.text).filter(|token| token.kind != Kind::Comment);
        let (first, then) = (code.next()?, code.next()?);
        (first.kind == Kind::Word && then.is("=")).then(|| (first.text.to_owned(), false))
    }

    /// Counts how often it names a variable.
    fn mention_count(&self, name: &str) -> usize {
        let last = usize::from(self.last.as_deref() == Some(name));
        last + words(&self.text).filter(|word| *word == name).count()
    }

    /// Returns whether another entry gives the same source.
    pub(in crate::script) fn is_same_source(&self, other: &SessionEntry) -> bool {
        self.name == other.name && self.variable == other.variable
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    tokens(text).filter(|token| token.kind == Kind::Word || token.kind == Kind::Template).flat_map(|token| {
        token.text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
    })
}

fn statements_of(text: &str) -> Vec<TopLevelStatement> {
    statements(text)
}

/// Returns the positions where `_` is a value and not the default of a `switch`.
fn underscore_positions(text: &str) -> Vec<(u32, u32)> {
    let all: Vec<Token<'_>> = tokens(text).filter(|token| token.kind != Kind::Comment).collect();
    let next = |at: usize| all.get(at + 1).is_some_and(|token| token.is("=>"));
    let used = all.iter().enumerate().filter(|(at, token)| token.is_word(&["_"]) && !next(*at));
    used.map(|(_, token)| (token.line, token.column)).collect()
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
