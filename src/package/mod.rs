//! Packages as data: manifests, lock files, versions, the choice of versions, and the hash of files.
//!
//! `manifest` is `rtiler.toml` and `lock` is `rtiler.lock`, both read by `reader`; `source` says where a package comes from,
//! `requirement` which of its versions fit, `resolve` chooses them; `tree` holds and hashes the files of a package.
//!
//! May import `diag`.
//!
//! *Invariant*: pure: it reads no file and reaches no network; who can is behind [`PackageIndex`].

mod manifest;
mod lock;
mod name;
mod reader;
mod requirement;
mod resolve;
mod source;
mod tree;

pub use manifest::{Dependency, Grants, MANIFEST, Manifest, PolicyFunction};
pub use lock::{LOCK_FILE, Lock, LockedPackage};
pub use name::PackageName;
pub use requirement::Requirement;
pub use resolve::{PackageIndex, Resolved, resolve};
pub use source::{PackageSource, Revision};
pub use tree::{FileTree, TreeHash};
