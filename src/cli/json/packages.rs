//! The results of commands on packages.

use serde::Serialize;

/// A package of a project.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PackageEntry {
    /// The name.
    pub(crate) name: String,
    /// The version.
    pub(crate) version: String,
    /// The source, without its revision.
    pub(crate) source: String,
    /// The branch or tag that `rtiler.toml` names; null for a version, a commit or a folder.
    pub(crate) reference: Option<String>,
    /// The commit, or the digest in the registry; null for a folder.
    pub(crate) revision: Option<String>,
    /// The SHA-256 of its files.
    pub(crate) hash: String,
    /// Whether `rtiler.toml` of the project names it.
    pub(crate) direct: bool,
    /// The names of the packages that it imports.
    pub(crate) dependencies: Vec<String>,
}

/// The changes of the packages of a project.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PackageChanges {
    /// The packages that are new, those that other packages need included.
    pub(crate) added: Vec<PackageEntry>,
    /// The packages with another version, revision or other files.
    pub(crate) updated: Vec<PackageUpdate>,
    /// The names of the packages that are not used any more.
    pub(crate) removed: Vec<String>,
    /// The permissions that were written to `rtiler.toml`.
    pub(crate) granted: Vec<PackageRights>,
    /// The permissions that packages request and that were not granted.
    pub(crate) not_granted: Vec<PackageRights>,
}

/// A package that changed.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PackageUpdate {
    /// The name.
    pub(crate) name: String,
    /// The version before.
    pub(crate) from: String,
    /// The revision before; null for a folder.
    pub(crate) from_revision: Option<String>,
    /// The version now.
    pub(crate) to: String,
    /// The revision now; null for a folder.
    pub(crate) to_revision: Option<String>,
}

/// Permissions of a package.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PackageRights {
    /// The name of the package.
    pub(crate) package: String,
    /// The environment variables; `*` at the end matches any rest.
    pub(crate) env: Vec<String>,
    /// The files and folders, relative to the project.
    pub(crate) read: Vec<String>,
}

/// The copies of packages in `vendor/`.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct VendoredPackages {
    /// The packages that were written.
    pub(crate) packages: Vec<PackageEntry>,
    /// The names of the copies that were removed.
    pub(crate) removed: Vec<String>,
}

/// A package with the versions at its source.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct PackageVersions {
    /// The name.
    pub(crate) name: String,
    /// The version that is locked.
    pub(crate) version: String,
    /// The version that `rtiler update` takes; null without a range, or if that update would fail.
    pub(crate) compatible: Option<String>,
    /// The newest version; null if the source has none.
    pub(crate) newest: Option<String>,
    /// The commit or digest that its version, branch or tag has now, if it is another one than the locked one; else null.
    pub(crate) moved_to: Option<String>,
    /// Whether a version was moved, which should never change; `rtiler update NAME` accepts it.
    pub(crate) is_moved_version: bool,
}

/// The files of a new project.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ProjectWritten {
    /// The folder of the project.
    pub(crate) folder: String,
    /// The files, relative to the folder.
    pub(crate) files: Vec<String>,
}

/// A script that was written from another description.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ImportedScript {
    /// The file that was written; null if the script is only in this document.
    pub(crate) file: Option<String>,
    /// The script.
    pub(crate) script: String,
    /// The parts of the source that have no counterpart in the script, or that differ; each is a comment of the script, too.
    pub(crate) notes: Vec<ImportNote>,
}

/// A part of a source that has no counterpart in the script.
#[derive(Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct ImportNote {
    /// The file.
    pub(crate) file: String,
    /// The line, from 1; 0 if it is about the whole file.
    pub(crate) line: u32,
    /// The part that is missing or different, and what to do.
    pub(crate) text: String,
}
