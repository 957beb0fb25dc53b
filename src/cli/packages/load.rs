//! The packages of a project, as its lock file pins them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use semver::Version;

use super::place::ProjectPlace;
use super::project_lock;
use crate::cli::args::PackageOptions;
use crate::cli::files::{FolderLock, read_text, write_whole};
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic, Origin, SourceMap, WithOrigin, did_you_mean};
use crate::package::{Grants, LOCK_FILE, Lock, Manifest, PackageName, Packages};
use crate::registry::{Access, LockMisfit, PackageSources, ProjectPackages};
use crate::script::LoadError;

/// A project with its packages.
pub(crate) struct LoadedProject {
    /// Its place.
    pub(crate) place: ProjectPlace,
    /// Its manifest.
    pub(crate) manifest: Arc<Manifest>,
    /// The lock file as it was read; empty if there is none.
    pub(crate) locked: Lock,
    /// Its packages.
    pub(crate) packages: ProjectPackages,
}

/// Returns the packages that a script may import: those of its project. Without `rtiler.toml` there are none. A lock file that
/// does not fit is written again, unless `--locked` is set.
///
/// # Errors
///
/// The problems of the manifest, the lock file and the packages.
pub(crate) fn packages_of(
    script: &Path,
    options: PackageOptions,
    sources: &mut SourceMap,
    terminal: &Terminal,
) -> Result<Arc<Packages>, Vec<Diagnostic>> {
    let folder = script.parent().unwrap_or(Path::new(""));
    let Some(place) = ProjectPlace::of(folder).map_err(|problem| vec![problem])? else { return Ok(Arc::default()) };
    let project = LoadedProject::load(place, options, true, sources).map_err(with_online_command)?;
    project.write_lock(terminal).map_err(|problem| vec![problem])?;
    Ok(Arc::new(project.packages.loaded(project.manifest)))
}

impl LoadedProject {
    /// Reads a project and its packages; the lock file is not written. `vendor` says whether the copies in `vendor/` are used.
    ///
    /// # Errors
    ///
    /// The problems of the manifest, the lock file and the packages.
    pub(crate) fn load(
        place: ProjectPlace,
        options: PackageOptions,
        vendor: bool,
        sources: &mut SourceMap,
    ) -> Result<Self, Vec<Diagnostic>> {
        let manifest = Arc::new(place.manifest(sources)?);
        check_rtiler(&manifest, "this project").map_err(|problem| vec![problem])?;
        let locked = read_lock(&place, sources)?;
        let access = Access { network: !options.offline, vendor };
        let origins = PackageSources::new(&place.folder, &cache_folder(&place.folder), &locked, access);
        let packages = match ProjectPackages::pinned(&manifest, &origins) {
            Ok(packages) => packages,
            Err(LockMisfit::Broken(problems)) => return Err(problems),
            Err(LockMisfit::Outdated(_)) if options.locked && !place.lock_file().exists() => {
                return Err(vec![outdated("there is no lock file")]);
            }
            Err(LockMisfit::Outdated(why)) if options.locked => return Err(vec![outdated(&why.message)]),
            Err(LockMisfit::Outdated(_)) => ProjectPackages::resolved(&manifest, &origins)?,
        };
        if options.locked
            && let Some(why) = difference(&locked, &packages.lock)
        {
            return Err(vec![outdated(&why)]);
        }
        check_packages(&packages)?;
        check_permissions(&manifest, &packages)?;
        Ok(Self { place, manifest, locked, packages })
    }

    /// Returns whether the manifest and the lock file are as they were when this project was read.
    fn is_as_it_was_read(&self) -> bool {
        let manifest = read_text(Path::new(&self.place.manifest_file())).ok();
        let lock = read_lock(&self.place, &mut SourceMap::default()).ok();
        manifest.as_deref() == Some(self.place.text.as_str()) && lock.as_ref() == Some(&self.locked)
    }

    /// Writes the lock file if it does not fit, with a note.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub(crate) fn write_lock(&self, terminal: &Terminal) -> Result<(), Diagnostic> {
        if difference(&self.locked, &self.packages.lock).is_none() {
            return Ok(());
        }
        let lock = project_lock::lock(&self.place.folder, terminal)?;
        if !self.is_as_it_was_read() {
            // Another command changed the project meanwhile, and wrote the lock file that fits.
            return Ok(());
        }
        self.write_lock_under(&lock, terminal)
    }

    /// Writes the lock file if it does not fit, under a lock that was taken before the project was read.
    ///
    /// # Errors
    ///
    /// The error of the system.
    pub(super) fn write_lock_under(&self, _lock: &FolderLock, terminal: &Terminal) -> Result<(), Diagnostic> {
        let Some(why) = difference(&self.locked, &self.packages.lock) else { return Ok(()) };
        let file = self.place.lock_file();
        let name = file.display();
        write_whole(&file, &self.packages.lock.to_text())
            .map_err(|error| Diagnostic::new(Code::FileUnwritable, format!("cannot write {name}: {error}")))?;
        terminal.status(&faint(&format!("wrote {name}: {why}")));
        Ok(())
    }
}

