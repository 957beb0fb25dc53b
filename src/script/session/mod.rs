//! A session: a script that is written line by line.
//!
//! The accepted lines are a script. A new line is added at its end and the whole script is evaluated again: evaluation
//! is pure and takes milliseconds. So a session has no state that could be wrong: a line that fails has no effect, a
//! changed setting or file is the same evaluation with other input, and the saved script is the session itself.
//!
//! | file | what is in it |
//! |---|---|
//! | `evaluate` | evaluating with a further entry: what is retained of it, and which entries it makes superfluous |
//! | `entry` | a line or file that was accepted, and its part of the script |
//! | `entry_code` | facts about the code of an entry, found once |
//! | `snapshot` | the outcome of an evaluation, and whether two differ |
//! | `completeness` | whether a text is complete, or continues in the next line |
//! | `open_entry` | an entry that grows line by line |
//! | `entry_reader` | lines that become entries |
//! | `to_source` | values as the expressions that create them |
//! | `to_json` | values as JSON |
//! | `highlight` | the parts of a line, for syntax highlighting |
//! | `save` | the session as a script |
//!
//! *Invariant*: a session knows no terminal, and a query does not change it.

mod completeness;
mod entry;
mod entry_code;
mod entry_reader;
mod evaluate;
mod highlight;
mod open_entry;
mod save;
mod snapshot;
mod to_json;
pub(in crate::script) mod to_source;

#[cfg(test)]
mod tests;

use std::rc::Rc;
use std::sync::Arc;

pub use super::completion::{Candidate, CandidateKind, Completion, DirectoryListing, SignatureHelp};
pub use entry_reader::EntryReader;
pub use highlight::{HighlightKind, call_at, lexemes};
pub use snapshot::DisplayValue;

use super::block_types::address_of;
use super::lexer::{Kind, tokens};
use super::policies::{self, PolicyReport};
use super::{Limits, LoadError, SourceLoader, version_checks};
use crate::block::Program;
use crate::budget::Budget;
use crate::diag::{Code, Diagnostic, Origin, Severity, Sink, SourceMap, apply_suppressions, did_you_mean};
use crate::package::Packages;
use crate::settings::{Setting, SettingInput, Source, secret_settings};
use crate::synth::DesiredStack;
use entry::SessionEntry;
use snapshot::Snapshot;

/// A session.
#[derive(Clone)]
pub struct Session {
    pub(in crate::script) files: Rc<dyn SourceLoader>,
    given: Vec<SettingInput>,
    limits: Limits,
    pub(in crate::script) entries: Vec<SessionEntry>,
    pub(in crate::script) snapshot: Rc<Snapshot>,
    last: Option<LastValue>,
    /// The lines that were typed so far.
    lines: usize,
}

/// The line whose value `_` is.
#[derive(Clone)]
struct LastValue {
    entry: SessionEntry,
    /// The number of entries before it.
    before: usize,
    value: DisplayValue,
}

/// The result of a line or file.
pub enum EntryResult {
    /// It is incomplete: more lines are needed.
    Incomplete,
    /// It was evaluated.
    Done(Evaluated),
    /// It has errors; the session is as it was before.
    Failed(Diagnostics),
    /// The user ended it; the session is as it was before.
    Interrupted,
}

/// Problems with the texts that they point into.
#[derive(Default)]
pub struct Diagnostics {
    /// The diagnostics.
    pub problems: Sink,
    /// The texts that they refer to.
    pub sources: SourceMap,
}

/// The result of an evaluated line.
pub struct Evaluated {
    /// Its value, if there is one.
    pub value: Option<DisplayValue>,
    /// The lines that it printed, each with its origin.
    pub printed: Vec<(Origin, String)>,
    /// Warnings.
    pub diagnostics: Diagnostics,
    /// The variables that it declared or changed.
    pub changed: Vec<String>,
    /// Whether it stays in the session.
    pub retained: bool,
}

impl Session {
    /// Creates an empty session with the files that it may read, the values of settings, and the limits of a line.
    pub fn new(files: Rc<dyn SourceLoader>, given: Vec<SettingInput>, limits: Limits) -> Self {
        let snapshot = Rc::new(Snapshot::default());
        Self { files, given, limits, entries: Vec::new(), snapshot, last: None, lines: 0 }
    }

