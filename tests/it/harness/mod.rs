//! Independent servers and checks: emulators of AWS, boto3, cfn-lint and cloudformation-validate.
//!
//! They come from the Python package index, pinned with their hashes, into a virtual environment under `target/`. If they
//! cannot be installed, one message says why, and the tests that need them fail. Tests with containers need a Docker engine
//! and root: they run if `RTILER_TEST_CONTAINERS=1` is set, and one line at the end of the run reports that they were left out.
//!
//! *Invariant*: installs nothing outside `target/`, and nothing outlives its test.

#![cfg_attr(not(feature = "aws"), allow(dead_code, unused_imports, reason = "the tests over HTTP use the rest"))]

mod boto;
#[cfg(feature = "oci")]
mod docker_registry;
mod engine;
mod http;
mod lint;
mod proxy;
mod python;
mod server;

pub(crate) use boto::Boto;
#[cfg(feature = "oci")]
pub(crate) use docker_registry::DockerRegistry;
pub(crate) use engine::{Engine, containers_are_wanted, report_tests_left_out};
pub(crate) use http::{post, status};
pub(crate) use lint::{Finding, lint};
pub(crate) use proxy::{Fault, Proxy};
pub(crate) use server::{Emulator, Server};
