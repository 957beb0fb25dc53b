//! Packages as data: manifests, lock files, versions, the choice of versions, and the hash of files.
//!
//! `manifest` is `rtiler.toml` and `lock` is `rtiler.lock`, both read by `reader`, `edit` changes a manifest; `source` says where a
//! package comes from, `requirement` which of its versions fit, `resolve` chooses them and `conflict` says
//! why it cannot; `tree` holds and hashes the files of a
//! package, `verification` compares them with the lock file, `contents` chooses them; `loaded` has the packages that a script may
//! import; `archive` and `artifact` are a package as a registry stores it, `publication` what it must have before.
//!
//! May import `diag`.
//!
//! *Invariant*: pure: it reads no file and reaches no network; who can is behind [`PackageIndex`].

mod archive;
mod artifact;
mod conflict;
mod contents;
mod digest;
mod edit;
mod loaded;
mod lock;
mod manifest;
mod name;
mod publication;
mod reader;
mod requirement;
mod resolve;
mod source;
mod tree;
mod verification;

pub use archive::unpack;
pub use artifact::{Artifact, Export, MANIFEST_TYPE, files_of};
pub use contents::{Contents, VENDOR_FOLDER, is_candidate};
pub use digest::Digest;
pub use edit::ManifestEdit;
pub use loaded::{LoadedPackage, Packages};
pub use lock::{LOCK_FILE, Lock, LockedPackage};
pub use manifest::{Dependency, Grants, MANIFEST, Manifest, PolicyFunction};
pub use name::PackageName;
pub use publication::publication_problems;
pub use requirement::Requirement;
pub use resolve::{PackageIndex, Pin, Resolved, resolve};
pub use source::{PackageSource, Revision, is_commit, parse as parse_source};
pub use tree::{FileTree, MAX_FILES, TreeHash};
pub use verification::PackageCopy;
