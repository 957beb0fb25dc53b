//! Full-text search: over names, documentation, the words of other tools and CloudFormation's types.
//!
//! *Invariant*: a hit is ranked by its best place for each word: its name, a word of another tool, its summary, its text.

use super::topics::TOPICS;
use super::{DocElement, Entry, Kind, Reference, cloudformation};
use crate::script::foreign_words;

/// The most hits that are listed.
const MOST: usize = 12;

/// The least letters of a word that another word may continue: `migrat` of `migrate` and `migration`.
const LEAST_PREFIX: usize = 4;

/// The result of a full-text search.
pub(super) struct Hits {
    /// The entries, the best first.
    pub(super) entries: Vec<Entry>,
    /// Whether they have all words of the query.
    pub(super) has_all_words: bool,
}

impl Reference {
    /// Returns the entries with all words of a query, else those with most of them, the best first.
    pub(super) fn full_text(&self, query: &str) -> Hits {
        let words = tokens(query);
        let mut hits: Vec<(usize, u32, Entry)> = Vec::new();
        for entry in &self.entries {
            let scores: Vec<u32> = words.iter().map(|word| score(entry, word)).collect();
            push(&mut hits, &scores, || entry.clone());
        }
        for name in cloudformation::names() {
            let parts = tokens(&name);
            let scores: Vec<u32> = words.iter().map(|word| name_score(&parts, word) / 2).collect();
            push(&mut hits, &scores, || cloudformation::brief(name.clone()));
        }
        let most = hits.iter().map(|(found, ..)| *found).max().unwrap_or(0);
        hits.retain(|(found, ..)| *found == most);
        // A word in the text of a page counts only if nothing is named so.
        let best = hits.iter().map(|(_, score, _)| *score).max().unwrap_or(0);
        hits.retain(|(_, score, _)| *score * 8 >= best);
        hits.sort_by(|left, right| (right.1, &left.2.name).cmp(&(left.1, &right.2.name)));
        hits.truncate(MOST);
        Hits { has_all_words: most == words.len(), entries: hits.into_iter().map(|(.., entry)| entry).collect() }
    }

    /// Returns the topics with a word of exactly this name.
    pub(super) fn topics_of(&self, word: &str) -> Vec<Entry> {
        let word = tokens(word).join("_");
        let named = |entry: &&Entry| {
            let topic = TOPICS.iter().find(|topic| topic.title() == entry.name);
            entry.kind == Kind::Topic && topic.is_some_and(|topic| topic.words().any(|known| known == word))
        };
        self.entries.iter().filter(named).cloned().collect()
    }
}

fn push(hits: &mut Vec<(usize, u32, Entry)>, scores: &[u32], entry: impl FnOnce() -> Entry) {
    let found = scores.iter().filter(|score| **score > 0).count();
    if found > 0 {
        hits.push((found, scores.iter().sum(), entry()));
    }
}

/// Returns how well an entry fits a word; 0 if it does not have it.
fn score(entry: &Entry, word: &str) -> u32 {
    let (short, owner) = (tokens(entry.short_name()), tokens(entry.owner().unwrap_or_default()));
    let named = name_score(&short, word).max(name_score(&owner, word) / 4);
    let foreign = if foreign(entry).any(|known| same(&known, word)) { 80 } else { 0 };
    let summary = if tokens(&entry.summary).iter().any(|token| same(token, word)) { 20 } else { 0 };
    let text = if summary == 0 && entry.parts.iter().any(|part| has(part, word)) { 4 } else { 0 };
    // Pages of codes name everything that can be wrong.
    let weight = if entry.kind == Kind::Code { 1 } else { 2 };
    named.max(foreign).max(summary).max(text) * weight
}

/// Returns how well a name fits a word: as a whole, or one of its words.
fn name_score(parts: &[String], word: &str) -> u32 {
    let fits = parts.iter().filter(|part| same(part, word)).count();
    match (fits, parts.len()) {
        (0, _) => 0,
        (_, 1) => 100,
        (_, several) => 60 - u32::try_from(several.min(10)).unwrap_or(10),
    }
}

/// Returns the words of other tools for an entry, each as one word and in parts.
fn foreign(entry: &Entry) -> impl Iterator<Item = String> {
    let of_topic = TOPICS.iter().filter(|topic| entry.kind == Kind::Topic && topic.title() == entry.name);
    let of_method = foreign_words::of(entry.owner().unwrap_or_default(), entry.short_name());
    let words = of_topic.flat_map(super::topics::Topic::words).chain(of_method);
    words.flat_map(|word| std::iter::once(word.to_owned()).chain(tokens(word)))
}

fn has(part: &DocElement, word: &str) -> bool {
    let fits = |text: &str| tokens(text).iter().any(|token| same(token, word));
    match part {
        DocElement::Heading { text } | DocElement::Text { text } | DocElement::Item { text } => fits(text),
        DocElement::Code { .. } => false,
        DocElement::Table { rows, .. } => rows.iter().flatten().any(|cell| fits(cell)),
    }
}

/// Returns whether two words have one stem: `schedule` and `scheduled`, `migrate` and `migrations`.
fn same(token: &str, word: &str) -> bool {
    let (token, word) = (stem(token), stem(word));
    let (short, long) = if token.len() < word.len() { (token, word) } else { (word, token) };
    short == long || (short.len() >= LEAST_PREFIX && long.starts_with(short) && long.len() <= short.len() + 3)
}

fn stem(word: &str) -> &str {
    const ENDS: [&str; 9] = ["ations", "ation", "ings", "ing", "ions", "ion", "ed", "es", "e"];
    let word = if word.ends_with("ss") { word } else { word.strip_suffix('s').unwrap_or(word) };
    let cut = |end: &&str| word.strip_suffix(*end).filter(|stem| stem.len() >= LEAST_PREFIX);
    ENDS.iter().find_map(cut).unwrap_or(word)
}

/// Returns the words of a text in lower case: `env`, `file` of `env_file` and `EnvFile`; `ecs`, `service` of `AWS::ECS::Service`.
fn tokens(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut last_is_lower = false;
    for letter in text.chars() {
        if !letter.is_alphanumeric() || (letter.is_uppercase() && last_is_lower) {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words.last_mut().expect("a word").extend(letter.to_lowercase());
        }
        last_is_lower = letter.is_lowercase() || letter.is_numeric();
    }
    words.retain(|word| !word.is_empty() && word != "aws");
    words
}
