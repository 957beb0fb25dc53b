//! Packages: a project, its lock file, and git repositories that the tests make.

mod changes;
mod commands;
mod git_daemon;
mod hostile;
mod hostile_repositories;
mod init;
mod interruptions;
mod loading;
mod lock_file;
mod origin;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::program::{printed, rtiler};
use origin::Origin;

/// The script of a project that imports nothing.
const APP: &str = "Stack(\"shop\").add(Cluster(\"Shop\"))\n";

/// A folder that has a project, its cache and the repositories of its packages.
struct Machine {
    folder: tempfile::TempDir,
}

impl Machine {
    /// Creates a project with these lines below `[package]`.
    fn new(manifest: &str) -> Self {
        let machine = Self { folder: tempfile::tempdir().unwrap() };
        machine.write(
            "rtiler.toml",
            &format!("[package]\nname = \"shop\"\nversion = \"0.1.0\"\nentry = \"app.rhai\"\n{manifest}"),
        );
        machine.write("app.rhai", APP);
        machine
    }

    fn project(&self) -> PathBuf {
        self.folder.path().join("shop")
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.project().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.project().join(path)).unwrap_or_default()
    }

    /// Runs the program in a folder of the project.
    fn run_in(&self, folder: &str, arguments: &[&str]) -> Output {
        self.command(folder, arguments).output().unwrap()
    }

    /// Returns the program in a folder of the project.
    fn command(&self, folder: &str, arguments: &[&str]) -> Command {
        let mut command = rtiler(&self.project().join(folder), arguments.iter().copied());
        command.env("RTILER_CACHE", self.cache()).env("HOME", self.folder.path());
        command
    }

    /// Runs a line of a shell in the project, as a user who pastes it; `rtiler` is the program.
    fn paste(&self, line: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_rtiler")).parent().unwrap();
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.project()).env_clear();
        shell.env("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", program.display()));
        let output = shell.env("RTILER_CACHE", self.cache()).env("HOME", self.folder.path()).output().unwrap();
        assert!(output.status.success(), "{line}: {}", printed(&output));
        printed(&output)
    }

    /// Runs the program in the project and returns what it printed; it must succeed.
    fn ok(&self, arguments: &[&str]) -> String {
        let output = self.run_in(".", arguments);
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {}", printed(&output));
        printed(&output)
    }

    /// Runs the program in the project and returns what it printed; it must fail as one whose script or project is wrong.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.run_in(".", arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", printed(&output));
        printed(&output)
    }

    fn cache(&self) -> PathBuf {
        self.folder.path().join("cache")
    }

    /// Returns every file of this name in the cache.
    fn cached(&self, name: &str) -> Vec<PathBuf> {
        let mut found = Vec::new();
        collect(&self.cache().join("packages"), name, &mut found);
        found
    }
}

fn collect(folder: &Path, name: &str, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), name, found);
        } else if entry.file_name() == name {
            found.push(entry.path());
        }
    }
}

/// Returns the manifest of a package.
fn package(name: &str, version: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\ndescription = \"A package.\"\n{rest}")
}
