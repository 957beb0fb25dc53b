//! The module that an import names: of the standard library, a file, or a package.

use crate::diag::{Code, Diagnostic, did_you_mean};
use crate::package::{LoadedPackage, MANIFEST, PackageName, Packages};
use crate::script::package_paths::{label, path_inside};
use crate::script::source_loader::{LoadError, SourceLoader};

/// The module that an import names.
#[derive(Debug, Clone)]
pub(in crate::script) enum ImportTarget {
    /// A module of rtiler, or a file of the project; relative to the importing file.
    Plain,
    /// The entry of another package.
    Entry(LoadedPackage),
    /// A file of the importing package, by its path in it.
    Inside(String),
}

/// Returns the target of an import. `importer` is the package of the importing file, `from` the name of the file; `file` is the path
/// of the file that the import names if it names one.
///
/// # Errors
///
/// The reason why the import names nothing, without an origin.
pub(in crate::script) fn import_target(
    path: &str,
    (importer, from): (Option<&LoadedPackage>, &str),
    file: &str,
    files: &dyn SourceLoader,
) -> Result<ImportTarget, Diagnostic> {
    if path.starts_with("std/") {
        return Ok(ImportTarget::Plain);
    }
    let packages = files.packages();
    let dependency = dependency(path, importer, &packages);
    match importer {
        None => {
            let has_file = || !matches!(files.read(file), Err(LoadError::Missing));
            match dependency {
                Some(package) if has_file() => Err(ambiguous(path, file, package)),
                Some(package) => Ok(ImportTarget::Entry(package.clone())),
                None if packages.project().is_some() && PackageName::parse(path).is_ok() && !has_file() => {
                    Err(unknown(path, None, &packages))
                }
                None => Ok(ImportTarget::Plain),
            }
        }
        Some(importer) => {
            let inside = path_inside(importer, from, path).map(|path| with_ending(&path));
            let has_file = inside.as_ref().is_some_and(|path| importer.files.text(path).is_some());
            match (dependency, inside) {
                (Some(package), Some(inside)) if has_file => Err(ambiguous(path, &inside, package)),
                (Some(package), _) => Ok(ImportTarget::Entry(package.clone())),
                (None, Some(inside)) if has_file => Ok(ImportTarget::Inside(inside)),
                (None, _) if PackageName::parse(path).is_ok() => Err(unknown(path, Some(importer), &packages)),
                (None, inside) => Err(not_inside(path, inside.is_some(), importer)),
            }
        }
    }
}

/// Returns the dependency that a path names. A path with `./` is a file.
fn dependency<'p>(path: &str, importer: Option<&LoadedPackage>, packages: &'p Packages) -> Option<&'p LoadedPackage> {
    let name = PackageName::parse(path).ok()?;
    packages.dependencies_of(importer.map(|package| &package.manifest.name)).find(|found| found.manifest.name == name)
}

fn with_ending(path: &str) -> String {
    let has_ending = std::path::Path::new(path).extension().is_some_and(|ending| ending == "rhai");
    if has_ending { path.to_owned() } else { format!("{path}.rhai") }
}

fn ambiguous(path: &str, file: &str, package: &LoadedPackage) -> Diagnostic {
    Diagnostic::new(Code::AmbiguousImport, format!("`{path}` is the package {} and the file `{file}`", label(package)))
        .help(format!("for the file, write `import \"./{path}\"`"))
        .help(format!("for the package, write `import \"{path}\"` and rename the file"))
}

fn unknown(path: &str, importer: Option<&LoadedPackage>, packages: &Packages) -> Diagnostic {
    let name = importer.map(|package| &package.manifest.name);
    let dependencies: Vec<&str> =
        packages.dependencies_of(name).map(|package| package.manifest.name.as_str()).collect();
    let problem = Diagnostic::new(Code::UnknownPackage, format!("there is no dependency and no file `{path}`"))
        .help_if(did_you_mean(path, dependencies.iter().copied()));
    let is_loaded = PackageName::parse(path).is_ok_and(|name| packages.get(&name).is_some());
    match importer {
        Some(importer) => {
            let name = importer.manifest.name.as_str();
            let problem = problem.help(format!("name it in `[dependencies]` of the package `{name}`"));
            if is_loaded { problem.note(format!("`{path}` is a dependency of another package")) } else { problem }
        }
        None if is_loaded => problem
            .note(format!("`{path}` is a dependency of a package, and `{MANIFEST}` does not name it"))
            .help(format!("name it in `[dependencies]` of `{MANIFEST}`")),
        None => problem.help(format!("add the package: `rtiler add github.com/OWNER/{path}@v1`")),
    }
}

fn not_inside(path: &str, stays_inside: bool, importer: &LoadedPackage) -> Diagnostic {
    let name = label(importer);
    if stays_inside {
        return Diagnostic::new(Code::FileMissing, format!("the package {name} has no file `{path}`"));
    }
    Diagnostic::new(Code::FileOutside, format!("`{path}` is outside the package {name}"))
        .help("a package imports its own files, its dependencies and `std/..`")
}
