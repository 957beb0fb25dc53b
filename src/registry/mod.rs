//! Packages from where they are: git repositories and folders, and the cache of what was fetched.
//!
//! `git` runs the `git` of the machine, `process` ends a command that takes too long or prints too much, `cache` holds the
//! files of packages by their hashes, `vendor` is the folder with copies in a project, `folder` reads and writes the files of
//! packages. `sources` reads packages from all of these, `project` has those of one project.
//!
//! May import `package` and `diag`.
//!
//! *Invariant*: a package is data. Nothing of it is executed, checked out or followed: no hook, filter, submodule or link.

#![allow(clippy::disallowed_methods, reason = "an adapter: it reads and writes the cache and runs git")]

mod cache;
mod folder;
mod git;
mod process;
mod project;
mod sources;
mod vendor;

pub use cache::PackageCache;
pub use git::{GitRepository, Tags};
pub use project::{LockMisfit, ProjectPackages};
pub use sources::{Access, FoundPackage, PackageSources};
pub use vendor::VendorFolder;
