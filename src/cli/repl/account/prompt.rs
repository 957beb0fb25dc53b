//! Questions of commands to the user.

use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor};

use crate::printable::Printable;

/// Asks a question and reads a line; returns `None` after Ctrl-C or Ctrl-D.
///
/// The editor is a separate one: the answer is not part of the session's history, and lines that were typed ahead do not
/// answer the question.
pub(super) fn line(question: &str) -> Option<String> {
    let config = Config::builder().auto_add_history(false).build();
    let mut editor = Editor::<(), DefaultHistory>::with_config(config).ok()?;
    let question = Printable::of(question.trim_start_matches('\n')).paint(false);
    editor.readline(question.as_str()).ok()
}
