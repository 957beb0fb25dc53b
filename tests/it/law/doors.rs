//! Each part of the outside world is used in one place.

use std::collections::BTreeMap;

use super::assert_none;
use super::references::Kind;
use super::resolve::Target;
use super::tree::Tree;

/// The beginnings of paths that are used in one place only, with that place.
const PATHS: &[(&str, &[&str])] = &[
    ("rhai", &["src/script/"]),
    // The client of registries would read the same variables itself if it got no proxies.
    ("std::env", &["src/cli/", "src/registry/oci/credentials.rs", "src/registry/oci/proxies.rs"]),
    ("std::fs", FILES),
    ("rustix::fs", &["src/cli/files/", "src/registry/folder.rs", "src/registry/oci/credentials.rs"]),
    ("tokio::fs", &[]),
    // Everything that is printed is a `Printable`, which has no control characters.
    ("std::io::stdout", &["src/cli/terminal/streams.rs"]),
    ("std::io::stderr", &["src/cli/terminal/streams.rs"]),
    // These libraries write to the terminal themselves; they get painted texts.
    ("indicatif", &["src/cli/report/progress_reporter.rs"]),
    ("rustyline", &["src/cli/repl/"]),
];

/// The places that use files. Those that rtiler reads or writes for its user are opened in `cli::files`.
const FILES: &[&str] = &[
    "src/cli/files/",
    // The cache of packages, and the folder of a build.
    "src/registry/",
    "src/builder/",
    // The names in a folder, or whether there is a file.
    "src/cli/import_from.rs",
    "src/cli/init/mod.rs",
    "src/cli/packages/place.rs",
    "src/cli/project.rs",
    "src/cli/written_script.rs",
    "src/cli/repl/completion_sources.rs",
    "src/cli/test/host.rs",
    "src/cli/test/selection.rs",
    // The time of a file, and its mode.
    "src/cli/doctor/programs.rs",
    "src/cli/repl/file_watcher.rs",
    // The history, which its library reads and writes.
    "src/cli/repl/editor/history.rs",
    // The type of a file that was opened elsewhere.
    "src/cli/recorder.rs",
    "src/cli/terminal/streams.rs",
    // Files of the system, and the profiles of AWS's own program.
    "src/cli/completions/values.rs",
    "src/cli/process_usage.rs",
    "src/cli/terminal/signals.rs",
];

/// The ends of paths that read a clock.
const CLOCKS: &[(&str, &[&str])] = &[
    ("Instant::now", &["src/cli/", "src/rehearsal/clock.rs", "src/registry/process.rs"]),
    ("SystemTime::now", &["src/cli/", "src/aws/clock.rs"]),
];

/// The macros that print, which are used nowhere.
const PRINTS: &[&str] = &["print", "println", "eprint", "eprintln", "dbg"];

#[test]
fn use_of_the_outside_world_elsewhere_is_refused() {
    assert_none("uses of the outside world in a wrong place", &misplaced(Tree::of_this_crate()));
}

/// Returns the uses of the outside world in each file where they do not belong.
pub(super) fn misplaced(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut problems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (index, module) in tree.modules.iter().enumerate() {
        for reference in &module.references {
            let Target::External(path) = tree.resolve(index, &reference.path) else { continue };
            if !is_allowed(&path.join("::"), reference.kind == Kind::Macro, &module.file) {
                let problem = format!("line {}: {}", reference.line, path.join("::"));
                problems.entry(module.file.clone()).or_default().push(problem);
            }
        }
    }
    problems
}

fn is_allowed(path: &str, is_macro: bool, file: &str) -> bool {
    let is_in = |places: &[&str]| places.iter().any(|place| file.starts_with(place));
    let is_below = |door: &str| path == door || path.starts_with(&format!("{door}::"));
    let is_end = |end: &str| path == end || path.ends_with(&format!("::{end}"));
    if is_macro && PRINTS.contains(&path) || path.starts_with("std::println") {
        return false;
    }
    if path.starts_with("aws_") && path.contains("::") {
        return is_in(&["src/aws/"]);
    }
    PATHS.iter().all(|(door, places)| !is_below(door) || is_in(places))
        && CLOCKS.iter().all(|(end, places)| !is_end(end) || is_in(places))
}
