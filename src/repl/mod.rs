//! The REPL without a terminal: a line goes in, an [`Outcome`] comes out.
//!
//! A line is code for the session (`script::session`). What needs a template (the resources of a block) is synthesised
//! here.
//!
//! | file | what is in it |
//! |---|---|
//! | `page` | text with spans to paint |
//! | `look` | a value and what it stands for |
//!
//! May import `script`, `synth`, `block`, `cfn`, `settings` and `diag`.
//!
//! *Invariant*: knows no terminal, prints nothing, writes nothing and asks nobody: the same lines give the same outcomes.

mod look;
mod page;

use crate::diag::{Origin, Sources};
use crate::script::session::{Done, Entered, Session, Told};

pub use page::{Page, Paint, Span};

/// What became of a line.
pub enum Outcome {
    /// It is not at its end: read another line and give both.
    Incomplete,
    /// It was done.
    Done(Answer),
    /// It has errors and changed nothing.
    Failed(Told),
    /// The user ended it; it changed nothing.
    Interrupted,
}

/// What a line gave.
#[derive(Default)]
pub struct Answer {
    /// What is shown; may be long.
    pub page: Page,
    /// What the script printed, with where.
    pub printed: Vec<(Origin, String)>,
    /// Warnings.
    pub told: Told,
}

/// A REPL.
pub struct Repl {
    session: Session,
}

impl Repl {
    /// Over a session.
    pub fn new(session: Session) -> Self {
        Self { session }
    }

    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Answers a line, or several that were pasted.
    pub fn answer(&mut self, text: &str) -> Outcome {
        answered(self.session.enter(text))
    }
}

fn answered(entered: Entered) -> Outcome {
    match entered {
        Entered::Incomplete => Outcome::Incomplete,
        Entered::Failed(told) => Outcome::Failed(told),
        Entered::Interrupted => Outcome::Interrupted,
        Entered::Done(Done { value, printed, told, .. }) => {
            let page = value.as_ref().map(look::value).unwrap_or_default();
            Outcome::Done(Answer { page, printed, told })
        }
    }
}

impl Answer {
    /// Text alone.
    pub fn page(page: Page) -> Self {
        Self { page, ..Self::default() }
    }

    /// What its problems point into.
    pub fn sources(&self) -> &Sources {
        &self.told.sources
    }
}
