//! The guide to packages is true: its files are written, its commands run, and what it shows is printed.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::readme::matches;

const GUIDE: &str = include_str!("../../docs/packages.md");

/// A block of the guide.
enum Block<'a> {
    /// A file with its text.
    File(&'a str, &'a str),
    /// A command with the output that is shown.
    Run(&'a str, Vec<String>),
}

/// Returns the blocks of the guide in their order.
fn blocks() -> Vec<Block<'static>> {
    let mut found = Vec::new();
    for (at, part) in GUIDE.split("\n```").enumerate() {
        if at % 2 == 0 {
            continue;
        }
        let (header, text) = part.split_once('\n').expect("a block has a first line");
        if header == "console" {
            for line in text.lines() {
                match (line.strip_prefix("$ "), found.last_mut()) {
                    (Some(command), _) => found.push(Block::Run(command, Vec::new())),
                    (None, Some(Block::Run(_, output))) => output.push(line.to_owned()),
                    (None, _) => panic!("output without a command: {line}"),
                }
            }
        } else if let Some((_, path)) = header.split_once(' ') {
            found.push(Block::File(path, text));
        }
    }
    found
}

/// The folder of the walk-through, with a home whose git knows `https://git.example.com/` as a folder of bare repositories.
struct Walk {
    folder: tempfile::TempDir,
    current: PathBuf,
}

impl Walk {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for name in ["bin", "home", "git"] {
            std::fs::create_dir(root.join(name)).unwrap();
        }
        let git = root.join("git");
        let config = format!(
            "[user]\nname = Ann\nemail = ann@example.com\n[init]\ndefaultBranch = main\n\
             [url \"file://{}/\"]\ninsteadOf = https://git.example.com/\n",
            git.display()
        );
        std::fs::write(root.join("home/.gitconfig"), config).unwrap();
        let bare = Command::new("git").args(["init", "--quiet", "--bare"]).arg(git.join("acme-web")).status().unwrap();
        assert!(bare.success());
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_rtiler"), root.join("bin/rtiler")).unwrap();
        Self { current: root.to_owned(), folder }
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder.path().join(path), format!("{text}\n")).unwrap();
    }

    /// Runs a command and returns what it printed.
    fn run(&mut self, command: &str) -> String {
        if let Some(folder) = command.strip_prefix("cd ") {
            self.current = self.current.join(Path::new(folder)).canonicalize().unwrap();
            return String::new();
        }
        let path = format!("{}:{}", self.folder.path().join("bin").display(), std::env::var("PATH").unwrap());
        let output = Command::new("sh")
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(&self.current)
            .env_clear()
            .envs([("PATH", path.as_str()), ("COLUMNS", "120"), ("LANG", "C.UTF-8")])
            .env("HOME", self.folder.path().join("home"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

#[test]
fn guide_to_packages_prints_what_it_shows() {
    let mut walk = Walk::new();
    let mut commands = 0;
    for block in blocks() {
        match block {
            Block::File(path, text) => walk.write(path, text),
            Block::Run(command, shown) => {
                commands += 1;
                let printed = walk.run(command);
                let lines: Vec<&str> = printed.trim_end().lines().collect();
                assert!(matches(&shown, &lines), "$ {command}\n{printed}\nbut the guide shows\n{}", shown.join("\n"));
            }
        }
    }
    assert!(commands > 20, "the guide runs commands");
}
