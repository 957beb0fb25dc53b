//! `rtiler doc`: the language, CloudFormation's types, the commands and the codes, on a screen, as JSON, or as a folder
//! of Markdown.
//!
//! What is told stands in `script::reference`; here the commands (from their declaration) and the pages about codes are
//! added.

mod codes;
mod commands;
mod site;

#[cfg(test)]
mod examples;
#[cfg(test)]
mod tests;

use std::path::Path;

use super::args::Doc;
use super::exit::ExitStatus;
use super::files::write_whole;
use super::json;
use super::terminal::Terminal;
use crate::repl::with_generated_resources;
use crate::script::reference::{Entry, Kind, Reference, SearchResult};

/// Columns of documentation: a page is read, not filled.
const WIDTH: usize = 80;

/// `rtiler doc [NAME]`, `rtiler doc --markdown DIR`.
pub(crate) fn command(doc: &Doc, terminal: &Terminal) -> ExitStatus {
    let reference = everything();
    if let Some(folder) = &doc.markdown {
        return write(folder, &site::pages(&whole(reference), doc.types), terminal);
    }
    let answer = doc.name.as_ref().map_or_else(|| overview(&reference), |name| reference.look_up(name));
    if let (SearchResult::Nothing(near), Some(name)) = (&answer, &doc.name) {
        let hint = near.as_ref().map(|near| format!(". did you mean `{near}`?")).unwrap_or_default();
        terminal.tell(&format!("there is no documentation of `{name}`{hint}"));
        return ExitStatus::Usage;
    }
    let answer = with_generated_resources(answer, &reference);
    if doc.json {
        let facts = serde_json::to_value(&answer).expect("documentation is text in lists");
        json::answer(terminal, &facts);
    } else {
        terminal.answer(&answer.to_text(WIDTH));
    }
    ExitStatus::Ok
}

/// The language, the commands and the codes.
pub(crate) fn everything() -> Reference {
    Reference::of_language().with(commands::entries()).with(codes::entries())
}

/// With what each block makes, for the pages of all.
fn whole(reference: Reference) -> Reference {
    match with_generated_resources(SearchResult::Pages(reference.entries().to_vec()), &reference) {
        SearchResult::Pages(entries) => Reference::of(entries),
        _ => reference,
    }
}

/// What one can ask for first: members stand on the pages of their blocks, codes in `rtiler explain`.
fn overview(reference: &Reference) -> SearchResult {
    let inner = [Kind::Method, Kind::Property, Kind::Code];
    let is_outer = |entry: &&Entry| !inner.contains(&entry.kind);
    SearchResult::List(reference.entries().iter().filter(is_outer).cloned().collect())
}

fn write(folder: &Path, pages: &site::Pages, terminal: &Terminal) -> ExitStatus {
    for (name, text) in pages {
        let path = folder.join(name);
        if let Err(error) = write_whole(&path, text) {
            terminal.tell(&format!("`{}` could not be written: {error}", path.display()));
            return ExitStatus::Script;
        }
    }
    terminal.say(&format!("{} pages in {}", pages.len(), folder.display()));
    ExitStatus::Ok
}
