//! Files that are not what a command expects: pipes, devices, folders, links, and texts of other systems.

use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::program::{printed, rtiler};

const SCRIPT: &str = r#"let s = settings("JOBS", #{ name: "jobs" });
Stack(s.name).add(AWS::SQS::Queue("Jobs"))"#;

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
    folder
}

fn run(folder: &Path, line: &str) -> Output {
    rtiler(folder, line.split(' ')).stdin(Stdio::null()).output().unwrap()
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn settings_file_that_is_not_a_file_is_an_error_with_the_remedy() {
    let reasons = ["it is a pipe, not a regular file", "it is a device, not a regular file", "there is no file `.env`"];
    for (at, reason) in reasons.into_iter().enumerate() {
        let project = project();
        let path = project.path().join(".env");
        match at {
            0 => pipe(&path),
            1 => symlink("/dev/null", path).unwrap(),
            _ => symlink("nowhere", path).unwrap(),
        }
        let output = run(project.path(), "run app.rhai ls");
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(1), "{text}");
        assert!(text.contains(".env") && text.contains(reason), "{text}");
    }
}

#[test]
fn settings_file_that_a_program_writes_is_read_from_standard_input() {
    let project = project();
    pipe(&project.path().join(".env"));
    let text = printed(&run(project.path(), "run app.rhai ls"));
    assert!(text.contains("`--env-file - < .env`"), "{text}");
    let line = "echo JOBS_NAME=from-a-program > .env & exec \"$0\" run app.rhai ls --env-file - < .env";
    let shell =
        Command::new("sh").args(["-c", line, env!("CARGO_BIN_EXE_rtiler")]).current_dir(project.path()).output();
    assert!(printed(&shell.unwrap()).contains("from-a-program"));
}

#[test]
fn virtual_environment_of_python_is_not_a_settings_file() {
    let project = project();
    std::fs::create_dir(project.path().join(".env")).unwrap();
    let output = run(project.path(), "run app.rhai ls");
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
}

/// Writes the files of a deployed stack: a saved account, the record of the run, and a plan of a change.
fn deployed() -> (tempfile::TempDir, [String; 3]) {
    let project = project();
    for line in ["run app.rhai deploy --rehearse --yes", "run app.rhai plan --rehearse --save plan.json"] {
        let output = run(project.path(), line);
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    }
    let runs = std::fs::read_dir(project.path().join(".rtiler/runs")).unwrap();
    let record = runs.map(|entry| entry.unwrap().file_name().into_string().unwrap()).next().unwrap();
    (project, [".rtiler/rehearsal.json".into(), format!(".rtiler/runs/{record}"), "plan.json".into()])
}

#[test]
fn damaged_account_record_or_plan_is_named_in_the_error() {
    let (project, [account, record, plan]) = deployed();
    let commands = [
        (&account, "run app.rhai status --rehearse".to_owned(), 1),
        (&record, format!("replay {record}"), 2),
        (&plan, format!("run app.rhai deploy --rehearse --yes --plan {plan}"), 2),
    ];
    for (file, line, exit) in commands {
        let (path, deep) = (project.path().join(file), "[".repeat(20_000));
        let whole = std::fs::read_to_string(&path).unwrap();
        let first = whole.lines().next().unwrap().len().min(40);
        let retyped = "{\"version\": [], \"format_version\": [], \"record\": {}}";
        let damaged: [(&str, Vec<u8>); 7] = [
            ("empty", Vec::new()),
            ("cut", whole.as_bytes()[..first].to_vec()),
            ("another type", retyped.into()),
            ("deep", deep.into_bytes()),
            ("a list", b"[1, 2, 3]".to_vec()),
            ("not text", b"\xff\xfe{}".to_vec()),
            ("a huge number", b"{\"version\": 1e400, \"format_version\": 99999999999999999999}".to_vec()),
        ];
        for (kind, damaged) in damaged {
            std::fs::write(&path, damaged).unwrap();
            let output = run(project.path(), &line);
            let text = printed(&output);
            assert_eq!(output.status.code(), Some(exit), "{file}, {kind}: {text}");
            assert!(text.contains(file.as_str()) && text.len() < 5_000, "{file}, {kind}: {text}");
        }
        std::fs::write(&path, whole).unwrap();
        assert_eq!(run(project.path(), &line).status.code(), Some(0), "{file}");
    }
}

#[test]
fn plan_replaces_no_other_file_than_a_plan() {
    let (project, [_, _, plan]) = deployed();
    std::fs::write(project.path().join("image.png"), b"\x89PNG\xff").unwrap();
    for file in ["app.rhai", "image.png"] {
        let before = std::fs::read(project.path().join(file)).unwrap();
        let output = run(project.path(), &format!("run app.rhai plan --rehearse --save {file}"));
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(2), "{text}");
        assert!(text.contains(&format!("error[file-exists]: `{file}` is not a plan")), "{text}");
        assert_eq!(std::fs::read(project.path().join(file)).unwrap(), before, "{file}");
    }
    std::fs::write(project.path().join("empty.json"), "").unwrap();
    for file in [plan.as_str(), "empty.json", "/dev/null"] {
        let output = run(project.path(), &format!("run app.rhai plan --rehearse --save {file}"));
        assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    }
}

#[test]
fn script_with_nul_characters_is_not_formatted() {
    let project = project();
    std::fs::write(project.path().join("app.rhai"), "let a = 1;\n\0").unwrap();
    for line in ["fmt app.rhai", "fmt --check app.rhai", "run app.rhai ls"] {
        let output = run(project.path(), line);
        assert_eq!(output.status.code(), Some(1), "{line}");
        assert!(printed(&output).contains("it holds NUL characters"), "{line}: {}", printed(&output));
    }
}
