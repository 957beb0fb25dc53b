//! The command `rtiler`; see the library for what it does.

use std::alloc::System;

use cap::Cap;

/// Counts the bytes in use, so that a script that eats memory is stopped.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// A script may nest calls and expressions deeply; the system gives pages of this stack only when they are used.
const STACK_BYTES: usize = 256 << 20;

fn main() -> rtiler::cli::ExitStatus {
    let main =
        std::thread::Builder::new().stack_size(STACK_BYTES).spawn(|| rtiler::cli::main(|| ALLOCATOR.allocated()));
    main.expect("the system gives a thread").join().expect("a panic was reported")
}
