//! Repositories that a program without scruples made: trees with names that git itself does not write, far too many files, servers
//! that lead elsewhere. Each is refused with its reason; nothing is locked, and no marker file appears.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use super::{Machine, Origin, package};
use crate::program::printed;

/// Runs `rtiler add` with a source and checks that it is refused with a text, and that nothing was written.
fn refused(machine: &Machine, source: &str, text: &str) {
    let before = machine.read("rtiler.toml");
    let output = machine.run_in(".", &["add", "--grant", "--", source]);
    let shown = printed(&output);
    assert!(matches!(output.status.code(), Some(1 | 2)), "{source}: {shown}");
    assert!(shown.contains(text), "{source}: not {text:?} but {shown}");
    assert_eq!(machine.read("rtiler.toml"), before, "{source}");
    assert!(!machine.project().join("rtiler.lock").exists(), "{source}");
    for name in ["marker", "evil", "shop/evil"] {
        assert!(!machine.folder.path().join(name).exists(), "{source}: {name}");
    }
}

/// A repository whose objects are written one by one.
struct Objects(Origin);

impl Objects {
    fn new(machine: &Machine) -> Self {
        Self(Origin::new(&machine.folder.path().join("web")))
    }

    fn write(&self, kind: &str, content: &[u8]) -> String {
        let mut child = Command::new("git")
            .args(["hash-object", "-w", "--literally", "-t", kind, "--stdin"])
            .current_dir(self.0.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(content).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Writes a tree of entries: mode, name and object.
    fn tree(&self, entries: &[(&str, &[u8], &str)]) -> String {
        let mut content = Vec::new();
        for (mode, name, object) in entries {
            content.extend_from_slice(mode.as_bytes());
            content.push(b' ');
            content.extend_from_slice(name);
            content.push(0);
            content.extend(
                object
                    .as_bytes()
                    .chunks(2)
                    .map(|digits| u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()),
            );
        }
        self.write("tree", &content)
    }

    /// Publishes a tree with these entries and the manifest, and returns the source of the package.
    fn publish(&self, entries: &[(&str, &[u8], &str)]) -> String {
        let manifest = self.write("blob", package("web", "1.0.0", "").as_bytes());
        let mut entries = entries.to_vec();
        entries.push(("100644", b"rtiler.toml", &manifest));
        let tree = self.tree(&entries);
        let commit = self.0.git(&["commit-tree", "-m", "x", &tree]);
        self.0.git(&["tag", "-f", "v1.0.0", &commit]);
        format!("{}@v1", self.0.url())
    }
}

#[test]
fn names_that_leave_the_package_or_are_special_on_some_system_are_refused() {
    for (name, text) in [
        (&b".."[..], "leaves its folder"),
        (b".", "leaves its folder"),
        (b"../evil", "leaves its folder"),
        (b"/tmp/evil", "leaves its folder"),
        (b"a/../../evil", "leaves its folder"),
        (b".git", "is special on some systems"),
        (b".GIT", "is special on some systems"),
        (b"con", "is special on some systems"),
        (b"lpt1.rhai", "is special on some systems"),
        (b"evil.", "is special on some systems"),
        (b"evil ", "is special on some systems"),
        (b"a\\..\\evil", "other characters than ASCII"),
        (b"C:evil", "other characters than ASCII"),
        (b"a\nb", "other characters than ASCII"),
        (b"a\x1b[2Jb", "other characters than ASCII"),
        ("caf\u{e9}".as_bytes(), "other characters than ASCII"),
        ("m\u{430}in.rhai".as_bytes(), "other characters than ASCII"),
        ("a\u{202e}b".as_bytes(), "other characters than ASCII"),
        (b"\xff\xfe", "other characters than ASCII"),
        (&[b'a'; 300], "more than 200 bytes"),
    ] {
        let machine = Machine::new("");
        let objects = Objects::new(&machine);
        let blob = objects.write("blob", b"fn a() { 1 }");
        let source = objects.publish(&[("100644", name, &blob)]);
        let output = machine.run_in(".", &["add", "--", &source]);
        let shown = printed(&output);
        assert_eq!(output.status.code(), Some(1), "{name:?}: {shown}");
        // Some of these trees are refused by git itself, when it lists or fetches them.
        assert!(shown.contains(text) || shown.contains("git cannot read"), "{name:?}: {shown}");
        assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{name:?}: {shown:?}");
        assert!(!machine.project().join("rtiler.lock").exists(), "{name:?}");
    }
}

#[test]
fn folders_that_differ_in_case_only_and_doubled_names_are_refused() {
    let machine = Machine::new("");
    let objects = Objects::new(&machine);
    let blob = objects.write("blob", b"fn a() { 1 }");
    let folder = objects.tree(&[("100644", b"a.rhai", &blob)]);
    let other = objects.tree(&[("100644", b"b.rhai", &blob)]);
    for (entries, text) in [
        (vec![("40000", &b"Lib"[..], folder.as_str()), ("40000", b"lib", &other)], "is the same file as"),
        (vec![("100644", b"lib", &blob), ("40000", b"lib", &folder)], "is a file and a folder"),
        (vec![("100644", b"a.rhai", &blob), ("100644", b"a.rhai", &blob)], "is in the package twice"),
    ] {
        let source = objects.publish(&entries);
        let output = machine.run_in(".", &["add", "--", &source]);
        let shown = printed(&output);
        assert_eq!(output.status.code(), Some(1), "{text}: {shown}");
        assert!(shown.contains(text) || shown.contains("git cannot read"), "{text}: {shown}");
    }
}

#[test]
fn package_with_a_hundred_thousand_files_is_refused() {
    let machine = Machine::new("");
    let objects = Objects::new(&machine);
    let blob = objects.write("blob", b"fn a() { 1 }");
    let names: Vec<String> = (0..100_000).map(|number| format!("a{number:06}")).collect();
    let entries: Vec<(&str, &[u8], &str)> =
        names.iter().map(|name| ("100644", name.as_bytes(), blob.as_str())).collect();
    refused(&machine, &objects.publish(&entries), "has more than 1000 files");
}

#[test]
fn tree_that_holds_itself_many_times_is_refused() {
    let machine = Machine::new("");
    let objects = Objects::new(&machine);
    let mut object = objects.write("blob", b"fn a() { 1 }");
    let mut mode = "100644";
    for _ in 0..12 {
        let names: Vec<[u8; 1]> = (b'a'..=b'j').map(|letter| [letter]).collect();
        let entries: Vec<(&str, &[u8], &str)> = names.iter().map(|name| (mode, &name[..], object.as_str())).collect();
        object = objects.tree(&entries);
        mode = "40000";
    }
    let source = objects.publish(&[("40000", b"lib", &object)]);
    refused(&machine, &source, "gives more than 32 MiB");
}

#[test]
fn huge_files_are_refused() {
    let machine = Machine::new("");
    let objects = Objects::new(&machine);
    let blob = objects.write("blob", &vec![b'a'; 17 << 20]);
    refused(&machine, &objects.publish(&[("100644", b"data.txt", &blob)]), "makes the package larger than 16 MiB");
    let source = objects.publish(&[("100644", b"data.txt", &blob), ("100644", b"more.txt", &blob)]);
    refused(&machine, &source, "gives more than 32 MiB");
}

#[test]
fn entries_that_are_not_files_are_refused() {
    let machine = Machine::new("");
    let objects = Objects::new(&machine);
    let blob = objects.write("blob", b"/etc/passwd");
    for (mode, text) in [("120000", "is a link"), ("160000", "is a submodule")] {
        refused(&machine, &objects.publish(&[(mode, b"evil", &blob)]), text);
    }
}

#[test]
fn package_for_a_later_rtiler_is_refused() {
    let machine = Machine::new("");
    let web = Origin::new(&machine.folder.path().join("web"));
    web.publish("web", "1.0.0", "rtiler = \">=99\"\n");
    refused(&machine, &format!("{}@v1", web.url()), "the package `web` needs rtiler >=99");
}

#[test]
fn package_of_the_same_name_as_the_project_is_refused() {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "shop");
    refused(&machine, &format!("{}@v1", web.url()), "would depend on itself");
}

#[test]
fn packages_that_need_each_other_are_refused() {
    let machine = Machine::new("");
    let [a, b] = ["a", "b"].map(|name| Origin::new(&machine.folder.path().join(name)));
    a.publish("a", "1.0.0", &format!("[dependencies]\nb = {{ git = \"{}\", version = \"1\" }}\n", b.url()));
    b.publish("b", "1.0.0", &format!("[dependencies]\na = {{ git = \"{}\", version = \"1\" }}\n", a.url()));
    refused(&machine, &format!("{}@v1", a.url()), "error[package-cycle]");
}

#[test]
fn names_of_packages_that_look_alike_or_are_reserved_are_refused() {
    for name in ["acme-w\u{430}b", "Web", "std", "rtiler", "web ", "../web", "con", "web\u{200b}", "\u{ff57}eb"] {
        let machine = Machine::new("");
        let web = Origin::new(&machine.folder.path().join("web"));
        web.publish(name, "1.0.0", "");
        refused(&machine, &format!("{}@v1", web.url()), "error[manifest]");
    }
}

/// Answers every request with a redirect to a URL, and returns the address.
fn redirecting(to: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // The thread ends with the process of the test.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request);
            let answer =
                format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/web")
}

#[test]
fn server_that_leads_to_files_or_commands_of_this_machine_is_refused() {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("private"), "web");
    let marker = machine.folder.path().join("marker").display().to_string();
    for target in [
        format!("{}/info/refs", web.url()),
        format!("file://{}/.git/info/refs", web.path().display()),
        format!("ext::sh -c touch% {marker}"),
        "ssh://-oProxyCommand=touch/info/refs".to_owned(),
        "gopher://127.0.0.1/info/refs".to_owned(),
        "/info/refs".to_owned(),
    ] {
        refused(&machine, &format!("{}@v1", redirecting(target)), "error[package-fetch]");
    }
}

