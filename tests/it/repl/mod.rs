//! The front end of the REPL, in a terminal and without one.

mod background;
mod batch;
mod editing;
mod files;
mod terminal;
mod windows;
