//! Diagnostics: the problem, its place, and what to do about it.
//!
//! One [`Diagnostic`] serves parsing, evaluation, settings, synthesis, the schema, refusals of AWS and failed
//! deployments. Pure code returns a message with hints; the caller that knows the place adds it with [`Diagnostic::at`].
//!
//! *Invariant*: imports nothing of ours, and knows neither Rhai nor CloudFormation.

mod code;
mod extent;
mod hint;
mod origin;
mod render;
mod report;
mod shell_word;
mod source_map;
mod suggest;
mod suppression;

use std::borrow::Cow;
use std::sync::Arc;

pub use code::Code;
pub(crate) use extent::{MOST_IN_DOCUMENT, MOST_SHOWN, MOST_SHOWN_VERBOSE, Selection};
pub use hint::{CommandName, Hint, HintPart, SuggestedCommand};
pub use origin::{Origin, WithOrigin};
pub use render::{Color, columns, render, summary};
pub use report::{Report, Sink};
pub use shell_word::shell_word;
pub use source_map::SourceMap;
pub(crate) use suggest::Suggestions;
pub use suggest::{did_you_mean, most_similar, nearest};
pub use suppression::apply_suppressions;

/// The severity of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// A problem that does not stop the command. `--deny warnings` makes it an error.
    Warning,
    /// A problem that prevents synthesis and deployment.
    Error,
}

/// A place in a source with a short text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub origin: Origin,
    /// The text; may be empty.
    pub message: String,
}

/// A call that led to an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceFrame {
    /// The kind of call: `in this call of ..`, `imported here`.
    pub what: String,
    /// The place of the call.
    pub origin: Origin,
}

/// A problem that a user can fix.
///
/// ```
/// use rtiler::diag::{Code, Diagnostic, Origin};
/// let problem = Diagnostic::new(Code::FargateSize, "Fargate cannot run 256 CPU units with 4096 MiB of memory")
///     .at(&Origin::new("app.rhai", 24, 6), "not offered for 256 CPU units")
///     .help("with 256 CPU units, memory is one of 512, 1024, 2048");
/// assert!(problem.is_error());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Error or warning.
    pub severity: Severity,
    /// The kind of problem.
    pub code: Code,
    /// The name of the policy that reports it; none for other problems.
    pub rule: Option<Arc<str>>,
    /// The problem: lower case, no final dot, code in back-ticks.
    pub message: String,
    /// The places; the first label is the primary one.
    pub labels: Vec<Label>,
    /// The hints: what to do, one sentence each.
    pub hints: Vec<Hint>,
    /// Facts that explain the message, one sentence each.
    pub notes: Vec<String>,
    /// The calls that led there, innermost first.
    pub trace: Vec<TraceFrame>,
}

impl Diagnostic {
    /// Creates a diagnostic with the severity of its code.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        let (severity, message) = (code.severity(), message.into());
        Self {
            severity,
            code,
            rule: None,
            message,
            labels: Vec::new(),
            hints: Vec::new(),
            notes: Vec::new(),
            trace: Vec::new(),
        }
    }

    /// Sets the policy that reports it.
    #[must_use]
    pub fn of_rule(mut self, rule: &str) -> Self {
        self.rule = Some(rule.into());
        self
    }

    /// Returns the name by which a comment suppresses it: its code, with its policy if it has one.
    pub fn name(&self) -> Cow<'static, str> {
        match &self.rule {
            Some(rule) => format!("{}:{rule}", self.code).into(),
            None => self.code.as_str().into(),
        }
    }

    /// Makes this a warning, for codes that are errors elsewhere.
    #[must_use]
    pub fn as_warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    /// Adds a label; the first one added is the primary place. An unknown origin adds nothing.
    #[must_use]
    pub fn at(mut self, origin: &Origin, message: impl Into<String>) -> Self {
        if origin.is_known() {
            self.labels.push(Label { origin: origin.clone(), message: message.into() });
        }
        self
    }

    /// Adds a hint.
    #[must_use]
    pub fn help(mut self, hint: impl Into<Hint>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// Adds a hint, if there is one.
    #[must_use]
    pub fn help_if<H: Into<Hint>>(self, hint: Option<H>) -> Self {
        match hint {
            Some(hint) => self.help(hint),
            None => self,
        }
    }

    /// Adds a fact that explains the message.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Returns whether it is an error.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// Returns the primary place, if there is one.
    pub fn origin(&self) -> Option<&Origin> {
        self.labels.first().map(|label| &label.origin)
    }
}
