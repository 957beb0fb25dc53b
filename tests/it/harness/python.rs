use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// A command that runs one of our scripts in the virtual environment, apart from the user's AWS settings.
pub(crate) fn python(script: &str) -> Command {
    static VENV: OnceLock<PathBuf> = OnceLock::new();
    let venv = VENV.get_or_init(environment);
    let mut command = Command::new(venv.join("bin/python"));
    command.arg(scripts().join(script));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("AWS_") || name.starts_with("DOCKER_")) {
            command.env_remove(name);
        }
    }
    command
}

fn scripts() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python"))
}

/// The virtual environment, made by whoever comes first and made anew when the requirements change.
fn environment() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (venv, stamp) = (home.join("python"), home.join("python/requirements.installed"));
    fs::create_dir_all(home).expect("`target/tmp` can be made");
    let lock = File::create(home.join("python.lock")).expect("a lock file can be made");
    lock.lock().expect("the lock can be taken");
    let wanted = fs::read_to_string(scripts().join("requirements.txt")).expect("the requirements are there");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return venv;
    }
    let _ = fs::remove_dir_all(&venv);
    must(Command::new("python3").args(["-m", "venv"]).arg(&venv), "make a virtual environment (python3-venv)");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"];
    let pinned = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r"];
    let mut install = Command::new(venv.join("bin/python"));
    must(install.args(pip).args(pinned).arg(scripts().join("requirements.txt")), "install the tests' requirements");
    fs::write(&stamp, wanted).expect("the stamp can be written");
    venv
}

fn must(command: &mut Command, what: &str) {
    let output = command.output().unwrap_or_else(|error| panic!("python cannot {what}: {command:?}: {error}"));
    assert!(output.status.success(), "python cannot {what}: {}", String::from_utf8_lossy(&output.stderr));
}
