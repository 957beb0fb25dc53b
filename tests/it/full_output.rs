//! A closed or full output is reported, and is not a success.

use std::process::{Command, Output, Stdio};

use crate::program::rtiler;

const SCRIPT: &str = r#"Stack("queues").add(AWS::SQS::Queue("Jobs"))"#;

/// Commands whose result is on stdout.
const COMMANDS: &[&[&str]] = &[
    &["--help"],
    &["--version"],
    &["run", "--help"],
    &["run", "app.rhai", "synth"],
    &["run", "app.rhai", "ls", "--json"],
    &["run", "app.rhai", "check", "--sarif"],
    &["completions", "bash"],
    &["man"],
    &["doc", "Alb"],
    &["explain", "fargate-size"],
    &["repl", "-e", "1 + 1"],
];

/// Runs a command by a shell that redirects its output.
fn redirected(arguments: &[&str], redirection: &str) -> Output {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), SCRIPT).unwrap();
    let program = rtiler(folder.path(), []);
    let line = format!("exec \"$0\" \"$@\" {redirection}");
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(line).arg(program.get_program()).args(arguments).current_dir(folder.path());
    shell.env_clear().env("HOME", folder.path()).env("PATH", "/usr/bin:/bin").output().unwrap()
}

#[test]
fn full_output_is_reported_and_fails() {
    for arguments in COMMANDS {
        let output = redirected(arguments, "> /dev/full");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        let reports = errors.matches("cannot write to standard output: No space left on device").count();
        assert_eq!(reports, 1, "{arguments:?}: {errors}");
    }
}

#[test]
fn closed_output_is_reported_and_fails() {
    for arguments in COMMANDS {
        let output = redirected(arguments, ">&-");
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(errors.contains("cannot write to standard output: it is closed"), "{arguments:?}: {errors}");
    }
}

#[test]
fn output_that_is_open_only_for_reading_is_reported_and_fails() {
    let output = redirected(&["run", "app.rhai", "synth"], "1< /dev/null");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn output_to_nowhere_is_a_success() {
    for arguments in COMMANDS {
        assert_eq!(redirected(arguments, "> /dev/null").status.code(), Some(0), "{arguments:?}");
        assert_eq!(redirected(arguments, "<> /dev/null >&0").status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
fn closed_errors_do_not_change_the_exit_code() {
    assert_eq!(redirected(&["run", "app.rhai", "synth"], "2>&-").status.code(), Some(0));
    assert_eq!(redirected(&["run", "app.rhai", "synth"], "> /dev/full 2>&-").status.code(), Some(1));
    assert_eq!(redirected(&["run", "app.rhai", "synth"], ">&- 2>&-").status.code(), Some(1));
    assert_eq!(redirected(&["run", "missing.rhai", "synth"], "2>&-").status.code(), Some(1));
    assert_eq!(redirected(&["--unknown"], "2>&-").status.code(), Some(2));
    assert_eq!(redirected(&["--unknown"], "2> /dev/full").status.code(), Some(2));
}

#[test]
fn reader_that_needs_no_more_is_not_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = rtiler(folder.path(), ["explain"]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}
