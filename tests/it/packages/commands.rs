//! `add`, `remove`, `update`, `vendor`, `tree` and `outdated`.

use super::{APP, Machine, Origin, package};
use crate::program::printed;

/// Returns a project without packages, and the repository of `acme-web` with its version 1.0.0.
fn shop() -> (Machine, Origin) {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "acme-web");
    (machine, web)
}

fn source(origin: &Origin, revision: &str) -> String {
    format!("{}@{revision}", origin.url())
}

#[test]
fn added_package_is_in_the_manifest_and_locked() {
    let (machine, web) = shop();
    let before = machine.read("rtiler.toml");
    let text = machine.ok(&["add", &source(&web, "v1.0")]);
    assert!(text.contains("added acme-web 1.0.0"), "{text}");
    let line = format!("acme-web = {{ git = \"{}\", version = \"1.0.0\" }}\n", web.url());
    assert_eq!(machine.read("rtiler.toml"), format!("{before}\n[dependencies]\n{line}"));
    machine.ok(&["check", ".", "--locked", "--offline"]);
}

#[test]
fn revision_of_every_kind_is_written_as_what_it_is() {
    let (machine, web) = shop();
    web.git(&["tag", "nightly"]);
    let commit = web.git(&["rev-parse", "HEAD"]);
    for (revision, entry) in [
        ("main".to_owned(), "branch = \"main\"".to_owned()),
        ("nightly".to_owned(), "tag = \"nightly\"".to_owned()),
        (commit.clone(), format!("commit = \"{commit}\"")),
    ] {
        machine.ok(&["add", &source(&web, &revision)]);
        assert!(machine.read("rtiler.toml").contains(&entry), "{}", machine.read("rtiler.toml"));
        assert_eq!(machine.read("rtiler.toml").matches("acme-web").count(), 1);
        assert!(machine.read("rtiler.lock").contains(&format!("revision = \"{commit}\"")));
        machine.ok(&["check", ".", "--locked"]);
    }
}

#[test]
fn folder_is_named_from_the_project_wherever_the_user_is() {
    let machine = Machine::new("");
    machine.write("../net/rtiler.toml", &package("net", "0.1.0", ""));
    machine.write("lib/local/rtiler.toml", &package("local", "0.1.0", ""));
    machine.write("docs/a.md", "");
    let output = machine.run_in("docs", &["add", "../../net"]);
    assert_eq!(output.status.code(), Some(0), "{}", printed(&output));
    machine.ok(&["add", "./lib/local"]);
    let manifest = machine.read("rtiler.toml");
    assert!(
        manifest.contains("net = { path = \"../net\" }") && manifest.contains("local = { path = \"./lib/local\" }"),
        "{manifest}"
    );
    machine.ok(&["check", ".", "--locked"]);
}

#[test]
fn requests_are_shown_and_granted_only_if_the_user_says_so() {
    let (machine, web) = shop();
    web.publish("acme-web", "1.1.0", "[requests]\nenv = [\"ACME_*\"]\nread = [\"config\"]\n");
    let text = machine.ok(&["add", &source(&web, "v1.1")]);
    assert!(text.contains("acme-web requests the variables ACME_* and the files config; not granted"), "{text}");
    assert!(!machine.read("rtiler.toml").contains("permissions"));
    let text = machine.ok(&["add", &source(&web, "v1.1"), "--grant"]);
    assert!(text.contains("granted acme-web: the variables ACME_* and the files config"), "{text}");
    assert!(machine.read("rtiler.toml").ends_with("[permissions.acme-web]\nenv = [\"ACME_*\"]\nread = [\"config\"]\n"));
    machine.ok(&["check", ".", "--locked"]);
}

#[test]
fn package_with_another_name_than_the_expected_one_changes_nothing() {
    let (machine, web) = shop();
    let before = machine.read("rtiler.toml");
    assert!(machine.fails(&["add", &source(&web, "v1.0"), "--name", "acme-wep"]).contains("is called `acme-web`"));
    assert_eq!(machine.read("rtiler.toml"), before);
    assert!(!machine.project().join("rtiler.lock").exists());
}

#[test]
fn failed_addition_leaves_both_files_as_they_were() {
    let (machine, web) = shop();
    let net = Origin::with_package(&machine.folder.path().join("net"), "net");
    net.publish("net", "2.0.0", "");
    let needs_net = format!("[dependencies]\nnet = {{ git = \"{}\", version = \"2\" }}\n", net.url());
    web.publish("acme-web", "1.1.0", &needs_net);
    machine.ok(&["add", &source(&net, "v1")]);
    let (manifest, lock) = (machine.read("rtiler.toml"), machine.read("rtiler.lock"));
    let text = machine.fails(&["add", &source(&web, "v1.1")]);
    assert!(text.contains("no revision of `net` is accepted by all that need it"), "{text}");
    assert!(text.contains("`acme-web` needs ^2.0.0") && text.contains("`shop` needs ^1.0.0"), "{text}");
    assert_eq!((machine.read("rtiler.toml"), machine.read("rtiler.lock")), (manifest, lock));
}

