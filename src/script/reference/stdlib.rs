//! The modules of the standard library, described by their comments.

use super::part::summary;
use super::{DocElement, Entry, Kind};
use crate::script::modules::STD;

/// Returns each module and its exports.
pub(super) fn entries() -> Vec<Entry> {
    STD.iter().flat_map(|(name, text)| module(name, text)).collect()
}

/// An `export const` or `fn` at the left edge, with the comment above it.
struct Item<'t> {
    name: &'t str,
    doc: String,
    /// Its lines.
    code: String,
}

fn module(name: &str, text: &str) -> Vec<Entry> {
    let alias = name.rsplit('/').next().unwrap_or(name);
    let about = comment(text.lines().take_while(|line| line.starts_with("//")));
    let exports: Vec<Entry> = items(text).iter().map(|item| export(alias, name, item)).collect();
    let rows = exports.iter().map(|entry| vec![entry.name.clone(), entry.summary.clone()]).collect();
    let mut parts = DocElement::parse(&about);
    parts.push(code(&format!("import \"{name}\" as {alias};")));
    parts.push(DocElement::table(&["Name", "What it is"], rows));
    let module =
        Entry { kind: Kind::Module, name: name.to_owned(), signatures: Vec::new(), summary: summary(&about), parts };
    std::iter::once(module).chain(exports).collect()
}

fn export(alias: &str, module: &str, item: &Item<'_>) -> Entry {
    let is_function = item.code.starts_with("fn ");
    let kind = if is_function { Kind::Function } else { Kind::Constant };
    let name = format!("{alias}::{}", item.name);
    let signatures = match (is_function, item.code[item.code.find(item.name).unwrap_or(0)..].split_once(')')) {
        (true, Some((head, _))) => vec![format!("{alias}::{head})")],
        _ => Vec::new(),
    };
    let mut parts = DocElement::parse(&item.doc);
    parts.push(DocElement::text(format!("From `import \"{module}\" as {alias};`.")));
    if !is_function {
        parts.push(code(&item.code));
    }
    Entry { kind, name, signatures, summary: summary(&item.doc), parts }
}

/// Returns a code block that is not an example.
fn code(text: &str) -> DocElement {
    DocElement::Code { language: String::new(), wrong: false, text: text.to_owned() }
}

fn items(text: &str) -> Vec<Item<'_>> {
    let lines: Vec<&str> = text.lines().collect();
    let begins =
        |line: &str| ["export const ", "fn "].iter().find_map(|begin| line.strip_prefix(begin).map(str::to_owned));
    let mut items = Vec::new();
    for (at, line) in lines.iter().enumerate().filter(|(_, line)| begins(line).is_some()) {
        let rest = ["export const ", "fn "].iter().find_map(|begin| line.strip_prefix(begin)).unwrap_or("");
        let above = lines[..at].iter().rposition(|line| !line.starts_with("//")).map_or(0, |last| last + 1);
        let ends = lines[at..]
            .iter()
            .position(|line| line.starts_with('}') || (line.ends_with(';') && !line.starts_with(' ')));
        let end = ends.map_or(lines.len(), |length| at + length + 1);
        items.push(Item {
            name: rest.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or(rest),
            doc: comment(lines[above..at].iter().copied()),
            code: lines[at..end].join("\n"),
        });
    }
    items
}

fn comment<'t>(lines: impl Iterator<Item = &'t str>) -> String {
    lines.map(|line| line.trim_start_matches('/').to_owned() + "\n").collect()
}
