//! `rtiler doc`: the documentation of the language, of CloudFormation's types, of commands and codes; as text, JSON or
//! Markdown pages.
//!
//! `script::reference` has the language and the packages, which `packages` loads; `commands` adds the commands (from their declaration), `codes` the pages of
//! codes, `site` writes all as Markdown.
//!
//! May import `script::reference`, `repl`, `explain` and `cli`.
//!
//! *Invariant*: nothing is documented here by hand.

mod codes;
mod commands;
mod packages;
mod site;

#[cfg(test)]
mod tests;

use std::path::Path;

use super::args::Doc;
use super::exit::ExitStatus;
use super::files::write_whole;
use super::report::Output;
use super::terminal::Terminal;
use crate::repl::with_generated_resources;
use crate::script::reference::{Entry, Kind, Reference, SearchResult};

/// The width of a page, in columns.
const WIDTH: usize = 80;

/// Runs `rtiler doc [NAME]` and `rtiler doc --markdown DIR`.
pub(crate) fn command(doc: &Doc, terminal: &Terminal) -> ExitStatus {
    let name = (!doc.name.is_empty()).then(|| doc.name.join(" "));
    let reference = match packages::with_packages(everything(), name.as_deref()) {
        Ok(reference) => reference,
        Err(found) => {
            terminal.problems(&found.problems, &found.sources);
            return ExitStatus::Script;
        }
    };
    if let Some(folder) = &doc.markdown {
        return write(folder, &site::pages(&with_all_resources(reference), doc.types), terminal);
    }
    let answer = name.as_ref().map_or_else(|| overview(&reference), |name| reference.look_up(name));
    if let (SearchResult::Nothing(near), Some(name)) = (&answer, &name) {
        let hint = near.as_ref().map(|near| format!("did you mean `{near}`?"));
        let hint = hint.unwrap_or_else(|| "`rtiler doc` lists everything".to_owned());
        terminal.error(&format!("there is no documentation of `{name}`"), &hint);
        return ExitStatus::Usage;
    }
    let answer = with_generated_resources(answer, &reference);
    Output::new(terminal, doc.json).result(&answer, || answer.to_text(WIDTH));
    ExitStatus::Ok
}

/// Returns the documentation of the language, the commands and the codes.
pub(crate) fn everything() -> Reference {
    Reference::of_language().with(commands::entries()).with(codes::entries())
}

/// Adds the packages of the project, as far as they are on this machine.
pub(crate) fn of_project(reference: Reference) -> Reference {
    packages::with_packages(reference, None).unwrap_or_else(|_| everything())
}

/// Adds the resources that each block creates.
fn with_all_resources(reference: Reference) -> Reference {
    match with_generated_resources(SearchResult::Pages(reference.entries().to_vec()), &reference) {
        SearchResult::Pages(entries) => Reference::of(entries),
        _ => reference,
    }
}

/// Returns the list of the main entries: members are on the pages of their blocks, codes in `rtiler explain`.
fn overview(reference: &Reference) -> SearchResult {
    let inner = [Kind::Method, Kind::Property, Kind::Code];
    let is_outer = |entry: &&Entry| !inner.contains(&entry.kind);
    SearchResult::List(reference.entries().iter().filter(is_outer).cloned().collect())
}

fn write(folder: &Path, pages: &site::Pages, terminal: &Terminal) -> ExitStatus {
    for (name, text) in pages {
        let path = folder.join(name);
        if let Err(error) = write_whole(&path, text) {
            terminal.message(&format!("cannot write `{}`: {error}", path.display()));
            return ExitStatus::Script;
        }
    }
    terminal.status(&format!("wrote {} pages to {}", pages.len(), folder.display()));
    ExitStatus::Ok
}
