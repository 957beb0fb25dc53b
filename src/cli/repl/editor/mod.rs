//! The line editor: rustyline, with completion, hints and validation by the session.
//!
//! | file | content |
//! |---|---|
//! | `line_helper` | completion, hints, colours, and whether an entry is complete |
//! | `menu` | the menu of completions below the line |
//! | `key_bindings` | keys that depend on the menu, and indentation |
//! | `history` | the entries of this session and earlier ones |
//!
//! *Invariant*: nothing is evaluated while a line is typed.

mod history;
mod key_bindings;
mod line_helper;
mod menu;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

use rustyline::config::BellStyle;
use rustyline::error::ReadlineError;
use rustyline::history::{DefaultHistory, History};
use rustyline::{ColorMode, CompletionType, Config};

use super::account::Printer;
use super::driver::HISTORY_SIZE;
use super::line_reader::LineInput;
use crate::cli::terminal::{Stream, Terminal, clear_rows_above};
use crate::repl::Repl;
use line_helper::LineHelper;

/// The prompt before a line.
const PROMPT: &str = "> ";

/// The editor of rustyline with our helper.
type Inner = rustyline::Editor<LineHelper, DefaultHistory>;

/// The line editor of a terminal that can move its cursor.
pub(super) struct Editor {
    inner: Inner,
    /// The file of the history; none if it cannot be written.
    file: Option<PathBuf>,
}

impl Editor {
    /// Creates an editor of the terminal of this process.
    pub(super) fn new(repl: &Rc<RefCell<Repl>>, terminal: &Terminal) -> rustyline::Result<Self> {
        let config = Config::builder()
            .completion_type(CompletionType::Circular)
            .bell_style(BellStyle::None)
            // The helper makes control characters visible, with colours and without: the editor must always ask it.
            .color_mode(ColorMode::Enabled)
            .max_history_size(HISTORY_SIZE)?
            .history_ignore_dups(true)?
            .history_ignore_space(true)
            .tab_stop(8)
            .build();
        let mut inner = Inner::with_config(config)?;
        let helper = LineHelper::new(Rc::clone(repl), terminal);
        key_bindings::bind(&mut inner, &helper.menu_state);
        inner.set_helper(Some(helper));
        let file = history::file();
        if let Some(file) = &file {
            history::load(&mut inner, file);
        }
        Ok(Self { inner, file })
    }

    /// Returns a printer that prints above the line while it is typed.
    pub(super) fn printer(&mut self) -> Option<Printer> {
        self.inner.create_external_printer().ok().map(|printer| Box::new(printer) as Printer)
    }

    /// Returns the history, oldest first.
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
                self.clear_below();
                LineInput::Cleared { was_blank: self.inner.helper().is_some_and(|helper| helper.is_blank.get()) }
            }
            Err(ReadlineError::Eof) => LineInput::End,
            Err(error) => LineInput::Failed(error.to_string()),
        }
    }

    /// Adds an entry to the history of this session and, if the file can be written, of the next.
    fn remember(&mut self, text: &str) {
        let added = self.inner.history_mut().add(text.trim_end()).unwrap_or(false);
        if let Some(file) = self.file.as_deref().filter(|_| added)
            && history::append(&mut self.inner, file).is_err()
        {
            // It would fail again with each line.
            self.file = None;
        }
    }

    /// Clears the rows below a line that the user cancelled: the editor does not.
    fn clear_below(&self) {
        let rows = self.inner.helper().map_or(0, |helper| helper.rows_below.get());
        if rows > 0 {
            clear_rows_above(rows);
        }
    }
}

/// Returns the columns and rows of the window.
fn window() -> (usize, usize) {
    let (columns, rows) = Stream::Output.size().unwrap_or((80, 24));
    // A size of zero means unknown.
    (if columns == 0 { 80 } else { columns }, if rows == 0 { 24 } else { rows })
}
