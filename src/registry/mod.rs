//! Packages from where they are: git repositories, and the cache of what was fetched.
//!
//! `git` runs the `git` of the machine, `process` ends a command that takes too long or prints too much, `cache` holds the
//! files of packages by their hashes.
//!
//! May import `package` and `diag`.
//!
//! *Invariant*: a package is data. Nothing of it is executed, checked out or followed: no hook, filter, submodule or link.

#![allow(clippy::disallowed_methods, reason = "an adapter: it reads and writes the cache and runs git")]

mod cache;
mod git;
mod process;

pub use cache::PackageCache;
pub use git::{GitRepository, Tags};
