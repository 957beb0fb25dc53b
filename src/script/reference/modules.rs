//! Modules of the standard library and packages, described by their comments.

use super::part::summary;
use super::{DocElement, Entry, Kind};
use crate::package::{LoadedPackage, Manifest};
use crate::script::exports::{Export, exports_of};
use crate::script::lexer::KEYWORDS;
use crate::script::modules::STD;

/// Returns each module of the standard library and its exports.
pub(super) fn entries() -> Vec<Entry> {
    let module = |(name, text): &(&str, &str)| {
        let alias = name.rsplit('/').next().unwrap_or(name);
        Module { name, alias, qualifier: alias }.entries(text, Vec::new())
    };
    STD.iter().flat_map(module).collect()
}

/// Returns a package and its exports: `acme-web` and `acme-web::web_service`.
pub(super) fn package(package: &LoadedPackage) -> Vec<Entry> {
    let manifest = &package.manifest;
    of_package(manifest, package.files.text(&manifest.entry.value).unwrap_or_default())
}

/// Returns a package and its exports, from its manifest and the text of its entry.
pub(super) fn of_package(manifest: &Manifest, text: &str) -> Vec<Entry> {
    let name = manifest.name.as_str();
    Module { name, alias: alias(name), qualifier: name }.entries(text, facts(manifest))
}

/// Returns the name under which a package is imported in examples: the last word of its name.
fn alias(name: &str) -> &str {
    let last = name.rsplit('-').next().unwrap_or(name);
    let is_name = last.starts_with(|c: char| c.is_ascii_alphabetic()) && !KEYWORDS.contains(&last);
    if is_name { last } else { "module" }
}

/// Returns what the manifest says of a package, as paragraphs.
fn facts(manifest: &Manifest) -> Vec<DocElement> {
    let mut parts = Vec::new();
    parts.extend(manifest.description.as_deref().map(DocElement::text));
    let licence = manifest.licence.as_ref().map_or_else(String::new, |licence| format!(", licence {licence}"));
    parts.push(DocElement::text(format!("Version {}{licence}.", manifest.version)));
    let mut list = |what: &str, names: Vec<String>| {
        if !names.is_empty() {
            parts.push(DocElement::text(format!("{what}: {}.", names.join(", "))));
        }
    };
    list("It imports", manifest.dependencies.keys().map(|name| format!("`{name}`")).collect());
    list("It requests these environment variables", quoted(&manifest.requests.env));
    list("It requests these files", quoted(&manifest.requests.read));
    parts
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("`{name}`")).collect()
}

/// A module with the names that its documentation uses.
struct Module<'a> {
    /// The name in an import.
    name: &'a str,
    /// The name in calls.
    alias: &'a str,
    /// The first part of the names of its exports.
    qualifier: &'a str,
}

impl Module<'_> {
    fn entries(&self, text: &str, facts: Vec<DocElement>) -> Vec<Entry> {
        let module = exports_of(text);
        let exports: Vec<Entry> = module.items.iter().map(|item| self.export(item)).collect();
        let rows = exports.iter().map(|entry| vec![entry.name.clone(), entry.summary.clone()]).collect();
        let mut summary = summary(&module.about);
        if summary.is_empty()
            && let Some(DocElement::Text { text }) = facts.first()
        {
            summary = super::part::first_sentence(text);
        }
        let mut parts = facts;
        parts.extend(DocElement::parse(&module.about));
        parts.push(code(&self.import()));
        parts.push(DocElement::table(&["Name", "What it is"], rows));
        let module = Entry { kind: Kind::Module, name: self.name.to_owned(), signatures: Vec::new(), summary, parts };
        std::iter::once(module).chain(exports).collect()
    }

    fn import(&self) -> String {
        format!("import \"{}\" as {};", self.name, self.alias)
    }

    fn export(&self, item: &Export) -> Entry {
        let signature = item.signature();
        let kind = if signature.is_some() { Kind::Function } else { Kind::Constant };
        let mut parts = DocElement::parse(&item.doc);
        let creates: Vec<String> = item.creates.iter().map(|name| format!("`{name}`")).collect();
        if !creates.is_empty() {
            parts.push(DocElement::text(format!("It creates {}.", creates.join(", "))));
        }
        parts.push(DocElement::text(format!("From `{}`.", self.import())));
        if signature.is_none() {
            parts.push(code(&item.code));
        }
        Entry {
            kind,
            name: format!("{}::{}", self.qualifier, item.name),
            signatures: signature.map(|signature| format!("{}::{signature}", self.alias)).into_iter().collect(),
            summary: summary(&item.doc),
            parts,
        }
    }
}

/// Returns a code block that is not an example.
fn code(text: &str) -> DocElement {
    DocElement::Code { language: String::new(), wrong: false, text: text.to_owned() }
}
