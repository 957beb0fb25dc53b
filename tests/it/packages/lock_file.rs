//! Mistakes in the lock file, and copies of packages that differ from it: the place, the cause, and commands that help.

use super::{Machine, Origin};
use crate::program::printed;

/// Returns a project with two packages that are locked, and their repositories.
fn locked() -> (Machine, Origin, Origin) {
    let machine = Machine::new("");
    let [web, net] = ["web", "net"].map(|name| Origin::with_package(&machine.folder.path().join(name), name));
    machine.ok(&["add", &format!("{}@v1", web.url())]);
    machine.ok(&["add", &format!("{}@v1", net.url())]);
    (machine, web, net)
}

/// Returns the first command in back-ticks that begins with a word.
fn command<'a>(text: &'a str, word: &str) -> &'a str {
    let start = text.find(&format!("`{word} ")).unwrap_or_else(|| panic!("`{word}` is in: {text}")) + 1;
    &text[start..start + text[start..].find('`').unwrap()]
}

#[test]
fn lock_file_that_was_damaged_is_refused_with_a_warm_cache_and_can_be_locked_again() {
    let (machine, _web, _net) = locked();
    let good = machine.read("rtiler.lock");
    let revision = good.split("revision = \"").nth(1).unwrap()[..40].to_owned();
    let hash = good.split("sha256:").nth(1).unwrap()[..64].to_owned();
    let conflict = format!("{good}<<<<<<< HEAD\n=======\n>>>>>>> other\n");
    for (damaged, message) in [
        (String::new(), "the lock file is empty"),
        ("# nothing\n".to_owned(), "the lock file is empty"),
        (good.replace("format = 1", "format = 9"), "has the format 9"),
        (good.replace("format = 1", "format = \"1\""), "is not a whole number"),
        (good.replace("format = 1\n", ""), "has no `format = 1`"),
        (conflict, "has a conflict of a merge"),
        (good.replace(&revision, "garbage"), "the revision `garbage` is not the hash of a commit"),
        (good.replace(&revision, "--upload-pack=touch"), "is not the hash of a commit"),
        (good.replace(&revision, &revision[..39]), "is not the hash of a commit"),
        (good.replace(&format!("revision = \"{revision}\"\n"), ""), "has no `revision`"),
        (good.replace("git+file", "file"), "is not a source"),
        (good.replace("git+file", "ext::file"), "is not a source"),
        (good.replace(&hash, "0"), "is not `sha256:`"),
        (good.replace(&hash, &hash.to_uppercase()), "is not `sha256:`"),
        (good.replace("name = \"net\"", "name = \"web\""), "is locked twice"),
        (good.replace("name = \"net\"", "name = \"../net\""), "does not begin with a lower-case letter"),
        (good.replace("version = \"1.0.0\"", "version = \"1\""), "is not a version"),
        (good.replace("version", "verison"), "did you mean `version`?"),
        (good.replace("[[package]]", "[package]"), "is not"),
        (good[..good.len() - 30].to_owned(), "is not valid TOML"),
        (good.replace('\n', "\0"), "is not valid TOML"),
    ] {
        machine.write("rtiler.lock", &damaged);
        let text = machine.fails(&["check", ".", "--offline"]);
        assert!(text.contains("error[lock-file]") && text.contains(message), "{message}: {text}");
        assert!(text.contains("rtiler.lock:") || damaged.len() < 20, "{message} has a place: {text}");
        assert!(text.contains("`git checkout "), "{message}: {text}");
    }
    machine.write("rtiler.lock", "");
    let text = machine.fails(&["check", "."]);
    machine.paste(command(&text, "rm"));
    assert_eq!(machine.read("rtiler.lock"), good);
}

#[test]
fn commit_that_the_repository_does_not_have_is_refused_with_a_warm_cache() {
    let (machine, _web, _net) = locked();
    let good = machine.read("rtiler.lock");
    let revision = good.split("revision = \"").nth(1).unwrap()[..40].to_owned();
    machine.write("rtiler.lock", &good.replace(&revision, &"a".repeat(40)));
    assert!(machine.fails(&["check", "."]).contains(&format!("has no commit {}", "a".repeat(40))));
    assert!(machine.fails(&["check", ".", "--offline"]).contains("error[package-offline]"));
}

