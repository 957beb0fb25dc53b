//! Problems inside of packages, at the call of the project that led there: users cannot change the files of a package.

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

/// Returns whether the place of a problem is inside of a package.
pub(in crate::script) fn is_inside(problem: &Diagnostic, packages: &Packages) -> bool {
    problem.origin().is_some_and(|origin| owner(packages, &origin.source).is_some())
}

/// Makes the call of the project the first place of a problem that is inside of a package.
pub(in crate::script) fn point_at_caller(problem: &mut Diagnostic, packages: &Packages) {
    if !is_inside(problem, packages) {
        return;
    }
    let is_of_project = |source: &str| owner(packages, source).is_none();
    let Some(at) = problem.trace.iter().position(|frame| is_of_project(&frame.origin.source)) else { return };
    let frame = problem.trace.remove(at);
    problem.labels.insert(0, Label { origin: frame.origin, message: frame.what });
}
