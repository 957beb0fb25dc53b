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

    /// Runs `rtiler run app.rhai ARGUMENTS`.
    fn run_without_account(&self, arguments: &[&str]) -> Output {
        let rest = [&["run", "app.rhai"], arguments].concat();
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

#[test]
fn jobs_are_listed_with_what_starts_them() {
    let text = printed(&Project::new().run_without_account(&["ls"]));
    for row in ["Migrate", "before a deployment", "Clean", "cron(0 3 * * ? *) Europe/Zurich"] {
        assert!(text.contains(row), "no `{row}` in:\n{text}");
    }
    let output = Project::new().run_without_account(&["ls", "--json"]);
    let document: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let jobs = &document["result"][0]["jobs"];
    let clean = jobs.as_array().unwrap().iter().find(|job| job["job"] == "Clean").unwrap();
    assert_eq!(clean["schedules"][0]["time_zone"], "Europe/Zurich", "{jobs}");
}

#[test]
fn tasks_of_a_job_are_listed_with_exit_codes_and_their_log() {
    let project = Project::deployed();
    let text = printed(&project.run(&["tasks", "clean"]));
    assert!(text.contains("Clean (job)") && text.contains("none stopped in the last hour"), "{text}");
    project.run(&["run-task", "clean", "--fault", "Clean:exit=3"]);
    let text = printed(&project.run(&["tasks", "clean"]));
    assert!(text.contains("Clean (job)") && text.contains("clean: exit code 3"), "{text}");
    let text = printed(&project.run(&["status", "clean"]));
    assert!(text.contains("job Clean: the last task exited with 3") && !text.contains("WebService"), "{text}");
    assert!(printed(&project.run(&["status"])).contains("WebService"));
    let output = project.run(&["logs", "clean"]);
    assert!(output.status.success() && !output.stdout.is_empty(), "{}", printed(&output));
    let output = project.run(&["status", "cleam"]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
}

#[test]
fn timeline_of_a_deployment_has_its_steps_and_its_job() {
    let project = Project::new();
    let text = printed(&project.run(&["deploy"]));
    let path = &text[text.find("critical path").unwrap_or_else(|| panic!("no path in:\n{text}"))..];
    let found = positions(path, &["ShopVpc\n", "Migrate\n", "WebService"]);
    assert!(found.is_sorted(), "{path}");
    let chart = printed(&project.run(&["events", "--chart"]));
    let found = positions(&chart, &["+ ShopVpc ", "> Migrate", "+ WebService "]);
    assert!(found.is_sorted(), "{chart}");
}
