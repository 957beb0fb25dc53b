//! Builds images with the builder of this machine and pushes them: docker, podman, buildah, finch or nerdctl.
//!
//! `kind` lists the builders, `detect` finds one that works, `commands` has their command lines, `process` runs them, `publisher`
//! builds and pushes an image, `problems` turns failures into diagnostics. Images in files are pushed by `archive` (feature `oci`),
//! without a builder.
//!
//! *Invariant*: a command is a list of arguments, never a line of a shell. A password goes to the standard input of a builder, and the
//! file in which the builder keeps it is private and removed. Every process ends: by itself, at its limit of time, or when its future
//! is dropped.

#![allow(
    clippy::disallowed_methods,
    reason = "an adapter: it runs programs, and writes the private files that they need"
)]

#[cfg(feature = "oci")]
mod archive;
mod commands;
mod detect;
mod kind;
mod problems;
mod process;
mod publisher;
#[cfg(test)]
mod tests;

pub use detect::{Unusable, first_that_works};
pub use kind::BuilderKind;
pub use publisher::{Publisher, PublisherOptions, Registries};
