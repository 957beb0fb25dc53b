//! The packages of the project that the working directory is in.

use std::path::Path;

use crate::cli::args::PackageOptions;
use crate::cli::files::read_text;
use crate::cli::packages::{LoadedProject, ProjectPlace};
use crate::diag::SourceMap;
use crate::package::Manifest;
use crate::script::reference::{Reference, package};
use crate::script::session::Diagnostics;

/// Adds the packages of the project, and the project itself if it is a package. A project with problems is not in the way of a
/// name that is not its own.
///
/// # Errors
///
/// The reason why a package that is named cannot be read.
pub(super) fn with_packages(reference: Reference, name: Option<&str>) -> Result<Reference, Diagnostics> {
    let mut sources = SourceMap::default();
    let Ok(Some(place)) = ProjectPlace::of(Path::new("")) else { return Ok(reference) };
    let Ok(manifest) = place.manifest(&mut sources) else { return Ok(reference) };
    let wanted = name.and_then(|name| name.split("::").next()).unwrap_or_default();
    let is_wanted = manifest.dependencies.keys().any(|known| known.as_str() == wanted);
    let reference = reference.with(own(&place.folder, &manifest));
    // Nothing is fetched for another name.
    let options = PackageOptions { locked: false, offline: !is_wanted };
    match LoadedProject::load(place, options, true, &mut sources) {
        Ok(project) => Ok(reference.with_packages(&project.packages.loaded(project.manifest))),
        Err(problems) if is_wanted => Err(Diagnostics { problems, sources }),
        Err(_) => Ok(reference),
    }
}

/// Returns the entries of the package in a folder.
fn own(folder: &Path, manifest: &Manifest) -> Vec<crate::script::reference::Entry> {
    match read_text(&folder.join(&manifest.entry.value)) {
        Ok(text) => package(manifest, &text),
        Err(_) => Vec::new(),
    }
}
