//! Templates that must be accepted and templates that must be refused: `tests/data/conformance`.
//!
//! `known-misses.txt` there lists the verdicts that are not reached, each with its reason. It is exact: a new miss
//! fails the test, and so does a miss that was fixed and is still listed.

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
fn conformance_cases_have_their_verdicts_except_known_misses() {
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
        let reported: Vec<String> =
            errors.iter().map(|problem| format!("{}: {}", problem.code, problem.message)).collect();
        match (right, known.contains_key(&case.id)) {
            (true, true) => wrong.push(format!("{} is reached now: take it off the list of known misses", case.id)),
            (false, false) => wrong.push(format!("{} must be {}: {}", case.id, case.expected, reported.join("; "))),
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
