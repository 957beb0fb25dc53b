//! Evaluation of entries, and the requests that only a front end can fulfil.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::account::Account;
use super::ctrl_c::SigintFlag;
use super::file_watcher::FileWatcher;
use super::{edit, save};
use crate::cli::args::{Deny, Repl as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::files::ProjectFiles;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic, Origin, Severity, SourceMap};
use crate::repl::{HostRequest, LineOutput, LineResult, Repl, StyledText, TextStyle};
use crate::script::session::Diagnostics;

/// The number of entries that a history keeps.
pub(super) const HISTORY_SIZE: usize = 10_000;

/// A REPL with its account, history and files.
pub(super) struct ReplDriver {
    pub(super) repl: Rc<RefCell<Repl>>,
    pub(super) account: Rc<RefCell<Account>>,
    terminal: Terminal,
    /// Whether warnings are errors.
    strict: bool,
    /// Whether a user can answer questions and use an editor.
    interactive: bool,
    history: VecDeque<String>,
    watcher: FileWatcher,
    /// The files of the project, if changes of data files are noticed.
    files: Option<Rc<ProjectFiles>>,
}

/// The result of an entry.
pub(super) struct EntryResult {
    /// The output of the entry.
    pub(super) output: LineOutput,
    /// The exit status of a process that evaluates only this entry.
    pub(super) exit: ExitStatus,
    /// Whether the user leaves the REPL.
    pub(super) quits: bool,
    /// Whether the user wants the output in the pager.
    pub(super) is_paged: bool,
}

/// Adds a hint to the error of a line that begins with a dot: it was meant to continue the entry before.
fn with_continuation_hint(entry: &str, mut diagnostics: Diagnostics) -> Diagnostics {
    if let Some(problem) = diagnostics.problems.first_mut().filter(|_| entry.trim_start().starts_with('.')) {
        let help = "the line before is a complete entry; to continue it on the next line, end it with a dot or press Alt-Enter";
        problem.hints.push(help.into());
    }
    diagnostics
}

impl EntryResult {
    fn text(text: StyledText) -> Self {
        Self {
            output: LineOutput { text, ..LineOutput::default() },
            exit: ExitStatus::Ok,
            quits: false,
            is_paged: false,
        }
    }

    pub(super) fn failed(diagnostics: Diagnostics) -> Self {
        Self {
            output: LineOutput { diagnostics, ..LineOutput::default() },
            exit: ExitStatus::Script,
            quits: false,
            is_paged: false,
        }
    }

    fn exit(exit: ExitStatus) -> Self {
        Self { output: LineOutput::default(), exit, quits: false, is_paged: false }
    }
}

impl ReplDriver {
    /// Creates a driver with the options of the command line.
    pub(super) fn new(repl: Repl, args: &Args, sigint: &SigintFlag, terminal: &Terminal, interactive: bool) -> Self {
        let account = Account::new(&args.options, args.target, terminal, sigint.clone(), interactive);
        Self {
            repl: Rc::new(RefCell::new(repl)),
            account: Rc::new(RefCell::new(account)),
            terminal: terminal.clone(),
            strict: args.options.script.deny == Some(Deny::Warnings),
            interactive,
            history: VecDeque::new(),
            watcher: FileWatcher::default(),
            files: None,
        }
    }

    /// Sets the files whose data files are watched: the session is reloaded when one that a script read changes.
    pub(super) fn watch_data(&mut self, files: Rc<ProjectFiles>) {
        self.files = Some(files);
    }

    /// Adds entries to the history.
    pub(super) fn remember(&mut self, entries: impl IntoIterator<Item = String>) {
        self.history.extend(entries);
        let excess = self.history.len().saturating_sub(HISTORY_SIZE);
        self.history.drain(..excess);
    }

    /// Evaluates an entry.
    pub(super) fn evaluate(&mut self, entry: &str) -> EntryResult {
        let result = self.repl.borrow_mut().evaluate(entry);
        let result = self.entry_result(entry, result);
        if result.exit != ExitStatus::Ok
            && let Some(path) = entry.trim().strip_prefix(":load ")
        {
            self.watcher.retry_when_changed(path.trim());
        }
        result
    }

