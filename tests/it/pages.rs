//! The pages of `rtiler explain`: one for each code, with examples that are evaluated.

use std::path::{Path, PathBuf};

use regex::Regex;
use rtiler::cfn::check;
use rtiler::cfn::schema::Schema;
use rtiler::diag::{Code, Color, Diagnostic, SourceMap, apply_suppressions, render};
use rtiler::explain::{Example, pages};

use crate::scripted::{deep, scripted};

#[test]
fn every_code_is_reported_by_some_source() {
    let text = sources(Path::new("src")).iter().map(|path| std::fs::read_to_string(path).unwrap()).collect::<String>();
    let used = Regex::new(r"Code::(\w+)").unwrap();
    let used: Vec<&str> = used.captures_iter(&text).map(|found| found.get(1).unwrap().as_str()).collect();
    let unused: Vec<_> = Code::ALL.iter().filter(|code| !used.contains(&format!("{code:?}").as_str())).collect();
    assert!(unused.is_empty(), "nothing reports {unused:?}");
}

/// Returns the source files that report problems: all but the tables of codes and pages.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let tables = ["src/diag/code.rs", "src/explain/pages.rs"];
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] })
        .filter(|path| path.extension().is_some_and(|end| end == "rs") && !tables.iter().any(|it| path.ends_with(it)))
        .collect()
}

#[test]
fn every_file_of_a_page_belongs_to_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explain/pages");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    assert_eq!(Code::ALL, files.as_slice());
}

#[test]
fn every_page_has_prose_and_pairs_of_examples() {
    for page in pages() {
        let prose = page.text.lines().take_while(|line| !line.starts_with("```")).collect::<String>();
        assert!(prose.len() > 60, "{}: {prose}", page.code);
        let wrong = page.examples().iter().filter(|example| example.wrong).count();
        let right = page.examples().len() - wrong;
        assert_eq!(wrong, right, "{}: a wrong example needs a right one", page.code);
    }
}

#[test]
fn every_wrong_example_has_its_problem_and_every_right_one_has_none() {
    deep(|| {
        let mut faults = String::new();
        for page in pages() {
            for example in page.examples() {
                let (problems, sources) = examine(&example);
                let is_right = if example.wrong {
                    problems.iter().any(|problem| problem.code == page.code)
                } else {
                    problems.is_empty()
                };
                if !is_right {
                    let kind = if example.wrong { "wrong" } else { "right" };
                    let shown = problems.iter().map(|problem| render(problem, &sources, Color::Never, 100) + "\n");
                    faults += &format!("{}: the {kind} example has:\n{}", page.code, shown.collect::<String>());
                }
            }
        }
        assert!(faults.is_empty(), "{faults}");
    });
}

fn examine(example: &Example) -> (Vec<Diagnostic>, SourceMap) {
    match example.language {
        "rhai" => {
            let scripted = scripted(example.text, &[]);
            let complete = scripted.report.value.is_some();
            let problems = apply_suppressions(scripted.report.problems, &scripted.sources, complete);
            (problems, scripted.sources)
        }
        "rhai-test" => {
            let run = crate::script_tests::run_alone(example.text);
            (run.problems, run.sources)
        }
        "yaml" => {
            let mut sources = SourceMap::default();
            sources.add("template.yaml", example.text);
            (check::file("template.yaml", example.text, Schema::embedded()), sources)
        }
        other => panic!("examples in {other} are not evaluated"),
    }
}
