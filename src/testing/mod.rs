//! Shared by the unit tests of several rooms: a harness that runs the engine over a rehearsal account, and fixtures.
//!
//! *Invariant*: compiled for tests only.

pub(crate) mod fixtures;
pub(crate) mod harness;
