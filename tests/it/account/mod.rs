//! The commands of the REPL that need an account, through the binary: without a terminal, and in one.

mod unattended;

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::program::rtiler;

/// A service, and a setting to change it by.
const SCRIPT: &str = r#"
let s = settings("APP", #{ tasks: 2 });
let web = FargateService("Web").image("nginx:1.29").port(80).count(s.tasks);
Stack("app").add(web).output("Service", web.name)
"#;

/// A folder with a script.
struct Desk(tempfile::TempDir);

/// The output of the program.
struct RunOutput {
    code: Option<i32>,
    /// The answer: standard output.
    answer: String,
    /// Talk about the work: standard error.
    talk: String,
}

impl Desk {
    fn new() -> Self {
        Self::with(SCRIPT)
    }

    fn with(script: &str) -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        std::fs::write(desk.path().join("app.rhai"), script).unwrap();
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Returns the program with these arguments.
    fn rtiler(&self, arguments: &[&str]) -> Command {
        rtiler(self.path(), arguments.iter().copied())
    }

    /// Runs `rtiler repl app.rhai -e LINE -e LINE ...`.
    fn lines(&self, lines: &[&str]) -> RunOutput {
        let given = lines.iter().flat_map(|line| ["-e", line]);
        let arguments: Vec<&str> = ["repl", "app.rhai"].into_iter().chain(given).collect();
        run_output(&self.rtiler(&arguments).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs `rtiler repl app.rhai < LINES`.
    fn piped(&self, arguments: &[&str], lines: &str) -> RunOutput {
        let arguments: Vec<&str> = ["repl", "app.rhai"].into_iter().chain(arguments.iter().copied()).collect();
        let mut command = self.rtiler(&arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
        run_output(&child.wait_with_output().unwrap())
    }

    /// Runs `rtiler run app.rhai WORDS`.
    fn run(&self, words: &[&str]) -> RunOutput {
        let arguments: Vec<&str> = ["run", "app.rhai"].into_iter().chain(words.iter().copied()).collect();
        run_output(&self.rtiler(&arguments).output().unwrap())
    }
}

fn run_output(output: &Output) -> RunOutput {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    RunOutput { code: output.status.code(), answer: text(&output.stdout), talk: text(&output.stderr) }
}

impl RunOutput {
    /// Returns the standard output of a successful run.
    fn good(self) -> String {
        assert_eq!(self.code, Some(0), "{}{}", self.answer, self.talk);
        self.answer
    }

    /// Returns the standard output of a session that found differences.
    fn different(self) -> String {
        assert_eq!(self.code, Some(5), "{}{}", self.answer, self.talk);
        self.answer
    }

    /// Returns the standard output of a run that had nothing to work on: nothing is deployed.
    fn absent(self) -> String {
        assert_eq!(self.code, Some(3), "{}{}", self.answer, self.talk);
        self.answer
    }

    fn all(&self) -> String {
        format!("{}{}", self.answer, self.talk)
    }
}
