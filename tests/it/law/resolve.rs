//! Resolves paths to the module that defines the item, through imports and re-exports.

use std::collections::BTreeSet;

use super::references::{Kind, Reference};
use super::tree::{Name, Tree};

/// The item or module that a path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    Module(usize),
    /// An item (or a part of it, such as a variant) that the module defines.
    Item(usize),
    /// A path of another crate or of the language, with its imports replaced: `std::fs::read`.
    External(Vec<String>),
}

/// A use of one file by another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    pub(super) from: String,
    pub(super) to: String,
    /// The import as it is written.
    pub(super) path: String,
    pub(super) line: usize,
}

/// Renames and re-exports followed on one path; more are a circle.
const MOST_IMPORTS: usize = 32;

impl Tree {
    /// Resolves a path that is written in a module.
    pub(super) fn resolve(&self, module: usize, path: &[String]) -> Target {
        self.resolve_within(module, path, MOST_IMPORTS)
    }

    fn resolve_within(&self, module: usize, path: &[String], budget: usize) -> Target {
        let external = || Target::External(path.to_vec());
        let Some((first, rest)) = path.split_first() else { return Target::Module(module) };
        let found = match first.as_str() {
            "crate" => Some(Target::Module(0)),
            "self" => Some(Target::Module(module)),
            "super" => Some(Target::Module(self.modules[module].parent)),
            name => self.lookup(module, name, rest.is_empty(), budget),
        };
        let Some(mut target) = found else { return external() };
        for (index, segment) in rest.iter().enumerate() {
            target = match target {
                Target::Module(at) if segment == "super" => Target::Module(self.modules[at].parent),
                Target::Module(at) if segment == "self" => Target::Module(at),
                // A name that is not found is defined by a macro.
                Target::Module(at) => {
                    self.lookup(at, segment, index + 1 == rest.len(), budget).unwrap_or(Target::Item(at))
                }
                Target::Item(at) => return Target::Item(at),
                Target::External(path) => return Target::External([&path, &rest[index..]].concat()),
            };
        }
        target
    }

    /// Looks a name up in a module. A module and a function may share one: the last segment of a path means the item, the
    /// others the module.
    fn lookup(&self, module: usize, name: &str, is_last: bool, budget: usize) -> Option<Target> {
        let budget = budget.checked_sub(1)?;
        let scope = &self.modules[module];
        let meanings = scope.names.get(name).into_iter().flatten().map(|meaning| match meaning {
            Name::Item => Target::Item(module),
            Name::Module(child) => Target::Module(*child),
            Name::Import(path) => self.resolve_import(module, name, path, budget),
        });
        let mut meanings: Vec<Target> = meanings.collect();
        let is_wanted = |target: &Target| matches!(target, Target::Item(_)) == is_last;
        meanings.sort_by_key(|target| !is_wanted(target));
        let through_glob = || {
            scope.globs.iter().find_map(|glob| match self.resolve_import(module, name, glob, budget) {
                Target::Module(from) if from != module => self.lookup(from, name, is_last, budget),
                _ => None,
            })
        };
        meanings.into_iter().next().or_else(through_glob)
    }

    /// Resolves the path of a `use`; one that begins with its own name means another crate.
    fn resolve_import(&self, module: usize, name: &str, path: &[String], budget: usize) -> Target {
        if path[0] == name && !self.modules[module].names[name].iter().any(|it| matches!(it, Name::Module(_))) {
            return Target::External(path.to_vec());
        }
        self.resolve_within(module, path, budget)
    }

    /// Returns the uses of one file by another that count for cycles; `cycles.rs` says which do.
    pub(super) fn edges(&self) -> BTreeSet<Edge> {
        let mut edges = BTreeSet::new();
        for (index, module) in self.modules.iter().enumerate() {
            let begins: BTreeSet<&str> = module.references.iter().filter_map(first_of_code).collect();
            for reference in &module.references {
                if matches!(&reference.kind, Kind::Export(alias) if !begins.contains(alias.as_str())) {
                    continue;
                }
                // A path that begins with an imported item counts once, by its import.
                if reference.kind == Kind::Code
                    && module.globs.is_empty()
                    && matches!(self.resolve(index, &reference.path[..1]), Target::Item(_))
                {
                    continue;
                }
                if let Target::Item(at) = self.resolve(index, &reference.path) {
                    let (from, to) = (module.file.clone(), self.modules[at].file.clone());
                    if from != to && !is_folder_of(&to, &from) {
                        edges.insert(Edge { from, to, path: reference.path.join("::"), line: reference.line });
                    }
                }
            }
        }
        edges
    }
}

/// Returns whether the first file is the `mod.rs` of a folder that the second one is in.
fn is_folder_of(parent: &str, child: &str) -> bool {
    parent.strip_suffix("mod.rs").is_some_and(|folder| child.starts_with(folder))
}

fn first_of_code(reference: &Reference) -> Option<&str> {
    matches!(reference.kind, Kind::Code | Kind::Macro).then(|| reference.path[0].as_str())
}
