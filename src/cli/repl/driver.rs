//! Entries and what came of them, with what only a front end can do done.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

use super::account::Account;
use super::ctrl_c::SigintFlag;
use super::file_watcher::FileWatcher;
use super::{edit, save};
use crate::cli::args::{Deny, Repl as Args};
use crate::cli::exit::ExitStatus;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic, Origin, Severity, SourceMap};
use crate::repl::{HostRequest, LineOutput, LineResult, Repl, StyledText, TextStyle};
use crate::script::session::Diagnostics;

/// How many entries a history keeps.
pub(super) const REMEMBERED: usize = 10_000;

/// A REPL that is talked to.
pub(super) struct ReplDriver {
    pub(super) repl: Rc<RefCell<Repl>>,
    pub(super) account: Rc<RefCell<Account>>,
    /// Where questions are put.
    terminal: Terminal,
    /// Warnings are errors.
    strict: bool,
    /// Somebody is there to be asked, and to use an editor.
    attended: bool,
    history: VecDeque<String>,
    watch: FileWatcher,
}

/// What became of an entry.
pub(super) struct EntryResult {
    /// What it gave.
    pub(super) answer: LineOutput,
    /// What a process that did nothing else would end with.
    pub(super) exit: ExitStatus,
    /// The user leaves.
    pub(super) leaves: bool,
}

/// A line that begins with a dot was meant to go on with the one before, which was at its end already.
fn chained(entry: &str, mut told: Diagnostics) -> Diagnostics {
    if let Some(problem) = told.problems.first_mut().filter(|_| entry.trim_start().starts_with('.')) {
        let help = "the line before was an entry of its own: Alt-Enter, or a dot at its end, lets one go on below";
        problem.hints.push(help.into());
    }
    told
}

impl EntryResult {
    fn page(page: StyledText) -> Self {
        Self { answer: LineOutput { page, ..LineOutput::default() }, exit: ExitStatus::Ok, leaves: false }
    }

    pub(super) fn failed(told: Diagnostics) -> Self {
        Self { answer: LineOutput { told, ..LineOutput::default() }, exit: ExitStatus::Script, leaves: false }
    }

    fn exit(exit: ExitStatus) -> Self {
        Self { answer: LineOutput::default(), exit, leaves: false }
    }
}

impl ReplDriver {
    /// By the options of the command line; `attended` where somebody types and reads.
    pub(super) fn new(repl: Repl, args: &Args, interrupt: &SigintFlag, terminal: &Terminal, attended: bool) -> Self {
        let account = Account::new(&args.options, args.target, terminal, interrupt.clone(), attended);
        Self {
            repl: Rc::new(RefCell::new(repl)),
            account: Rc::new(RefCell::new(account)),
            terminal: terminal.clone(),
            strict: args.options.script.deny == Some(Deny::Warnings),
            attended,
            history: VecDeque::new(),
            watch: FileWatcher::default(),
        }
    }

    /// Takes entries for ones that were typed.
    pub(super) fn remember(&mut self, entries: impl IntoIterator<Item = String>) {
        self.history.extend(entries);
        let old = self.history.len().saturating_sub(REMEMBERED);
        self.history.drain(..old);
    }

    /// Answers an entry.
    pub(super) fn answer(&mut self, entry: &str) -> EntryResult {
        let outcome = self.repl.borrow_mut().answer(entry);
        let heard = self.heard(entry, outcome);
        if heard.exit != ExitStatus::Ok
            && let Some(path) = entry.trim().strip_prefix(":load ")
        {
            self.watch.wants(path.trim());
        }
        heard
    }

    /// Loads a script.
    pub(super) fn load(&mut self, path: &str) -> EntryResult {
        self.answer(&format!(":load {path}"))
    }

    /// Reads files again that changed since they were loaded; what changed, and what came of it.
    pub(super) fn reload(&mut self) -> Option<(Vec<String>, EntryResult)> {
        let sources = self.repl.borrow().session().sources();
        let changed = self.watch.changed(&sources);
        if let Some(path) = self.watch.wanted() {
            let heard = self.load(&path);
            return Some((vec![path], heard));
        }
        (!changed.is_empty()).then(|| (changed, self.answer(":reload")))
    }

    fn heard(&mut self, entry: &str, outcome: LineResult) -> EntryResult {
        let mut heard = match outcome {
            LineResult::Done(answer) => EntryResult { answer, exit: ExitStatus::Ok, leaves: false },
            LineResult::Failed(told) => EntryResult::failed(chained(entry, told)),
            LineResult::Incomplete => EntryResult::failed(open(entry)),
            LineResult::Interrupted => {
                let page = StyledText::default().with(TextStyle::Faint, "interrupted\n");
                EntryResult { exit: ExitStatus::Interrupted, ..EntryResult::page(page) }
            }
            LineResult::Ask(request) => self.carry_out(request),
        };
        let told = &mut heard.answer.told;
        if self.strict {
            told.problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
        }
        if heard.exit == ExitStatus::Ok && told.has_errors() {
            heard.exit = ExitStatus::Script;
        }
        heard
    }

    fn carry_out(&mut self, request: HostRequest) -> EntryResult {
        match request {
            HostRequest::Quit => EntryResult { leaves: true, ..EntryResult::exit(ExitStatus::Ok) },
            HostRequest::History => EntryResult::page(self.listed()),
            HostRequest::Write { path, text } => {
                let asked = self.attended.then_some(&self.terminal);
                save::file(&path, &text, asked).map_or_else(EntryResult::failed, EntryResult::page)
            }
            HostRequest::Edit { path } => match edit::file(&path, self.attended) {
                Ok(true) => self.load(&path),
                Ok(false) => {
                    EntryResult::page(StyledText::default().with(TextStyle::Faint, format!("there is no {path}\n")))
                }
                Err(told) => EntryResult::failed(told),
            },
            HostRequest::Account { command, argument } => {
                EntryResult::exit(self.account.borrow_mut().carry_out(command, &argument, &self.repl.borrow()))
            }
        }
    }

    fn listed(&self) -> StyledText {
        let mut page = StyledText::default();
        for (at, entry) in self.history.iter().enumerate() {
            page.push(TextStyle::Faint, format!("{:5}  ", at + 1));
            page.push(TextStyle::Plain, entry.trim_end().replace('\n', "\n       ") + "\n");
        }
        page
    }
}

/// An entry that ends in its middle.
fn open(entry: &str) -> Diagnostics {
    let mut sources = SourceMap::default();
    sources.add("repl", entry);
    let lines = u32::try_from(entry.lines().count()).unwrap_or(u32::MAX);
    let column = u32::try_from(entry.lines().last().map_or(0, |line| line.chars().count())).unwrap_or(u32::MAX);
    let problem = Diagnostic::new(Code::SyntaxError, "this is not at its end")
        .at(&Origin::new("repl", lines, column.max(1)), "more is wanted here")
        .help("a bracket or text is open, or an operator or dot wants something behind it");
    Diagnostics { problems: vec![problem], sources }
}
