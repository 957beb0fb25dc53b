//! Names of packages, paths in them, and the name of what they pass.

use crate::package::LoadedPackage;

/// The name of a function that passes between packages.
pub(super) const PASSED_FUNCTION: &str = "callback";

/// Returns a package as users see it: `acme-web@1.2.0`. The names of its sources begin with it.
pub(super) fn label(package: &LoadedPackage) -> String {
    format!("{}@{}", package.manifest.name, package.manifest.version)
}

/// Returns the name of the source of a file in a package.
pub(super) fn source_name(package: &LoadedPackage, path: &str) -> String {
    format!("{}/{path}", label(package))
}

/// Returns the path in a package that an import of one of its files names; none if it is outside of the package.
pub(super) fn path_inside(package: &LoadedPackage, from: &str, path: &str) -> Option<String> {
    let importing = from.strip_prefix(&label(package)).and_then(|rest| rest.strip_prefix('/')).unwrap_or_default();
    let folder = importing.rsplit_once('/').map_or("", |(folder, _)| folder);
    if path.is_empty() || path.starts_with('/') || path.contains(['\\', ':', '\0']) {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}
