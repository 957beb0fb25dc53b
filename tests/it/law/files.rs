//! The files under `src`: no leftovers of tools, and an invariant for each room.

use std::path::{Path, PathBuf};

#[test]
fn dot_files_and_unreviewed_snapshots_under_src_are_refused() {
    let is_left_over = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with('.') || name.ends_with(".pending-snap") || name.ends_with(".snap.new")
    };
    let mut found = all(Path::new("src"));
    found.retain(is_left_over);
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn files_with_a_path_attribute_are_refused() {
    let files = below(Path::new("src"), "rs");
    let found: Vec<&PathBuf> =
        files.iter().filter(|path| std::fs::read_to_string(path).unwrap().contains("#[path")).collect();
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn every_room_documents_its_purpose_and_an_invariant() {
    // A room is a folder of `src`, or of `src/deploy`, whose parts are rooms of their own.
    let is_room = |path: &&PathBuf| {
        let depth = path.components().count();
        path.ends_with("mod.rs") && (depth == 3 || depth == 4 && path.starts_with("src/deploy"))
    };
    let has_invariant = |path: &&PathBuf| {
        let text = std::fs::read_to_string(path).unwrap();
        text.starts_with("//!") && text.contains("//! *Invariant*")
    };
    let files = below(Path::new("src"), "rs");
    // KNOWN: until these are written.
    let known: [&str; 0] = [];
    let is_known = |path: &&PathBuf| known.iter().any(|file| path.ends_with(file));
    let rooms = files.iter().filter(is_room).filter(|path| !is_known(path));
    let silent: Vec<&PathBuf> = rooms.filter(|path| !has_invariant(path)).collect();
    assert!(silent.is_empty(), "no `//!` docs with an *Invariant*: {silent:#?}");
}

/// Returns the files with this extension in a folder and in those below, sorted; none if there is no such folder.
pub(super) fn below(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = all(folder);
    found.retain(|path| path.extension().is_some_and(|its| its == extension));
    found.sort();
    found
}

fn all(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    paths.flat_map(|path| if path.is_dir() { all(&path) } else { vec![path] }).collect()
}
