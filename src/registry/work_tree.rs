//! The git work tree that a package is in, read with the `git` of the machine.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::process::{Bounds, Finished, run};
use crate::package::FileTree;

/// The time that one command of git may take.
const LONGEST: Duration = Duration::from_mins(1);
/// The largest output of one command in bytes.
const LARGEST: usize = 16 << 20;

/// Returns the files of a package that are not in the last commit as they are now; none if the folder is not in a repository, or
/// git is not installed.
pub fn uncommitted_files(folder: &Path, tree: &FileTree) -> Option<Vec<String>> {
    let prefix = git(folder, &["rev-parse", "--show-prefix"])?;
    let prefix = prefix.trim_end();
    // Ignored files are listed, too: they are in no commit.
    let arguments =
        ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignored=matching", "--", "."];
    let status = git(folder, &arguments)?;
    let changed: Vec<&str> = status
        .split('\0')
        .filter_map(|entry| entry.get(3..)?.strip_prefix(prefix))
        .filter(|path| !path.is_empty())
        .collect();
    let is_changed = |path: &str| {
        changed.iter().any(|changed| *changed == path || (changed.ends_with('/') && path.starts_with(changed)))
    };
    Some(tree.files().map(|(path, _)| path.to_owned()).filter(|path| is_changed(path)).collect())
}

/// Runs git in a folder and returns what it printed; none if it failed.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    // Nothing of the repository's configuration runs: `core.fsmonitor` may name a program.
    command.arg("-C").arg(folder).args(["-c", "core.fsmonitor=false", "-c", "core.quotePath=false"]).args(arguments);
    command.env("LC_ALL", "C").env("GIT_OPTIONAL_LOCKS", "0");
    match run(&mut command, Vec::new(), &Bounds { longest: LONGEST, largest: LARGEST, folder: None }) {
        Ok(Finished { status, stdout, .. }) if status.success() => Some(String::from_utf8_lossy(&stdout).into_owned()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git_in(folder: &Path, arguments: &[&str]) {
        let identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"];
        let end = Command::new("git").arg("-C").arg(folder).args(identity).args(arguments).output();
        assert!(end.expect("git is installed").status.success(), "{arguments:?}");
    }

    fn tree(paths: &[&str]) -> FileTree {
        let mut tree = FileTree::default();
        for path in paths {
            tree.add(path, Vec::new()).expect("a file");
        }
        tree
    }

    #[test]
    fn changed_new_and_ignored_files_are_found() {
        let folder = tempfile::tempdir().expect("a folder");
        let package = folder.path().join("packages/web");
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        };
        write("packages/web/main.rhai", "1");
        write("packages/web/lib/a b.rhai", "1");
        let all = tree(&["main.rhai", "lib/a b.rhai", "new.rhai", "out/made.rhai"]);
        assert_eq!(uncommitted_files(&package, &all), None, "the folder is not in a repository");
        write(".gitignore", "out/\n");
        git_in(folder.path(), &["init", "-q", "."]);
        git_in(folder.path(), &["add", "-A"]);
        git_in(folder.path(), &["commit", "-q", "-m", "x"]);
        assert_eq!(uncommitted_files(&package, &all), Some(Vec::new()));
        write("packages/web/lib/a b.rhai", "2");
        write("packages/web/new.rhai", "2");
        write("packages/web/out/made.rhai", "2");
        write("packages/other.rhai", "2");
        let changed = uncommitted_files(&package, &all).expect("a repository");
        assert_eq!(changed, ["lib/a b.rhai", "new.rhai", "out/made.rhai"]);
    }
}
