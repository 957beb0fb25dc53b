//! Packages of a git server (`git daemon`) on the loopback.

use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use super::{Machine, Origin, package};
use crate::harness::containers_are_wanted;

/// A server of the repositories in a folder, which ends with this value.
struct Daemon {
    child: Child,
    port: u16,
}

impl Daemon {
    fn start(folder: &Path) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("git");
        command.args(["daemon", "--export-all", "--reuseaddr", "--listen=127.0.0.1", &format!("--port={port}")]);
        command.arg(format!("--base-path={}", folder.display())).stdout(Stdio::null()).stderr(Stdio::null());
        let daemon = Self { child: command.spawn().expect("git has `git daemon`"), port };
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return daemon;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("`git daemon` does not answer")
    }

    fn url(&self, name: &str) -> String {
        format!("git://127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn package_of_a_git_server_is_added_updated_and_read_on_another_machine() {
    if !containers_are_wanted() {
        return;
    }
    let machine = Machine::new("");
    let repositories = machine.folder.path().join("repositories");
    let web = Origin::with_package(&repositories.join("web"), "web");
    let daemon = Daemon::start(&repositories);
    machine.ok(&["add", &format!("{}@v1.0", daemon.url("web"))]);
    web.publish("web", "1.1.0", "");
    assert!(machine.ok(&["outdated"]).contains("1.1.0"));
    assert!(machine.ok(&["update"]).contains("updated web 1.0.0 -> 1.1.0"));
    // Another machine fetches a commit that no branch or tag is on any more: the server does not give it by its hash alone.
    web.publish("web", "1.2.0", "");
    std::fs::remove_dir_all(machine.cache()).unwrap();
    machine.ok(&["check", ".", "--locked"]);
    let other = Machine::new("");
    other.ok(&["add", &format!("{}@main", daemon.url("web"))]);
    assert!(other.read("rtiler.lock").contains("version = \"1.2.0\""));
    let text = other.fails(&["add", &format!("{}@v1", daemon.url("none"))]);
    assert!(text.contains("error[package-fetch]"), "{text}");
}

#[test]
fn command_that_is_killed_at_any_time_leaves_nothing_half() {
    if !containers_are_wanted() {
        return;
    }
    let machine = Machine::new("");
    let repositories = machine.folder.path().join("repositories");
    let web = Origin::with_package(&repositories.join("web"), "web");
    // Data that does not compress, so that the fetch takes time.
    let mut state = 1_u64;
    let noise = |_| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        char::from(b'a' + u8::try_from(state >> 60).unwrap())
    };
    web.write("data.txt", &(0..8 << 20).map(noise).collect::<String>());
    web.publish("web", "1.1.0", "");
    let daemon = Daemon::start(&repositories);
    let source = format!("{}@v1.1", daemon.url("web"));
    let before = machine.read("rtiler.toml");
    for step in 0..20 {
        let mut child =
            machine.command(".", &["add", &source]).stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(step * 25));
        let _ = child.kill();
        child.wait().unwrap();
        let (manifest, lock) = (machine.read("rtiler.toml"), machine.read("rtiler.lock"));
        assert!(manifest == before || manifest.contains("web = { git"), "{manifest}");
        assert!(lock.is_empty() || lock.contains("hash = \"sha256:"), "{lock}");
        machine.write("rtiler.toml", &before);
        let _ = std::fs::remove_file(machine.project().join("rtiler.lock"));
    }
    machine.ok(&["add", &source]);
    machine.ok(&["check", ".", "--locked", "--offline"]);
    // A killed run may leave its part, which no run reads and a later one removes; the entry itself is there once.
    let is_part = |path: &Path| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with(".part-"));
    assert_eq!(machine.cached("data.txt").iter().filter(|path| !is_part(path)).count(), 1);
}

#[test]
fn packages_in_a_circle_on_a_server_are_refused() {
    if !containers_are_wanted() {
        return;
    }
    let machine = Machine::new("");
    let repositories = machine.folder.path().join("repositories");
    let [a, b] = ["a", "b"].map(|name| Origin::new(&repositories.join(name)));
    let daemon = Daemon::start(&repositories);
    for (origin, name, other) in [(&a, "a", "b"), (&b, "b", "a")] {
        let needs = format!("[dependencies]\n{other} = {{ git = \"{}\", version = \"1\" }}\n", daemon.url(other));
        origin.write("rtiler.toml", &package(name, "1.0.0", &needs));
        origin.commit();
        origin.git(&["tag", "v1.0.0"]);
    }
    assert!(machine.fails(&["add", &format!("{}@v1", daemon.url("a"))]).contains("error[package-cycle]"));
}
