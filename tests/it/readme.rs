//! The README is true: every `console` block is run in a copy of the project's scripts.

use std::path::Path;
use std::process::Command;

const README: &str = include_str!("../../README.md");

struct Shown {
    command: String,
    output: Vec<String>,
}

/// Returns the commands of the README with the output that it shows; `...` means any lines, `[..]` for any characters.
fn shown() -> Vec<Shown> {
    let blocks = README.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let mut all: Vec<Shown> = Vec::new();
    for line in blocks.flat_map(str::lines) {
        match line.strip_prefix("$ ") {
            Some(command) => all.push(Shown { command: command.to_owned(), output: Vec::new() }),
            None => all.last_mut().expect("a block begins with a command").output.push(line.to_owned()),
        }
    }
    all
}

/// Returns the output of a shell command in a folder where `rtiler` is on the path.
fn run(command: &str, folder: &Path) -> String {
    let path = format!("{}:{}", folder.join("bin").display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh")
        .args(["-c", &format!("{command} 2>&1")])
        .current_dir(folder)
        .env_clear()
        .envs([("PATH", path.as_str()), ("HOME", "/nonexistent"), ("COLUMNS", "120")])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in ["bin", "scripts"] {
        std::fs::create_dir(folder.path().join(name)).unwrap();
    }
    for script in std::fs::read_dir("scripts").unwrap() {
        let script = script.unwrap();
        if script.path().is_dir() {
            continue;
        }
        std::fs::copy(script.path(), folder.path().join("scripts").join(script.file_name())).unwrap();
    }
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rtiler"), folder.path().join("bin/rtiler")).unwrap();
    folder
}

fn line_matches(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let Some(mut rest) = line.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.trim_end().is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.trim_end().ends_with(last)
}

pub(super) fn matches(patterns: &[String], lines: &[&str]) -> bool {
    match (patterns.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((any, patterns)), _) if any == "..." => {
            (0..=lines.len()).any(|skipped| matches(patterns, &lines[skipped..]))
        }
        (Some((pattern, patterns)), Some((line, lines))) => line_matches(pattern, line) && matches(patterns, lines),
        _ => false,
    }
}

#[test]
fn readme_commands_print_what_the_readme_shows() {
    let project = project();
    let all = shown();
    assert!(all.len() >= 5, "the README shows commands");
    for shown in all {
        let printed = run(&shown.command, project.path());
        let lines: Vec<&str> = printed.trim_end().lines().collect();
        assert!(
            matches(&shown.output, &lines),
            "$ {}\n{printed}\nbut the README shows\n{}",
            shown.command,
            shown.output.join("\n")
        );
    }
}

/// Checks the REPL session, which has the lines of a user after `> ` and the answers to them in between.
#[test]
fn readme_repl_session_prints_what_the_readme_shows() {
    let block = README.split("```repl\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a conversation");
    let (typed, answered): (Vec<&str>, Vec<&str>) = block.lines().partition(|line| line.starts_with("> "));
    assert!(typed.len() < 15, "a user's path has under fifteen lines");
    let project = project();
    let lines: Vec<&str> = typed.iter().map(|line| &line[2..]).collect();
    std::fs::write(project.path().join("typed"), lines.join("\n")).unwrap();
    let printed = run("rtiler repl --keep-going < typed", project.path());
    let patterns: Vec<String> = answered.into_iter().map(str::to_owned).collect();
    assert!(matches(&patterns, &printed.trim_end().lines().collect::<Vec<_>>()), "{printed}");
    let saved = run("rtiler run web.rhai deploy --rehearse --from saved", project.path());
    assert!(saved.contains("web: no changes"), "what was saved is what was deployed:\n{saved}");
}

#[test]
fn first_command_of_the_readme_rehearses_the_sample_application() {
    let project = project();
    let first = README.lines().find_map(|line| line.strip_prefix("cargo run -- ")).expect("the first command");
    let printed = run(&format!("rtiler {first}"), project.path());
    assert!(printed.contains("titiler-ecs-production created in"), "{printed}");
    assert!(printed.contains("Endpoint = http://"), "{printed}");
    assert!(!printed.contains("warning"), "the sample is quiet:\n{printed}");
}

#[test]
fn readme_script_equals_the_one_in_scripts() {
    let script = README.split("```rhai\n").nth(1).and_then(|rest| rest.split("```").next()).expect("a script");
    assert_eq!(script, std::fs::read_to_string("scripts/hello.rhai").unwrap());
}
