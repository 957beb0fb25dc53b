//! The REPL without a terminal: a line goes in, a [`LineResult`] comes out.
//!
//! A line is code for the session (`script::session`), or a command that begins with a colon. Commands that need a template
//! (`:resources`, `:why`, `:synth`) synthesise it here; what needs an account, a file to write or the terminal is
//! returned to the front end as a [`HostRequest`].
//!
//! | file | content |
//! |---|---|
//! | `command` | the commands: enums and their table |
//! | `command_line`, `assignments` | parsing of a line that is a command, and of `NAME=VALUE` |
//! | `commands`, `help` | execution of the commands |
//! | `complete` | completion of commands; the session completes code |
//! | `value_view`, `unfinished` | a value, its resources and its defaults; notes about what it still needs |
//! | `tree`, `graph`, `resource_origin`, `cost`, `settings`, `changes` | views of stacks and settings |
//! | `templates` | templates of stacks, and of blocks outside of a stack |
//! | `example`, `generated_resources` | examples of the documentation as scripts, and the resources that blocks create in them |
//! | `styled_text`, `table`, `format` | text with styles, columns, numbers |
//!
//! May import `script`, `synth`, `block`, `cfn`, `settings` and `diag`.
//!
//! *Invariant*: knows no terminal, does not print, write or ask: equal lines give equal results.

mod assignments;
mod changes;
mod command;
mod command_line;
mod commands;
mod complete;
mod cost;
pub mod example;
mod format;
mod generated_resources;
mod graph;
mod help;
mod resource_origin;
mod settings;
mod styled_text;
mod table;
mod templates;
mod tree;
mod unfinished;
mod value_view;

#[cfg(test)]
mod tests;

use crate::cfn::sensitive::KnownSecrets;
use crate::diag::{Code, Diagnostic, Origin, Sink, apply_suppressions};
use crate::script::session::{Diagnostics, DisplayValue, EntryResult, Evaluated, Session};
use crate::synth::DesiredStack;
use command_line::ParsedLine;

pub use command::{
    AccountCommandKind, ArgumentKind, CommandScope, CommandSpec, Effect, ReplCommand, is_account_command,
};
pub use commands::no_stacks;
pub use complete::CompletionSource;
pub use cost::drivers as cost_drivers;
pub use generated_resources::with_generated_resources;
pub use graph::LineStyle;
pub use styled_text::{Span, StyledText, TextStyle};

/// The result of a line.
pub enum LineResult {
    /// The input is incomplete: read another line and evaluate both.
    Incomplete,
    /// The line was evaluated or executed.
    Done(LineOutput),
    /// The line has errors and changed nothing.
    Failed(Diagnostics),
    /// The user interrupted the evaluation; it changed nothing.
    Interrupted,
    /// A request to the front end.
    Host(HostRequest),
}

/// The output of a line.
#[derive(Default)]
pub struct LineOutput {
    /// The value, if an expression was evaluated that has one.
    pub value: Option<DisplayValue>,
    /// The text to show; may be long.
    pub text: StyledText,
    /// The lines that the script printed, with their origins.
    pub printed: Vec<(Origin, String)>,
    /// Warnings, and errors of stacks that cannot be synthesised.
    pub diagnostics: Diagnostics,
    /// The secrets of the value, which are not shown.
    pub secrets: KnownSecrets,
}

/// A request that only a front end can fulfil.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostRequest {
    /// Leave the REPL.
    Quit,
    /// Show the lines that were typed.
    History,
    /// Open a file in an editor, then `:load` it.
    Edit {
        /// The path of the file.
        path: String,
    },
    /// Write a file.
    Write {
        /// The path of the file.
        path: String,
        /// The content of the file.
        text: String,
    },
    /// Run a command that needs an account; its stacks are those of [`Session::program`].
    Account {
        /// The command.
        command: AccountCommandKind,
        /// The argument; may be empty.
        argument: String,
    },
    /// Evaluate a line and show its answer in the pager.
    Page {
        /// The line.
        line: String,
    },
    /// Show or choose the account of the account commands.
    Target {
        /// The name of the account; empty to show it.
        name: String,
    },
}

