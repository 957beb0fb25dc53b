//! Changes of packages as users make them: what is shown before, what is written, and what messages advise.

use super::{Machine, Origin, package};
use crate::program::printed;

fn needs(name: &str, origin: &Origin, version: &str) -> String {
    format!("[dependencies]\n{name} = {{ git = \"{}\", version = \"{version}\" }}\n", origin.url())
}

/// Returns a project, and the repositories of `web` and `net` with their versions 1.0.0.
fn shop() -> (Machine, Origin, Origin) {
    let machine = Machine::new("");
    let [web, net] = ["web", "net"].map(|name| Origin::with_package(&machine.folder.path().join(name), name));
    (machine, web, net)
}

fn locked_version(machine: &Machine, name: &str) -> String {
    let lock = machine.read("rtiler.lock");
    let entry =
        lock.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{name}\""))).unwrap_or_default();
    entry.split("version = \"").nth(1).unwrap_or_default().split('"').next().unwrap_or_default().to_owned()
}

#[test]
fn compatible_version_is_that_which_an_update_takes() {
    let (machine, web, net) = shop();
    web.publish("web", "1.1.0", &needs("net", &net, "1.0"));
    machine.ok(&["add", &format!("{}@v1.1", web.url())]);
    for version in ["1.1.0", "1.2.0", "2.0.0"] {
        net.publish("net", version, "");
    }
    let line = |text: &str| text.lines().find(|line| line.starts_with("net")).unwrap_or_default().to_owned();
    let text = machine.ok(&["outdated"]);
    assert_eq!(line(&text).split_whitespace().collect::<Vec<_>>(), ["net", "1.0.0", "1.0.0", "2.0.0", "-"], "{text}");
    machine.ok(&["update"]);
    assert_eq!(locked_version(&machine, "net"), "1.0.0");
    web.publish("web", "1.2.0", &needs("net", &net, "1.1"));
    let text = machine.ok(&["outdated"]);
    assert_eq!(line(&text).split_whitespace().nth(2), Some("1.1.0"), "{text}");
    machine.ok(&["update"]);
    assert_eq!(locked_version(&machine, "net"), "1.1.0");
}

#[test]
fn update_that_would_fail_is_said_by_outdated() {
    let (machine, web, net) = shop();
    machine.ok(&["add", &format!("{}@v1", web.url())]);
    machine.ok(&["add", &format!("{}@v1", net.url())]);
    net.publish("net", "2.0.0", "");
    web.publish("web", "1.1.0", &needs("net", &net, "2"));
    let text = machine.ok(&["outdated"]);
    assert!(text.contains("`rtiler update` would fail: no revision of `net` is accepted by all"), "{text}");
    assert!(text.contains("web") && text.contains("1.1.0"), "{text}");
}

#[test]
fn moved_tag_of_a_version_is_shown_by_outdated() {
    let (machine, web, _net) = shop();
    machine.ok(&["add", &format!("{}@v1", web.url())]);
    web.write("main.rhai", "fn version() { \"moved\" }\n");
    let commit = web.commit();
    web.git(&["tag", "-f", "v1.0.0"]);
    let text = machine.ok(&["outdated"]);
    assert!(text.contains(&commit[..7]), "{text}");
    assert!(text.contains("version 1.0.0 of web was moved to another revision"), "{text}");
    assert!(text.contains("`rtiler update web` accepts it"), "{text}");
    machine.ok(&["update", "web"]);
    assert!(machine.ok(&["outdated"]).contains("every package is up to date"));
}

#[test]
fn removed_package_takes_along_the_version_that_only_it_needs() {
    let (machine, web, net) = shop();
    net.publish("net", "1.4.0", "");
    web.publish("web", "1.1.0", &needs("net", &net, "1.4"));
    machine.ok(&["add", &format!("{}@v1", net.url())]);
    machine.ok(&["add", &format!("{}@v1.1", web.url())]);
    assert_eq!(locked_version(&machine, "net"), "1.4.0");
    let text = machine.ok(&["remove", "web"]);
    assert!(text.contains("removed web") && text.contains("updated net 1.4.0 -> 1.0.0"), "{text}");
    assert_eq!(locked_version(&machine, "net"), "1.0.0");
    machine.ok(&["check", ".", "--locked", "--offline"]);
}

#[test]
fn removal_without_a_raised_version_needs_no_network() {
    let (machine, web, net) = shop();
    machine.ok(&["add", &format!("{}@v1", net.url())]);
    machine.ok(&["add", &format!("{}@v1", web.url())]);
    machine.ok(&["remove", "web", "--offline"]);
    assert_eq!(locked_version(&machine, "net"), "1.0.0");
}

