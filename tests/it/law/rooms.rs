//! Each room of `src` imports only the rooms below it.

use std::collections::BTreeMap;

use super::assert_none;
use super::references::Kind;
use super::resolve::Target;
use super::tree::Tree;

/// Each room with the rooms that it may import; a comment gives the reason if it is not obvious.
const ROOMS: &[(&str, &[&str])] = &[
    ("printable", &[]),
    ("diag", &["printable"]),
    ("image", &["diag", "printable"]),
    ("budget", &["diag", "printable"]),
    ("explain", &["diag", "printable"]),
    // `cfn`: names of secrets are the same for settings and properties.
    ("settings", &["cfn", "diag", "printable"]),
    // `image`: task definitions are compared with the facts about their images.
    ("cfn", &["image", "diag", "printable"]),
    ("block", &["cfn", "image", "diag", "printable"]),
    ("synth", &["budget", "block", "cfn", "image", "diag", "printable"]),
    ("package", &["diag", "printable"]),
    ("registry", &["package", "image", "diag", "printable"]),
    ("script", &["package", "synth", "budget", "block", "cfn", "image", "settings", "diag", "printable"]),
    // `script`: the formatter. `settings`: the reader of `.env` files. `deploy::operate`: the parts of a running service.
    ("importers", &["deploy::operate", "script", "cfn", "settings", "diag", "printable"]),
    ("repl", &["script", "package", "synth", "budget", "block", "cfn", "settings", "diag", "printable"]),
    ("deploy::api", &["image", "diag", "printable"]),
    ("deploy::plan", &["deploy::api", "synth", "cfn", "image", "diag", "printable"]),
    ("deploy::monitor", &["deploy::api"]),
    // `synth`: the desired stack has the origins of what fails.
    ("deploy::diagnose", &["deploy::monitor", "deploy::api", "synth", "cfn", "diag", "printable"]),
    // `operate`: a job before a deployment is a one-off task, followed as `run-task` does.
    (
        "deploy::engine",
        &[
            "deploy::operate",
            "deploy::plan",
            "deploy::monitor",
            "deploy::diagnose",
            "deploy::api",
            "synth",
            "cfn",
            "image",
            "diag",
            "printable",
        ],
    ),
    // `monitor` and `cfn`: a failed one-off task is classified and located in its template; scaling ranges are read from
    // the template. `plan`: the overview starts from the snapshot of a stack.
    (
        "deploy::operate",
        &["deploy::diagnose", "deploy::monitor", "deploy::plan", "deploy::api", "cfn", "diag", "printable"],
    ),
    // `synth` and `cfn`: values of `NoEcho` parameters and of properties for secrets are masked by the template.
    (
        "deploy::record",
        &[
            "deploy::engine",
            "deploy::diagnose",
            "deploy::monitor",
            "deploy::plan",
            "deploy::api",
            "synth",
            "cfn",
            "diag",
            "printable",
        ],
    ),
    // `synth` and `cfn`: the permissions follow from templates and the names of their stacks.
    ("deploy::permissions", &["deploy::bootstrap", "deploy::api", "image", "synth", "cfn", "diag", "printable"]),
    // `synth`: the script says what needs the repository and the bucket.
    ("deploy::bootstrap", &["deploy::api", "synth", "cfn", "image", "diag", "printable"]),
    ("deploy::doctor", &["deploy::bootstrap", "deploy::api", "synth", "cfn", "diag", "printable"]),
    ("deploy", &[]),
    // `registry`: archives are pushed by its client.
    ("builder", &["deploy::api", "registry", "package", "image", "diag", "printable"]),
    ("aws", &["deploy::api", "image", "diag", "printable"]),
    // `deploy::bootstrap`: a template names images that were pushed. `deploy::plan`: the simulator refuses the same missing
    // capabilities, and shares the plan file's fingerprints.
    ("rehearsal", &["deploy::bootstrap", "deploy::plan", "deploy::api", "image", "cfn", "diag", "printable"]),
    ("cli", EVERYTHING),
    ("fuzz", &FUZZED),
];

/// All rooms, for `cli`.
const EVERYTHING: &[&str] = &[
    "printable",
    "diag",
    "image",
    "budget",
    "explain",
    "settings",
    "cfn",
    "block",
    "synth",
    "package",
    "registry",
    "script",
    "importers",
    "repl",
    "deploy",
    "deploy::api",
    "deploy::plan",
    "deploy::monitor",
    "deploy::diagnose",
    "deploy::engine",
    "deploy::operate",
    "deploy::bootstrap",
    "deploy::doctor",
    "deploy::permissions",
    "deploy::record",
    "builder",
    "aws",
    "rehearsal",
];

/// All rooms and `cli`, for the targets of fuzzing.
const FUZZED: [&str; EVERYTHING.len() + 1] = {
    let mut rooms = ["cli"; EVERYTHING.len() + 1];
    let mut at = 0;
    while at < EVERYTHING.len() {
        rooms[at] = EVERYTHING[at];
        at += 1;
    }
    rooms
};

#[test]
fn imports_of_a_room_that_is_not_below_are_refused() {
    assert_none("imports of a room that is not below", &upward_imports(Tree::of_this_crate()));
}

/// Returns the imports of each file that the table does not allow.
pub(super) fn upward_imports(tree: &Tree) -> BTreeMap<String, Vec<String>> {
    let mut problems: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (index, module) in tree.modules.iter().enumerate() {
        let Some((room, allowed)) = room_of(&module.path) else {
            assert!(module.path.is_empty(), "{} belongs to no room of the table", module.file);
            continue;
        };
        for reference in tree.modules[index].references.iter().filter(|it| it.kind != Kind::Macro) {
            let (Target::Item(at) | Target::Module(at)) = tree.resolve(index, &reference.path) else { continue };
            // A room's parent re-exports its children.
            let is_export =
                matches!(reference.kind, Kind::Export(_)) && tree.modules[at].path.starts_with(&module.path);
            let Some((other, _)) = room_of(&tree.modules[at].path) else { continue };
            if other != room && !allowed.contains(&other) && !is_export {
                let problem = format!("line {}: imports `{other}`: {}", reference.line, reference.path.join("::"));
                problems.entry(module.file.clone()).or_default().push(problem);
            }
        }
    }
    problems
}

/// Returns the innermost room of a module, with the rooms that it may import.
fn room_of(path: &[String]) -> Option<(&'static str, &'static [&'static str])> {
    let path = path.join("::");
    let rooms = ROOMS.iter().filter(|(room, _)| path == *room || path.starts_with(&format!("{room}::")));
    rooms.max_by_key(|(room, _)| room.len()).copied()
}
