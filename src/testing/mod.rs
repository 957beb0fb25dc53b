//! Shared by the unit tests of several rooms: a harness that runs the engine over a rehearsal account, and fixtures.
//!
//! *Invariant*: compiled for tests only.

pub(crate) mod before_deploy;
pub(crate) mod fixtures;
pub(crate) mod harness;
#[cfg(feature = "oci")]
pub(crate) mod registry;

use proptest::test_runner::Config;

/// Returns the configuration of the property tests: 64 cases each, or the number in `PROPTEST_CASES` (CI sets 520).
pub(crate) fn property_tests() -> Config {
    let default = Config::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { 64 };
    Config { cases, failure_persistence: None, ..default }
}
