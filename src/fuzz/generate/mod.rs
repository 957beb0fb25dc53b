//! Scripts and templates from the bytes of an input: mostly valid, so that the fuzzer gets past the first check.
//!
//! Both follow what rtiler itself declares: the bindings of the script host, and the schema of resource types.

mod script;
mod template;

pub(super) use script::script;
pub(super) use template::template;

use arbitrary::{Result, Unstructured};

/// Returns one of these values.
fn one_of<'v>(bytes: &mut Unstructured<'_>, values: &[&'v str]) -> Result<&'v str> {
    bytes.choose(values).copied()
}

/// Returns true in about one of `times` cases, and false when the input is used up.
fn seldom(bytes: &mut Unstructured<'_>, times: u8) -> Result<bool> {
    Ok(bytes.int_in_range(0..=times - 1)? == times - 1)
}

/// Returns a number of at most `most`, and none when the input is used up.
fn count(bytes: &mut Unstructured<'_>, most: usize) -> Result<usize> {
    bytes.int_in_range(0..=most)
}
