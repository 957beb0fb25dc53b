//! Runs the fuzz targets of rtiler under libFuzzer.

use std::alloc::System;

use cap::Cap;

/// Counts the bytes in use, so that the memory limit of scripts holds as in the program.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// Runs the target with this name on an input.
pub fn run(target: &str, input: &[u8]) {
    rtiler::fuzz::run(target, input, || ALLOCATOR.allocated());
}
