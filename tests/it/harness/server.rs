use std::fs::File;
use std::net::TcpListener;
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::http::answers;
use super::python::python;

/// An emulator of AWS that we did not write. The tests that work around its gaps describe them.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Emulator {
    /// CloudFormation with change sets, events and rollback; ECS; S3.
    Ministack,
    /// Many services in less depth; its CloudFormation creates the whole `TiTiler` stack.
    Moto,
}

impl Emulator {
    fn name(self) -> &'static str {
        match self {
            Emulator::Ministack => "ministack",
            Emulator::Moto => "moto",
        }
    }

    fn health(self) -> &'static str {
        match self {
            Emulator::Ministack => "/_ministack/health",
            Emulator::Moto => "/moto-api/data.json",
        }
    }
}

/// A running emulator, empty at first; it ends with this value, or with the test's process however that ends.
pub(crate) struct Server {
    child: Child,
    port: u16,
    home: tempfile::TempDir,
}

impl Server {
    /// Starts an emulator on a free port of the loopback and waits until it answers.
    pub(crate) fn start(emulator: Emulator) -> Server {
        Server::start_with(emulator, &[])
    }

    /// Starts an emulator with more variables in its environment.
    pub(crate) fn start_with(emulator: Emulator, environment: &[(&str, &str)]) -> Server {
        for _ in 0..3 {
            if let Some(server) = Server::attempt(emulator, environment) {
                return server;
            }
        }
        panic!("{} did not start in three attempts: see what it printed above", emulator.name());
    }

    /// Returns the emulator that the tests of this process share: it takes seconds of work to start, and each test has an
    /// account of its own (of moto, names of its own).
    pub(crate) fn shared(emulator: Emulator) -> &'static Server {
        static SERVERS: [OnceLock<Server>; 2] = [OnceLock::new(), OnceLock::new()];
        SERVERS[emulator as usize].get_or_init(|| Server::start(emulator))
    }

    /// Returns the port on the loopback.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the endpoint for a client.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts the emulator once; another program may take the free port first.
    fn attempt(emulator: Emulator, environment: &[(&str, &str)]) -> Option<Server> {
        let port = free_port();
        let home = tempfile::tempdir().expect("a temporary folder can be made");
        let log = File::create(home.path().join("log")).expect("a log file can be made");
        let child = python("serve.py")
            .args([emulator.name(), &port.to_string()])
            .env("TMPDIR", home.path())
            .envs(environment.iter().copied())
            .current_dir(home.path())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("a log file can be shared"))
            .stderr(log)
            .spawn()
            .expect("the virtual environment has a Python");
        let mut server = Server { child, port, home };
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline && server.child.try_wait().ok().flatten().is_none() {
            if answers(port, emulator.health()) {
                return Some(server);
            }
            sleep(Duration::from_millis(25));
        }
        eprintln!("{} on port {port}:\n{}", emulator.name(), server.log());
        None
    }

    /// Returns the last lines that it printed.
    pub(crate) fn log(&self) -> String {
        let log = std::fs::read_to_string(self.home.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(40)..].join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns a port of the loopback that is free now.
pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("a listener has an address").port()
}
