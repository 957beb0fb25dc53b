//! Templates that must be accepted and templates that must be refused: `tests/data/conformance`.
//!
//! `known-misses.txt` there lists the verdicts that are not reached, each with its reason. It is exact: a new miss
//! fails the test, and so does a miss that was mended and is still listed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use rtiler::cfn::check;
use rtiler::cfn::schema::Schema;
use rtiler::diag::Diagnostic;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/conformance");

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    path: String,
    expected: String,
    tier: String,
}

fn errors(path: &Path) -> Vec<Diagnostic> {
    let text = fs::read_to_string(path).unwrap();
    let mut problems = check::file(&path.to_string_lossy(), &text, Schema::embedded());
    problems.retain(Diagnostic::is_error);
    problems
}

fn known_misses() -> BTreeMap<String, String> {
    let list = fs::read_to_string(format!("{FOLDER}/known-misses.txt")).unwrap();
    let lines = list.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| line.split_once(": ").expect("`id: reason`")).map(|(id, why)| (id.into(), why.into())).collect()
}

#[test]
fn every_verdict_is_reached_but_the_known_misses() {
    let manifest = fs::read_to_string(format!("{FOLDER}/manifest.json")).unwrap();
    let cases: Vec<Case> = serde_json::from_str(&manifest).unwrap();
    let known = known_misses();
    let mut wrong = Vec::new();
    let mut reached: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for case in &cases {
        let errors = errors(&Path::new(FOLDER).join(&case.path));
        let right = errors.is_empty() == (case.expected == "ok");
        let count = reached.entry((&case.tier, &case.expected)).or_default();
        *count = (count.0 + usize::from(right), count.1 + 1);
        let told: Vec<String> = errors.iter().map(|problem| format!("{}: {}", problem.code, problem.message)).collect();
        match (right, known.contains_key(&case.id)) {
            (true, true) => wrong.push(format!("{} is reached now: take it off the list of known misses", case.id)),
            (false, false) => wrong.push(format!("{} must be {}: {}", case.id, case.expected, told.join("; "))),
            _ => {}
        }
    }
    for ((tier, expected), (right, all)) in reached {
        eprintln!("{tier} {expected}: {right} of {all}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let unknown: Vec<&String> = known.keys().filter(|id| !cases.iter().any(|case| case.id == **id)).collect();
    assert!(unknown.is_empty(), "no such cases: {unknown:?}");
}

/// For a look at a folder of other templates: `GOOD_TEMPLATES=folder cargo test good_templates -- --ignored --nocapture`.
#[test]
#[ignore = "looks at a folder outside of the repository"]
fn good_templates_elsewhere_have_no_errors() {
    let folder = std::env::var("GOOD_TEMPLATES").expect("GOOD_TEMPLATES names a folder");
    let mut open = vec![folder.into()];
    let mut told = Vec::new();
    while let Some(folder) = open.pop() {
        let folder: std::path::PathBuf = folder;
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_template =
                path.extension().is_some_and(|ending| ["yaml", "yml", "json"].iter().any(|e| ending == *e));
            if path.is_dir() {
                open.push(path);
            } else if is_template {
                told.extend(errors(&path).iter().map(|problem| {
                    let place = problem.origin().map_or_else(|| path.display().to_string(), ToString::to_string);
                    format!("{place}: {}: {}", problem.code, problem.message)
                }));
            }
        }
    }
    assert!(told.is_empty(), "{}", told.join("\n"));
}
