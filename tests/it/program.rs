//! The program itself, as tests run it.

use std::path::Path;
use std::process::{Command, Output};

/// Returns the program in a folder, isolated from the machine that it runs on.
pub(crate) fn rtiler<'a>(folder: &Path, arguments: impl IntoIterator<Item = &'a str>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rtiler"));
    command.args(arguments).current_dir(folder);
    command.env_clear().env("HOME", folder).env("PATH", "/usr/local/bin:/usr/bin:/bin");
    command
}

/// Returns all output: standard output, then standard error.
pub(crate) fn printed(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), output.stderr.as_slice()].concat()).into_owned()
}
