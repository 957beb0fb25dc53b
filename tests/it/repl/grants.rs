//! The question whether a package may read what it requests.

use std::path::Path;
use std::process::Command;

use super::terminal::{ENTER, Terminal, command};

const MANIFEST: &str = "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nentry = \"app.rhai\"\n";

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// Writes a project without packages, and returns its folder.
fn shop(folder: &Path) -> std::path::PathBuf {
    write(folder, "shop/rtiler.toml", MANIFEST);
    write(folder, "shop/app.rhai", "Stack(\"shop\").add(AWS::SNS::Topic(\"News\"))\n");
    folder.join("shop")
}

/// Publishes a version of the package `web` with what it requests.
fn publish(folder: &Path, version: &str, requests: &str) {
    let manifest = format!("[package]\nname = \"web\"\nversion = \"{version}\"\n\n[requests]\n{requests}\n");
    write(folder, "web/rtiler.toml", &manifest);
    write(folder, "web/main.rhai", "fn team() { env(\"ACME_TEAM\") }\n");
    let tag = format!("v{version}");
    for arguments in [vec!["init", "-q"], vec!["add", "-A"], vec!["commit", "-q", "-m", "x"], vec!["tag", &tag]] {
        let mut git = Command::new("git");
        git.args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(&arguments);
        let status = git.current_dir(folder.join("web")).env("GIT_CONFIG_GLOBAL", "/dev/null").status().unwrap();
        assert!(status.success(), "git {arguments:?}");
    }
}

/// Runs a command in a project, and answers its question.
fn answered(shop: &Path, arguments: &[&str], answer: &str) -> Terminal {
    let mut terminal = command(shop, arguments).window(30, 160).start();
    terminal.wait_text("Grant this? [y/N]");
    terminal.press(&format!("{answer}{ENTER}"));
    terminal
}

#[test]
fn package_gets_what_the_user_grants() {
    let folder = tempfile::tempdir().unwrap();
    let shop = shop(folder.path());
    let manifest = || std::fs::read_to_string(shop.join("rtiler.toml")).unwrap();
    publish(folder.path(), "0.1.0", "env = [\"ACME_*\"]");
    let source = format!("file://{}@v0.1", folder.path().join("web").display());

    let mut refused = answered(&shop, &["add", &source], "n");
    let screen = refused.wait_text("web requests the variables ACME_*; not granted");
    assert!(screen.contains("web requests the variables ACME_*. Grant this?"), "{screen}");
    assert!(manifest().contains("[dependencies]") && !manifest().contains("[permissions"), "{}", manifest());

    write(folder.path(), "shop/rtiler.toml", MANIFEST);
    answered(&shop, &["add", &source], "y").wait_text("granted web: the variables ACME_*");
    assert!(manifest().contains("[permissions.web]\nenv = [\"ACME_*\"]"), "{}", manifest());

    publish(folder.path(), "0.1.1", "env = [\"ACME_*\"]\nread = [\"config\"]");
    let before = manifest();
    answered(&shop, &["update"], "no").wait_text("error[package-requests]");
    assert_eq!(manifest(), before);
    answered(&shop, &["update"], "y").wait_text("granted web: the files config");
    assert!(manifest().contains("read = [\"config\"]") && manifest().contains("0.1.1"), "{}", manifest());
}
