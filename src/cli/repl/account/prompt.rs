use rustyline::history::DefaultHistory;
use rustyline::{Config, Editor};

/// Puts a question and reads a line; nothing where the user pressed Ctrl-C or Ctrl-D instead.
///
/// An editor of its own: what is typed here is no line of the session, and nothing that was typed ahead answers it.
pub(super) fn line(question: &str) -> Option<String> {
    let config = Config::builder().auto_add_history(false).build();
    let mut editor = Editor::<(), DefaultHistory>::with_config(config).ok()?;
    editor.readline(question.trim_start_matches('\n')).ok()
}
