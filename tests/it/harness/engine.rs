use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::python::python;

/// A Docker engine that the test owns; it and its containers end with this value, or with the test's process.
pub(crate) struct Engine {
    child: Child,
    /// `DOCKER_HOST`.
    pub(crate) host: String,
    /// A container in the network where tasks run.
    pub(crate) member: String,
    _home: tempfile::TempDir,
}

impl Engine {
    /// Starts one, and installs Debian's first where there is none.
    pub(crate) fn start() -> Engine {
        install();
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let mut child = python("engine.py")
            .arg(home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the virtual environment has a Python");
        let mut line = String::new();
        let out = child.stdout.take().expect("standard output is a pipe");
        BufReader::new(out).read_line(&mut line).expect("a pipe can be read");
        let ready: Value = serde_json::from_str(&line).unwrap_or_else(|_| {
            let _ = child.wait();
            panic!("no Docker engine can be started: it needs root on Linux, and says why above")
        });
        let of = |name: &str| ready[name].as_str().expect("the engine tells where it is").to_owned();
        Engine { child, host: of("host"), member: of("member"), _home: home }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let deadline = Instant::now() + Duration::from_secs(40);
        while self.child.try_wait().ok().flatten().is_none() {
            if Instant::now() > deadline {
                let _ = self.child.kill();
            }
            sleep(Duration::from_millis(50));
        }
    }
}

/// `dockerd` and a static busybox, by Debian's packages.
fn install() {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    std::fs::create_dir_all(home).expect("`target/tmp` can be made");
    let lock = File::create(home.join("apt.lock")).expect("a lock file can be made");
    lock.lock().expect("the lock can be taken");
    if is_there("dockerd") && is_there("busybox") {
        return;
    }
    let apt = |arguments: &[&str]| {
        let output = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").output();
        let output = output.unwrap_or_else(|error| {
            panic!("the tests of containers need `dockerd` and a static `busybox`, and apt-get cannot run: {error}")
        });
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "apt-get cannot install docker.io and busybox-static: {said}");
    };
    apt(&["update", "-qq"]);
    apt(&["install", "-y", "-qq", "--no-install-recommends", "docker.io", "busybox-static"]);
}

fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
