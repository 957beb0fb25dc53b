//! Commands that run at once, and commands that are killed: nothing is lost, nothing is half written, and the next one works.

use super::{Machine, Origin};
use crate::program::printed;

/// Writes a `git` that runs a script when it fetches for the first time, and returns the folder to put before `PATH`. `$copy` is
/// the repository in the cache.
fn git_that(machine: &Machine, script: &str) -> String {
    let folder = machine.folder.path().join("bin");
    std::fs::create_dir_all(&folder).unwrap();
    let path = "/usr/local/bin:/usr/bin:/bin";
    let done = machine.folder.path().join("done");
    let text = format!(
        "#!/bin/sh\nPATH={path}\nfor word; do\n  [ \"$last\" = --git-dir ] && copy=$word\n  [ \"$word\" = fetch ] && fetch=1\n  \
         last=$word\ndone\nif [ \"$fetch\" ] && [ ! -e {done} ]; then\n  touch {done}\n  {script}\nfi\nexec git \"$@\"\n",
        done = done.display()
    );
    std::fs::write(folder.join("git"), text).unwrap();
    std::fs::set_permissions(folder.join("git"), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    format!("{}:{path}", folder.display())
}

/// What a fetch has written when it is killed.
const HALF: &str = "mkdir -p $copy/objects/pack $copy/refs/remote; echo half > $copy/objects/pack/tmp_pack_1; \
                    touch $copy/shallow.lock $copy/refs/remote/main.lock";

#[test]
fn packages_that_are_added_at_once_are_all_there() {
    let machine = Machine::new("");
    let names = ["a", "b", "c", "d", "e", "f"];
    let sources = names.map(|name| {
        let origin = Origin::with_package(&machine.folder.path().join(format!("repositories/{name}")), name);
        format!("{}@v1", origin.url())
    });
    std::thread::scope(|scope| {
        for source in &sources {
            scope.spawn(|| machine.ok(&["add", source]));
        }
    });
    let (manifest, lock) = (machine.read("rtiler.toml"), machine.read("rtiler.lock"));
    for name in names {
        assert!(
            manifest.contains(&format!("{name} = {{ git")) && lock.contains(&format!("name = \"{name}\"")),
            "{manifest}"
        );
    }
    machine.ok(&["check", ".", "--locked", "--offline"]);
}

#[test]
fn check_during_an_addition_does_not_undo_it() {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "web");
    let source = format!("{}@v1", web.url());
    std::thread::scope(|scope| {
        scope.spawn(|| machine.ok(&["add", &source]));
        for _ in 0..4 {
            scope.spawn(|| machine.ok(&["check", "."]));
        }
    });
    machine.ok(&["check", ".", "--locked", "--offline"]);
    assert!(machine.read("rtiler.lock").contains("name = \"web\""));
}

#[test]
fn command_that_is_killed_while_it_fetches_changes_nothing_and_the_next_one_works() {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "web");
    let before = machine.read("rtiler.toml");
    let source = format!("{}@v1", web.url());
    let path = git_that(&machine, &format!("{HALF}; kill -9 $PPID; exit 1"));
    let output = machine.command(".", &["add", &source]).env("PATH", path).output().unwrap();
    assert_eq!(output.status.code(), None, "it was killed: {}", printed(&output));
    assert_eq!(machine.read("rtiler.toml"), before);
    assert!(!machine.project().join("rtiler.lock").exists());
    assert!(machine.cached("rtiler.toml").is_empty());
    machine.ok(&["add", &source]);
    machine.ok(&["check", ".", "--locked", "--offline"]);
    let mut left = Vec::new();
    super::collect(&machine.cache(), "tmp_pack_1", &mut left);
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn git_that_is_killed_while_it_fetches_is_an_error_and_the_next_command_works() {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "web");
    let source = format!("{}@v1", web.url());
    // It fetches again in another way if the server does not give a commit by its hash.
    let path = git_that(&machine, &format!("{HALF}; rm {}/done; kill -9 $$", machine.folder.path().display()));
    let output = machine.command(".", &["add", &source]).env("PATH", path).output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
    assert!(printed(&output).contains("git was ended: signal: 9"), "{}", printed(&output));
    assert!(!machine.project().join("rtiler.lock").exists());
    machine.ok(&["add", &source]);
    machine.ok(&["check", ".", "--locked", "--offline"]);
}
