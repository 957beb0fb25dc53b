//! The index from which the versions of packages are chosen.

use std::sync::Arc;

use semver::Version;

use super::sources::PackageSources;
use crate::diag::{Code, Diagnostic};
use crate::package::{MANIFEST, Manifest, PackageIndex, PackageSource, Pin};

/// The use of what the lock file pins when versions are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pins {
    /// There is nothing else: nothing is chosen again.
    Only,
    /// A pinned version is the only one of its source; others are looked up.
    First,
    /// Every version is looked up. A package that is pinned is read as it was locked.
    Ignored,
}

/// The packages from which versions are chosen.
pub struct SourceIndex<'a> {
    sources: &'a PackageSources,
    pins: Pins,
}

impl<'a> SourceIndex<'a> {
    /// Creates the index.
    pub fn new(sources: &'a PackageSources, pins: Pins) -> Self {
        Self { sources, pins }
    }
}

impl PackageIndex for SourceIndex<'_> {
    fn versions(&self, source: &PackageSource) -> Result<Vec<Version>, Diagnostic> {
        match (self.pins, self.sources.pinned_version(source)) {
            (Pins::Only, version) => Ok(version.into_iter().collect()),
            (Pins::First, Some(version)) => Ok(vec![version]),
            (Pins::First, None) | (Pins::Ignored, _) => self.sources.versions(source),
        }
    }

    fn manifest(&self, source: &PackageSource, pin: &Pin) -> Result<Arc<Manifest>, Diagnostic> {
        let found = match self.sources.read_pinned(source, pin) {
            Some(found) => found?,
            None if self.pins == Pins::Only => {
                return Err(Diagnostic::new(Code::LockOutdated, format!("`rtiler.lock` does not have `{source}`")));
            }
            None => self.sources.read(source, pin)?,
        };
        check_version(&found.manifest, source, pin)?;
        Ok(Arc::clone(&found.manifest))
    }

    fn folder_source(&self, importer: Option<&PackageSource>, path: &str) -> Result<PackageSource, Diagnostic> {
        folder_from(importer, path)
    }
}

/// Returns the folder that a package names, relative to the project.
fn folder_from(importer: Option<&PackageSource>, path: &str) -> Result<PackageSource, Diagnostic> {
    let base = match importer {
        None => "",
        Some(PackageSource::Path(base)) => base,
        Some(other) => {
            let message = format!("a package of `{other}` depends on the folder `{path}`, which only this machine has");
            return Err(Diagnostic::new(Code::PackageFetch, message)
                .help("publish both packages, and name the git repository or registry in its `[dependencies]`"));
        }
    };
    let start = if path.starts_with('/') { "" } else { base };
    let is_absolute = path.starts_with('/') || start.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in start.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            ".." if is_absolute => {}
            part => parts.push(part),
        }
    }
    let root = if is_absolute { "/" } else { "" };
    let joined = format!("{root}{}", parts.join("/"));
    Ok(PackageSource::Path(if joined.is_empty() { ".".to_owned() } else { joined }))
}

/// Checks that a package has the version of its tag.
fn check_version(manifest: &Manifest, source: &PackageSource, pin: &Pin) -> Result<(), Diagnostic> {
    match pin {
        Pin::Version(version) if manifest.version != *version => {
            let message =
                format!("version {version} of `{source}` is called {} in its own `{MANIFEST}`", manifest.version);
            Err(Diagnostic::new(Code::PackageVersions, message)
                .help("ask who publishes the package to correct the tag, or name the `commit` that you trust"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_is_relative_to_the_package_that_names_it() {
        let from = |importer: &str, path: &str| {
            let importer = (!importer.is_empty()).then(|| PackageSource::Path(importer.to_owned()));
            folder_from(importer.as_ref(), path).expect("a folder").to_string()
        };
        assert_eq!(from("", "../net/"), "path+../net");
        assert_eq!(from("../net", "../base"), "path+../base");
        assert_eq!(from("lib/net", "./x/../y"), "path+lib/net/y");
        assert_eq!(from("lib", ".."), "path+.");
        assert_eq!(from("/srv/net", "../../../base"), "path+/base");
        assert_eq!(from("lib", "/srv/base"), "path+/srv/base");
    }

    #[test]
    fn package_of_a_repository_cannot_name_a_folder() {
        let source = PackageSource::git("https://example.com/net", "").expect("a source");
        let problem = folder_from(Some(&source), "../base").expect_err("a mistake");
        assert!(problem.message.ends_with("which only this machine has"), "{}", problem.message);
    }
}
