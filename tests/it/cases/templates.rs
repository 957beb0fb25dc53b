//! Good scripts and their templates.

use std::path::PathBuf;

use rtiler::cfn::emit;

use super::snapshots::Snapshots;
use super::{evaluate, files, folder, place, shown, stem};
use crate::harness::{Finding, lint};
use crate::scripted::deep;

/// Returns every valid script: those that users copy, and those that show each method.
pub(super) fn scripts() -> Vec<PathBuf> {
    let mut all = files(&folder("scripts"), "rhai");
    all.extend(files(&folder("tests/cases/ok"), "rhai"));
    assert!(all.len() > 15, "the scripts were found");
    all
}

#[test]
fn valid_scripts_have_no_problem_and_their_recorded_templates() {
    deep(|| {
        let (mut snapshots, mut reported) = (Snapshots::new(), String::new());
        let ok = folder("tests/cases/ok");
        for script in scripts() {
            let (first, second) = (evaluate(&script), evaluate(&script));
            reported += &shown(&first.problems, &first.sources);
            let stacks = first.stacks.unwrap_or_default();
            assert_eq!(Some(&stacks), second.stacks.as_ref().or(Some(&Vec::new())), "the same script, the same stacks");
            for (stack, again) in stacks.iter().zip(second.stacks.unwrap_or_default()) {
                let text = emit::yaml(&stack.template);
                assert_eq!(text, emit::yaml(&again.template), "the same stack, the same bytes");
                snapshots.compare(&ok.join(stem(&script)).join(format!("{}.yaml", stack.name)), &text);
            }
        }
        assert!(reported.is_empty(), "{reported}");
        snapshots.and_no_other(templates());
        snapshots.end();
    });
}

#[test]
fn templates_have_no_error_of_a_linter() {
    let templates = templates();
    assert!(templates.len() > 15, "the templates are there: bless them first");
    let findings = lint(&templates);
    let reported = findings.iter().flat_map(|(file, found)| {
        let errors = found.iter().filter(|finding| Finding::is_error(finding));
        errors.map(|error| format!("{}: {} {} {}\n", file.display(), error.rule, error.path, error.message))
    });
    let reported: String = reported.collect();
    assert!(reported.is_empty(), "{reported}");
}

#[test]
fn emitted_templates_have_no_problem_in_our_own_check() {
    for template in templates() {
        let text = std::fs::read_to_string(&template).unwrap();
        let found = rtiler::cfn::check::file("template.yaml", &text, rtiler::cfn::schema::Schema::embedded());
        let reported: Vec<String> =
            found.iter().map(|problem| format!("{} {}: {}", place(problem), problem.code, problem.message)).collect();
        assert!(reported.is_empty(), "{}: {reported:#?}", template.display());
    }
}

/// Returns the templates that are snapshots.
fn templates() -> Vec<PathBuf> {
    let ok = folder("tests/cases/ok");
    let mut folders: Vec<PathBuf> =
        std::fs::read_dir(ok).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    folders.iter().flat_map(|folder| files(folder, "yaml")).collect()
}
