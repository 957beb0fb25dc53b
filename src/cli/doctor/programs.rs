//! The programs that rtiler runs: a builder of images, git, and the plugin behind `exec`.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::deploy::doctor::{Examined, Health};

/// The builders of images, in the order in which rtiler looks for them, each with arguments that need its daemon, if it has one.
const BUILDERS: [(&str, &[&str]); 5] = [
    ("docker", &["info", "--format", "{{.ServerVersion}}"]),
    ("podman", &["info", "--format", "{{.Version.Version}}"]),
    ("buildah", &["--version"]),
    ("finch", &["info"]),
    ("nerdctl", &["info"]),
];

/// The time limit of a program.
const LIMIT: Duration = Duration::from_secs(5);

/// Looks at every program side by side.
pub(super) async fn examine() -> Vec<Examined> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    vec![
        builder(&folders).await,
        found(&folders, "git", Health::Warning, "packages of git repositories need it: install git"),
        found(
            &folders,
            "session-manager-plugin",
            Health::Unknown,
            "`exec` needs it: install the Session Manager plugin for the AWS CLI",
        ),
    ]
}

/// Returns the first program of this name in the folders.
fn program(folders: &[PathBuf], name: &str) -> Option<PathBuf> {
    folders.iter().map(|folder| folder.join(name)).find(|path| is_program(path))
}

fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0)
}

fn found(folders: &[PathBuf], name: &str, missing: Health, remedy: &str) -> Examined {
    match program(folders, name) {
        Some(path) => Examined::new(name, Health::Ok, path.display().to_string()),
        None => Examined::new(name, missing, "is not installed").remedy(remedy),
    }
}

/// Returns the builder that works, else the one that is installed.
async fn builder(folders: &[PathBuf]) -> Examined {
    let installed = BUILDERS.iter().filter_map(|(name, arguments)| Some((*name, program(folders, name)?, *arguments)));
    let mut idle = None;
    for (name, path, arguments) in installed {
        match run(&path, arguments).await {
            Ok(()) => return Examined::new("builder", Health::Ok, format!("{name} at {}", path.display())),
            Err(why) => {
                let text = format!("{name} is installed, but does not work: {why}");
                idle.get_or_insert_with(|| Examined::new("builder", Health::Warning, text).remedy("start its daemon"));
            }
        }
    }
    idle.unwrap_or_else(|| {
        let names = BUILDERS.map(|(name, _)| name).join(", ");
        let remedy = format!("only `Image::build` needs one: install one of {names}");
        Examined::new("builder", Health::Unknown, "no builder of images is installed").remedy(remedy)
    })
}

async fn run(path: &Path, arguments: &[&str]) -> Result<(), String> {
    let mut command = Command::new(path);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).kill_on_drop(true);
    match tokio::time::timeout(LIMIT, command.output()).await {
        Ok(Ok(output)) if output.status.success() => Ok(()),
        Ok(Ok(output)) => {
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            Err(text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it failed").to_owned())
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("it did not answer within {} s", LIMIT.as_secs())),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn folder_with(name: &str, script: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("a file");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
        folder
    }

    fn builder_in(folders: &[&tempfile::TempDir]) -> Examined {
        let folders: Vec<PathBuf> = folders.iter().map(|folder| folder.path().to_owned()).collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(builder(&folders))
    }

    #[test]
    fn builder_whose_daemon_does_not_run_gives_way_to_one_that_works() {
        let idle = folder_with("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");
        let works = folder_with("buildah", "echo buildah version 1.40");
        let found = builder_in(&[&idle]);
        assert!(found.health == Health::Warning && found.text.contains("Cannot connect"), "{found:?}");
        let found = builder_in(&[&idle, &works]);
        assert!(found.health == Health::Ok && found.text.starts_with("buildah"), "{found:?}");
        assert_eq!(builder_in(&[]).health, Health::Unknown);
    }
}