/// Adds what fetches the packages to each problem of `--offline`.
fn with_online_command(problems: Vec<Diagnostic>) -> Vec<Diagnostic> {
    super::with_online_command(problems, "rtiler check .")
}

/// Checks that every package works with this rtiler.
///
/// # Errors
///
/// An error for each package that does not.
pub(crate) fn check_packages(packages: &ProjectPackages) -> Result<(), Vec<Diagnostic>> {
    let problems: Vec<Diagnostic> = packages
        .packages
        .iter()
        .filter_map(|(name, (_, found))| check_rtiler(&found.manifest, &format!("the package `{name}`")).err())
        .collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

/// Checks that the project grants permissions to its packages only.
fn check_permissions(manifest: &Manifest, packages: &ProjectPackages) -> Result<(), Vec<Diagnostic>> {
    let known = || packages.packages.keys().chain([&manifest.name]);
    let unknown = manifest.permissions.iter().filter(|(name, _)| known().all(|it| it != *name));
    let problem = |(name, grants): (&PackageName, &WithOrigin<Grants>)| {
        let message = format!("`[permissions.{name}]` grants permissions to a package that the project does not use");
        let near = did_you_mean(name.as_str(), known().map(PackageName::as_str));
        Diagnostic::new(Code::Manifest, message).at(&grants.origin, "").help_if(near).help("remove the table")
    };
    let problems: Vec<Diagnostic> = unknown.map(problem).collect();
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}

fn check_rtiler(manifest: &Manifest, what: &str) -> Result<(), Diagnostic> {
    let Some(range) = &manifest.rtiler else { return Ok(()) };
    let this = env!("CARGO_PKG_VERSION");
    if Version::parse(this).is_ok_and(|version| range.value.matches(&version)) {
        return Ok(());
    }
    let message = format!("{what} needs rtiler {}, and this is rtiler {this}", range.value);
    Err(Diagnostic::new(Code::RtilerVersion, message)
        .at(&range.origin, "")
        .help(format!("install rtiler {}, or change the range if the scripts work with {this}", range.value)))
}

/// Reads the lock file; without one nothing is locked.
pub(crate) fn read_lock(place: &ProjectPlace, sources: &mut SourceMap) -> Result<Lock, Vec<Diagnostic>> {
    let name = place.lock_file().display().to_string();
    match read_text(&place.lock_file()) {
        Ok(text) => {
            sources.add(name.as_str(), text.as_str());
            Lock::parse(&name, &text)
        }
        Err(LoadError::Missing) => Ok(Lock::default()),
        Err(why) => Err(vec![why.problem(&name).at(&Origin::new(name.clone(), 0, 0), "")]),
    }
}

/// Returns the folder of the cache: `RTILER_CACHE`, else `rtiler` in the folder for caches of the user.
pub(crate) fn cache_folder(project: &Path) -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || variable("HOME").or_else(|| variable("USERPROFILE")).map(|home| home.join(".cache"));
    variable("RTILER_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").or_else(home).map(|caches| caches.join("rtiler")))
        .unwrap_or_else(|| project.join(".rtiler/cache"))
}

/// Returns the first difference between two lock files, as the end of a sentence.
fn difference(old: &Lock, new: &Lock) -> Option<String> {
    let added = new.packages.keys().find(|name| !old.packages.contains_key(*name));
    let removed = old.packages.keys().find(|name| !new.packages.contains_key(*name));
    let changed = new.packages.iter().find(|(name, package)| old.packages.get(*name).is_some_and(|it| it != *package));
    if let Some(name) = added {
        return Some(format!("`{name}` was not locked"));
    }
    if let Some(name) = removed {
        return Some(format!("`{name}` is not used"));
    }
    let (name, package) = changed?;
    let was = &old.packages[name];
    let what = [
        (was.source != package.source, "another source"),
        (was.version != package.version, "another version"),
        (was.reference != package.reference, "another branch or tag"),
        (was.revision != package.revision, "another revision"),
        (was.dependencies != package.dependencies, "other dependencies"),
    ];
    Some(match what.iter().find(|(differs, _)| *differs) {
        Some((_, what)) => format!("`{name}` was locked with {what}"),
        None => format!("the files of `{name}` were changed"),
    })
}

/// Returns the error of a lock file that would be changed in spite of `--locked`.
pub(super) fn outdated(why: &str) -> Diagnostic {
    let message = format!("`{LOCK_FILE}` does not fit the project, and `--locked` does not change it");
    Diagnostic::new(Code::LockOutdated, message)
        .note(why)
        .help("run `rtiler check .` without `--locked`, look at the change of the lock file, and commit it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn range_without_this_version_is_an_error_with_the_remedy() {
        let manifest = |range: &str| {
            let text = format!("[package]\nname = \"shop\"\nversion = \"0.1.0\"\nrtiler = \"{range}\"\n");
            Manifest::parse("rtiler.toml", &text).expect("a manifest")
        };
        assert!(check_rtiler(&manifest(">=0.1"), "this project").is_ok());
        let problem = check_rtiler(&manifest(">=99"), "this project").expect_err("a mistake");
        assert_eq!(problem.origin().map(|origin| origin.line), Some(4));
        assert!(problem.message.starts_with("this project needs rtiler >=99"), "{}", problem.message);
    }
}
