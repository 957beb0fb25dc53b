//! Finds the entries that a user means.

use serde::Serialize;
use wildmatch::WildMatch;

use super::{Entry, Kind, Reference, cloudformation};
use crate::diag::nearest;

/// The maximum number of pages at once; more become a list.
const PAGES: usize = 6;

/// The result of a lookup.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "match", content = "entries")]
pub enum SearchResult {
    /// The entries of this name.
    Pages(Vec<Entry>),
    /// Several that begin with the name, match the glob or contain it, without parts of types.
    List(Vec<Entry>),
    /// Nothing; the nearest name, if one is near.
    Nothing(Option<String>),
}

impl Reference {
    /// Returns the entries of this name in any case: full, or without the owner (`cpu`).
    pub fn find(&self, name: &str) -> Vec<Entry> {
        let name = name.trim().trim_end_matches("()");
        // A function of `std/web` is called by the name of its import: `web::service`.
        let name = name.strip_prefix("std/").filter(|rest| rest.contains("::")).unwrap_or(name);
        let is_command = |entry: &Entry| entry.kind == Kind::Command && entry.short_name().eq_ignore_ascii_case(name);
        // A function of a package has the name of its package, and is called by that of its import.
        let is_call = |entry: &Entry| {
            let calls = entry.signatures.iter().filter_map(|signature| signature.split_once('('));
            entry.kind == Kind::Function && calls.into_iter().any(|(call, _)| call == name)
        };
        let called = |entry: &&Entry| entry.name.eq_ignore_ascii_case(name) || is_command(entry) || is_call(entry);
        let exact: Vec<Entry> = self.entries.iter().filter(called).cloned().collect();
        if !exact.is_empty() {
            return exact;
        }
        let member = name.trim_start_matches('.');
        let short = |entry: &&Entry| entry.short_name().eq_ignore_ascii_case(member);
        let short: Vec<Entry> = self.entries.iter().filter(short).cloned().collect();
        if short.is_empty() { cloudformation::find(name) } else { short }
    }

    /// Returns the entries of this name; else those that begin with it or match it; else the nearest name.
    pub fn look_up(&self, name: &str) -> SearchResult {
        let mut exact = self.find(name);
        exact.extend(self.topics_of(name).into_iter().filter(|topic| !exact.contains(topic)).collect::<Vec<_>>());
        let same_kind = |entries: &[Entry]| entries.windows(2).all(|pair| pair[0].kind == pair[1].kind);
        if !exact.is_empty() {
            let few = exact.len() <= PAGES || !same_kind(&exact);
            return if few { SearchResult::Pages(exact) } else { SearchResult::List(exact) };
        }
        let found = self.search(name);
        if !found.is_empty() {
            return SearchResult::List(found);
        }
        let hits = self.full_text(name);
        let is_query = name.trim().contains(char::is_whitespace);
        let is_name = name.contains(['.', ':']) || !hits.has_all_words;
        let near = if is_query || !is_name { None } else { self.nearest(name) };
        let entries = if hits.has_all_words || is_query { hits.entries } else { Vec::new() };
        match (near, entries) {
            (None, found) if found.len() == 1 => SearchResult::Pages(found),
            (None, found) if !found.is_empty() => SearchResult::List(found),
            (near, _) => SearchResult::Nothing(near),
        }
    }

    /// Returns the entries that match a glob (`AWS::ECS::*`), begin with a text, or contain it.
    pub fn search(&self, pattern: &str) -> Vec<Entry> {
        let pattern = pattern.trim().to_lowercase();
        if pattern.is_empty() {
            return Vec::new();
        }
        let is_glob = pattern.contains(['*', '?']);
        let attempts: &[fn(&str, &str) -> bool] = if is_glob {
            &[|pattern, name| WildMatch::new(pattern).matches(name)]
        } else {
            &[|pattern, name| name.starts_with(pattern), |pattern, name| name.contains(pattern)]
        };
        for fits in attempts {
            let fits = |name: &str| fits(&pattern, &name.to_lowercase());
            let own = self.entries.iter().filter(|entry| entry.kind != Kind::Topic && fits(&entry.name)).cloned();
            let found: Vec<Entry> = own.chain(cloudformation::search(&fits)).collect();
            if !found.is_empty() {
                return found;
            }
        }
        Vec::new()
    }

    /// Returns the name nearest to a misspelt one, with its owner if that was omitted.
    pub fn nearest(&self, name: &str) -> Option<String> {
        if let Some(near) = cloudformation::nearest_property(name) {
            return Some(near);
        }
        let types = if name.contains("::") { cloudformation::names() } else { Vec::new() };
        let full = self.entries.iter().map(|entry| entry.name.as_str()).chain(types.iter().map(String::as_str));
        if let Some(near) = nearest(name, full) {
            return Some(near.to_owned());
        }
        let members =
            self.entries.iter().filter(|entry| matches!(entry.kind, Kind::Method | Kind::Property | Kind::Command));
        nearest(name.trim_start_matches('.'), members.map(Entry::short_name)).map(str::to_owned)
    }
}

impl SearchResult {
    /// Returns the result as lines of at most `width` columns.
    pub fn to_text(&self, width: usize) -> String {
        match self {
            SearchResult::Pages(entries) => {
                entries.iter().map(|entry| entry.to_text(width)).collect::<Vec<_>>().join("\n")
            }
            SearchResult::List(entries) => list(entries, width),
            SearchResult::Nothing(near) => near.iter().map(|near| format!("did you mean `{near}`?\n")).collect(),
        }
    }
}

/// Returns the entries with their summaries.
pub(super) fn list(entries: &[Entry], width: usize) -> String {
    let shown = |entry: &Entry| entry.signatures.first().unwrap_or(&entry.name).chars().count();
    let column = entries.iter().map(shown).max().unwrap_or(0).min(width / 2);
    entries.iter().map(|entry| entry.to_lines(column, width)).collect()
}
