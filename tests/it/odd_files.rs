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
    let put: [(&str, fn(&Path)); 3] = [
        ("it is a pipe, not a regular file", pipe),
        ("it is a device, not a regular file", |path| symlink("/dev/null", path).unwrap()),
        ("there is no file `.env`", |path| symlink("nowhere", path).unwrap()),
    ];
    for (reason, put) in put {
        let project = project();
        put(&project.path().join(".env"));
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
