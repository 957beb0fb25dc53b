//! The packages of a project when a script runs.

use super::{APP, Machine, Origin, package};
use crate::program::{printed, rtiler};

/// Returns a project that depends on version 1 of `acme-web`, and its repository.
fn shop() -> (Machine, Origin) {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "acme-web");
    let manifest = machine.read("rtiler.toml");
    let line = format!("[dependencies]\nacme-web = {{ git = \"{}\", version = \"1.0\" }}\n", web.url());
    machine.write("rtiler.toml", &format!("{manifest}{line}"));
    (machine, web)
}

#[test]
fn script_without_a_manifest_needs_no_git_and_writes_no_lock_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("app.rhai"), APP).unwrap();
    let output = rtiler(folder.path(), ["check", "app.rhai"]).env("PATH", "/none").output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    assert!(!folder.path().join("rtiler.lock").exists());
}

#[test]
fn first_run_writes_the_lock_file_and_later_ones_need_no_network() {
    let (machine, web) = shop();
    assert!(machine.fails(&["check", ".", "--locked"]).contains("error[lock-outdated]"));
    assert!(machine.fails(&["check", ".", "--offline"]).contains("error[package-offline]"));
    let text = machine.ok(&["check", "."]);
    assert!(text.contains("wrote rtiler.lock: `acme-web` was not locked"), "{text}");
    let lock = machine.read("rtiler.lock");
    assert!(
        lock.contains("name = \"acme-web\"") && lock.contains("revision = \"") && lock.contains("sha256:"),
        "{lock}"
    );
    std::fs::remove_dir_all(web.path()).unwrap();
    assert!(!machine.ok(&["check", ".", "--locked", "--offline"]).contains("wrote"));
    assert_eq!(machine.read("rtiler.lock"), lock);
}

#[test]
fn lock_file_gives_the_same_files_to_another_machine() {
    let (machine, web) = shop();
    machine.ok(&["check", "."]);
    web.publish("acme-web", "1.1.0", "");
    std::fs::remove_dir_all(machine.cache()).unwrap();
    machine.ok(&["check", ".", "--locked"]);
    assert_eq!(machine.cached("main.rhai").len(), 1);
    assert!(std::fs::read_to_string(&machine.cached("main.rhai")[0]).unwrap().contains("1.0.0"));
}

#[test]
fn project_is_found_from_every_folder_and_has_one_rehearsal_account() {
    let machine = Machine::new("");
    std::fs::create_dir_all(machine.project().join("docs/pages")).unwrap();
    let run = |folder: &str, command: &[&str]| {
        let output = machine.run_in(folder, &[&["run", "."], command].concat());
        assert_eq!(output.status.code(), Some(0), "{folder}: {}", printed(&output));
        printed(&output)
    };
    run("docs/pages", &["deploy", "--rehearse", "--yes"]);
    assert!(run(".", &["deploy", "--rehearse", "--yes"]).contains("no changes"));
    assert!(run("docs", &["ls"]).contains("shop"));
    assert!(machine.project().join(".rtiler").is_dir() && !machine.project().join("docs/pages/.rtiler").exists());
    let from_outside = machine.run_in("..", &["check", "shop"]);
    assert_eq!(from_outside.status.code(), Some(0), "{}", printed(&from_outside));
    let session = machine.run_in("docs", &["repl", ".", "-e", ":stacks"]);
    assert!(printed(&session).contains("shop"), "{}", printed(&session));
}

#[test]
fn folder_without_a_project_is_an_error_with_the_remedy() {
    let machine = Machine::new("");
    std::fs::remove_file(machine.project().join("rtiler.toml")).unwrap();
    let text = machine.fails(&["run", ".", "ls"]);
    assert!(text.contains("there is no `rtiler.toml` in `.` or above it") && text.contains("`rtiler init`"), "{text}");
}

#[test]
fn mistake_in_the_manifest_is_shown_at_its_line() {
    let machine = Machine::new("licence = \"MIT\"\nentri = \"x.rhai\"\n");
    let text = machine.fails(&["run", "app.rhai", "ls"]);
    assert!(text.contains("rtiler.toml:6") && text.contains("did you mean `entry`?"), "{text}");
}

#[test]
fn project_for_another_version_of_rtiler_is_refused() {
    let machine = Machine::new("rtiler = \">=99\"\n");
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("error[rtiler-version]") && text.contains("install rtiler >=99"), "{text}");
}

#[test]
fn package_for_another_version_of_rtiler_is_refused() {
    let machine = Machine::new("[dependencies]\nnet = { path = \"net\" }\n");
    machine.write("net/rtiler.toml", &package("net", "0.1.0", "rtiler = \">=99\"\n"));
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("the package `net` needs rtiler >=99"), "{text}");
    assert!(!machine.project().join("rtiler.lock").exists());
}

