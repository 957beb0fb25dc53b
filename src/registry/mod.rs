//! Packages from where they are: git repositories, OCI registries and folders, and the cache of what was fetched.
//!
//! `git` runs the `git` of the machine, `process` ends a command that takes too long or prints too much, `oci` calls registries,
//! `images` reads the facts about container images,
//! `cache` holds the files of packages by their hashes, `vendor` is the folder with copies in a project, `folder` reads and writes
//! the files of packages, `work_tree` knows what is committed. `sources` reads packages from all of these, `pinned` those of
//! the lock file, `index`
//! gives the versions to choose from, `project` has those of one project.
//!
//! May import `package`, `image` and `diag`.
//!
//! *Invariant*: a package is data. Nothing of it is executed, checked out or followed: no hook, filter, submodule or link.

#![allow(clippy::disallowed_methods, reason = "an adapter: it reads and writes the cache and runs git")]

mod cache;
mod folder;
mod git;
mod images;
mod index;
mod oci;
mod pinned;
mod process;
mod project;
mod sources;
mod vendor;
mod work_tree;

pub use cache::PackageCache;
pub use folder::published_tree;
pub use git::{GitRepository, Tags};
pub use images::{ImageCache, ImageReader, Login};
pub use index::{Pins, SourceIndex};
#[cfg(feature = "oci")]
pub use oci::{Blocks, Limits, OciClient, Upload, observe_memory};
pub use oci::{OciRepository, Transport, TransportError};
pub use project::{LockMisfit, ProjectPackages};
pub use sources::{Access, FoundPackage, PackageSources};
pub use vendor::VendorFolder;
pub use work_tree::uncommitted_files;
