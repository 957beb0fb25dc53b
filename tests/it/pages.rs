//! The pages of `rtiler explain`: one for each code that the sources report, with examples that are evaluated.

use std::collections::BTreeSet;
use std::path::Path;

use regex::Regex;
use rtiler::cfn::check;
use rtiler::cfn::schema::Schema;
use rtiler::diag::{Color, Diagnostic, Sources, acknowledge, render};
use rtiler::explain::{Example, pages};

use crate::scripted::{deep, scripted};

/// Words that stand in the sources like codes and are none: names of AWS and of HTTP, words of tests, and the faults of
/// rehearsals.
const OTHER_WORDS: [&str; 20] = [
    "authenticate-oidc",
    "create-fails",
    "delete-fails",
    "eu-central-1",
    "given-by-hand",
    "image-denied",
    "image-not-found",
    "kill-at",
    "lost-connection",
    "no-capacity",
    "no-route",
    "poll-errors",
    "quiet-value",
    "rollback-fails",
    "rolled-back-by-ecs",
    "secret-unreadable",
    "shh-string",
    "ssm-secure",
    "update-fails",
    "user-agent",
];
/// Titles are listed by `rtiler explain` beside their codes.
const LONGEST_TITLE: usize = 76;

#[test]
fn every_code_has_its_page_and_every_page_its_code() {
    let codes = codes();
    assert!(codes.contains("fargate-size") && codes.contains("thrown"), "the sources were searched: {codes:?}");
    let pages: BTreeSet<String> = pages().map(|page| page.code.to_owned()).collect();
    let missing: Vec<_> = codes.difference(&pages).collect();
    let stale: Vec<_> = pages.difference(&codes).collect();
    assert!(missing.is_empty(), "write `src/explain/pages/CODE.md` for {missing:?}");
    assert!(stale.is_empty(), "nothing reports {stale:?}");
}

#[test]
fn every_file_of_a_page_is_listed_in_order() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/explain/pages");
    let mut files: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    files.sort();
    let listed: Vec<&str> = pages().map(|page| page.code).collect();
    assert_eq!(listed, files, "`src/explain/pages.rs` lists the files in alphabetical order");
}

#[test]
fn every_page_has_a_short_title_and_a_story() {
    for page in pages() {
        let title = page.summary();
        assert!(!title.is_empty() && title.chars().count() < LONGEST_TITLE, "{}: `{title}`", page.code);
        assert!(!title.ends_with('.') && !title.starts_with(char::is_whitespace), "{}: `{title}`", page.code);
        let words = page.text.lines().skip(1).take_while(|line| !line.starts_with("```")).collect::<String>();
        assert!(words.len() > 60, "{}: {words}", page.code);
        let wrong = page.examples().iter().filter(|example| example.wrong).count();
        let right = page.examples().len() - wrong;
        assert_eq!(wrong, right, "{}: a wrong example wants a right one", page.code);
    }
}

#[test]
fn every_wrong_example_has_the_problem_and_every_right_one_has_none() {
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

fn examine(example: &Example) -> (Vec<Diagnostic>, Sources) {
    match example.language {
        "rhai" => {
            let scripted = scripted(example.text, &[]);
            let complete = scripted.report.value.is_some();
            let problems = acknowledge(scripted.report.problems, &scripted.sources, complete);
            (problems, scripted.sources)
        }
        "yaml" => {
            let mut sources = Sources::default();
            sources.add("template.yaml", example.text);
            (check::file("template.yaml", example.text, Schema::embedded()), sources)
        }
        other => panic!("nobody evaluates an example in {other}"),
    }
}

/// The codes in the sources: kebab-case literals among arguments, and first arguments of `error` and `warning`.
fn codes() -> BTreeSet<String> {
    let shapes = [r#"[(,]\s*"([a-z]+(?:-[a-z0-9]+)+)","#, r#"(?:error|warning)\(\s*"([a-z0-9-]+)""#];
    let shapes = shapes.map(|shape| Regex::new(shape).unwrap());
    let mut found = BTreeSet::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_test = path.file_name().is_some_and(|name| name == "tests.rs" || name == "tests");
            if path.is_dir() && !is_test {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !is_test {
                let text = std::fs::read_to_string(path).unwrap();
                let text = text.split("mod tests {").next().unwrap_or_default();
                let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
                let code = code.join("\n");
                let words = shapes.iter().flat_map(|shape| shape.captures_iter(&code));
                found.extend(words.map(|word| word[1].to_owned()));
            }
        }
    }
    found.retain(|word| !OTHER_WORDS.contains(&word.as_str()));
    found
}