#[test]
fn changed_file_in_the_cache_is_named_with_both_hashes() {
    let (machine, _web) = shop();
    machine.ok(&["check", "."]);
    std::fs::write(&machine.cached("main.rhai")[0], "fn version() { \"evil\" }").unwrap();
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("`main.rhai` of the package `acme-web` differs from `rtiler.lock`"), "{text}");
    assert!(text.contains("locked: sha256:") && text.contains("found:  sha256:"), "{text}");
}

#[test]
fn link_in_the_cache_is_not_followed() {
    let (machine, _web) = shop();
    machine.ok(&["check", "."]);
    let file = machine.cached("main.rhai").remove(0);
    std::fs::remove_file(&file).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", &file).unwrap();
    assert!(machine.fails(&["check", "."]).contains("not a regular file"));
}

#[test]
fn hash_that_was_changed_in_the_lock_file_is_refused() {
    let (machine, _web) = shop();
    machine.ok(&["check", "."]);
    let lock = machine.read("rtiler.lock");
    let hash = lock.split("sha256:").nth(1).unwrap()[..64].to_owned();
    machine.write("rtiler.lock", &lock.replace(&hash, &"0".repeat(64)));
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("the package `acme-web` differs from `rtiler.lock`") && text.contains(&hash), "{text}");
}

#[test]
fn tag_that_was_moved_does_not_change_a_locked_package() {
    let (machine, web) = shop();
    machine.ok(&["check", "."]);
    let lock = machine.read("rtiler.lock");
    web.write("main.rhai", "fn version() { \"moved\" }");
    web.commit();
    web.git(&["tag", "-f", "v1.0.0"]);
    std::fs::remove_dir_all(machine.cache()).unwrap();
    machine.ok(&["check", "."]);
    assert_eq!(machine.read("rtiler.lock"), lock);
    assert!(std::fs::read_to_string(&machine.cached("main.rhai")[0]).unwrap().contains("1.0.0"));
}

#[test]
fn branch_that_moved_does_not_change_a_locked_package() {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "acme-web");
    let manifest = machine.read("rtiler.toml");
    let line = format!("[dependencies]\nacme-web = {{ git = \"{}\", branch = \"main\" }}\n", web.url());
    machine.write("rtiler.toml", &format!("{manifest}{line}"));
    machine.ok(&["check", "."]);
    let lock = machine.read("rtiler.lock");
    assert!(lock.contains("reference = \"main\""), "{lock}");
    web.publish("acme-web", "1.1.0", "");
    std::fs::remove_dir_all(machine.cache()).unwrap();
    machine.ok(&["check", ".", "--locked"]);
    assert_eq!(machine.read("rtiler.lock"), lock);
}

#[test]
fn package_in_a_folder_is_locked_again_when_it_changes_unless_that_is_refused() {
    let machine = Machine::new("[dependencies]\nnet = { path = \"../net\" }\n");
    machine.write("../net/rtiler.toml", &package("net", "0.1.0", ""));
    machine.write("../net/main.rhai", "fn a() { 1 }\n");
    machine.ok(&["check", "."]);
    machine.ok(&["check", ".", "--locked"]);
    machine.write("../net/main.rhai", "fn a() { 2 }\n");
    let text = machine.fails(&["check", ".", "--locked"]);
    assert!(text.contains("the files of `net` were changed"), "{text}");
    assert!(machine.ok(&["check", "."]).contains("wrote rtiler.lock: the files of `net` were changed"));
    machine.ok(&["check", ".", "--locked"]);
}

#[test]
fn tag_with_another_version_than_its_manifest_is_refused() {
    let (machine, web) = shop();
    web.git(&["tag", "-d", "v1.0.0"]);
    web.git(&["tag", "v1.4.0"]);
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("error[package-versions]") && text.contains("is called 1.0.0 in its own"), "{text}");
}

#[test]
fn package_with_another_name_than_its_dependency_is_refused() {
    let (machine, web) = shop();
    web.publish("evil-web", "1.0.1", "");
    web.git(&["tag", "-d", "v1.0.0"]);
    assert!(machine.fails(&["check", "."]).contains("`acme-web` is called `evil-web` in its own manifest"));
}

#[test]
fn completion_of_a_project_writes_and_fetches_nothing() {
    let (machine, _web) = shop();
    let output = machine.run_in(".", &["complete", "--", "rtiler", "run", ".", "status", ""]);
    assert_eq!(output.status.code(), Some(0));
    assert!(!machine.project().join("rtiler.lock").exists() && !machine.cache().exists());
}

#[test]
fn commands_that_run_at_once_all_succeed() {
    let (machine, _web) = shop();
    std::thread::scope(|scope| {
        for _ in 0..6 {
            scope.spawn(|| machine.ok(&["check", "."]));
        }
    });
    machine.ok(&["check", ".", "--locked", "--offline"]);
}
