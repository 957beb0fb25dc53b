//! The documentation of the commands, from their declaration.

use clap::builder::StyledStr;
use clap::{Arg, Command, CommandFactory};

use crate::cli::args::Args;
use crate::script::reference::{DocElement, Entry, Kind};

/// Returns every command: `check`, `run`, `run deploy`.
pub(super) fn entries() -> Vec<Entry> {
    let mut root = Args::command();
    root.build();
    let mut found = Vec::new();
    collect(&root, "", &mut found);
    found
}

fn collect(command: &Command, path: &str, found: &mut Vec<Entry>) {
    for inner in command.get_subcommands().filter(|inner| inner.get_name() != "help") {
        let name = format!("{path} {}", inner.get_name()).trim().to_owned();
        found.push(entry(inner, &name));
        collect(inner, &name, found);
    }
}

fn entry(command: &Command, name: &str) -> Entry {
    let summary = plain(command.get_about());
    let usage = command.clone().render_usage().to_string();
    let signatures = vec![usage.trim_start_matches("Usage:").split_whitespace().collect::<Vec<_>>().join(" ")];
    let mut parts = vec![DocElement::Text { text: summary.clone() }];
    let inner = command.get_subcommands().filter(|inner| inner.get_name() != "help");
    let rows: Vec<Vec<String>> =
        inner.map(|inner| vec![format!("{name} {}", inner.get_name()), plain(inner.get_about())]).collect();
    section("Commands", rows, &mut parts);
    let shown = || command.get_arguments().filter(|arg| !arg.is_hide_set());
    section("Arguments", shown().filter(|arg| arg.is_positional()).map(row).collect(), &mut parts);
    let mut headings: Vec<&str> = Vec::new();
    for heading in shown().filter(|arg| !arg.is_positional()).map(heading) {
        if !headings.contains(&heading) {
            headings.push(heading);
        }
    }
    for title in headings {
        let options = shown().filter(|arg| !arg.is_positional() && heading(arg) == title);
        section(title, options.map(row).collect(), &mut parts);
    }
    Entry { kind: Kind::Command, name: name.to_owned(), signatures, summary, parts }
}

fn section(heading: &str, rows: Vec<Vec<String>>, parts: &mut Vec<DocElement>) {
    if !rows.is_empty() {
        parts.push(DocElement::Heading { text: heading.to_owned() });
        parts.push(DocElement::table(&["Name", "Description"], rows));
    }
}

fn heading(arg: &Arg) -> &str {
    arg.get_help_heading().unwrap_or("Options")
}

/// Returns the name of an argument (`-n, --last <N>`) and its description with its values and default.
fn row(arg: &Arg) -> Vec<String> {
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let flags: Vec<String> = short.into_iter().chain(long).collect();
    let takes = arg.get_action().takes_values();
    let value = arg.get_value_names().filter(|_| takes).map(|names| format!("<{}>", names.join(" ")));
    let name = [flags.join(", "), value.unwrap_or_default()].join(" ");
    let mut about = plain(arg.get_help());
    let values: Vec<String> =
        arg.get_possible_values().iter().filter(|_| takes).map(|value| format!("`{}`", value.get_name())).collect();
    if !values.is_empty() {
        about += &format!(" [one of {}]", values.join(", "));
    }
    let defaults: Vec<String> =
        arg.get_default_values().iter().filter(|_| takes).map(|value| value.to_string_lossy().into_owned()).collect();
    if !defaults.is_empty() {
        about += &format!(" [default: {}]", defaults.join(" "));
    }
    vec![name.trim().to_owned(), about]
}

fn plain(text: Option<&StyledStr>) -> String {
    text.map(ToString::to_string).unwrap_or_default()
}
