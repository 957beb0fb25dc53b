//! The names that a module defines and imports, and the paths that its code mentions.

use std::collections::HashMap;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, Item, UseTree, Visibility};

use super::tree::Name;

/// A path that the code of a module mentions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) path: Vec<String>,
    pub(super) kind: Kind,
    pub(super) line: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    /// A `use` for the module itself.
    Import,
    /// A `pub use`, with the name that it exports.
    Export(String),
    /// A path in code.
    Code,
    /// The path of a macro that is called: `println`.
    Macro,
}

#[derive(Default)]
pub(super) struct Collected {
    pub(super) names: HashMap<String, Vec<Name>>,
    pub(super) globs: Vec<Vec<String>>,
    pub(super) references: Vec<Reference>,
}

/// Collects the names and references of a module, without its child modules and without code for tests.
pub(super) fn references(items: &[Item]) -> Collected {
    let mut collected = Collected::default();
    for item in items {
        collected.define(item);
        collected.visit_item(item);
    }
    collected
}

/// Returns whether the item is compiled for tests only.
pub(super) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let syn::Meta::List(list) = &attribute.meta else { return attribute.path().is_ident("test") };
        let tokens = list.tokens.to_string();
        list.path.is_ident("cfg")
            && (tokens == "test" || tokens.starts_with("all (test") || tokens.starts_with("all(test"))
    })
}

impl Collected {
    fn define(&mut self, item: &Item) {
        let name = match item {
            Item::Const(item) => &item.ident,
            Item::Enum(item) => &item.ident,
            Item::Fn(item) => &item.sig.ident,
            Item::Macro(item) => match &item.ident {
                Some(name) => name,
                None => return,
            },
            Item::Static(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            _ => return,
        };
        self.names.entry(name.to_string()).or_default().push(Name::Item);
    }

    fn import(&mut self, tree: &UseTree, prefix: &[String], is_export: bool) {
        let with = |name: &str| [prefix, &[name.to_owned()]].concat();
        match tree {
            UseTree::Path(path) => self.import(&path.tree, &with(&path.ident.to_string()), is_export),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, prefix, is_export)),
            UseTree::Glob(glob) => {
                self.globs.push(prefix.to_vec());
                self.refer(prefix.to_vec(), Kind::Import, glob.star_token.spans[0].start().line);
            }
            UseTree::Name(name) if name.ident == "self" => {
                let alias = prefix.last().cloned().unwrap_or_default();
                self.leaf(prefix.to_vec(), alias, is_export, name.ident.span().start().line);
            }
            UseTree::Name(name) => {
                let alias = name.ident.to_string();
                self.leaf(with(&alias), alias, is_export, name.ident.span().start().line);
            }
            UseTree::Rename(name) => {
                let of = name.ident.to_string();
                let path = if of == "self" { prefix.to_vec() } else { with(&of) };
                self.leaf(path, name.rename.to_string(), is_export, name.ident.span().start().line);
            }
        }
    }

    fn leaf(&mut self, path: Vec<String>, alias: String, is_export: bool, line: usize) {
        // `pub(crate) use a_macro;` of the module's own macro says nothing new.
        if path.len() > 1 || path[0] != alias {
            self.names.entry(alias.clone()).or_default().push(Name::Import(path.clone()));
        }
        let kind = if is_export { Kind::Export(alias) } else { Kind::Import };
        self.refer(path, kind, line);
    }

    fn refer(&mut self, path: Vec<String>, kind: Kind, line: usize) {
        self.references.push(Reference { path, kind, line });
    }

    /// Finds the paths in the arguments of a macro, which are tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let (mut line, mut colons) = (0, 0);
        for token in tokens {
            match token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.flush(&mut path, line);
                    }
                    line = name.span().start().line;
                    path.push(name.to_string());
                }
                TokenTree::Punct(sign) if sign.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.flush(&mut path, line),
                TokenTree::Group(group) => {
                    self.flush(&mut path, line);
                    self.tokens(group.stream());
                }
            }
            colons = 0;
        }
        self.flush(&mut path, line);
    }

    fn flush(&mut self, path: &mut Vec<String>, line: usize) {
        if !path.is_empty() {
            self.refer(std::mem::take(path), Kind::Code, line);
        }
    }
}

impl<'ast> Visit<'ast> for Collected {
    fn visit_item(&mut self, item: &'ast Item) {
        if !matches!(item, Item::Mod(_)) && !is_test(attributes(item)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Const(item) => item.attrs.as_slice(),
            syn::ImplItem::Fn(item) => &item.attrs,
            _ => &[],
        };
        if !is_test(attributes) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if !is_test(&field.attrs) {
            visit::visit_field(self, field);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let is_export = !matches!(item.vis, Visibility::Inherited);
        if item.leading_colon.is_none() {
            self.import(&item.tree, &[], is_export);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let Some(first) = path.segments.first() else { return };
        let names = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.refer(names, Kind::Code, first.ident.span().start().line);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let names = call.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let line = call.path.segments.first().map_or(0, |segment| segment.ident.span().start().line);
        self.refer(names, Kind::Macro, line);
        self.tokens(call.tokens.clone());
    }

    // `pub(in path)` and attributes mention no items of ours.
    fn visit_vis_restricted(&mut self, _: &'ast syn::VisRestricted) {}

    fn visit_attribute(&mut self, _: &'ast Attribute) {}
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}
