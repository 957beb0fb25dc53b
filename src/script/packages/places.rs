//! Problems inside of packages and modules of rtiler, at the call of the project that led there: users cannot change these files.

use crate::diag::{Diagnostic, Label};
use crate::package::{LoadedPackage, Packages};

/// Returns the package that has a source with this name.
fn owner<'p>(packages: &'p Packages, source: &str) -> Option<&'p LoadedPackage> {
    let (label, _) = source.split_once('/')?;
    let (name, version) = label.split_once('@')?;
    packages
        .iter()
        .find(|package| package.manifest.name.as_str() == name && package.manifest.version.to_string() == version)
}

/// Returns whether a source is not of the project.
fn is_foreign(packages: &Packages, source: &str) -> bool {
    source.starts_with("std/") || owner(packages, source).is_some()
}

/// Returns whether the place of a problem is inside of a package, or of a module of rtiler.
pub(in crate::script) fn is_inside(problem: &Diagnostic, packages: &Packages) -> bool {
    problem.origin().is_some_and(|origin| is_foreign(packages, &origin.source))
}

/// Makes the call of the project the first place of a problem that is inside of a package, or of a module of rtiler.
pub(in crate::script) fn point_at_caller(problem: &mut Diagnostic, packages: &Packages) {
    if !is_inside(problem, packages) {
        return;
    }
    let is_of_project = |source: &str| !is_foreign(packages, source);
    let Some(at) = problem.trace.iter().position(|frame| is_of_project(&frame.origin.source)) else { return };
    let frame = problem.trace.remove(at);
    problem.labels.insert(0, Label { origin: frame.origin, message: frame.what });
}