    /// Evaluates a line or several.
    pub fn evaluate(&mut self, text: &str) -> EntryResult {
        if tokens(text).all(|token| token.kind == Kind::Comment) && completeness::is_complete(text) {
            return EntryResult::Done(Evaluated::nothing());
        }
        if !completeness::is_complete(text) {
            return EntryResult::Incomplete;
        }
        self.lines += 1;
        let mut entry = SessionEntry::typed(self.lines, text);
        let mut entries = self.entries.clone();
        if let Some(underscore) = entry.underscore() {
            match &self.last {
                Some(last) => entry.use_last(last.promote(&mut entries)),
                None => return EntryResult::Failed(no_last_value(&entry, &underscore)),
            }
        }
        self.evaluate_next(entries, entry)
    }

    /// Evaluates a line and leaves the session as it was.
    pub fn peek(&self, text: &str) -> EntryResult {
        self.clone().evaluate(text)
    }

    /// Starts the time and memory of one entry or command.
    pub fn budget(&self) -> Budget {
        self.limits.start()
    }

    /// Returns the time since any moment before the session, by the meter of its limits.
    pub fn elapsed(&self) -> std::time::Duration {
        self.limits.meter.elapsed()
    }

    /// Evaluates a file and makes its variables the session's; one that was loaded before is replaced.
    pub fn load(&mut self, path: &str) -> EntryResult {
        let text = match self.read(path) {
            Ok(text) => text,
            Err(diagnostics) => return EntryResult::Failed(diagnostics),
        };
        let mut entries = self.entries.clone();
        let entry = SessionEntry::loaded(path, &text);
        if let Some(known) = entries.iter_mut().find(|known| known.is_file(path)) {
            known.rewrite(&text);
            return self.evaluate_again(entries, self.given.clone());
        }
        let mut entered = self.evaluate_next(entries, entry);
        if let EntryResult::Done(done) = &mut entered {
            // A value that no script declares is a warning: a later script may declare it.
            let unclaimed = self.snapshot.state.settings.borrow().unclaimed().into_iter();
            done.diagnostics
                .problems
                .extend(unclaimed.map(|problem| Diagnostic { severity: Severity::Warning, ..problem }));
        }
        entered
    }

    /// Reads every loaded file again and evaluates the session with them.
    pub fn reload(&mut self) -> EntryResult {
        let mut entries = self.entries.clone();
        for entry in entries.iter_mut().filter(|entry| entry.loaded) {
            match self.read(&entry.name) {
                Ok(text) => entry.rewrite(&text),
                Err(diagnostics) => return EntryResult::Failed(diagnostics),
            }
        }
        self.evaluate_again(entries, self.given.clone())
    }

    /// Gives a setting a value, as `--set` does, and evaluates the session with it.
    pub fn set(&mut self, assignments: &[(String, String)]) -> EntryResult {
        let settings = self.snapshot.settings();
        let is_known = |name: &str| settings.is_empty() || settings.iter().any(|setting| setting.name == name);
        if let Some((name, _)) = assignments.iter().find(|(name, _)| !is_known(name)) {
            let names = settings.iter().map(|setting| setting.name.as_str());
            let problem = Diagnostic::new(Code::UnknownSetting, format!("unknown setting `{name}`"));
            let problem = problem.help_if(did_you_mean(name, names)).help("`:settings` lists them");
            return EntryResult::Failed(Diagnostics::of(problem));
        }
        let mut given = self.given.clone();
        for (name, value) in assignments {
            given.retain(|known| known.source != Source::Flag || known.name != *name);
            given.push(SettingInput { name: name.clone(), value: value.clone(), source: Source::Flag });
        }
        self.evaluate_again(self.entries.clone(), given)
    }

    /// Removes everything except the given values of settings.
    pub fn reset(&mut self) {
        self.entries.clear();
        self.snapshot = Rc::new(Snapshot::default());
        self.last = None;
    }

    /// Returns the variables, in the order of their declarations.
    pub fn variables(&self) -> Vec<(String, DisplayValue)> {
        let shown = |value: &rhai::Dynamic| DisplayValue::new(value.clone(), Rc::clone(&self.snapshot));
        self.snapshot.variables().map(|(name, value)| (name.to_owned(), shown(value))).collect()
    }

    /// Returns the value of a variable.
    pub fn variable(&self, name: &str) -> Option<DisplayValue> {
        let value = self.snapshot.get(name)?.clone();
        Some(DisplayValue::new(value, Rc::clone(&self.snapshot)))
    }

    /// Returns the value of the last line that had one: `_`.
    pub fn last(&self) -> Option<&DisplayValue> {
        self.last.as_ref().map(|last| &last.value)
    }

    /// Returns the functions that the session defined: names with their parameters.
    pub fn functions(&self) -> Vec<String> {
        entry::functions(&self.entries)
    }

    /// Returns the declared settings.
    pub fn settings(&self) -> Vec<Setting> {
        self.snapshot.settings()
    }