#[test]
fn packages_in_a_circle_are_refused() {
    let machine = Machine::new("");
    machine.write("a/rtiler.toml", &package("a", "0.1.0", "[dependencies]\nb = { path = \"../b\" }\n"));
    machine.write("b/rtiler.toml", &package("b", "0.1.0", "[dependencies]\na = { path = \"../a\" }\n"));
    assert!(machine.fails(&["add", "./a"]).contains("error[package-cycle]"));
}

#[test]
fn lock_file_that_cannot_be_written_leaves_the_manifest_as_it_was() {
    let (machine, web) = shop();
    std::fs::create_dir(machine.project().join("rtiler.lock.d")).unwrap();
    std::os::unix::fs::symlink("nowhere", machine.project().join("rtiler.lock")).unwrap();
    let before = machine.read("rtiler.toml");
    let output = machine.run_in(".", &["add", &source(&web, "v1.0")]);
    assert_ne!(output.status.code(), Some(0), "{}", printed(&output));
    assert_eq!(machine.read("rtiler.toml"), before);
}

#[test]
fn removed_package_takes_what_only_it_needs_along() {
    let (machine, web) = shop();
    let net = Origin::with_package(&machine.folder.path().join("net"), "net");
    let needs_net = format!("[dependencies]\nnet = {{ git = \"{}\", version = \"1\" }}\n", net.url());
    web.publish("acme-web", "1.1.0", &format!("{needs_net}[requests]\nenv = [\"A\"]\n"));
    machine.ok(&["add", &source(&web, "v1.1"), "--grant"]);
    let tree = machine.ok(&["tree"]);
    assert!(tree.contains("`-- acme-web 1.1.0") && tree.contains("    `-- net 1.0.0"), "{tree}");
    let text = machine.ok(&["remove", "acme-web"]);
    assert!(text.contains("removed acme-web") && text.contains("removed net"), "{text}");
    assert!(!machine.read("rtiler.toml").contains("acme") && !machine.read("rtiler.lock").contains("[[package]]"));
    let output = machine.run_in(".", &["remove", "acme-web"]);
    assert_eq!(output.status.code(), Some(2), "{}", printed(&output));
}

#[test]
fn update_raises_the_version_within_its_range() {
    let (machine, web) = shop();
    machine.ok(&["add", &source(&web, "v1.0")]);
    for version in ["1.2.0", "1.3.1", "2.0.0"] {
        web.publish("acme-web", version, "");
    }
    let text = machine.ok(&["outdated"]);
    assert!(text.contains("acme-web  1.0.0   1.3.1       2.0.0"), "{text}");
    assert!(machine.ok(&["check", "."]).contains("no problems"));
    assert!(machine.read("rtiler.lock").contains("\"1.0.0\""));
    let text = machine.ok(&["update"]);
    assert!(text.contains("updated acme-web 1.0.0 -> 1.3.1"), "{text}");
    assert!(
        machine.read("rtiler.toml").contains("version = \"1.3.1\"")
            && machine.read("rtiler.lock").contains("\"1.3.1\"")
    );
    assert!(machine.ok(&["update"]).contains("every package is up to date"));
}

