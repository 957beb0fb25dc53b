//! The tree of modules that `src/lib.rs` reaches, without tests.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use syn::Item;

use super::references::{Reference, is_test, references};

/// A meaning of a name in a module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Name {
    /// A type, function, constant, trait or macro that the module defines.
    Item,
    /// A module below it.
    Module(usize),
    /// An import, as the path of its `use`.
    Import(Vec<String>),
}

/// A module of production code.
#[derive(Debug)]
pub(super) struct Module {
    /// Its path from the root of the crate: `["cfn", "emit"]`.
    pub(super) path: Vec<String>,
    /// The file that it is written in.
    pub(super) file: String,
    pub(super) parent: usize,
    pub(super) names: HashMap<String, Vec<Name>>,
    /// The paths of `use path::*`.
    pub(super) globs: Vec<Vec<String>>,
    pub(super) references: Vec<Reference>,
}

/// All modules; the first one is the root of the crate.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) modules: Vec<Module>,
}

impl Tree {
    /// Returns the library of this package, which the tests share.
    pub(super) fn of_this_crate() -> &'static Tree {
        static TREE: LazyLock<Tree> = LazyLock::new(|| {
            let files = super::files::below(Path::new("src"), "rs");
            let text = |path: PathBuf| (path.display().to_string(), std::fs::read_to_string(&path).unwrap());
            Tree::parse(&files.into_iter().map(text).collect())
        });
        &TREE
    }

    /// Parses the files of a library by their paths, from `src/lib.rs`.
    pub(super) fn parse(texts: &BTreeMap<String, String>) -> Tree {
        let mut tree = Tree::default();
        tree.add_file("src/lib.rs", &[], 0, texts);
        tree
    }

    fn add_file(&mut self, file: &str, path: &[String], parent: usize, texts: &BTreeMap<String, String>) -> usize {
        let text = texts.get(file).unwrap_or_else(|| panic!("`{file}` is declared as a module and does not exist"));
        let parsed = syn::parse_file(text).unwrap_or_else(|error| panic!("{file}: {error}"));
        self.add_module(file, path, parent, &parsed.items, texts)
    }

    fn add_module(
        &mut self,
        file: &str,
        path: &[String],
        parent: usize,
        items: &[Item],
        texts: &BTreeMap<String, String>,
    ) -> usize {
        let index = self.modules.len();
        let collected = references(items);
        self.modules.push(Module {
            path: path.to_vec(),
            file: file.to_owned(),
            parent,
            names: collected.names,
            globs: collected.globs,
            references: collected.references,
        });
        for item in items {
            let Item::Mod(child) = item else { continue };
            if is_test(&child.attrs) {
                continue;
            }
            let name = child.ident.to_string();
            let below = [path, std::slice::from_ref(&name)].concat();
            let child = match &child.content {
                Some((_, items)) => self.add_module(file, &below, index, items, texts),
                None => self.add_file(&file_of(file, &name, texts), &below, index, texts),
            };
            self.modules[index].names.entry(name).or_default().push(Name::Module(child));
        }
        index
    }
}

/// Returns the file of `mod name;` in a file.
fn file_of(parent: &str, name: &str, texts: &BTreeMap<String, String>) -> String {
    let parent = Path::new(parent);
    let is_folder = ["lib", "mod"].iter().any(|stem| parent.file_stem().is_some_and(|file| file == *stem));
    let folder = if is_folder { parent.parent().map(PathBuf::from).unwrap() } else { parent.with_extension("") };
    let flat = folder.join(format!("{name}.rs")).display().to_string();
    if texts.contains_key(&flat) { flat } else { folder.join(name).join("mod.rs").display().to_string() }
}
