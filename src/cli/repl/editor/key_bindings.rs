//! What keys do that depends on the menu and on what is typed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use rustyline::{
    Cmd, ConditionalEventHandler, Event, EventContext, EventHandler, KeyCode, KeyEvent, Modifiers, RepeatCount,
};

use super::Inner;
use crate::cli::repl::style::depth;
use crate::script::session::{Candidate, CandidateKind, Completion, EntryReader, HighlightKind, lexemes};

/// What keys must know of the menu; the editor asks for handlers that threads may share.
#[derive(Default)]
pub(super) struct MenuKeys {
    /// A menu is shown.
    pub(super) shown: AtomicBool,
    /// One of its candidates is chosen.
    pub(super) chosen: AtomicBool,
    /// There was one candidate only, which stands in the line.
    pub(super) sole: AtomicBool,
    /// The menu is to be closed.
    pub(super) closes: AtomicBool,
    /// The bracket that is to close a block, in the place of the blanks before the cursor.
    closing: AtomicU32,
}

impl MenuKeys {
    /// True where a candidate stands in the line, and nothing was typed since.
    fn has_put(&self) -> bool {
        self.sole.load(Ordering::Relaxed) || self.chosen.load(Ordering::Relaxed)
    }

    /// What takes the place of the blanks before the cursor, where a bracket was typed that closes a block: one step
    /// less of them, and the bracket.
    pub(super) fn closing(&self, line: &str, cursor: usize) -> Option<Completion> {
        let bracket = char::from_u32(self.closing.swap(0, Ordering::Relaxed)).filter(|bracket| *bracket != '\0')?;
        let start = line[..cursor].rfind('\n').map_or(0, |at| at + 1);
        let text = format!("{}{bracket}", " ".repeat((cursor - start).saturating_sub(STEP)));
        let candidate = Candidate { text, sort: CandidateKind::Keyword, description: String::new() };
        Some(Completion { range: start..cursor, candidates: vec![candidate] })
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
    menu: Arc<MenuKeys>,
}

/// Columns of a step of indentation.
const STEP: usize = 4;

/// Binds the keys.
pub(super) fn bind(editor: &mut Inner, menu: &Arc<MenuKeys>) {
    let plain = |code| KeyEvent(code, Modifiers::NONE);
    let mut on = |event: KeyEvent, key: Key| {
        let handler = Handler { key, menu: Arc::clone(menu) };
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
        let shown = self.menu.shown.load(Ordering::Relaxed);
        let (line, cursor) = (context.line(), context.pos());
        match self.key {
            Key::Tab if self.menu.sole.swap(false, Ordering::Relaxed) => Some(Cmd::Repaint),
            Key::Tab if !shown && begins_a_further_line(&line[..cursor]) => Some(Cmd::Insert(1, " ".repeat(STEP))),
            Key::Enter if self.menu.chosen.load(Ordering::Relaxed) => {
                self.menu.closes.store(true, Ordering::Relaxed);
                Some(Cmd::Repaint)
            }
            Key::Enter if cursor == line.len() && EntryReader::is_open(line) => {
                Some(Cmd::Insert(1, format!("\n{}", " ".repeat(indentation(line)))))
            }
            // Completion has just put one there.
            Key::Opening if line[..cursor].ends_with('(') && self.menu.has_put() => {
                self.menu.closes.store(true, Ordering::Relaxed);
                Some(Cmd::Repaint)
            }
            Key::Escape => {
                self.menu.closes.store(true, Ordering::Relaxed);
                None
            }
            Key::Up if shown => Some(Cmd::CompleteBackward),
            Key::Down if shown => Some(Cmd::Complete),
            // The editor has no command for this, and asks the completer what to put in the place of the blanks.
            Key::Closing(bracket) if begins_a_further_line(&line[..cursor]) => {
                self.menu.closing.store(u32::from(bracket), Ordering::Relaxed);
                Some(Cmd::Complete)
            }
            _ => None,
        }
    }
}

/// True where only blanks stand before the cursor, below a first line.
fn begins_a_further_line(before: &str) -> bool {
    before.rsplit_once('\n').is_some_and(|(_, last)| last.trim().is_empty())
}

/// The columns by which the line below an open entry is indented: those of its last line, and a step where it leaves
/// a bracket open or begins a chain.
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
    fn a_further_line_is_indented_by_what_is_open() {
        assert_eq!(indentation("fn f() {"), 4);
        assert_eq!(indentation("fn f() {\n    [1,"), 8);
        assert_eq!(indentation("AWS::S3::Bucket(\"a\", #{"), 4);
        assert_eq!(indentation("fn f() {\n    g();"), 4);
        assert_eq!(indentation("Alb(\"a(\")."), 4);
        assert_eq!(indentation("Alb(\"a\").\n    vpc(x)."), 4);
        assert_eq!(indentation("x +"), 0);
    }
}
