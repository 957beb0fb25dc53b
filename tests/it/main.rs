//! The integration tests: one binary, so that the crate is linked once.
#![allow(clippy::unwrap_used, reason = "a test that cannot continue fails")]
#![allow(clippy::disallowed_methods, reason = "tests look at files and clocks")]
#![allow(clippy::print_stderr, reason = "a failing test shows what the server printed")]

mod account;
#[cfg(feature = "aws")]
mod aws;
mod blocks;
mod bootstrap;
mod cases;
mod completion;
mod conformance;
mod dependencies;
mod exit_codes;
mod fmt;
mod full_output;
mod hardening;
mod harness;
mod harness_tests;
mod hostile_text;
mod identity;
mod image_checks;
mod images;
mod importer_keys;
mod importers;
mod jobs;
mod json;
mod law;
mod limits;
mod matrix;
mod networks_guide;
mod odd_files;
mod operate;
mod packages;
mod packages_guide;
mod pages;
mod program;
mod publish;
mod readme;
mod reference;
mod repl;
mod sarif;
mod script_tests;
mod scripted;
mod secrets;
mod sharing;
mod side_by_side;
mod synthesis_budget;
mod templates;

/// Runs last, by its name, and reports the tests that did not run.
#[cfg(feature = "aws")]
#[test]
fn zz_tests_left_out_are_reported() {
    harness::report_tests_left_out();
}
