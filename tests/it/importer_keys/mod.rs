//! Each documented key of a manifest of Copilot and of a Compose file, with what becomes of it: a setter, a raw property, or a comment. A key
//! that changes nothing in the script is lost silently, and fails here.
//!
//! A row is a key and a piece of YAML. Lines with `+` are the key; the others are what it needs. The result is what these lines add to the
//! script, recorded in `tests/data/importers/keys`: `BLESS=1 cargo test --test it importer_keys`, and read the difference.

mod compose;
mod copilot;

use std::collections::HashMap;
use std::path::Path;

use rtiler::cfn::schema::Schema;
use rtiler::importers::{self, Imported, SourceFiles};

use crate::cases::Snapshots;

/// A key with a piece of YAML.
type Row = (&'static str, &'static str);

/// Files in memory.
struct Files(HashMap<String, String>);

impl SourceFiles for Files {
    fn text(&self, path: &str) -> Option<String> {
        self.0.get(path).cloned()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let folder = if folder.is_empty() || folder.ends_with('/') { folder.to_owned() } else { format!("{folder}/") };
        let below = self.0.keys().filter_map(|path| path.strip_prefix(&folder)?.split('/').next());
        let mut names: Vec<String> = below.map(str::to_owned).collect();
        names.sort();
        names.dedup();
        names
    }
}

/// Returns a piece with the lines of its key, or without them.
fn piece(row: &str, with_key: bool) -> String {
    let lines = row.lines().filter(|line| with_key || !line.starts_with('+'));
    let line = |line: &str| match line.strip_prefix('+') {
        Some(rest) if rest.starts_with(' ') => format!(" {rest}\n"),
        Some(rest) => format!("{rest}\n"),
        None => format!("{line}\n"),
    };
    lines.map(line).collect()
}

/// Returns the lines of a script that another one does not have. Numbers of lines of the source differ and are left out.
fn added(script: &str, base: &str) -> Vec<String> {
    let lines = |script: &str| -> Vec<String> { script.lines().map(|line| without_line(line.trim())).collect() };
    let mut before = lines(base);
    let mut new = lines(script);
    new.retain(|line| !line.is_empty());
    new.retain(|line| match before.iter().position(|known| known == line) {
        Some(at) => {
            before.remove(at);
            false
        }
        None => true,
    });
    new
}

/// Returns a comment without the file and line of its source.
fn without_line(line: &str) -> String {
    match line.strip_prefix("// ").and_then(|rest| rest.split_once(": ")) {
        Some((place, text)) if place.contains(".yml:") => format!("// {text}"),
        _ => line.to_owned(),
    }
}

/// Returns what a line is: a comment, a raw resource or property, or a setter.
fn kind(line: &str) -> &'static str {
    match line {
        line if line.starts_with("//") => "comment",
        line if line.contains("AWS::") || line.contains(".override(") => "raw",
        _ => "typed",
    }
}

/// Compares the results of rows with the recorded ones.
fn compare(name: &str, rows: &[Row], import: impl Fn(&str) -> Imported) {
    let (mut text, mut dropped) = (String::new(), Vec::new());
    for (key, yaml) in rows {
        let (with, base) = (import(&piece(yaml, true)), import(&piece(yaml, false)));
        let lines = added(&with.script, &base.script);
        if lines.is_empty() {
            dropped.push(*key);
        }
        text.push_str(&format!("{key}\n"));
        for line in lines {
            text.push_str(&format!("  {:<8}{line}\n", kind(&line)));
        }
    }
    assert!(dropped.is_empty(), "these keys of {name} change nothing in the script: {dropped:?}");
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/importers/keys").join(format!("{name}.txt"));
    let mut snapshots = Snapshots::new();
    snapshots.compare(&file, &text);
    snapshots.end();
}

/// Imports a manifest of Copilot.
fn copilot_manifest(manifest: &str) -> Imported {
    let files = [
        ("copilot/.workspace", "application: shop\n"),
        ("copilot/web/manifest.yml", manifest),
        (
            "copilot/api/manifest.yml",
            "name: api\ntype: Backend Service\nimage: {location: 'acme/api:1', port: 80}\n\
          publish: {topics: [{name: orders}, {name: ordered, fifo: true}]}\n",
        ),
    ];
    let files = Files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    importers::copilot(".", None, &files, Schema::embedded())
        .unwrap_or_else(|problems| panic!("{problems:?}\n{manifest}"))
}

/// Imports a manifest of an environment.
fn copilot_environment(manifest: &str) -> Imported {
    let files = [
        ("copilot/web/manifest.yml", "name: web\ntype: Backend Service\nimage: {location: 'acme/web:1', port: 80}\n"),
        ("copilot/environments/prod/manifest.yml", manifest),
    ];
    let files = Files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    importers::copilot(".", None, &files, Schema::embedded())
        .unwrap_or_else(|problems| panic!("{problems:?}\n{manifest}"))
}
