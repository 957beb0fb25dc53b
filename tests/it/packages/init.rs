//! `rtiler init`: a project that works at once, and files that it leaves alone.

use std::path::Path;

use crate::program::{printed, rtiler};

const TEMPLATES: [&str; 5] = ["titiler", "web", "worker", "minimal", "package"];

fn run(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = rtiler(folder, arguments.iter().copied()).output().unwrap();
    (output.status.code(), printed(&output))
}

fn ok(folder: &Path, arguments: &[&str]) -> String {
    let (code, text) = run(folder, arguments);
    assert_eq!(code, Some(0), "{arguments:?}: {text}");
    text
}

#[test]
fn every_template_is_a_project_without_warnings_that_can_be_rehearsed() {
    for template in TEMPLATES {
        let folder = tempfile::tempdir().unwrap();
        ok(folder.path(), &["init", "my-shop", "--template", template]);
        let project = folder.path().join("my-shop");
        ok(&project, &["fmt", "--check"]);
        for file in [".gitignore", ".github/workflows/stacks.yml", "rtiler.toml"] {
            assert!(project.join(file).is_file(), "{template}: {file}");
        }
        let text = ok(&project, &["test"]);
        assert!(text.contains("passed"), "{template}: {text}");
        if template == "package" {
            continue;
        }
        let text = ok(&project, &["check", ".", "--locked", "--deny", "warnings"]);
        assert!(text.contains("no problems"), "{template}: {text}");
        let text = ok(&project.join("tests"), &["run", "..", "deploy", "--rehearse", "--locked"]);
        assert!(text.contains("my-shop"), "{template}: {text}");
    }
}

#[test]
fn project_of_this_folder_gets_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("My Shop");
    std::fs::create_dir(&project).unwrap();
    ok(&project, &["init", "--template", "minimal"]);
    assert!(std::fs::read_to_string(project.join("rtiler.toml")).unwrap().contains("name = \"my-shop\""));
}

#[test]
fn file_that_exists_is_never_changed() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), "mine").unwrap();
    let (code, text) = run(folder.path(), &["init"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("app.rhai already exists; nothing was written"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(std::fs::read_to_string(folder.path().join("app.rhai")).unwrap(), "mine");
}

#[test]
fn link_in_place_of_a_file_is_not_written_through() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("elsewhere", folder.path().join("rtiler.toml")).unwrap();
    assert_eq!(run(folder.path(), &["init"]).0, Some(2));
    assert!(!folder.path().join("elsewhere").exists() && !folder.path().join("app.rhai").exists());
}

#[test]
fn list_of_ignored_files_of_a_repository_stays() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".gitignore"), "mine\n").unwrap();
    ok(folder.path(), &["init"]);
    assert_eq!(std::fs::read_to_string(folder.path().join(".gitignore")).unwrap(), "mine\n");
}
