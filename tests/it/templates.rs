//! Templates as public repositories have them: `tests/data/templates`.

use std::path::{Path, PathBuf};

use rtiler::cfn::check;
use rtiler::cfn::schema::Schema;
use rtiler::diag::Diagnostic;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/templates");

fn files(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(Path::new(FOLDER).join(folder)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 10, "{folder} has its templates");
    files
}

fn problems(file: &Path) -> Vec<Diagnostic> {
    let text = std::fs::read_to_string(file).unwrap();
    check::file(&file.file_name().unwrap().to_string_lossy(), &text, Schema::embedded())
}

fn shown(problems: &[Diagnostic]) -> String {
    problems.iter().map(|problem| format!("  {}: {}\n", problem.code, problem.message)).collect()
}

#[test]
fn template_that_aws_accepts_has_no_error() {
    let mut wrong = String::new();
    for file in files("accept").into_iter().chain(files("disputed")) {
        // The API of ECS knows tcp and udp alone.
        let is_refused = file.ends_with("disputed/port-protocol-http.yaml");
        let problems = problems(&file);
        if problems.iter().any(Diagnostic::is_error) != is_refused {
            wrong += &format!("{}\n{}", file.display(), shown(&problems));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn template_that_aws_refuses_has_the_problem() {
    const WARNED: [(&str, &str); 1] = [("service-shut-down.yaml", "closed-service")];
    let mut wrong = String::new();
    for file in files("refuse") {
        let problems = problems(&file);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let warned = WARNED.iter().find(|(warned, _)| *warned == name);
        let is_found = match warned {
            Some((_, code)) => problems.iter().any(|problem| problem.code == *code),
            None => problems.iter().any(Diagnostic::is_error),
        };
        if !is_found {
            wrong += &format!("{name}\n{}", shown(&problems));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn disputed_template_is_warned_about_where_it_matters() {
    for (file, code) in [
        ("condition-name-hyphen.yaml", "logical-id"),
        ("container-health-check-bare.yaml", "container-health-check"),
        ("custom-macro.yaml", "macro-not-checked"),
        ("listener-after-role.yaml", "listener-dependency"),
        ("single-rule-object.yaml", "wrong-type"),
        ("task-role-name.yaml", "wrong-reference"),
    ] {
        let problems = problems(&Path::new(FOLDER).join("disputed").join(file));
        let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
        assert!(codes.contains(&code), "{file}: {codes:?}");
    }
}
