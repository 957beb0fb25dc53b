//! The programs that rtiler runs: a builder of images, git, and the plugin behind `exec`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::builder::{BuilderKind, Unusable, first_that_works};
use crate::deploy::doctor::{Examined, Health};

/// The time limit of a program.
const LIMIT: Duration = Duration::from_secs(5);

/// Looks at every program side by side.
pub(super) async fn examine() -> Vec<Examined> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    vec![
        builder(&path).await,
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

/// Returns the builder that a deployment would use, else the one that is installed.
async fn builder(search_path: &OsString) -> Examined {
    let unusable = match first_that_works(&BuilderKind::ALL, Some(search_path), LIMIT).await {
        Ok(kind) => return Examined::new("builder", Health::Ok, kind.name()),
        Err(unusable) => unusable,
    };
    match unusable.iter().find(|(_, reason)| *reason != Unusable::Missing) {
        Some((kind, reason)) => {
            let text = format!("{kind} is installed, but does not work: {reason}");
            Examined::new("builder", Health::Warning, text).remedy(reason.remedy(*kind))
        }
        None => {
            let names = BuilderKind::ALL.map(BuilderKind::name).join(", ");
            let remedy = format!("only `Image::build` needs one: install one of {names}");
            Examined::new("builder", Health::Unknown, "no builder of images is installed").remedy(remedy)
        }
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
        let path = std::env::join_paths(folders.iter().map(|folder| folder.path())).expect("a search path");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(builder(&path))
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
