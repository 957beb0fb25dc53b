//! `rtiler fmt`: which files it formats, and what it leaves untouched.

use std::path::Path;

use crate::program::{printed, rtiler};

const UGLY: &str = "let a=[1,2 ];\nStack(\"a\").add( [] )\n";
const PRETTY: &str = "let a = [1, 2];\nStack(\"a\").add([])\n";

/// Returns a folder with scripts of these names and texts.
fn project(scripts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in scripts {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn text(folder: &tempfile::TempDir, name: &str) -> String {
    std::fs::read_to_string(folder.path().join(name)).unwrap()
}

/// Runs `rtiler fmt` and returns its exit code and what it printed to both streams.
fn fmt(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let output = rtiler(folder, ["fmt"].iter().chain(arguments).copied()).output().unwrap();
    (output.status.code(), printed(&output))
}

#[test]
fn scripts_below_the_folder_are_formatted_but_not_those_that_git_ignores() {
    let folder = project(&[
        ("app.rhai", UGLY),
        ("lib/net.rhai", UGLY),
        ("good.rhai", PRETTY),
        ("notes.txt", UGLY),
        (".rtiler/old.rhai", UGLY),
        ("vendor/other.rhai", UGLY),
        (".ignore", "vendor/\n"),
    ]);
    assert_eq!(fmt(folder.path(), &[]), (Some(0), "2 of 3 scripts were formatted\n".to_owned()));
    for name in ["app.rhai", "lib/net.rhai", "good.rhai"] {
        assert_eq!(text(&folder, name), PRETTY, "{name}");
    }
    for name in ["notes.txt", ".rtiler/old.rhai", "vendor/other.rhai"] {
        assert_eq!(text(&folder, name), UGLY, "{name}");
    }
}

#[test]
fn check_prints_the_difference_and_writes_nothing() {
    let folder = project(&[("app.rhai", UGLY), ("good.rhai", PRETTY)]);
    let (exit, printed) = fmt(folder.path(), &["--check"]);
    assert_eq!(exit, Some(1));
    assert!(printed.contains("-let a=[1,2 ];\n") && printed.contains("+let a = [1, 2];\n"), "{printed}");
    assert!(printed.ends_with("1 of 2 scripts is not formatted\n"), "{printed}");
    assert_eq!(text(&folder, "app.rhai"), UGLY);
    assert_eq!(fmt(folder.path(), &["--check", "good.rhai"]).0, Some(0));
}

#[test]
fn script_with_a_syntax_error_leaves_every_file_as_it_was() {
    let folder = project(&[("app.rhai", UGLY), ("broken.rhai", "let a = (1;\n")]);
    let (exit, printed) = fmt(folder.path(), &[]);
    assert_eq!(exit, Some(1));
    assert!(printed.contains("broken.rhai:1"), "{printed}");
    assert_eq!(text(&folder, "app.rhai"), UGLY);
}

#[test]
fn missing_script_and_folder_without_scripts_are_errors() {
    let folder = project(&[("lib/notes.txt", "")]);
    assert_eq!(fmt(folder.path(), &["app.rhai"]).0, Some(1));
    let (exit, printed) = fmt(folder.path(), &["lib"]);
    assert_eq!(exit, Some(2));
    assert!(printed.contains("there are no scripts (*.rhai) in `lib`"), "{printed}");
}
