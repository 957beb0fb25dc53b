//! Projects with `rtiler.toml`: their entry, their packages, and the commands on them.
//!
//! `place` finds a project, `load` reads its manifest, its lock file and its packages.
//!
//! May import `package`, `registry`, `diag` and the other rooms of `cli`.
//!
//! *Invariant*: a package is compared with the lock file before a script can import it; a manifest and its lock file are changed
//! together or not at all.

mod load;
mod place;

pub(crate) use load::packages_of;
pub(crate) use place::entry_of;
