//! The front end of the REPL, in a terminal and without one.

mod background;
mod batch;
mod editing;
mod files;
mod grants;
mod hostile_text;
mod signals;
mod terminal;
mod windows;
