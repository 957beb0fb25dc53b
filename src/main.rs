//! The command `rtiler`; see the library for what it does.

use std::alloc::System;

use cap::Cap;

/// Counts the bytes in use, so that a script that eats memory is stopped.
#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

/// A script may nest values deeply: as deep as the memory that it may use allows. The system gives pages of the stack
/// only when they are used; a system that does not give an address space of this size gets the smaller one.
const STACK_BYTES: [usize; 2] = [2 << 30, 256 << 20];

ctor::declarative::ctor! {
    /// Notes whether stdout is closed, before the runtime opens `/dev/null` in its place.
    #[ctor(unsafe)]
    fn note_closed_output() {
        rtiler::cli::note_closed_output();
    }
}

fn main() -> rtiler::cli::ExitStatus {
    let start =
        |size| std::thread::Builder::new().stack_size(size).spawn(|| rtiler::cli::main(|| ALLOCATOR.allocated()));
    let main = STACK_BYTES.into_iter().find_map(|size| start(size).ok());
    main.expect("the system gives a thread").join().expect("a panic was reported")
}
