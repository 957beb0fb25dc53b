//! The whole reference as Markdown pages with links.

use std::collections::BTreeMap;

use crate::cfn::schema::Schema;
use crate::script::reference::{Entry, Kind, Reference, resource_type};

/// The pages by their paths in the folder.
pub(super) type Pages = BTreeMap<String, String>;

/// The addresses of names: a page, and an anchor in it.
type Addresses = BTreeMap<String, String>;

/// Returns every page, including those of CloudFormation's types if `types` is set.
pub(super) fn pages(reference: &Reference, types: bool) -> Pages {
    let entries = reference.entries();
    let addresses: Addresses = entries.iter().map(|entry| (entry.name.clone(), address(entry, entries))).collect();
    let mut pages = Pages::new();
    for entry in entries {
        let address = &addresses[&entry.name];
        let page = address.split('#').next().unwrap_or(address);
        let level = if address.contains('#') { 2 } else { 1 };
        let text = entry.to_markdown(level, &|name| addresses.get(name).map(|to| relative(page, to)));
        let whole = pages.entry(page.to_owned()).or_insert_with(|| begin(page));
        *whole += &(if whole.is_empty() { text } else { format!("\n{text}") });
    }
    pages.insert("codes.md".to_owned(), codes(entries, &addresses));
    pages.insert("types.md".to_owned(), index_of_types(types));
    pages.insert("README.md".to_owned(), index(entries, &addresses));
    if types {
        pages.extend(
            type_names()
                .into_iter()
                .filter_map(|name| Some((page_of(&name), resource_type(&name)?.to_markdown(1, &|_| None)))),
        );
    }
    pages
}

/// Returns the address of an entry, with an anchor if the page has several entries.
fn address(entry: &Entry, entries: &[Entry]) -> String {
    let anchored = |page: &str| format!("{page}#{}", anchor(&entry.name));
    let is_block = |name: &str| entries.iter().any(|entry| entry.kind == Kind::Block && entry.name == name);
    match entry.kind {
        Kind::Block => format!("blocks/{}.md", entry.name),
        Kind::Code => format!("codes/{}.md", entry.name),
        Kind::Command => anchored("commands.md"),
        Kind::Topic => anchored("topics.md"),
        Kind::Module if entry.name.contains('/') => format!("{}.md", entry.name),
        _ if ["settings", "optional"].contains(&entry.name.as_str()) => anchored("settings.md"),
        _ => match entry.owner() {
            Some(owner) if is_block(owner) => anchored(&format!("blocks/{owner}.md")),
            Some(owner) if entries.iter().any(|entry| entry.name == format!("std/{owner}")) => {
                anchored(&format!("std/{owner}.md"))
            }
            _ => anchored("functions.md"),
        },
    }
}

fn begin(page: &str) -> String {
    match page {
        "functions.md" => "# Functions and pseudo parameters\n".to_owned(),
        "settings.md" => "# Settings\n".to_owned(),
        "commands.md" => "# Commands\n".to_owned(),
        "topics.md" => "# Topics\n".to_owned(),
        _ => String::new(),
    }
}

/// Returns the anchor that GitHub and most renderers create for a heading.
pub(super) fn anchor(heading: &str) -> String {
    let text = heading.to_lowercase().replace(' ', "-");
    text.chars().filter(|letter| letter.is_alphanumeric() || ['-', '_'].contains(letter)).collect()
}

/// Returns an address relative to a page.
fn relative(from: &str, to: &str) -> String {
    let (page, anchor) = to.split_once('#').map_or((to, ""), |(page, _)| (page, &to[page.len()..]));
    if page == from {
        return if anchor.is_empty() { page.rsplit('/').next().unwrap_or(page).to_owned() } else { anchor.to_owned() };
    }
    format!("{}{page}{anchor}", "../".repeat(from.matches('/').count()))
}

fn line(entry: &Entry, to: &str) -> String {
    format!("- [`{}`]({to}): {}\n", entry.name, entry.summary)
}

fn index(entries: &[Entry], addresses: &Addresses) -> String {
    let mut text = "# The reference of rtiler\n\n".to_owned();
    let mut section = |heading: &str, fits: &dyn Fn(&Entry) -> bool| {
        let lines: String =
            entries.iter().filter(|entry| fits(entry)).map(|entry| line(entry, &addresses[&entry.name])).collect();
        text += &format!("## {heading}\n\n{lines}\n");
    };
    let is_std = |entry: &Entry| addresses[&entry.name].starts_with("std/");
    section("Blocks", &|entry| entry.kind == Kind::Block);
    section("Functions", &|entry| matches!(entry.kind, Kind::Function | Kind::PseudoParameter) && !is_std(entry));
    section("The standard library", &is_std);
    section("Commands", &|entry| entry.kind == Kind::Command);
    section("Topics", &|entry| entry.kind == Kind::Topic);
    text += "## More\n\n- [Diagnostic codes](codes.md)\n- [CloudFormation's types](types.md)\n";
    text
}

fn codes(entries: &[Entry], addresses: &Addresses) -> String {
    let codes = entries.iter().filter(|entry| entry.kind == Kind::Code);
    let lines: String = codes.map(|entry| line(entry, &addresses[&entry.name])).collect();
    format!("# Diagnostic codes\n\n{lines}")
}

fn type_names() -> Vec<String> {
    let schema = Schema::embedded();
    schema.services().flat_map(|service| schema.types_of(service).collect::<Vec<_>>()).collect()
}

fn page_of(name: &str) -> String {
    format!("types/{}.md", name.replace("::", "/"))
}

fn index_of_types(linked: bool) -> String {
    let schema = Schema::embedded();
    let mut text = format!("# CloudFormation's types\n\nFrom AWS's schemas of {}.\n", schema.date());
    for service in schema.services() {
        text += &format!("\n## {service}\n\n");
        for name in schema.types_of(service) {
            text += &if linked { format!("- [`{name}`]({})\n", page_of(&name)) } else { format!("- `{name}`\n") };
        }
    }
    text
}
