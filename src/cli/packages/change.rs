//! A change of `rtiler.toml` together with `rtiler.lock`.

use std::sync::Arc;

use super::load::{LoadedProject, cache_folder, check_packages, outdated, read_lock};
use super::place::ProjectPlace;
use crate::cli::args::PackageOptions;
use crate::cli::files::write_whole;
use crate::diag::{Code, Diagnostic, SourceMap};
use crate::package::{Lock, Manifest, ManifestEdit};
use crate::registry::{Access, PackageSources, ProjectPackages, VendorFolder};

/// A project whose manifest is changed.
pub(super) struct ProjectEdit {
    pub(super) place: ProjectPlace,
    pub(super) manifest: Arc<Manifest>,
    /// The lock file as it was read.
    pub(super) locked: Lock,
    /// The manifest with its changes.
    pub(super) edit: ManifestEdit,
    options: PackageOptions,
}

impl ProjectEdit {
    /// Reads the project of the working directory.
    ///
    /// # Errors
    ///
    /// The problems of the manifest and the lock file.
    pub(super) fn open(options: PackageOptions, sources: &mut SourceMap) -> Result<Self, Vec<Diagnostic>> {
        let place = ProjectPlace::here().map_err(|problem| vec![problem])?;
        let manifest = Arc::new(place.manifest(sources)?);
        let locked = read_lock(&place, sources)?;
        let no_edit =
            || vec![Diagnostic::new(Code::Manifest, format!("`{}` is not valid TOML", place.manifest_file()))];
        let edit = ManifestEdit::of(&place.text).ok_or_else(no_edit)?;
        Ok(Self { place, manifest, locked, edit, options })
    }

    /// Returns the sources of packages; `lock` pins those that stay.
    pub(super) fn sources(&self, lock: &Lock) -> PackageSources {
        // A change does not need the copies of what was there before.
        let access = Access { network: !self.options.offline, vendor: false };
        PackageSources::new(&self.place.folder, &cache_folder(&self.place.folder), lock, access)
    }

    /// Returns the packages as they are locked now; none if they cannot be read without fetching.
    pub(super) fn current(&self) -> Option<ProjectPackages> {
        let access = Access { network: false, vendor: true };
        let sources = PackageSources::new(&self.place.folder, &cache_folder(&self.place.folder), &self.locked, access);
        ProjectPackages::pinned(&self.manifest, &sources).ok()
    }

    /// Resolves the packages of the changed manifest.
    ///
    /// # Errors
    ///
    /// The problems of the packages.
    pub(super) fn resolved(&self, sources: &PackageSources) -> Result<(Manifest, ProjectPackages), Vec<Diagnostic>> {
        let manifest = Manifest::parse(&self.place.manifest_file(), &self.edit.to_text())?;
        let packages = ProjectPackages::resolved(&manifest, sources)?;
        check_packages(&packages)?;
        Ok((manifest, packages))
    }

    /// Writes the manifest, the lock file, and the copies in `vendor/` if there are any.
    ///
    /// # Errors
    ///
    /// The error of the system; then neither file is changed.
    pub(super) fn write(&self, packages: &ProjectPackages) -> Result<(), Diagnostic> {
        let (manifest, lock) = (self.edit.to_text(), packages.lock.to_text());
        if self.options.locked && packages.lock != self.locked {
            return Err(outdated("the command changes the packages"));
        }
        let write = |path: &std::path::Path, text: &str| {
            write_whole(path, text).map_err(|error| {
                Diagnostic::new(Code::FileUnwritable, format!("cannot write {}: {error}", path.display()))
            })
        };
        let file = std::path::PathBuf::from(self.place.manifest_file());
        let vendor = VendorFolder::of(&self.place.folder);
        // A manifest without its lock file is repaired by the next command; the other way round it may be refused.
        write(&file, &manifest)?;
        if let Err(problem) = write(&self.place.lock_file(), &lock) {
            write(&file, &self.place.text)?;
            return Err(problem);
        }
        if vendor.exists() {
            super::vendor::write(&vendor, packages)?;
        }
        Ok(())
    }
}

impl LoadedProject {
    /// Reads the project of the working directory with its packages.
    ///
    /// # Errors
    ///
    /// The problems of the manifest, the lock file and the packages.
    pub(super) fn here(
        options: PackageOptions,
        vendor: bool,
        sources: &mut SourceMap,
    ) -> Result<Self, Vec<Diagnostic>> {
        let place = ProjectPlace::here().map_err(|problem| vec![problem])?;
        Self::load(place, options, vendor, sources)
    }
}
