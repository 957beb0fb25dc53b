//! Git repositories that the tests make.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::package;

/// A repository with a working tree.
pub(super) struct Origin(PathBuf);

impl Origin {
    /// Creates an empty repository in a folder.
    pub(super) fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        let origin = Self(folder.to_owned());
        origin.git(&["init", "-q", "-b", "main", "."]);
        origin
    }

    /// Creates a repository with a package of this name and its version 1.0.0.
    pub(super) fn with_package(folder: &Path, name: &str) -> Self {
        let origin = Self::new(folder);
        origin.publish(name, "1.0.0", "");
        origin
    }

    /// Commits a package and tags its version. `rest` is the end of the manifest.
    pub(super) fn publish(&self, name: &str, version: &str, rest: &str) -> String {
        self.write("rtiler.toml", &package(name, version, rest));
        self.write("main.rhai", &format!("/// Returns the version.\nfn version() {{\n    \"{version}\"\n}}\n"));
        let commit = self.commit();
        self.git(&["tag", &format!("v{version}")]);
        commit
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Returns the URL.
    pub(super) fn url(&self) -> String {
        format!("file://{}", self.0.display())
    }

    pub(super) fn write(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Commits everything and returns the commit.
    pub(super) fn commit(&self) -> String {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", "x"]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .args(["-c", "user.name=a", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"])
            .args(arguments)
            .current_dir(&self.0)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }
}
