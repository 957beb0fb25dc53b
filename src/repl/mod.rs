//! The REPL without a terminal: a line goes in, an [`LineResult`] comes out.
//!
//! A line is code for the session (`script::session`), or a command that begins with a colon. What needs a template (the
//! resources of a block, `:why`, `:synth`) is synthesised here; what needs an account, a file to be written or the
//! terminal is handed to the front end as a [`HostRequest`].
//!
//! | file | what is in it |
//! |---|---|
//! | `command` | the commands as data: names, arguments, help; reading a line |
//! | `run` | what each command does |
//! | `complete` | completion of commands; that of code is the session's |
//! | `look` | a value and what it stands for |
//! | `tree`, `graph`, `why`, `cost`, `settings`, `changes` | views of stacks and settings |
//! | `templates` | templates of stacks, and of blocks that stand in none |
//! | `example`, `makes` | examples of the documentation as scripts, and what blocks make by them |
//! | `page`, `table` | text with spans to paint |
//!
//! May import `script`, `synth`, `block`, `cfn`, `settings` and `diag`.
//!
//! *Invariant*: knows no terminal, prints nothing, writes nothing and asks nobody: the same lines give the same outcomes.

mod changes;
mod command;
mod commands;
mod complete;
mod cost;
pub mod example;
mod generated_resources;
mod graph;
mod resource_origin;
mod settings;
mod styled_text;
mod table;
mod templates;
mod tree;
mod value_view;

#[cfg(test)]
mod tests;

use crate::diag::{Origin, apply_suppressions};
use crate::script::session::{Diagnostics, DisplayValue, EntryResult, Evaluated, Session};
use crate::synth::DesiredStack;

pub use command::{ArgumentKind, COMMANDS, Command, find as find_command};
pub use commands::no_stacks;
pub use complete::CompletionSource;
pub use generated_resources::with_generated_resources;
pub use styled_text::{Span, StyledText, TextStyle};

/// What became of a line.
pub enum LineResult {
    /// It is not at its end: read another line and give both.
    Incomplete,
    /// It was done.
    Done(LineOutput),
    /// It has errors and changed nothing.
    Failed(Diagnostics),
    /// The user ended it; it changed nothing.
    Interrupted,
    /// The front end is to do something.
    Ask(HostRequest),
}

/// What a line gave.
#[derive(Default)]
pub struct LineOutput {
    /// The value, where an expression was evaluated that has one.
    pub value: Option<DisplayValue>,
    /// What is shown; may be long.
    pub page: StyledText,
    /// What the script printed, with where.
    pub printed: Vec<(Origin, String)>,
    /// What is wrong with what is shown: warnings, and errors of stacks that cannot be synthesised.
    pub told: Diagnostics,
}

/// What only a front end can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostRequest {
    /// Leave.
    Quit,
    /// Show the lines that were typed.
    History,
    /// Open a file in an editor, then `:load` it.
    Edit {
        /// Its path.
        path: String,
    },
    /// Write a file.
    Write {
        /// Its path.
        path: String,
        /// All that it holds.
        text: String,
    },
    /// A command that wants an account; the stacks are those of [`Session::program`].
    Account {
        /// Its name: `status`, `deploy`, `target`.
        command: &'static str,
        /// Its argument; may be empty.
        argument: String,
    },
}

/// A REPL.
pub struct Repl {
    session: Session,
    /// The templates of the session's stacks, where they are known from the last command.
    known: Option<Vec<DesiredStack>>,
}

impl Repl {
    /// Over a session.
    pub fn new(session: Session) -> Self {
        Self { session, known: None }
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Answers a line, or several that were pasted.
    pub fn answer(&mut self, text: &str) -> LineResult {
        match command::read(text) {
            Some(read) => self.command(&read),
            None => {
                self.known = None;
                let entered = self.session.enter(text);
                self.answered(entered)
            }
        }
    }

    /// The value and what it stands for.
    fn answered(&self, entered: EntryResult) -> LineResult {
        let Evaluated { value, printed, mut told, .. } = match entered {
            EntryResult::Incomplete => return LineResult::Incomplete,
            EntryResult::Failed(told) => return LineResult::Failed(told),
            EntryResult::Interrupted => return LineResult::Interrupted,
            EntryResult::Done(done) => done,
        };
        let Some(value) = value else { return LineResult::Done(LineOutput { printed, told, ..LineOutput::default() }) };
        let (page, problems) = value_view::value(&value, &self.session);
        told.sources = value.sources();
        told.problems.extend(problems);
        LineResult::Done(LineOutput { value: Some(value), page, printed, told: acknowledged(told) })
    }
}

/// Without the warnings that the script acknowledges.
fn acknowledged(told: Diagnostics) -> Diagnostics {
    let mut problems = apply_suppressions(told.problems, &told.sources, false);
    problems.sort_by_cached_key(|problem| (problem.origin().cloned(), problem.code));
    problems.dedup();
    Diagnostics { problems, sources: told.sources }
}

impl From<StyledText> for LineResult {
    fn from(page: StyledText) -> Self {
        LineResult::Done(LineOutput { page, ..LineOutput::default() })
    }
}
