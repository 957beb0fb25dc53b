//! The law of the house: imports go downwards, and each outside world has one door.

use std::path::{Path, PathBuf};

/// For each room what it may import of ours.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("diag", &["diag"]),
    ("explain", &["explain"]),
    ("settings", &["settings", "diag"]),
    ("cfn", &["cfn", "diag"]),
    ("block", &["block", "cfn", "diag"]),
    ("synth", &["synth", "block", "cfn", "diag"]),
    ("script", &["script", "block", "cfn", "settings", "diag"]),
    ("repl", &["repl", "script", "synth", "block", "cfn", "settings", "diag"]),
    ("deploy", &["deploy", "cfn", "diag"]),
];

/// Names that stand in one place only, with that place.
const DOORS: &[(&str, &[&str])] = &[
    ("rhai::", &["src/script/"]),
    ("aws_", &["src/deploy/aws/"]),
    ("std::env", &["src/cli/"]),
    ("std::fs", &["src/cli/"]),
    ("println!", &["src/cli/"]),
    ("Instant::now", &["src/cli/", "src/deploy/rehearsal/clock.rs"]),
    ("SystemTime::now", &["src/cli/", "src/deploy/aws/clock.rs"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    found
}

/// The code of a file: without comments and without its tests.
fn code(path: &Path) -> String {
    let is_test = path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"))
        || path.file_stem().is_some_and(|name| name == "mistakes" || name == "scenarios");
    let text = if is_test { String::new() } else { std::fs::read_to_string(path).unwrap() };
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}

fn name(path: &Path) -> String {
    path.display().to_string()
}

#[test]
fn imports_go_downwards() {
    let rooms = ["diag", "explain", "settings", "cfn", "block", "synth", "script", "repl", "deploy", "cli"];
    let mut broken = Vec::new();
    for (room, allowed) in MAY_IMPORT {
        for path in sources(&Path::new("src").join(room)) {
            let code = code(&path);
            let upwards = rooms.iter().filter(|other| !allowed.contains(*other));
            let upwards = upwards.filter(|other| code.contains(&format!("crate::{other}::")));
            broken.extend(upwards.map(|other| format!("{} imports `{other}`", name(&path))));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_outside_world_has_one_door() {
    let mut broken = Vec::new();
    for path in sources(Path::new("src")).iter().filter(|path| !path.ends_with("main.rs")) {
        let (name, code) = (name(path), code(path));
        for (word, doors) in DOORS {
            let begins_a_name =
                |at: usize| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '"');
            if !doors.iter().any(|door| name.starts_with(door))
                && code.match_indices(word).any(|(at, _)| begins_a_name(at))
            {
                broken.push(format!("{name} uses `{word}`"));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn every_room_says_what_it_is_and_what_never_happens_in_it() {
    let rooms = sources(Path::new("src")).into_iter().filter(|path| path.ends_with("mod.rs"));
    // A folder of a few files that its parent explains has no invariant of its own.
    let top = rooms.filter(|path| path.components().count() == 3);
    let silent: Vec<String> = top
        .filter(|path| {
            let text = std::fs::read_to_string(path).unwrap();
            !(text.starts_with("//!") && text.contains("*Invariant*"))
        })
        .map(|path| name(&path))
        .collect();
    assert!(silent.is_empty(), "{silent:#?}");
}
