//! The front end of the REPL: in a terminal, and without one.

mod editing;
mod terminal;
mod unattended;
mod windows;
mod working;