    /// Loads a script.
    pub(super) fn load(&mut self, path: &str) -> EntryResult {
        self.evaluate(&format!(":load {path}"))
    }

    /// Reloads files that changed since they were loaded; returns their paths and the result.
    pub(super) fn reload(&mut self) -> Option<(Vec<String>, EntryResult)> {
        let sources = self.repl.borrow().session().sources();
        let mut changed = self.watcher.changed(&sources);
        changed.extend(self.files.iter().flat_map(|files| files.changed_data()));
        if let Some(path) = self.watcher.take_retry() {
            let result = self.load(&path);
            return Some((vec![path], result));
        }
        (!changed.is_empty()).then(|| (changed, self.evaluate(":reload")))
    }

    fn entry_result(&mut self, entry: &str, result: LineResult) -> EntryResult {
        let mut result = match result {
            LineResult::Done(output) => EntryResult { output, exit: ExitStatus::Ok, quits: false, is_paged: false },
            LineResult::Failed(diagnostics) => EntryResult::failed(with_continuation_hint(entry, diagnostics)),
            LineResult::Incomplete => EntryResult::failed(incomplete(entry)),
            LineResult::Interrupted => {
                let text = StyledText::default().with(TextStyle::Faint, "interrupted\n");
                EntryResult { exit: ExitStatus::Interrupted, ..EntryResult::text(text) }
            }
            LineResult::Host(request) => self.fulfil(request),
        };
        self.terminal.hide(&result.output.secrets);
        let diagnostics = &mut result.output.diagnostics;
        if self.strict {
            diagnostics.problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
        }
        if result.exit == ExitStatus::Ok && diagnostics.has_errors() {
            result.exit = ExitStatus::Script;
        }
        result
    }

    fn fulfil(&mut self, request: HostRequest) -> EntryResult {
        match request {
            HostRequest::Quit => EntryResult { quits: true, ..EntryResult::exit(ExitStatus::Ok) },
            HostRequest::History => EntryResult::text(self.numbered_history()),
            HostRequest::Write { path, text } => {
                let terminal = self.interactive.then_some(&self.terminal);
                save::file(&path, &text, terminal).map_or_else(EntryResult::failed, EntryResult::text)
            }
            HostRequest::Edit { path } => match edit::file(&path, self.interactive) {
                Ok(true) => self.load(&path),
                Ok(false) => {
                    EntryResult::text(StyledText::default().with(TextStyle::Faint, format!("{path} was not created\n")))
                }
                Err(diagnostics) => EntryResult::failed(diagnostics),
            },
            HostRequest::Account { command, argument } => {
                EntryResult::exit(self.account.borrow_mut().execute(command, &argument, &self.repl.borrow()))
            }
            HostRequest::Page { line } => {
                self.account.borrow_mut().set_paged(true);
                let result = self.evaluate(&line);
                self.account.borrow_mut().set_paged(false);
                EntryResult { is_paged: true, ..result }
            }
            HostRequest::Target { name } => EntryResult::exit(self.account.borrow_mut().choose(&name)),
        }
    }

    fn numbered_history(&self) -> StyledText {
        let mut text = StyledText::default();
        for (at, entry) in self.history.iter().enumerate() {
            text.push(TextStyle::Faint, format!("{:5}  ", at + 1));
            text.push(TextStyle::Plain, entry.trim_end().replace('\n', "\n       ") + "\n");
        }
        text
    }
}

/// Returns the diagnostic of an incomplete entry.
fn incomplete(entry: &str) -> Diagnostics {
    let mut sources = SourceMap::default();
    sources.add("repl", entry);
    let lines = u32::try_from(entry.lines().count()).unwrap_or(u32::MAX);
    let column = u32::try_from(entry.lines().last().map_or(0, |line| line.chars().count())).unwrap_or(u32::MAX);
    let problem = Diagnostic::new(Code::SyntaxError, "incomplete input")
        .at(&Origin::new("repl", lines, column.max(1)), "the input ends here")
        .help("close the open bracket or text, or complete the expression after the operator or dot");
    Diagnostics { problems: vec![problem], sources }
}