#[test]
fn update_of_one_package_leaves_the_others() {
    let (machine, web) = shop();
    let net = Origin::with_package(&machine.folder.path().join("net"), "net");
    machine.ok(&["add", &source(&web, "main")]);
    machine.ok(&["add", &source(&net, "v1")]);
    let lock = machine.read("rtiler.lock");
    let locked = lock.split("[[package]]").find(|it| it.contains("acme-web")).unwrap().to_owned();
    web.publish("acme-web", "1.1.0", "");
    net.publish("net", "1.1.0", "");
    machine.ok(&["update", "net"]);
    assert!(machine.read("rtiler.lock").contains(locked.trim_end()), "{}", machine.read("rtiler.lock"));
    let text = machine.ok(&["update", "acme-web"]);
    assert!(text.contains("updated acme-web 1.0.0 -> 1.1.0"), "{text}");
    let output = machine.run_in(".", &["update", "nett"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(printed(&output).contains("did you mean `net`?"), "{}", printed(&output));
}

#[test]
fn update_that_requests_more_is_refused_until_it_is_granted() {
    let (machine, web) = shop();
    web.publish("acme-web", "1.1.0", "[requests]\nenv = [\"ACME_REGION\"]\n");
    machine.ok(&["add", &source(&web, "v1.1"), "--grant"]);
    web.publish("acme-web", "1.2.0", "[requests]\nenv = [\"ACME_REGION\", \"HOME\"]\nread = [\"config\"]\n");
    let (manifest, lock) = (machine.read("rtiler.toml"), machine.read("rtiler.lock"));
    let text = machine.fails(&["update"]);
    assert!(text.contains("error[package-requests]"), "{text}");
    assert!(text.contains("requests the variables HOME and the files config in addition"), "{text}");
    assert_eq!((machine.read("rtiler.toml"), machine.read("rtiler.lock")), (manifest, lock));
    machine.ok(&["update", "--grant"]);
    let manifest = machine.read("rtiler.toml");
    assert!(manifest.contains("env = [\"ACME_REGION\", \"HOME\"]\nread = [\"config\"]"), "{manifest}");
    assert!(manifest.contains("version = \"1.2.0\""), "{manifest}");
}

#[test]
fn update_with_the_same_requests_as_before_is_not_refused() {
    let (machine, web) = shop();
    web.publish("acme-web", "1.1.0", "[requests]\nenv = [\"ACME_REGION\"]\n");
    machine.ok(&["add", &source(&web, "v1.1")]);
    web.publish("acme-web", "1.2.0", "[requests]\nenv = [\"ACME_REGION\"]\n");
    assert!(machine.ok(&["update"]).contains("updated acme-web 1.1.0 -> 1.2.0"));
    assert!(!machine.read("rtiler.toml").contains("permissions"));
}

#[test]
fn tag_that_was_moved_is_refused_until_its_package_is_named() {
    let (machine, web) = shop();
    machine.ok(&["add", &source(&web, "v1.0")]);
    let lock = machine.read("rtiler.lock");
    web.write("main.rhai", "fn version() { \"moved\" }\n");
    web.commit();
    web.git(&["tag", "-f", "v1.0.0"]);
    let text = machine.fails(&["update"]);
    assert!(text.contains("version 1.0.0 of `acme-web` has other files than when it was locked"), "{text}");
    assert_eq!(machine.read("rtiler.lock"), lock);
    machine.ok(&["update", "acme-web"]);
    assert_ne!(machine.read("rtiler.lock"), lock);
    machine.ok(&["check", ".", "--locked"]);
}

#[test]
fn vendored_packages_are_used_without_cache_and_network() {
    let (machine, web) = shop();
    machine.ok(&["add", &source(&web, "v1.0")]);
    assert!(machine.ok(&["vendor"]).contains("copied acme-web 1.0.0 to vendor/acme-web"));
    std::fs::remove_dir_all(machine.cache()).unwrap();
    std::fs::remove_dir_all(web.path()).unwrap();
    machine.ok(&["check", ".", "--locked", "--offline"]);
    machine.write("vendor/acme-web/main.rhai", "fn version() { \"evil\" }\n");
    let text = machine.fails(&["check", "."]);
    assert!(
        text.contains("`main.rhai` of the package `acme-web` differs") && text.contains("`rtiler vendor`"),
        "{text}"
    );
}

#[test]
fn link_in_place_of_a_vendored_folder_is_not_followed() {
    let (machine, web) = shop();
    machine.ok(&["add", &source(&web, "v1.0")]);
    machine.ok(&["vendor"]);
    let (copy, elsewhere) = (machine.project().join("vendor/acme-web"), machine.folder.path().join("elsewhere"));
    std::fs::rename(&copy, &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, &copy).unwrap();
    std::fs::remove_dir_all(machine.cache()).unwrap();
    assert!(machine.fails(&["check", ".", "--offline"]).contains("is not in the cache"));
}

#[test]
fn copies_follow_updates_and_removals() {
    let (machine, web) = shop();
    machine.ok(&["add", &source(&web, "v1.0")]);
    machine.ok(&["vendor"]);
    web.publish("acme-web", "1.1.0", "");
    machine.ok(&["update"]);
    assert!(machine.read("vendor/acme-web/main.rhai").contains("1.1.0"));
    machine.ok(&["check", ".", "--locked", "--offline"]);
    machine.ok(&["remove", "acme-web"]);
    assert!(!machine.project().join("vendor/acme-web").exists());
}

#[test]
fn locked_and_offline_hold_for_commands_that_change_packages() {
    let (machine, web) = shop();
    assert!(machine.fails(&["add", &source(&web, "v1.0"), "--locked"]).contains("error[lock-outdated]"));
    assert!(machine.fails(&["add", &source(&web, "v1.0"), "--offline"]).contains("error[package-offline]"));
    assert!(!machine.read("rtiler.toml").contains("acme"));
}

#[test]
fn package_commands_outside_of_a_project_say_how_to_begin() {
    let machine = Machine::new("");
    std::fs::remove_file(machine.project().join("rtiler.toml")).unwrap();
    for command in [&["tree"][..], &["add", "./x"], &["remove", "x"], &["update"], &["vendor"], &["outdated"]] {
        let text = machine.fails(command);
        assert!(text.contains("`rtiler init`"), "{command:?}: {text}");
    }
    assert_eq!(machine.read("app.rhai"), APP);
}
