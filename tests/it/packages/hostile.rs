//! Repositories and sources that attack the machine: each is refused, and a marker file does not appear.

use super::{Machine, Origin};
use crate::program::printed;

/// Runs `rtiler add` with a source and checks that it is refused with a text, and that nothing ran.
fn refused(machine: &Machine, source: &str, text: &str) {
    let before = machine.read("rtiler.toml");
    let output = machine.run_in(".", &["add", "--grant", "--", source]);
    let shown = printed(&output);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{source}: {shown}");
    assert!(shown.contains(text), "{source}: {shown}");
    assert!(!machine.folder.path().join("marker").exists(), "{source} ran a command");
    assert_eq!(machine.read("rtiler.toml"), before, "{source}");
    assert!(!machine.project().join("rtiler.lock").exists(), "{source}");
}

#[test]
fn sources_that_git_would_take_for_commands_or_options_are_refused() {
    let machine = Machine::new("");
    let marker = machine.folder.path().join("marker").display().to_string();
    for source in [
        format!("ext::sh -c touch% {marker}@v1"),
        format!("--upload-pack=touch {marker};@v1"),
        format!("https://-oProxyCommand=touch {marker}/x@v1"),
        format!("ssh://-oProxyCommand=touch${{IFS}}{marker}/x@v1"),
        format!("git@-oProxyCommand=touch:{marker}@v1"),
        format!("file:///tmp/x@--upload-pack=touch {marker}"),
        "fd::17/x@v1".to_owned(),
        "github.com/acme/stacks//../../etc@v1".to_owned(),
        "github.com/acme/stacks//.git/hooks@v1".to_owned(),
        "github.com/acme/stacks@../../main".to_owned(),
    ] {
        refused(&machine, &source, "error[command-line]");
    }
}

#[test]
fn manifest_cannot_smuggle_options_to_git() {
    for dependency in [
        "git = \"ext::sh -c touch\", version = \"1\"",
        "git = \"--upload-pack=touch\", version = \"1\"",
        "git = \"https://h/r\", branch = \"--upload-pack=x\"",
        "git = \"https://h/r\", tag = \"-x\"",
        "git = \"https://h/r\", commit = \"--help\"",
        "git = \"https://h/r\", folder = \"../..\", version = \"1\"",
    ] {
        let machine = Machine::new(&format!("[dependencies]\nevil = {{ {dependency} }}\n"));
        assert!(machine.fails(&["check", "."]).contains("error[manifest]"), "{dependency}");
    }
}

#[test]
fn link_in_a_repository_is_refused() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    std::os::unix::fs::symlink("/etc/passwd", web.path().join("users.rhai")).unwrap();
    web.publish("acme-web", "1.0.0", "");
    refused(&machine, &format!("{}@v1", web.url()), "`users.rhai` is a link");
}

#[test]
fn submodule_is_refused() {
    let machine = Machine::new("");
    let other = Origin::with_package(&machine.folder.path().join("other"), "other");
    let web = Origin::new(&machine.folder.path().join("web"));
    web.git(&["submodule", "add", "-q", "--", &other.url(), "lib"]);
    web.publish("acme-web", "1.0.0", "");
    refused(&machine, &format!("{}@v1", web.url()), "`lib` is a submodule");
}

#[test]
fn pointer_of_git_lfs_is_refused() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    web.write("data.json", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    web.publish("acme-web", "1.0.0", "");
    refused(&machine, &format!("{}@v1", web.url()), "is a pointer of Git LFS");
}

#[test]
fn names_that_differ_in_case_only_are_refused() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    web.write("lib/Net.rhai", "1");
    web.write("lib/net.rhai", "2");
    web.publish("acme-web", "1.0.0", "");
    refused(&machine, &format!("{}@v1", web.url()), "is the same file as");
}

#[test]
fn name_with_look_alike_letters_is_refused() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    // The second `a` is Cyrillic.
    web.publish("acme-w\u{430}b", "1.0.0", "");
    refused(&machine, &format!("{}@v1", web.url()), "error[manifest]");
}

#[test]
fn hooks_and_configuration_of_a_repository_do_not_run() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    let marker = machine.folder.path().join("marker");
    web.write(".gitattributes", "* filter=evil diff=evil\n");
    web.git(&["config", "filter.evil.smudge", &format!("touch {}", marker.display())]);
    web.git(&["config", "core.fsmonitor", &format!("touch {}", marker.display())]);
    web.publish("acme-web", "1.0.0", "");
    let _ = std::fs::remove_file(&marker);
    for name in ["post-checkout", "post-upload-pack", "reference-transaction", "pre-receive", "update"] {
        let hook = web.path().join(".git/hooks").join(name);
        std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
        std::fs::write(&hook, format!("#!/bin/sh\ntouch {}\n", marker.display())).unwrap();
        std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    machine.ok(&["add", &format!("{}@v1", web.url())]);
    assert!(!marker.exists());
}

#[test]
fn package_of_a_repository_cannot_use_a_folder_of_this_machine() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    web.publish("acme-web", "1.0.0", "[dependencies]\nsecrets = { path = \"/etc\" }\n");
    refused(&machine, &format!("{}@v1", web.url()), "which only this machine has");
}

#[test]
fn repository_without_a_manifest_is_not_a_package() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    web.write("main.rhai", "1");
    web.commit();
    web.git(&["tag", "v1.0.0"]);
    refused(&machine, &format!("{}@v1", web.url()), "has no `rtiler.toml`, so it is not a package");
    refused(&machine, &format!("{}//lib@v1", web.url()), "has no folder `lib`");
    refused(&machine, &format!("{}@v3", web.url()), "its newest version is 1.0.0");
    refused(&machine, &format!("{}@none", web.url()), "has no branch or tag `none`");
}

#[test]
fn package_grants_nothing_to_itself_or_to_others() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    web.publish(
        "acme-web",
        "1.0.0",
        "[permissions.acme-web]\nenv = [\"HOME\"]\n[permissions.shop]\nread = [\"config\"]\n",
    );
    machine.ok(&["add", &format!("{}@v1", web.url()), "--grant"]);
    assert!(!machine.read("rtiler.toml").contains("permissions"), "{}", machine.read("rtiler.toml"));
}
