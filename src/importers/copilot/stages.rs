//! Drafts of one block in several stages, as one block.

use std::collections::HashMap;

use crate::importers::draft::Draft;
use crate::importers::names::{Taken, variable_name};
use crate::importers::writer::{Expr, Script};

/// A block, with what depends on the stage.
pub(super) struct Staged {
    /// Variables that hold a value for each stage.
    pub(super) values: Vec<(String, Expr)>,
    /// The setters of all stages.
    pub(super) draft: Draft,
    /// Setters without a value that some stages call.
    flags: Vec<(Vec<String>, String, Vec<Expr>)>,
}

/// Merges the drafts of a block, one for each stage. A setter with the same arguments in all of them is written once; one whose
/// last argument differs gets a variable; `()` is "not set".
pub(super) fn merge(name: &str, file: &str, mut drafts: Vec<(String, Draft)>, variables: &mut Taken) -> Staged {
    let mut draft = Draft::new(file);
    for (_, other) in &mut drafts {
        draft.notes.append(&mut other.notes);
    }
    draft.notes.sort();
    draft.notes.dedup();
    let mut merged = Staged { values: Vec::new(), draft, flags: Vec::new() };
    let stages: Vec<Calls<'_>> = drafts.iter().map(|(stage, draft)| Calls::of(stage, draft)).collect();
    for key in keys(&stages) {
        let values: Vec<(&String, Option<&Vec<Expr>>)> =
            stages.iter().map(|calls| (&calls.stage, calls.arguments.get(&key.id).copied())).collect();
        let Some(first) = values.iter().find_map(|(_, arguments)| *arguments) else { continue };
        if values.iter().all(|(_, arguments)| *arguments == Some(first)) {
            merged.draft.set(&key.setter, first.clone());
            continue;
        }
        let Some((_, before)) = first.split_last() else {
            let stages = values.iter().filter(|(_, arguments)| arguments.is_some()).map(|(stage, _)| (*stage).clone());
            merged.flags.push((stages.collect(), key.setter, first.clone()));
            continue;
        };
        let last = |arguments: Option<&Vec<Expr>>| arguments.and_then(|all| all.last().cloned()).unwrap_or(Expr::Unit);
        let variable = variables.unique(&variable_name(&format!("{name} {}", key.label())), "_");
        let choice = choice(values.iter().map(|(stage, arguments)| ((*stage).clone(), last(*arguments))).collect());
        merged.values.push((variable.clone(), choice));
        merged.draft.set(&key.setter, before.iter().cloned().chain([Expr::Name(variable)]));
    }
    merged
}

impl Staged {
    /// Adds the variables for each stage, the block, and what some stages add to it.
    pub(super) fn write(self, script: &mut Script, mut comments: Vec<String>, variable: &str, base: Expr) {
        comments.extend(self.draft.comments());
        for (name, value) in self.values {
            script.define(std::mem::take(&mut comments), &name, value);
        }
        script.define(comments, variable, self.draft.expression(base));
        for (stages, setter, arguments) in self.flags {
            script.in_stages(&stages, variable, &Expr::name(variable).set(setter, arguments));
        }
    }
}

/// A setting: a setter with all arguments but the last, and which call of it this is.
#[derive(Debug, Clone)]
struct Key {
    setter: String,
    before: Option<Expr>,
    id: String,
}

impl Key {
    fn label(&self) -> String {
        match &self.before {
            Some(Expr::Text(text)) => text.rsplit(['.', '/']).next().unwrap_or_default().to_owned(),
            _ => self.setter.clone(),
        }
    }
}

/// The calls of a draft, by their keys.
struct Calls<'d> {
    stage: String,
    keys: Vec<Key>,
    arguments: HashMap<String, &'d Vec<Expr>>,
}

impl<'d> Calls<'d> {
    fn of(stage: &str, draft: &'d Draft) -> Self {
        let mut calls = Self { stage: stage.to_owned(), keys: Vec::new(), arguments: HashMap::new() };
        let mut counts: HashMap<String, usize> = HashMap::new();
        for (setter, arguments) in &draft.setters {
            let before = arguments.split_last().map_or(&[][..], |(_, before)| before);
            let id = format!("{setter}/{}/{before:?}", arguments.len());
            let nth = counts.entry(id.clone()).or_default();
            *nth += 1;
            let id = format!("{id}/{nth}");
            calls.arguments.insert(id.clone(), arguments);
            calls.keys.push(Key { setter: setter.clone(), before: before.last().cloned(), id });
        }
        calls
    }
}

/// Returns the settings of all stages, in the order of their calls.
fn keys(stages: &[Calls<'_>]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for calls in stages {
        let mut place = 0;
        for key in &calls.keys {
            match keys.iter().position(|known| known.id == key.id) {
                Some(at) => place = at + 1,
                None => {
                    keys.insert(place, key.clone());
                    place += 1;
                }
            }
        }
    }
    keys
}

/// Returns a value that depends on the stage: equal values are one case, the most frequent one is the value of all others.
fn choice(values: Vec<(String, Expr)>) -> Expr {
    let mut cases: Vec<(Vec<String>, Expr)> = Vec::new();
    for (stage, value) in values {
        match cases.iter_mut().find(|(_, known)| *known == value) {
            Some((stages, _)) => stages.push(stage),
            None => cases.push((vec![stage], value)),
        }
    }
    let most = cases.iter().map(|(stages, _)| stages.len()).max().unwrap_or_default();
    let at = cases.iter().position(|(stages, _)| stages.len() == most).unwrap_or_default();
    let (_, other) = cases.remove(at);
    Expr::Stage(cases, Box::new(other))
}