#[test]
fn server_that_is_not_a_git_server_is_refused() {
    let machine = Machine::new("");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("git://{}/web", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // A packet of the protocol with two lines: the second one would be an option of git.
            let line = format!("{} refs/tags/v1.0.0\n--upload-pack=x\trefs/tags/v1.0.1\n", "a".repeat(40));
            let _ = stream.write_all(format!("{:04x}{line}0000", line.len() + 4).as_bytes());
        }
    });
    refused(&machine, &format!("{url}@v1"), "error[package-");
}

#[test]
fn commands_in_the_configuration_of_a_project_do_not_run() {
    let marker = |machine: &Machine| machine.folder.path().join("marker");
    for setting in [
        "[core]\nsshCommand = touch MARKER;",
        "[core]\ngitProxy = touch MARKER;",
        "[credential]\nhelper = \"!touch MARKER;\"",
        "[url \"ext::touch MARKER \"]\ninsteadOf = ssh://",
    ] {
        for url in ["ssh://git@127.0.0.1:1/web", "git://127.0.0.1:1/web", "http://127.0.0.1:1/web"] {
            let machine = Machine::new("");
            let setting = setting.replace("MARKER", &marker(&machine).display().to_string());
            machine.write(".git/HEAD", "ref: refs/heads/main\n");
            machine.write(".git/objects/a", "");
            machine.write(".git/refs/a", "");
            machine.write(".git/config", &format!("[core]\nrepositoryformatversion = 0\n{setting}\n"));
            let output = machine.run_in(".", &["add", &format!("{url}@v1")]);
            assert_eq!(output.status.code(), Some(1), "{}", printed(&output));
            assert!(!marker(&machine).exists(), "{setting} ran a command for {url}");
        }
    }
}

#[test]
fn listing_in_the_project_that_leads_to_a_device_is_not_read() {
    let machine = Machine::new("");
    let web = Origin::with_package(&machine.folder.path().join("web"), "web");
    machine.ok(&["add", &format!("{}@v1", web.url())]);
    machine.ok(&["vendor"]);
    let listing = machine.project().join("vendor/web.sha256");
    std::fs::remove_file(&listing).unwrap();
    std::os::unix::fs::symlink("/dev/zero", &listing).unwrap();
    machine.ok(&["check", ".", "--locked"]);
}
