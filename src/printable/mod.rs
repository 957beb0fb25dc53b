//! Text that a terminal can show without an effect that its reader does not see.
//!
//! Logs, reasons of AWS, records, settings, file names and scripts are written by others. A control character in them can
//! set the title of a window, write to the clipboard, or hide and reorder text. Here each such character becomes a visible
//! sign: `visible` for texts of several lines, `one_line` for names and values within a line, `indented` for
//! texts of several lines below a line of ours, `json` for JSON.
//!
//! Our own colours are `style`s: they are marks in a text, not escape sequences, until [`Printable`] is painted. So an
//! escape sequence that is in a text never comes from us, and is shown.
//!
//! May import nothing.
//!
//! *Invariant*: [`Printable`] is created by one function, and painted text has no control characters but line breaks, tabs
//! and the colours of `style`.

mod characters;
mod composed;
mod style;
mod visible;

pub use characters::{is_printable, is_printable_text};
pub use composed::{Painted, Printable, plain};
pub use style::{from_ansi, styled};
pub use visible::{indented, json, one_line, visible};