/// A REPL.
pub struct Repl {
    session: Session,
    /// The characters of drawings.
    line_style: LineStyle,
    /// The templates of the session's stacks, if the last command synthesised them.
    synthesized: Option<Vec<DesiredStack>>,
}

impl Repl {
    /// Creates a REPL of a session.
    pub fn new(session: Session) -> Self {
        Self { session, line_style: LineStyle::default(), synthesized: None }
    }

    /// Returns the REPL with drawings in these characters.
    #[must_use]
    pub fn with_line_style(self, line_style: LineStyle) -> Self {
        Self { line_style, ..self }
    }

    /// Returns the session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// Evaluates a line, or several that were pasted.
    pub fn evaluate(&mut self, text: &str) -> LineResult {
        match command_line::parse(text).or_else(|| self.word(text)) {
            Some(line) => self.execute(&line),
            None => {
                self.synthesized = None;
                let entered = self.session.evaluate(text);
                let result = self.result(entered);
                match command_line::without_colon(text) {
                    Some(command) => result.suggesting(command, text.trim()),
                    None => result,
                }
            }
        }
    }

    /// Parses a word for help or for the end, unless the session has a variable or function of this name.
    fn word<'t>(&self, text: &'t str) -> Option<ParsedLine<'t>> {
        let line = command_line::parse_word(text)?;
        let name = text.trim().split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        let is_function = |function: &String| function.split('(').next() == Some(name);
        let is_defined = self.session.variable(name).is_some() || self.session.functions().iter().any(is_function);
        (!is_defined).then_some(line)
    }

    /// Renders the value of an evaluated entry.
    fn result(&self, entered: EntryResult) -> LineResult {
        let evaluated = match entered {
            EntryResult::Incomplete => return LineResult::Incomplete,
            EntryResult::Failed(diagnostics) => return LineResult::Failed(diagnostics),
            EntryResult::Interrupted => return LineResult::Interrupted,
            EntryResult::Done(evaluated) => evaluated,
        };
        let Evaluated { value, printed, mut diagnostics, .. } = evaluated;
        let Some(value) = value else {
            return LineResult::Done(LineOutput { printed, diagnostics, ..LineOutput::default() });
        };
        let (text, problems, secrets) = value_view::value(&value, &self.session);
        let mut text = text.without(&secrets);
        diagnostics.sources = value.sources();
        let (missing, problems): (Sink, Sink) = problems.into_iter().partition(unfinished::is_unfinished);
        if !missing.is_empty() {
            text.end_line();
            text.append(unfinished::notes(&missing));
        }
        diagnostics.problems.extend(problems);
        let diagnostics = suppressed(diagnostics);
        LineResult::Done(LineOutput { value: Some(value), text, printed, diagnostics, secrets })
    }
}

/// Applies the suppressions of the script, and sorts the diagnostics.
fn suppressed(diagnostics: Diagnostics) -> Diagnostics {
    let mut problems = apply_suppressions(diagnostics.problems, &diagnostics.sources, false);
    problems.sort_by_cached_key(|problem| (problem.origin().cloned(), problem.code));
    problems.dedup();
    Diagnostics { problems, sources: diagnostics.sources }
}

impl LineResult {
    /// Suggests the command that a failed line begins with, instead of a variable of this name.
    fn suggesting(mut self, command: ReplCommand, line: &str) -> Self {
        if let Self::Failed(Diagnostics { problems, .. }) = &mut self
            && let [problem] = problems.as_mut_slice()
        {
            let name = line.split_whitespace().next().unwrap_or(line);
            let names_it = problem.message.contains(&format!("`{name}`"));
            let is_not_code = problem.code == Code::SyntaxError && line != name;
            if is_not_code || (problem.code == Code::UnknownVariable && names_it) {
                let typed = if line.contains('`') { command.name() } else { line };
                problem.hints = vec![format!("did you mean `:{typed}`?").into()];
            }
        }
        self
    }

    /// Returns a failure with one diagnostic.
    fn error(code: Code, message: &str, hint: Option<String>) -> Self {
        Self::Failed(Diagnostics::of(Diagnostic::new(code, message).help_if(hint)))
    }
}

impl From<StyledText> for LineResult {
    fn from(text: StyledText) -> Self {
        LineResult::Done(LineOutput { text, ..LineOutput::default() })
    }
}
