//! Jobs: `scripts/jobs.rhai` in a rehearsed account, through the binary.

use std::path::Path;
use std::process::Output;

use crate::program::{printed, rtiler};

struct Project(tempfile::TempDir);

impl Project {
    fn new() -> Self {
        let project = Self(tempfile::tempdir().unwrap());
        std::fs::copy("scripts/jobs.rhai", project.0.path().join("app.rhai")).unwrap();
        project
    }

    fn deployed() -> Self {
        let project = Self::new();
        let output = project.run(&["deploy"]);
        assert!(output.status.success(), "{}", printed(&output));
        project
    }

    /// Runs `rtiler run app.rhai ARGUMENTS --rehearse`.
    fn run(&self, arguments: &[&str]) -> Output {
        let rest = [&["run", "app.rhai"], arguments, &["--rehearse"]].concat();
        rtiler(self.path(), rest.iter().copied()).output().unwrap()
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

/// Returns the positions of texts in an output; all must be there.
fn positions(text: &str, wanted: &[&str]) -> Vec<usize> {
    wanted.iter().map(|part| text.find(part).unwrap_or_else(|| panic!("no `{part}` in:\n{text}"))).collect()
}

const NEW: [&str; 3] = ["deploy", "--set", "image=ghcr.io/acme/shop:1.5.0"];

#[test]
fn migration_runs_between_the_two_steps_of_a_deployment() {
    let project = Project::new();
    let text = printed(&project.run(&["deploy", "--verbose"]));
    let order =
        ["job Migrate runs before", "first step: what Migrate needs", "running job Migrate", "job Migrate succeeded"];
    let found = positions(&text, &order);
    assert!(found.is_sorted(), "{text}");
    assert!(text[found[3]..].contains("WebService"), "the service comes after the job: {text}");
    let text = printed(&project.run(&NEW));
    assert!(text.contains("job Migrate succeeded"), "{text}");
    assert!(printed(&project.run(&NEW)).contains("no changes"));
}

#[test]
fn failed_migration_changes_no_service_and_says_why() {
    let project = Project::deployed();
    for (fault, code) in
        [("exit=2", "job-failed"), ("hangs", "job-timed-out"), ("image-not-found", "task-image-not-found")]
    {
        let fault = format!("migrate:{fault}");
        let output = project.run(&[NEW.as_slice(), &["--fault", &fault]].concat());
        let text = printed(&output);
        assert_eq!(output.status.code(), Some(4), "{fault}: {text}");
        assert!(text.contains(&format!("error[{code}]")) && text.contains("--> app.rhai:"), "{fault}: {text}");
        let difference = project.run(&["diff"]);
        assert_eq!(difference.status.code(), Some(0), "the stack is as it was: {}", printed(&difference));
    }
}

#[test]
fn killed_deployment_continues_without_a_second_run() {
    let project = Project::deployed();
    project.run(&[NEW.as_slice(), &["--fault", "kill-at=75s"]].concat());
    let output = project.run(&NEW);
    assert!(output.status.success(), "{}", printed(&output));
    assert!(printed(&project.run(&NEW)).contains("no changes"));
}

#[test]
fn job_runs_by_hand_with_its_own_command() {
    let project = Project::deployed();
    let output = project.run(&["run-task", "Clean"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    let output = project.run(&["run-task", "clean", "--fault", "Clean:exit=3"]);
    assert_eq!(output.status.code(), Some(3), "{}", printed(&output));
    let output = project.run(&["run-task", "Web"]);
    assert!(output.status.code() == Some(2) && printed(&output).contains("is a service"), "{}", printed(&output));
}
