//! The front end of the REPL: in a terminal, and without one.

mod background;
mod editing;
mod terminal;
mod unattended;
mod windows;
mod working;
