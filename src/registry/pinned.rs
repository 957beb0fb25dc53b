//! The packages that the lock file pins: from `vendor/`, the cache or their sources, and always compared with it.

use std::rc::Rc;

use semver::Version;

use super::sources::{FoundPackage, PackageSources, found, unreadable};
use super::vendor::VendorFolder;
use crate::diag::{Code, Diagnostic, shell_word};
use crate::package::{FileTree, LOCK_FILE, LockedPackage, PackageCopy, PackageName, PackageSource, Pin, TreeHash};

impl PackageSources {
    /// Returns the version that is pinned of a source.
    pub(super) fn pinned_version(&self, source: &PackageSource) -> Option<Version> {
        self.pinned.get(&source.to_string()).map(|(_, package)| package.version.clone())
    }

    /// Returns the package that is pinned for a revision of a source.
    fn pin_of(&self, source: &PackageSource, pin: &Pin) -> Option<&(PackageName, LockedPackage)> {
        let fits = |package: &LockedPackage| match pin {
            Pin::Version(version) => package.reference.is_none() && package.version == *version,
            Pin::Name(name) => match &package.reference {
                Some(reference) => reference == name,
                None => package.revision.as_deref().unwrap_or_default() == name,
            },
        };
        self.pinned.get(&source.to_string()).filter(|(_, package)| fits(package))
    }

    /// Returns the package that is pinned, with the files of which the lock file has the hash.
    pub(super) fn read_pinned(
        &self,
        source: &PackageSource,
        pin: &Pin,
    ) -> Option<Result<Rc<FoundPackage>, Diagnostic>> {
        let (name, locked) = self.pin_of(source, pin)?;
        let read = || match source {
            PackageSource::Path(path) => self.read_folder(path),
            _ => {
                let files = self.pinned_files(name, locked, source)?;
                found(files, locked.revision.clone(), source)
            }
        };
        Some(self.remembered(source, pin, read))
    }

    /// Returns the files of a pinned package from `vendor/`, the cache or its source.
    fn pinned_files(
        &self,
        name: &PackageName,
        locked: &LockedPackage,
        source: &PackageSource,
    ) -> Result<FileTree, Diagnostic> {
        if let Some(files) = self.copied_files(name, locked)? {
            return Ok(files);
        }
        let files = self.fetched(source, locked.revision.as_deref().unwrap_or_default())?;
        let place = format!("what `{source}` has at the locked revision");
        let remedy = format!(
            "if you expect the change, lock it with `rtiler update {name}`; else restore the lock file: `git checkout -- {LOCK_FILE}`"
        );
        let copy = PackageCopy { package: name.as_str(), place: &place, remedy: &remedy };
        copy.verify(&files, &locked.hash, None)?;
        Ok(files)
    }

    /// Returns the files of a pinned package from `vendor/` or the cache, if they are there. The cache has them if it got files of
    /// this hash for the locked revision: a hash alone says nothing about the revision in the lock file.
    fn copied_files(&self, name: &PackageName, locked: &LockedPackage) -> Result<Option<FileTree>, Diagnostic> {
        let listing = self.cache.listing(&locked.hash);
        if self.access.vendor
            && let Some(files) = VendorFolder::of(&self.project).verified(name, &locked.hash, listing.as_deref())?
        {
            return Ok(Some(files));
        }
        let revision = locked.revision.as_deref().unwrap_or_default();
        if self.cache.hash_of_revision(&locked.source, revision).as_ref() != Some(&locked.hash) {
            return Ok(None);
        }
        self.cached_files(name, &locked.hash, listing.as_deref())
    }

    fn cached_files(
        &self,
        name: &PackageName,
        locked: &TreeHash,
        listing: Option<&str>,
    ) -> Result<Option<FileTree>, Diagnostic> {
        let folder = self.cache.entry(locked).display().to_string();
        let place = format!("in the cache: `{folder}`");
        let remedy =
            format!("remove this copy with `rm -r {}`; the next command fetches it again", shell_word(&folder));
        let Some(files) = self.cache.files(locked).map_err(|error| {
            unreadable(&format!("the copy of `{name}` in the cache"), &error).note(place.clone()).help(remedy.as_str())
        })?
        else {
            return Ok(None);
        };
        PackageCopy { package: name.as_str(), place: &place, remedy: &remedy }.verify(&files, locked, listing)?;
        Ok(Some(files))
    }

    /// Returns the problem of each pinned package whose copy in `vendor/` or the cache differs from the lock file.
    pub(super) fn changed_copies(&self) -> Vec<(PackageName, Diagnostic)> {
        let mut pinned: Vec<_> = self.pinned.values().filter(|(_, locked)| locked.revision.is_some()).collect();
        pinned.sort_by_key(|(name, _)| name);
        let problem = |(name, locked): &(PackageName, LockedPackage)| {
            let problem = self.copied_files(name, locked).err()?;
            (problem.code == Code::PackageHash).then(|| (name.clone(), problem))
        };
        pinned.into_iter().filter_map(problem).collect()
    }
}
