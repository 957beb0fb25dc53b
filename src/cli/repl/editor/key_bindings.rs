//! Keys whose effect depends on the menu and on the input.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::Inner;
use crate::cli::repl::style::depth;
use crate::script::session::{Candidate, CandidateKind, Completion, EntryReader, HighlightKind, lexemes};

/// The part of the completion below the line that the user sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum MenuView {
    /// No menu, and no candidate in the line.
    #[default]
    Hidden,
    /// A menu, and no candidate in the line.
    Open,
    /// A menu, and one of its candidates in the line.
    Chosen,
    /// No menu: the only candidate is in the line.
    Completed,
}

impl MenuView {
    fn is_menu(self) -> bool {
        matches!(self, Self::Open | Self::Chosen)
    }

    /// Returns whether a candidate is in the line, and nothing was typed since.
    fn has_candidate(self) -> bool {
        matches!(self, Self::Chosen | Self::Completed)
    }
}

/// The state of the menu that keys read and change.
#[derive(Default)]
pub(super) struct MenuState {
    pub(super) view: MenuView,
    /// Whether a key closed the menu; it disappears when the line is drawn again.
    close_requested: bool,
    /// The closing bracket that was typed; the next completion puts it in the place of the blanks before the cursor.
    bracket: Option<char>,
}

impl MenuState {
    /// Takes the request to close the menu.
    pub(super) fn take_close_request(&mut self) -> bool {
        std::mem::take(&mut self.close_requested)
    }

    /// Returns the replacement of the blanks before the cursor if a closing bracket was typed: one step less of them, and
    /// the bracket.
    pub(super) fn take_bracket(&mut self, line: &str, cursor: usize) -> Option<Completion> {
        let bracket = self.bracket.take()?;
        let start = line[..cursor].rfind('\n').map_or(0, |at| at + 1);
        let text = format!("{}{bracket}", " ".repeat((cursor - start).saturating_sub(STEP)));
        let candidate = Candidate { text, kind: CandidateKind::Keyword, description: String::new() };
        Some(Completion { range: start..cursor, candidates: vec![candidate] })
    }
}

/// The state of the menu, shared with the key handlers: the editor requires handlers that threads may share.
#[derive(Clone, Default)]
pub(super) struct SharedMenuState(Arc<Mutex<MenuState>>);

impl SharedMenuState {
    /// Locks the state.
    pub(super) fn lock(&self) -> MutexGuard<'_, MenuState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Clone, Copy)]
enum Key {
    Tab,
    Enter,
    Escape,
    Up,
    Down,
    Closing(char),
    Opening,
}

struct Handler {
    key: Key,
    menu: SharedMenuState,
}

/// Columns of a step of indentation.
const STEP: usize = 4;

/// Binds the keys.
pub(super) fn bind(editor: &mut Inner, menu: &SharedMenuState) {
    let plain = |code| KeyEvent(code, Modifiers::NONE);
    let mut on = |event: KeyEvent, key: Key| {
        let handler = Handler { key, menu: menu.clone() };
        editor.bind_sequence(event, EventHandler::Conditional(Box::new(handler)));
    };
    on(plain(KeyCode::Tab), Key::Tab);
    on(plain(KeyCode::Enter), Key::Enter);
    on(plain(KeyCode::Esc), Key::Escape);
    on(plain(KeyCode::Up), Key::Up);
    on(plain(KeyCode::Down), Key::Down);
    for bracket in [')', ']', '}'] {
        on(plain(KeyCode::Char(bracket)), Key::Closing(bracket));
    }
    on(plain(KeyCode::Char('(')), Key::Opening);
    editor.bind_sequence(KeyEvent(KeyCode::Enter, Modifiers::ALT), Cmd::Newline);
}

impl ConditionalEventHandler for Handler {
    fn handle(&self, _: &Event, _: RepeatCount, _: bool, context: &EventContext) -> Option<Cmd> {
        let mut menu = self.menu.lock();
        let (line, cursor) = (context.line(), context.pos());
        let before = &line[..cursor];
        match self.key {
            Key::Tab if menu.view == MenuView::Completed => {
                menu.view = MenuView::Hidden;
                Some(Cmd::Repaint)
            }
            Key::Tab if !menu.view.is_menu() && is_at_start_of_continuation(before) => {
                Some(Cmd::Insert(1, " ".repeat(STEP)))
            }
            Key::Enter if menu.view == MenuView::Chosen => {
                menu.close_requested = true;
                Some(Cmd::Repaint)
            }
            Key::Enter if cursor == line.len() && EntryReader::is_open(line) => {
                Some(Cmd::Insert(1, format!("\n{}", " ".repeat(indentation(line)))))
            }
            // Completion has inserted the bracket already.
            Key::Opening if before.ends_with('(') && menu.view.has_candidate() => {
                menu.close_requested = true;
                Some(Cmd::Repaint)
            }
            Key::Escape => {
                menu.close_requested = true;
                None
            }
            Key::Up if menu.view.is_menu() => Some(Cmd::CompleteBackward),
            Key::Down if menu.view.is_menu() => Some(Cmd::Complete),
            // The editor has no command for this; it asks the completer for the text that replaces the blanks.
            Key::Closing(bracket) if is_at_start_of_continuation(before) => {
                menu.bracket = Some(bracket);
                Some(Cmd::Complete)
            }
            _ => None,
        }
    }
}

/// Returns whether only blanks are before the cursor, on a line after the first.
fn is_at_start_of_continuation(before: &str) -> bool {
    before.rsplit_once('\n').is_some_and(|(_, last)| last.trim().is_empty())
}

/// Returns the indentation of the line after an open entry: that of its last line, and a step if it leaves a bracket open
/// or begins a chain.
fn indentation(text: &str) -> usize {
    let last = text.lines().last().unwrap_or("");
    let own = last.len() - last.trim_start().len();
    let depth: i32 = lexemes(last)
        .into_iter()
        .filter(|(_, lexeme)| *lexeme == HighlightKind::Symbol)
        .map(|(range, _)| depth(&last[range]))
        .sum();
    let chain = i32::from(last.trim_end().ends_with('.') && own == 0);
    let steps = usize::try_from(depth.max(chain)).unwrap_or(0);
    own + steps.min(1) * STEP
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_bracket_replaces_the_blanks_before_it_once() {
        let mut state = MenuState { bracket: Some('}'), ..MenuState::default() };
        let line = "fn f() {\n        ";
        let completion = state.take_bracket(line, line.len()).expect("a bracket was typed");
        assert_eq!((completion.range, completion.candidates[0].text.as_str()), (9..17, "    }"));
        assert!(state.take_bracket(line, line.len()).is_none());
    }

    #[test]
    fn line_after_an_open_bracket_is_indented() {
        assert_eq!(indentation("fn f() {"), 4);
        assert_eq!(indentation("fn f() {\n    [1,"), 8);
        assert_eq!(indentation("AWS::S3::Bucket(\"a\", #{"), 4);
        assert_eq!(indentation("fn f() {\n    g();"), 4);
        assert_eq!(indentation("Alb(\"a(\")."), 4);
        assert_eq!(indentation("Alb(\"a\").\n    vpc(x)."), 4);
        assert_eq!(indentation("x +"), 0);
    }
}
