use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Returns a command that runs one of our scripts in the virtual environment, without the user's AWS settings.
///
/// If there can be no virtual environment, one message says why, and each test that needs it fails without another.
pub(crate) fn python(script: &str) -> Command {
    static VENV: OnceLock<Option<PathBuf>> = OnceLock::new();
    let venv = VENV.get_or_init(|| environment().map_err(|problem| report(&problem)).ok());
    let Some(venv) = venv else { std::panic::resume_unwind(Box::new("there is no Python for the tests")) };
    let mut command = Command::new(venv.join("bin/python"));
    command.arg(scripts().join(script));
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(|name| name.starts_with("AWS_") || name.starts_with("DOCKER_")) {
            command.env_remove(name);
        }
    }
    command
}

/// Writes to standard error itself, because a test's own output is shown only if the test fails.
fn report(problem: &str) {
    let text = format!(
        "\nerror: the tests that use AWS emulators or template linters fail: {problem}\n\
         They need Python 3.11 with venv and pip, and the Python package index. These tests are `aws`, `harness_tests` and\n\
         `cases::templates::templates_have_no_error_of_a_linter`. All others run without it: cargo test -- --skip aws:: \
         --skip harness_tests --skip linter\n\n"
    );
    let _ = std::io::stderr().write_all(text.as_bytes());
}

fn scripts() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python"))
}

/// Returns the virtual environment. The first process creates it, and creates it again when the requirements change.
fn environment() -> Result<PathBuf, String> {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (venv, stamp) = (home.join("python"), home.join("python/requirements.installed"));
    fs::create_dir_all(home).expect("`target/tmp` can be created");
    let lock = File::create(home.join("python.lock")).expect("a lock file can be created");
    lock.lock().expect("the lock can be taken");
    let wanted = fs::read_to_string(scripts().join("requirements.txt")).expect("the requirements are there");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(venv);
    }
    let version = "import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11) and f'it is Python {sys.version}')";
    run(Command::new("python3").args(["-c", version]), "`python3` is not Python 3.11 with venv and pip")?;
    let _ = fs::remove_dir_all(&venv);
    run(Command::new("python3").args(["-m", "venv"]).arg(&venv), "a virtual environment cannot be created")?;
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile"];
    let pinned = ["--require-hashes", "--no-deps", "--only-binary", ":all:", "-r"];
    let mut install = Command::new(venv.join("bin/python"));
    install.args(pip).args(pinned).arg(scripts().join("requirements.txt"));
    run(&mut install, "pip cannot install tests/python/requirements.txt")?;
    fs::write(&stamp, wanted).expect("the stamp can be written");
    Ok(venv)
}

fn run(command: &mut Command, problem: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{problem}: {error}"))?;
    let last = String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or_default().to_owned();
    if output.status.success() { Ok(()) } else { Err(format!("{problem}: {last}")) }
}
