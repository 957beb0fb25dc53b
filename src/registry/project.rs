//! The packages of a project: as its lock file pins them, or resolved again.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::index::{Pins, SourceIndex};
use super::sources::{FoundPackage, PackageSources};
use crate::diag::{Code, Diagnostic};
use crate::package::{
    Grants, LoadedPackage, Lock, LockedPackage, Manifest, PackageIndex, PackageName, PackageSource, Packages, Pin,
    Resolved, resolve,
};

/// The packages of a project, with the lock file that pins them.
pub struct ProjectPackages {
    /// The packages by their names.
    pub packages: BTreeMap<PackageName, (Resolved, Rc<FoundPackage>)>,
    /// The lock file.
    pub lock: Lock,
}

/// The reason why the lock file does not give the packages of a project.
pub enum LockMisfit {
    /// It does not fit the manifest; with the first difference.
    Outdated(Diagnostic),
    /// A package cannot be read, or is not the one that was locked.
    Broken(Vec<Diagnostic>),
}

impl ProjectPackages {
    /// Returns the packages that the lock file pins.
    ///
    /// # Errors
    ///
    /// See [`LockMisfit`].
    pub fn pinned(manifest: &Manifest, sources: &PackageSources) -> Result<Self, LockMisfit> {
        Self::chosen(manifest, sources, &SourceIndex::new(sources, Pins::Only)).map_err(|problems| {
            if let Some(first) = problems.first().cloned()
                && problems.iter().all(is_outdated)
            {
                return LockMisfit::Outdated(first);
            }
            LockMisfit::Broken(with_changed_copies(problems, manifest, sources))
        })
    }

    /// Resolves the packages: what the lock file pins stays if it still fits.
    ///
    /// # Errors
    ///
    /// The errors of [`resolve`].
    pub fn resolved(manifest: &Manifest, sources: &PackageSources) -> Result<Self, Vec<Diagnostic>> {
        match Self::chosen(manifest, sources, &SourceIndex::new(sources, Pins::First)) {
            Err(problems) if problems.iter().all(is_outdated) => {
                Self::chosen(manifest, sources, &SourceIndex::new(sources, Pins::Ignored))
            }
            result => result,
        }
    }

    fn chosen(
        manifest: &Manifest,
        sources: &PackageSources,
        index: &dyn PackageIndex,
    ) -> Result<Self, Vec<Diagnostic>> {
        let resolved = resolve(manifest, index)?;
        let with_files = |(name, package): (PackageName, Resolved)| {
            let found = sources.found(&package.source, &package.pin)?;
            Some((name, (package, found)))
        };
        let packages: BTreeMap<_, _> = resolved.into_iter().filter_map(with_files).collect();
        let lock = Lock {
            packages: packages.iter().map(|(name, (package, found))| (name.clone(), locked(package, found))).collect(),
        };
        Ok(Self { packages, lock })
    }

    /// Returns the packages as scripts import them.
    pub fn loaded(&self, manifest: Arc<Manifest>) -> Packages {
        let package = |(name, (_, found)): (&PackageName, &(Resolved, Rc<FoundPackage>))| LoadedPackage {
            manifest: Arc::clone(&found.manifest),
            files: Arc::clone(&found.files),
            granted: manifest.permissions.get(name).map_or_else(Grants::default, |granted| granted.value.clone()),
        };
        let packages: Vec<LoadedPackage> = self.packages.iter().map(package).collect();
        Packages::new(manifest, packages)
    }
}

/// Adds the problems of all other packages with changed copies to that of the first one.
fn with_changed_copies(
    mut problems: Vec<Diagnostic>,
    manifest: &Manifest,
    sources: &PackageSources,
) -> Vec<Diagnostic> {
    if !problems.iter().any(|problem| problem.code == Code::PackageHash) {
        return problems;
    }
    for (name, problem) in sources.changed_copies() {
        if problems.iter().any(|known| known.message == problem.message) {
            continue;
        }
        let dependency = manifest.dependencies.get(&name);
        problems.push(dependency.map_or(problem.clone(), |dependency| problem.at(&dependency.origin, "")));
    }
    problems
}

/// Returns whether a problem comes from what is pinned, and other versions may not have it.
fn is_outdated(problem: &Diagnostic) -> bool {
    matches!(problem.code, Code::LockOutdated | Code::PackageVersions | Code::PackageCycle)
}

fn locked(package: &Resolved, found: &FoundPackage) -> LockedPackage {
    let reference = match (&package.source, &package.pin) {
        (PackageSource::Path(_), _) | (_, Pin::Version(_)) => None,
        (_, Pin::Name(name)) => Some(name.clone()).filter(|name| found.revision.as_ref() != Some(name)),
    };
    LockedPackage {
        version: found.manifest.version.clone(),
        source: package.source.to_string(),
        reference,
        revision: found.revision.clone(),
        hash: found.hash.clone(),
        dependencies: found.manifest.dependencies.keys().cloned().collect(),
    }
}
