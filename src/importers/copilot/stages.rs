//! Drafts of one block in several stages, as one block.

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
    for key in keys(&drafts) {
        let values: Vec<(&String, Option<&Vec<Expr>>)> =
            drafts.iter().map(|(stage, draft)| (stage, find(draft, &key))).collect();
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
        let last = |arguments: &Option<&Vec<Expr>>| arguments.and_then(|all| all.last().cloned()).unwrap_or(Expr::Unit);
        let variable = variables.unique(&variable_name(&format!("{name} {}", key.label())), "_");
        let choice = choice(values.iter().map(|(stage, arguments)| ((*stage).clone(), last(arguments))).collect());
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

/// What makes two calls of a setter the same setting: all arguments but the last, and which call it is.
#[derive(Debug, Clone, PartialEq)]
struct Key {
    setter: String,
    before: Vec<Expr>,
    nth: usize,
}

impl Key {
    fn label(&self) -> String {
        match self.before.last() {
            Some(Expr::Text(text)) => text.rsplit(['.', '/']).next().unwrap_or_default().to_owned(),
            _ => self.setter.clone(),
        }
    }
}

/// Returns the settings of all stages, in the order of their calls.
fn keys(drafts: &[(String, Draft)]) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for (_, draft) in drafts {
        let mut place = 0;
        for key in keys_of(draft) {
            match keys.iter().position(|known| *known == key) {
                Some(at) => place = at + 1,
                None => {
                    keys.insert(place, key);
                    place += 1;
                }
            }
        }
    }
    keys
}

fn keys_of(draft: &Draft) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for (setter, arguments) in &draft.setters {
        let before = arguments.split_last().map_or(Vec::new(), |(_, before)| before.to_vec());
        let nth = keys.iter().filter(|known| known.setter == *setter && known.before == before).count();
        keys.push(Key { setter: setter.clone(), before, nth });
    }
    keys
}

fn find<'d>(draft: &'d Draft, key: &Key) -> Option<&'d Vec<Expr>> {
    let at = keys_of(draft).iter().position(|known| known == key)?;
    Some(&draft.setters[at].1)
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