    /// Returns the packages that the session may import.
    pub fn packages(&self) -> Arc<Packages> {
        self.files.packages()
    }

    /// Returns the findings of the project's policies about stacks of the session, without those that comments suppress.
    pub fn policy_findings(&self, stacks: &[DesiredStack]) -> PolicyReport {
        let packages = self.files.packages();
        let policies = packages.project().map(|project| project.policies.as_slice()).unwrap_or_default();
        let mut report = policies::findings(policies, stacks, &self.files, &self.limits);
        report.problems = apply_suppressions(report.problems, &self.sources(), false);
        report.problems.retain(|problem| problem.code != Code::SuppressionWithoutReason);
        report.problems.sort_by_cached_key(|problem| problem.origin().cloned());
        report
    }

    /// Returns the files that were loaded.
    pub fn loaded(&self) -> Vec<String> {
        self.entries.iter().filter(|entry| entry.loaded).map(|entry| entry.name.to_string()).collect()
    }

    /// Returns the stacks of the session: those of the last line or file with stacks, else those in variables.
    pub fn program(&self) -> Program {
        let latest =
            self.entries.iter().rev().filter(|entry| entry.has_stacks).find_map(|entry| entry.variable.as_deref());
        let latest = latest.and_then(|name| self.variable(name));
        let stacks = latest.map(|value| value.stacks()).unwrap_or_default();
        let in_variables = || self.variables().into_iter().flat_map(|(_, value)| value.stacks());
        let mut all: Vec<_> = if stacks.is_empty() { in_variables().collect() } else { stacks };
        let mut names = Vec::new();
        all.reverse();
        all.retain(|stack: &Rc<crate::block::Stack>| {
            let new = !names.contains(&stack.name.value);
            names.push(stack.name.value.clone());
            new
        });
        all.reverse();
        Program { stacks: all, referenced_blocks: self.snapshot.mentions(), secrets: secret_settings(&self.settings()) }
    }

    /// Returns warnings of the changes and blocks that the session's stacks do not have: in a script, they are problems.
    pub fn lost_changes(&self) -> Sink {
        let stacks = self.program().stacks;
        let variables: Vec<usize> = self.snapshot.variables().filter_map(|(_, value)| address_of(value)).collect();
        version_checks::of_session(&self.snapshot.state, &stacks, &variables)
    }

    /// Returns the texts that problems of the session's stacks point into.
    pub fn sources(&self) -> SourceMap {
        self.snapshot.sources()
    }

    fn read(&self, path: &str) -> Result<String, Diagnostics> {
        let diagnostics = |problem: Diagnostic| {
            let problem = problem.at(&Origin::new(path, 0, 0), "");
            Diagnostics::of(problem)
        };
        let text = self.files.read(path).map_err(|why: LoadError| diagnostics(why.problem(path)))?;
        if completeness::is_in_comment(&text) {
            // The lines after it would be part of the comment.
            return Err(diagnostics(
                Diagnostic::new(Code::SyntaxError, "the file ends inside of a comment").help("close it: `*/`"),
            ));
        }
        Ok(text)
    }
}

impl LastValue {
    /// Stores the value in a variable of the session and returns its name.
    fn promote(&self, entries: &mut Vec<SessionEntry>) -> String {
        if let Some(known) = entries.iter_mut().find(|known| known.name == self.entry.name) {
            return known.store_in_variable();
        }
        let mut entry = self.entry.clone();
        let name = entry.store_in_variable();
        entries.insert(self.before.min(entries.len()), entry);
        name
    }
}

impl Diagnostics {
    /// Creates the diagnostics of one problem without an origin.
    pub fn of(problem: Diagnostic) -> Self {
        Self { problems: vec![problem], sources: SourceMap::default() }
    }

    /// Returns whether there are errors.
    pub fn has_errors(&self) -> bool {
        self.problems.iter().any(Diagnostic::is_error)
    }
}

impl Evaluated {
    fn nothing() -> Self {
        Self {
            value: None,
            printed: Vec::new(),
            diagnostics: Diagnostics::default(),
            changed: Vec::new(),
            retained: false,
        }
    }
}

fn no_last_value(entry: &SessionEntry, underscore: &Origin) -> Diagnostics {
    let problem = Diagnostic::new(Code::UnknownVariable, "there is no last value yet")
        .at(underscore, "")
        .help("`_` is the value of the last line that had one");
    let mut sources = SourceMap::default();
    sources.add(entry.name.clone(), entry.text.clone());
    Diagnostics { problems: vec![problem], sources }
}
