//! The line editor: rustyline, with what it asks about the line answered by the session.
//!
//! | file | what is in it |
//! |---|---|
//! | `assistant` | completion, hints, colours, and whether an entry is at its end |
//! | `menu` | the menu of completions below the line |
//! | `keys` | keys that depend on the menu, and indentation |
//! | `history` | what was typed, in this session and those before |
//!
//! *Invariant*: nothing is evaluated while a line is typed.

mod history;
mod key_bindings;
mod line_helper;
mod menu;

use std::cell::RefCell;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::config::BellStyle;
use rustyline::error::ReadlineError;
use rustyline::history::{DefaultHistory, History};
use rustyline::{ColorMode, CompletionType, Config};

use super::account::Printer;
use super::driver::REMEMBERED;
use super::line_reader::LineInput;
use crate::cli::terminal::Terminal;
use crate::repl::Repl;
use line_helper::LineHelper;

/// What stands before a line.
const PROMPT: &str = "> ";

/// rustyline with our answers.
type Inner = rustyline::Editor<LineHelper, DefaultHistory>;

/// The line editor of a terminal that can move its cursor.
pub(super) struct Editor {
    inner: Inner,
    /// Where the history is kept; none where there is no place for it.
    file: Option<PathBuf>,
}

impl Editor {
    /// Over the terminal of this process.
    pub(super) fn new(repl: &Rc<RefCell<Repl>>, terminal: &Terminal) -> rustyline::Result<Self> {
        let color = if terminal.wants_color() { ColorMode::Enabled } else { ColorMode::Disabled };
        let config = Config::builder()
            .completion_type(CompletionType::Circular)
            .bell_style(BellStyle::None)
            .color_mode(color)
            .max_history_size(REMEMBERED)?
            .history_ignore_dups(true)?
            .history_ignore_space(true)
            .tab_stop(8)
            .build();
        let mut inner = Inner::with_config(config)?;
        let assistant = LineHelper::new(Rc::clone(repl));
        key_bindings::bind(&mut inner, &assistant.keys);
        inner.set_helper(Some(assistant));
        let file = history::file();
        if let Some(file) = &file {
            // The first session has no history yet, and one that cannot be read is none.
            let _ = inner.load_history(file);
        }
        Ok(Self { inner, file })
    }

    /// What prints above the line while it is typed.
    pub(super) fn printer(&mut self) -> Option<Printer> {
        self.inner.create_external_printer().ok().map(|printer| Box::new(printer) as Printer)
    }

    /// What was typed before, oldest first.
    pub(super) fn history(&self) -> Vec<String> {
        self.inner.history().iter().cloned().collect()
    }

    /// Reads an entry, or several that were pasted.
    pub(super) fn read(&mut self) -> LineInput {
        match self.inner.readline(PROMPT) {
            Ok(text) => {
                self.remember(&text);
                LineInput::Text(text)
            }
            Err(ReadlineError::Interrupted) => {
                self.wipe();
                LineInput::Cleared { was_blank: self.inner.helper().is_some_and(|helper| helper.is_blank.get()) }
            }
            Err(ReadlineError::Eof) => LineInput::Left,
            Err(error) => LineInput::Broken(error.to_string()),
        }
    }

    /// Keeps an entry for this session and the next; where nothing can be written, for this one.
    fn remember(&mut self, text: &str) {
        let added = self.inner.history_mut().add(text.trim_end()).unwrap_or(false);
        if let Some(file) = self.file.as_deref().filter(|_| added)
            && history::append(&mut self.inner, file).is_err()
        {
            // It would fail again with each line.
            self.file = None;
        }
    }

    /// Takes away what stood below a line that was given up: the editor leaves it.
    fn wipe(&self) {
        let rows = self.inner.helper().map_or(0, |helper| helper.rows_below.get());
        if rows > 0 {
            let mut out = std::io::stdout().lock();
            let _ = write!(out, "\x1b[{rows}A\r\x1b[J").and_then(|()| out.flush());
        }
    }
}

/// Columns and rows of the window.
fn window() -> (usize, usize) {
    let size = terminal_size::terminal_size_of(std::io::stdout());
    let (columns, rows) = size.map_or((80, 24), |(width, height)| (usize::from(width.0), usize::from(height.0)));
    // A window that tells nothing is taken for one of the usual size.
    (if columns == 0 { 80 } else { columns }, if rows == 0 { 24 } else { rows })
}
