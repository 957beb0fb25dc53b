//! Servers and judges that we did not write: emulators of AWS, boto3, cfn-lint and cloudformation-validate.
//!
//! They come from the Python package index, pinned with their hashes, into a virtual environment under `target/`. A test that needs them
//! fails with a sentence where they cannot be had.
//!
//! *Invariant*: never skips, and nothing outlives its test.

#![cfg_attr(not(feature = "aws"), allow(dead_code, unused_imports, reason = "the tests over HTTP use the rest"))]

mod boto;
mod engine;
mod http;
mod lint;
mod proxy;
mod python;
mod server;

pub(crate) use boto::Boto;
pub(crate) use engine::Engine;
pub(crate) use http::status;
pub(crate) use lint::{Finding, lint};
pub(crate) use proxy::{Fault, Proxy};
pub(crate) use server::{Emulator, Server};
