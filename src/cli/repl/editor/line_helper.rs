//! Completion, hints, colours and validation for the line editor.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::rc::Rc;

use anstyle::Style;
use rustyline::completion::Completer;
use rustyline::highlight::{CmdKind, Highlighter};
use rustyline::hint::{Hint as Below, Hinter};
use rustyline::validate::{ValidationContext, ValidationResult, Validator};
use rustyline::{Context, Helper};

use super::key_bindings::{MenuView, SharedMenuState};
use super::menu::{LineMatch, Menu, MenuPanel};
use super::{PROMPT, window};
use crate::cli::repl::completion_sources::CliCompletionSource;
use crate::cli::repl::style;
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::cli::text_width::cut;
use crate::printable::{is_printable_text, styled};
use crate::repl::Repl;
use crate::script::session::{Completion, EntryReader, SignatureHelp};

/// The answers of the session to the line editor.
pub(super) struct LineHelper {
    repl: Rc<RefCell<Repl>>,
    /// Makes the line and the text below it visible: the editor writes them itself.
    terminal: Terminal,
    pub(super) menu_state: SharedMenuState,
    menu: RefCell<Option<Menu>>,
    /// The text below the line, with its colours.
    panel: RefCell<MenuPanel>,
    brackets: RefCell<Vec<usize>>,
    /// The rows of the panel.
    pub(super) rows_below: Cell<usize>,
    /// Whether the line is blank.
    pub(super) is_blank: Cell<bool>,
}

/// The rows of a menu.
const MENU_ROWS: usize = 12;

/// A text below the line, which is not part of the input.
pub(super) struct InlineHint(String);

impl Below for InlineHint {
    fn display(&self) -> &str {
        &self.0
    }

    fn completion(&self) -> Option<&str> {
        None
    }
}

impl LineHelper {
    pub(super) fn new(repl: Rc<RefCell<Repl>>, terminal: &Terminal) -> Self {
        Self {
            repl,
            terminal: terminal.clone(),
            menu_state: SharedMenuState::default(),
            menu: RefCell::default(),
            panel: RefCell::default(),
            brackets: RefCell::default(),
            rows_below: Cell::new(0),
            is_blank: Cell::new(true),
        }
    }

    fn painted(&self, text: &str) -> String {
        self.terminal.painted(text).into()
    }

    /// Returns the candidates for the cursor. If a directory or module is the only one, its content is offered, too.
    fn candidates(&self, line: &str, cursor: usize) -> Completion {
        let repl = self.repl.borrow();
        let complete = |line: &str, cursor: usize| {
            let mut found = repl.complete(line, cursor, &CliCompletionSource);
            found.candidates.retain(|candidate| is_printable_text(&candidate.text));
            found
        };
        let found = complete(line, cursor);
        let [only] = found.candidates.as_slice() else { return found };
        if !only.text.ends_with(['/', ':']) {
            return found;
        }
        let longer = format!("{}{}", &line[..found.range.start], only.text);
        let mut inner = complete(&longer, longer.len());
        let lead = longer[found.range.start..].get(..inner.range.start.saturating_sub(found.range.start));
        let Some(lead) = lead.filter(|_| !inner.candidates.is_empty()) else { return found };
        inner.candidates.iter_mut().for_each(|candidate| candidate.text.insert_str(0, lead));
        Completion { range: found.range, candidates: inner.candidates }
    }

    /// Renders the menu for a line, and updates the state; returns `None` if there is no menu for this line.
    fn menu_panel(&self, line: &str, cursor: usize, columns: usize, rows: usize) -> Option<MenuPanel> {
        let mut menu = self.menu.borrow_mut();
        let mut state = self.menu_state.lock();
        let closed = state.take_close_request();
        let line_match =
            menu.as_ref().filter(|_| !closed).map_or(LineMatch::Another, |menu| menu.line_match(line, cursor));
        if line_match == LineMatch::Another {
            *menu = None;
        }
        let is_sole = menu.as_ref().is_some_and(Menu::is_sole);
        let chosen = match line_match {
            LineMatch::Chosen(at) if !is_sole => Some(at),
            _ => None,
        };
        state.view = match (menu.is_some(), chosen) {
            (false, _) => MenuView::Hidden,
            (true, _) if is_sole => MenuView::Completed,
            (true, None) => MenuView::Open,
            (true, Some(_)) => MenuView::Chosen,
        };
        let left = rows.saturating_sub(line.lines().count() + 1).clamp(3, MENU_ROWS);
        menu.as_ref().filter(|_| !is_sole).map(|menu| menu.panel(chosen, columns, left))
    }
}

