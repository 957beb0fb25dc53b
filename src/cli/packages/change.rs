//! A change of `rtiler.toml` together with `rtiler.lock`.

use std::sync::Arc;

use super::load::{LoadedProject, cache_folder, check_packages, outdated, read_lock};
use super::place::ProjectPlace;
use super::project_lock;
use crate::cli::args::PackageOptions;
use crate::cli::files::{FolderLock, write_whole};
use crate::cli::terminal::Terminal;
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
    /// Keeps other processes from changing the project until this change is written; none if it is not written.
    lock: Option<FolderLock>,
}

impl ProjectEdit {
    /// Reads the project of the working directory, and keeps other processes from changing it.
    ///
    /// # Errors
    ///
    /// The problems of the manifest and the lock file; another process that changes the project.
    pub(super) fn open(
        options: PackageOptions,
        terminal: &Terminal,
        sources: &mut SourceMap,
    ) -> Result<Self, Vec<Diagnostic>> {
        let found = ProjectPlace::here().map_err(|problem| vec![problem])?;
        let lock = project_lock::lock(&found.folder, terminal).map_err(|problem| vec![problem])?;
        // Another process may have changed the manifest before it released the lock.
        Ok(Self { lock: Some(lock), ..Self::unlocked(options, sources)? })
    }

    /// Reads the project of the working directory for a change that is not written.
    ///
    /// # Errors
    ///
    /// The problems of the manifest and the lock file.
    pub(super) fn unlocked(options: PackageOptions, sources: &mut SourceMap) -> Result<Self, Vec<Diagnostic>> {
        let place = ProjectPlace::here().map_err(|problem| vec![problem])?;
        let manifest = Arc::new(place.manifest(sources)?);
        let locked = read_lock(&place, sources)?;
        let no_edit =
            || vec![Diagnostic::new(Code::Manifest, format!("`{}` is not valid TOML", place.manifest_file()))];
        let edit = ManifestEdit::of(&place.text).ok_or_else(no_edit)?;
        Ok(Self { place, manifest, locked, edit, options, lock: None })
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

    /// Resolves the packages of the changed manifest, whose lines problems show.
    ///
    /// # Errors
    ///
    /// The problems of the packages.
    pub(super) fn resolved(
        &self,
        sources: &PackageSources,
        texts: &mut SourceMap,
    ) -> Result<(Manifest, ProjectPackages), Vec<Diagnostic>> {
        let text = self.edit.to_text();
        let manifest = Manifest::parse(&self.place.manifest_file(), &text)?;
        texts.add(self.place.manifest_file(), text);
        let packages = ProjectPackages::resolved(&manifest, sources).map_err(|problems| self.with_note(problems))?;
        check_packages(&packages)?;
        Ok((manifest, packages))
    }

    /// Adds a note to problems at lines of the manifest that this command would write.
    fn with_note(&self, problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let file = self.place.manifest_file();
        if self.edit.to_text() == self.place.text {
            return problems;
        }
        let note = |problem: Diagnostic| {
            let is_here = problem.labels.iter().any(|label| *label.origin.source == *file);
            let note = format!("`{file}` was not changed: its line is shown as this command would write it");
            if is_here { problem.note(note) } else { problem }
        };
        problems.into_iter().map(note).collect()
    }

    /// Writes the manifest, the lock file, and the copies in `vendor/` if there are any.
    ///
    /// # Errors
    ///
    /// The error of the system; then neither file is changed.
    pub(super) fn write(&self, packages: &ProjectPackages) -> Result<(), Diagnostic> {
        debug_assert!(self.lock.is_some(), "a change is written under the lock of the project");
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
