use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::python::python;

/// The variable that turns the tests with containers on.
const SWITCH: &str = "RTILER_TEST_CONTAINERS";

/// Returns whether the tests with containers run: they need root on Linux, `dockerd` and a static `busybox`.
pub(crate) fn containers_are_wanted() -> bool {
    std::env::var_os(SWITCH).is_some_and(|value| value == "1")
}

/// Says which tests were left out, if any, and how to run them. It writes to standard error itself, because a test's own
/// output is shown only if the test fails.
pub(crate) fn report_tests_left_out() {
    if !containers_are_wanted() {
        let text = format!(
            "\nnote: the tests of `aws::containers` were left out; run them as root on Linux with docker.io and \
             busybox-static installed: {SWITCH}=1 cargo test --test it containers\n"
        );
        let _ = std::io::stderr().write_all(text.as_bytes());
    }
}

/// A Docker engine that the test owns; it and its containers end with this value, or with the test's process.
pub(crate) struct Engine {
    child: Child,
    /// The value of `DOCKER_HOST`.
    pub(crate) host: String,
    /// A container in the network where tasks run.
    pub(crate) member: String,
    _home: tempfile::TempDir,
}

impl Engine {
    /// Starts an engine from the installed programs.
    pub(crate) fn start() -> Engine {
        for (program, package) in [("dockerd", "docker.io"), ("busybox", "busybox-static")] {
            assert!(is_installed(program), "the tests with containers need `{program}` (Debian's package {package})");
        }
        let home = tempfile::tempdir().expect("a temporary folder can be created");
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
        let of = |name: &str| ready[name].as_str().expect("the engine reports where it is").to_owned();
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

/// Returns whether a program is on the path.
fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}
