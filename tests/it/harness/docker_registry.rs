use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::http::answers;
use super::server::free_port;

/// The registry of the CNCF distribution project, as Debian packages it, with an empty storage.
pub(crate) struct DockerRegistry {
    child: Child,
    port: u16,
    _home: tempfile::TempDir,
}

impl DockerRegistry {
    /// Starts it on a free port of the loopback and waits until it answers.
    pub(crate) fn start() -> Self {
        for _ in 0..3 {
            if let Some(registry) = Self::attempt() {
                return registry;
            }
        }
        panic!("`docker-registry` did not start in three attempts (Debian's package docker-registry)");
    }

    fn attempt() -> Option<Self> {
        let port = free_port();
        let home = tempfile::tempdir().expect("a temporary folder can be created");
        let config = home.path().join("config.yml");
        let storage = home.path().join("storage");
        let text = format!(
            "version: 0.1\nlog: {{ level: error }}\nstorage: {{ filesystem: {{ rootdirectory: {} }} }}\n\
             http: {{ addr: '127.0.0.1:{port}' }}\n",
            storage.display()
        );
        std::fs::write(&config, text).expect("a file can be written");
        let mut command = Command::new("docker-registry");
        let command = command.arg("serve").arg(&config).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the tests need `docker-registry` (Debian's package docker-registry)");
        let mut registry = Self { child, port, _home: home };
        let deadline = Instant::now() + Duration::from_mins(1);
        while Instant::now() < deadline && registry.child.try_wait().ok().flatten().is_none() {
            if answers(port, "/v2/") {
                return Some(registry);
            }
            sleep(Duration::from_millis(25));
        }
        None
    }

    /// Returns the port on the loopback.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Returns the host with the port.
    pub(crate) fn host(&self) -> String {
        format!("localhost:{}", self.port)
    }
}

impl Drop for DockerRegistry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
