//! The question whether a package may read what it requests.

use std::path::Path;

use super::terminal::{ENTER, Terminal, command};

/// Writes a project and a package next to it that requests a variable.
fn write_project(folder: &Path) {
    let files = [
        ("shop/rtiler.toml", "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nentry = \"app.rhai\"\n"),
        ("shop/app.rhai", "Stack(\"shop\").add(AWS::SNS::Topic(\"News\"))\n"),
        ("web/main.rhai", "fn team() { env(\"ACME_TEAM\") }\n"),
        ("web/rtiler.toml", "[package]\nname = \"web\"\nversion = \"0.1.0\"\n\n[requests]\nenv = [\"ACME_*\"]\n"),
    ];
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn manifest(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("shop/rtiler.toml")).unwrap()
}

/// Waits for the question, and answers it.
fn answer(mut terminal: Terminal, question: &str, answer: &str) -> Terminal {
    terminal.wait_text(&format!("{question} [y/N]"));
    terminal.press(&format!("{answer}{ENTER}"));
    terminal
}

#[test]
fn added_package_gets_what_the_user_grants() {
    let folder = tempfile::tempdir().unwrap();
    write_project(folder.path());
    let shop = folder.path().join("shop");
    let question = "web requests the variables ACME_*. Grant this?";
    let mut refused = answer(command(&shop, &["add", "../web"]).start(), question, "n");
    refused.wait_text("rtiler update web --grant");
    assert!(manifest(folder.path()).contains("[dependencies]"), "{}", manifest(folder.path()));
    assert!(!manifest(folder.path()).contains("[permissions"), "{}", manifest(folder.path()));

    std::fs::write(shop.join("rtiler.toml"), "[package]\nname = \"shop\"\nversion = \"0.1.0\"\nentry = \"app.rhai\"\n")
        .unwrap();
    let mut granted = answer(command(&shop, &["add", "../web"]).start(), question, "y");
    granted.wait_text("granted web: the variables ACME_*");
    assert!(manifest(folder.path()).contains("env = [\"ACME_*\"]"), "{}", manifest(folder.path()));
}

#[test]
fn update_that_requests_more_waits_for_the_answer() {
    let folder = tempfile::tempdir().unwrap();
    write_project(folder.path());
    let shop = folder.path().join("shop");
    let mut added = answer(command(&shop, &["add", "../web"]).start(), "Grant this?", "y");
    added.wait_text("granted web");
    let manifest_of_web =
        "[package]\nname = \"web\"\nversion = \"0.1.1\"\n\n[requests]\nenv = [\"ACME_*\"]\nread = [\"config\"]\n";
    std::fs::write(folder.path().join("web/rtiler.toml"), manifest_of_web).unwrap();
    let mut updated = answer(command(&shop, &["update"]).start(), "web requests the files config. Grant this?", "y");
    updated.wait_text("granted web: the files config");
    assert!(manifest(folder.path()).contains("read = [\"config\"]"), "{}", manifest(folder.path()));
}