#[test]
fn commit_of_another_package_with_its_own_hash_is_refused() {
    let (machine, web, _net) = locked();
    let good = machine.read("rtiler.lock");
    let revision = web.git(&["rev-parse", "HEAD"]);
    let next = web.publish("web", "1.0.1", "");
    machine.write("rtiler.lock", &good.replace(&revision, &next));
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("error[package-hash]") && text.contains("at the locked revision"), "{text}");
    assert!(command(&text, "rtiler update").ends_with("web"), "{text}");
}

#[test]
fn entry_without_its_dependencies_is_called_so() {
    let (machine, web, net) = locked();
    web.publish("web", "1.1.0", &format!("[dependencies]\nnet = {{ git = \"{}\", version = \"1\" }}\n", net.url()));
    machine.ok(&["update"]);
    let lock = machine.read("rtiler.lock");
    machine.write("rtiler.lock", &lock.replace("dependencies = [\"net\"]\n", ""));
    let text = machine.fails(&["check", ".", "--locked"]);
    assert!(text.contains("`web` was locked with other dependencies"), "{text}");
    machine.ok(&["check", "."]);
    assert_eq!(machine.read("rtiler.lock"), lock);
}

#[test]
fn every_changed_copy_in_the_cache_is_named_and_its_command_repairs_it() {
    let (machine, _web, _net) = locked();
    for file in machine.cached("main.rhai") {
        std::fs::write(file, "fn version() { \"evil\" }").unwrap();
    }
    let text = machine.fails(&["check", "."]);
    for name in ["web", "net"] {
        assert!(text.contains(&format!("`main.rhai` of the package `{name}` differs from `rtiler.lock`")), "{text}");
    }
    assert!(text.contains("the copy is in the cache: `"), "{text}");
    machine.paste(command(&text, "rm"));
    let text = machine.fails(&["check", "."]);
    assert_eq!(text.matches("error[package-hash]").count(), 1, "{text}");
    machine.paste(command(&text, "rm"));
    machine.ok(&["check", ".", "--locked"]);
}

#[test]
fn changed_copy_in_the_project_is_named_and_its_command_repairs_it() {
    let (machine, _web, _net) = locked();
    machine.ok(&["vendor"]);
    machine.write("vendor/net/main.rhai", "fn version() { \"evil\" }\n");
    machine.write("vendor/net/more.rhai", "1");
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("`main.rhai` and 1 other file of the package `net` differ"), "{text}");
    assert!(
        text.contains("the copy is in `vendor/net`") && text.contains("`more.rhai`: locked no such file"),
        "{text}"
    );
    assert!(text.contains("`rtiler vendor` writes the locked files again"), "{text}");
    machine.paste("rtiler vendor");
    machine.ok(&["check", ".", "--locked", "--offline"]);
}

#[test]
fn copies_in_the_project_need_neither_git_nor_a_repository() {
    let (machine, web, net) = locked();
    machine.ok(&["vendor"]);
    for folder in [machine.cache(), web.path().to_owned(), net.path().to_owned()] {
        std::fs::remove_dir_all(folder).unwrap();
    }
    assert!(!machine.project().join(".git").exists());
    machine
        .write("app.rhai", "import \"web\" as web;\nStack(web::version().replace(\".\", \"-\")).add(Cluster(\"A\"))\n");
    let output = machine.command(".", &["check", ".", "--locked", "--offline"]).env("PATH", "/none").output().unwrap();
    assert_ne!(output.status.code(), Some(3), "{}", printed(&output));
    assert!(!printed(&output).contains("package-"), "{}", printed(&output));
}

#[test]
fn conflict_in_the_manifest_is_shown_at_its_line() {
    let machine = Machine::new("<<<<<<< HEAD\nlicence = \"MIT\"\n=======\nlicence = \"ISC\"\n>>>>>>> other\n");
    let text = machine.fails(&["check", "."]);
    assert!(text.contains("rtiler.toml:5") && text.contains("has a conflict of a merge"), "{text}");
    assert!(text.contains("remove the lines `<<<<<<<`"), "{text}");
}
