//! Doc comments of functions begin with a verb in the third person; no doc comment begins with a riddle.

use std::collections::BTreeMap;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Ident};

use super::assert_none;
use super::files::below;

/// The words that no doc comment begins with.
const RIDDLES: &[&str] = &["What", "Those", "The same", "Who", "How", "Where", "True", "Whatever", "Whoever"];

#[test]
fn doc_comments_that_begin_with_a_riddle_are_refused() {
    let mut problems = BTreeMap::new();
    for path in below(Path::new("src"), "rs") {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut comments = Comments::default();
        comments.visit_file(&syn::parse_file(&text).unwrap());
        if !comments.problems.is_empty() {
            problems.insert(path.display().to_string(), comments.problems);
        }
    }
    assert_none("doc comments that do not say what is done", &problems);
}

#[derive(Default)]
struct Comments {
    problems: Vec<String>,
}

impl Comments {
    fn function(&mut self, attributes: &[Attribute], name: &Ident) {
        let Some(text) = summary(attributes) else { return };
        let first = text.split([' ', ',', '.', ':']).next().unwrap_or_default();
        // "Returns", "Is", "Does": a verb in the third person ends with s.
        let is_verb = first.ends_with('s') && first.chars().all(char::is_alphabetic);
        if !is_verb || begins_with_a_riddle(&text) || first == "This" {
            self.problem(name, &text);
        }
    }

    fn other(&mut self, attributes: &[Attribute], name: &Ident) {
        if let Some(text) = summary(attributes)
            && begins_with_a_riddle(&text)
        {
            self.problem(name, &text);
        }
    }

    fn problem(&mut self, name: &Ident, text: &str) {
        let start: String = text.chars().take(60).collect();
        self.problems.push(format!("line {}: {name}: {start}", name.span().start().line));
    }
}

fn begins_with_a_riddle(text: &str) -> bool {
    RIDDLES.iter().any(|riddle| text.strip_prefix(riddle).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)))
}

/// Returns the first line of a doc comment.
fn summary(attributes: &[Attribute]) -> Option<String> {
    attributes.iter().find_map(|attribute| {
        let syn::Meta::NameValue(pair) = &attribute.meta else { return None };
        let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = &pair.value else { return None };
        pair.path.is_ident("doc").then(|| text.value().trim().to_owned())
    })
}

impl<'ast> Visit<'ast> for Comments {
    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.attrs, &item.sig.ident);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast syn::ImplItemFn) {
        self.function(&item.attrs, &item.sig.ident);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast syn::TraitItemFn) {
        self.function(&item.attrs, &item.sig.ident);
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.other(&item.attrs, &item.ident);
        visit::visit_item_struct(self, item);
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.other(&item.attrs, &item.ident);
        visit::visit_item_enum(self, item);
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.other(&item.attrs, &item.ident);
        visit::visit_item_trait(self, item);
    }

    fn visit_item_type(&mut self, item: &'ast syn::ItemType) {
        self.other(&item.attrs, &item.ident);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        self.other(&item.attrs, &item.ident);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.other(&item.attrs, &item.ident);
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.other(&variant.attrs, &variant.ident);
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.other(&field.attrs, name);
        }
    }
}