#[test]
fn conflict_of_an_addition_shows_the_line_that_would_be_added() {
    let (machine, web, net) = shop();
    net.publish("net", "2.0.0", "");
    web.publish("web", "1.1.0", &needs("net", &net, "2"));
    machine.ok(&["add", &format!("{}@v1.1", web.url())]);
    let text = machine.fails(&["add", &format!("{}@v1", net.url())]);
    assert!(text.contains("no revision of `net` is accepted") && text.contains("| net = { git = \"file://"), "{text}");
    assert!(text.contains("`rtiler.toml` was not changed"), "{text}");
    assert!(text.contains("take what `web` needs with `rtiler add"), "{text}");
    let start = text.find("`rtiler add ").unwrap() + 1;
    machine.paste(text[start..].split('`').next().unwrap());
    assert_eq!(locked_version(&machine, "net"), "2.0.0");
}

#[test]
fn conflict_with_a_folder_names_the_folder() {
    let (machine, web, net) = shop();
    web.publish("web", "1.1.0", &needs("net", &net, "1"));
    machine.write("../local/rtiler.toml", &package("net", "1.0.0", ""));
    machine.ok(&["add", &format!("{}@v1.1", web.url())]);
    let text = machine.fails(&["add", "../local"]);
    assert!(
        text.contains("`shop` needs the folder `../local`") && text.contains("`web` needs ^1.0.0 of git+"),
        "{text}"
    );
}

#[test]
fn addition_of_what_is_there_says_so() {
    let (machine, web, _net) = shop();
    let source = format!("{}@v1.0", web.url());
    machine.ok(&["add", &source]);
    assert!(machine.ok(&["add", &source]).contains("the project has web 1.0.0 already; nothing was changed"));
    let text = machine.ok(&["add", &format!("{}@main", web.url())]);
    assert!(text.contains("updated web") || text.contains("changed the revision of web"), "{text}");
}

#[test]
fn source_that_is_not_a_package_has_a_line_that_can_be_written() {
    let machine = Machine::new("");
    for (source, advice) in [
        ("std/web", "write `import \"std/web\" as web;`"),
        ("https://git.example.com/web@", "write `https://git.example.com/web@v1.2`"),
        ("oci://registry.example.com/web:", "write `oci://registry.example.com/web:1.2`"),
        ("svckit", "write `github.com/org/repo@v1.2`"),
    ] {
        let output = machine.run_in(".", &["add", source]);
        assert_eq!(output.status.code(), Some(2), "{source}");
        let text = printed(&output);
        assert!(text.contains(advice) && !text.contains("@@"), "{source}: {text}");
    }
}

#[test]
fn dependency_without_a_source_has_lines_that_can_be_written() {
    for (line, advice) in [
        ("svckit = \"1.0\"", "`svckit = { git = \"https://..\", version = \"1.0\" }`"),
        ("svckit = \"../svckit\"", "`svckit = { path = \"../svckit\" }`"),
        ("svckit = \"latest\"", "rtiler add github.com/org/repo@v1.0"),
    ] {
        let text = Machine::new(&format!("[dependencies]\n{line}\n")).fails(&["check", "."]);
        assert!(text.contains("the dependency `svckit` has no source") && text.contains("rtiler.toml:6"), "{text}");
        assert!(text.contains(advice), "{text}");
    }
}

#[test]
fn manifest_with_lines_of_windows_keeps_them() {
    let (machine, web, _net) = shop();
    let text = machine.read("rtiler.toml").replace('\n', "\r\n");
    machine.write("rtiler.toml", &text);
    machine.ok(&["add", &format!("{}@v1.0", web.url())]);
    let text = machine.read("rtiler.toml");
    assert!(text.contains("web = {") && text.matches('\n').count() == text.matches("\r\n").count(), "{text:?}");
    machine.ok(&["check", ".", "--locked"]);
}

#[test]
fn offline_says_what_is_needed_and_which_command_fetches_it() {
    let (machine, web, _net) = shop();
    let source = format!("{}@v1.0", web.url());
    let text = machine.fails(&["add", &source, "--offline"]);
    assert!(
        text.contains("the list of the versions of") && text.contains(&format!("run `rtiler add {source}`")),
        "{text}"
    );
    machine.ok(&["add", &source]);
    let text = machine.fails(&["outdated", "--offline"]);
    assert!(text.contains("the list of the versions of") && text.contains("run `rtiler outdated`"), "{text}");
    let text = machine.fails(&["update", "--offline"]);
    assert!(text.contains("run `rtiler update`") && text.contains("| web = { git"), "{text}");
    std::fs::remove_dir_all(machine.cache()).unwrap();
    let text = machine.fails(&["check", ".", "--offline"]);
    assert!(text.contains("`web` (git+file://") && text.contains("is not in the cache"), "{text}");
    assert!(text.contains("run `rtiler check .`"), "{text}");
    machine.ok(&["check", "."]);
    machine.ok(&["check", ".", "--offline"]);
}
