use super::args::Doc;
use super::exit::Exit;
use super::terminal::Terminal;
use crate::diag::did_you_mean;
use crate::script::{Entry, reference};

/// `rtiler doc NAME`.
pub(crate) fn command(doc: &Doc, terminal: &Terminal) -> Exit {
    let entries = reference();
    let Some(name) = &doc.name else {
        entries.iter().filter(|entry| entry.owner.is_none()).for_each(|entry| terminal.line(&brief(entry)));
        return Exit::Ok;
    };
    let exact: Vec<&Entry> = entries.iter().filter(|entry| entry.full_name() == *name || entry.name == *name).collect();
    if exact.is_empty() {
        let names: Vec<String> = entries.iter().map(Entry::full_name).collect();
        let hint = did_you_mean(name, names.iter().map(String::as_str)).unwrap_or_default();
        terminal.tell(&format!("there is no documentation of `{name}`. {hint}"));
        return Exit::Usage;
    }
    for entry in &exact {
        terminal.line(&format!("{}\n    {}", entry.signature(), entry.doc.trim().replace('\n', "\n   ")));
    }
    let members = entries.iter().filter(|entry| entry.owner == Some(name.as_str()));
    members.for_each(|entry| terminal.line(&brief(entry)));
    Exit::Ok
}

fn brief(entry: &Entry) -> String {
    format!("  {:<44} {}", entry.signature(), entry.doc.trim().lines().next().unwrap_or(""))
}