/// Returns the candidates without the text that is after the cursor already: the rest of a word, or a bracket.
fn fitting(mut found: Completion, rest: &str) -> Completion {
    let word = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap_or(rest.len());
    let (word, after) = rest.split_at(word);
    let is_called = after.starts_with('(');
    for candidate in &mut found.candidates {
        if is_called && candidate.text.ends_with('(') {
            candidate.text.pop();
        }
    }
    found.candidates.retain_mut(|candidate| {
        let length = candidate.text.strip_suffix(word).map(str::len);
        length.is_some_and(|length| {
            candidate.text.truncate(length);
            !candidate.text.is_empty()
        })
    });
    found
}

impl Helper for LineHelper {}

impl Completer for LineHelper {
    type Candidate = String;

    fn complete(&self, line: &str, cursor: usize, _: &Context<'_>) -> rustyline::Result<(usize, Vec<String>)> {
        let bracket = self.menu_state.lock().take_bracket(line, cursor);
        let found = bracket.unwrap_or_else(|| fitting(self.candidates(line, cursor), &line[cursor..]));
        let start = found.range.start;
        let menu = Menu::new(line, cursor, found);
        let choices = menu.as_ref().map(Menu::choices).unwrap_or_default();
        *self.menu.borrow_mut() = menu;
        Ok((start, choices))
    }
}

impl Hinter for LineHelper {
    type Hint = InlineHint;

    fn hint(&self, line: &str, cursor: usize, _: &Context<'_>) -> Option<InlineHint> {
        self.is_blank.set(line.trim().is_empty());
        let (columns, rows) = window();
        let panel = self.menu_panel(line, cursor, columns, rows);
        let panel = panel.or_else(|| Some(signature(&self.repl.borrow().hint(line, cursor)?, columns)));
        let panel = panel.unwrap_or_default();
        self.rows_below.set(panel.plain.lines().count());
        // The terminal wraps a full line by itself, and the editor relies on that.
        let last = line.rsplit('\n').next().unwrap_or("").chars().count();
        let width = if line.contains('\n') { last } else { last + PROMPT.len() };
        let gap = if width > 0 && width % columns == 0 { "" } else { "\n" };
        let text = (!panel.plain.is_empty()).then(|| InlineHint(format!("{gap}{}", panel.plain)));
        *self.panel.borrow_mut() =
            MenuPanel { plain: format!("{gap}{}", panel.plain), painted: format!("{gap}{}", panel.painted) };
        text
    }
}

/// Renders the signature of the call at the cursor, its argument in bold, with the first line of its documentation.
fn signature(hint: &SignatureHelp, columns: usize) -> MenuPanel {
    let mut panel = MenuPanel::default();
    let text = format!("  {}  {}", hint.signature, hint.doc.lines().next().unwrap_or(""));
    let text = cut(text.trim_end(), columns.saturating_sub(1));
    let bold = hint.argument.start + 2..hint.argument.end + 2;
    let painted = match (text.get(..bold.start), text.get(bold.clone()), text.get(bold.end..)) {
        (Some(before), Some(argument), Some(after)) if !hint.argument.is_empty() => {
            [faint(before), styled(argument, Style::new().bold()), faint(after)].concat()
        }
        _ => faint(&text),
    };
    panel.line(&text, &painted);
    panel
}

impl Highlighter for LineHelper {
    fn highlight<'l>(&self, line: &'l str, _: usize) -> Cow<'l, str> {
        Cow::Owned(self.painted(&style::input(line, &self.brackets.borrow())))
    }

    fn highlight_prompt<'b, 's: 'b, 'p: 'b>(&'s self, prompt: &'p str, _: bool) -> Cow<'b, str> {
        Cow::Owned(self.painted(&faint(prompt)))
    }

    fn highlight_hint<'h>(&self, hint: &'h str) -> Cow<'h, str> {
        let panel = self.panel.borrow();
        Cow::Owned(self.painted(if panel.plain == hint { &panel.painted } else { hint }))
    }

    fn highlight_char(&self, line: &str, cursor: usize, kind: CmdKind) -> bool {
        let brackets = if kind == CmdKind::ForcedRefresh { Vec::new() } else { style::brackets(line, cursor) };
        let before = self.brackets.replace(brackets);
        let moved = before != *self.brackets.borrow();
        if kind == CmdKind::MoveCursor && moved {
            // The editor clears the rows below the line.
            self.rows_below.set(0);
        }
        kind == CmdKind::Other || moved
    }
}

impl Validator for LineHelper {
    fn validate(&self, context: &mut ValidationContext<'_>) -> rustyline::Result<ValidationResult> {
        Ok(if EntryReader::is_open(context.input()) {
            ValidationResult::Incomplete
        } else {
            ValidationResult::Valid(None)
        })
    }
}
