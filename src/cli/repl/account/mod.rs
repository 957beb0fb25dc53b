//! Commands that want an account: AWS, or the rehearsal. They are those of `run`, over the session's stacks.
//!
//! `entry` reads a command by the grammar of `run`, `target` says which account it talks to. `call` does it on a thread of
//! its own, `wait` waits a moment for what comes of it, and what takes longer goes on aside, among its like in `calls`.
//! `ask` puts questions.
//!
//! *Invariant*: the prompt is never held up by an account for longer than the user wants, and nothing is decided here
//! that `run` decides.

mod background_command;
mod background_commands;
mod command_parser;
mod foreground;
mod prompt;
mod target;

use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

pub(super) use command_parser::options;
pub(crate) use target::Target;

use super::ctrl_c::SigintFlag;
use super::pager;
use crate::cli::args::{Deny, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::project::Project;
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::deploy::chosen;
use crate::diag::{Code, Diagnostic, Severity};
use crate::repl::{Repl, no_stacks};
use crate::script::session::Diagnostics;
use background_command::BackgroundCommand;
use background_commands::BackgroundCommands;
use command_parser::ParsedCommand;
use foreground::ForegroundWait;

/// Prints above the prompt while a line is typed; there is none where nobody types.
pub(super) type Printer = Box<dyn rustyline::ExternalPrinter + Send>;

/// The account that commands talk to. The conversation owns one.
pub(super) struct Account {
    /// The options of the command line: profile, region, parameters.
    options: RunOptions,
    /// Where answers go.
    terminal: Terminal,
    /// Raised by Ctrl-C while a command is carried out.
    interrupt: SigintFlag,
    /// For what comes while the user types on; none where nobody does, and everything is waited for.
    printer: Option<Arc<Mutex<Printer>>>,
    target: Target,
    /// Commands that go on aside.
    calls: BackgroundCommands,
    /// The facts of the last answer, for a program.
    facts: String,
    /// True where somebody is there to be asked.
    attended: bool,
    /// True once Ctrl-C is heard where nobody types.
    listens: bool,
}

impl Account {
    /// Talks to nobody yet.
    pub(super) fn new(
        options: &RunOptions,
        target: Target,
        terminal: &Terminal,
        interrupt: SigintFlag,
        attended: bool,
    ) -> Self {
        Self {
            options: options.clone(),
            terminal: terminal.clone(),
            interrupt,
            printer: None,
            target,
            calls: BackgroundCommands::default(),
            facts: String::new(),
            attended,
            listens: false,
        }
    }

    /// What takes long goes on aside, and is printed above the prompt.
    pub(super) fn prints_with(&mut self, printer: Printer) {
        self.printer = Some(Arc::new(Mutex::new(printer)));
    }

    /// The facts that the last command gave: one value, or one for each line where there were several.
    pub(super) fn facts(&mut self) -> Option<Json> {
        let text = std::mem::take(&mut self.facts);
        let lines = || text.lines().map(serde_json::from_str).collect::<Result<Vec<Json>, _>>().map(Json::from);
        serde_json::from_str(&text).or_else(|_| lines()).ok().filter(|_| !text.is_empty())
    }

    /// Does a command over the stacks of the session.
    pub(super) fn carry_out(&mut self, command: &'static str, argument: &str, repl: &Repl) -> ExitStatus {
        self.calls.forget();
        if command == "target" {
            return self.choose(argument);
        }
        let entry = match ParsedCommand::read(command, argument, self.target, &self.options) {
            Ok(entry) => entry,
            Err(help) if help.asked => {
                self.terminal.line(&help.words);
                return ExitStatus::Ok;
            }
            Err(wrong) => {
                self.terminal.tell(&wrong.words);
                return ExitStatus::Usage;
            }
        };
        let project = match project(&entry, repl) {
            Ok(project) => project,
            Err(told) => {
                self.terminal.problems(&told.problems, &told.sources);
                return ExitStatus::Script;
            }
        };
        let held = held(&entry, &project);
        if let Some(problem) = self.calls.busy(&entry, &held) {
            self.terminal.problems(&[problem], &project.sources);
            return ExitStatus::Usage;
        }
        self.name_place(&entry);
        let exit = self.go(entry, held, project);
        // That there is a difference is what was asked, and no failure.
        if exit == ExitStatus::ChangesFound { ExitStatus::Ok } else { exit }
    }

    /// Before a prompt: puts the questions that came up meanwhile.
    pub(super) fn catch_up(&mut self) {
        while let Some((question, answer)) = self.calls.question() {
            if let Some(line) = prompt::line(&question) {
                // Who asked may be gone.
                let _ = answer.send(line);
            }
        }
    }

    /// Ctrl-C at an empty prompt: what goes on aside is not waited for any longer; false where nothing does.
    pub(super) fn stop(&mut self) -> bool {
        self.calls.stop(&self.terminal)
    }

    /// The user leaves.
    pub(super) fn leave(&mut self) {
        self.calls.leave(&self.terminal);
    }

    /// Shows or sets the account that commands talk to.
    fn choose(&mut self, name: &str) -> ExitStatus {
        if !name.is_empty() {
            match Target::of(name) {
                Some(target) => self.target = target,
                None => {
                    let problem =
                        Diagnostic::new(Code::WrongArgument, format!("there is no account `{name}` to talk to"))
                            .help("`:target aws`, or `:target rehearsal`");
                    self.terminal.problems(&[problem], &crate::diag::SourceMap::default());
                    return ExitStatus::Usage;
                }
            }
        }
        if self.options.script.json {
            let name = if self.target == Target::Aws { "aws" } else { "rehearsal" };
            self.facts = serde_json::json!({ "target": name }).to_string();
        } else {
            self.terminal.line(&self.target.to_string());
        }
        ExitStatus::Ok
    }

    /// Says where the answer comes from; AWS says it itself.
    fn name_place(&self, entry: &ParsedCommand) {
        if entry.target == Target::Rehearsal && !self.options.script.json {
            let other = if self.target == Target::Rehearsal { " (`:target aws` talks to yours)" } else { "" };
            self.terminal.say(&faint(&format!("rehearsal account{other}")));
        }
    }

    /// Does it on a thread of its own, and waits as long as is right.
    fn go(&mut self, entry: ParsedCommand, held: Vec<String>, project: Project) -> ExitStatus {
        if !self.attended && !std::mem::replace(&mut self.listens, true) {
            // Where it cannot be heard, Ctrl-C ends the process.
            let _ = self.interrupt.listen();
        }
        let may_ask = entry.may_ask();
        let call = BackgroundCommand::begin(entry, held, project, &self.terminal);
        let (terminal, interrupt) = (&self.terminal, &self.interrupt);
        let whole = self.options.script.json;
        let mut wait = ForegroundWait { call: &call, terminal, interrupt, answer: String::new(), whole };
        let exit = match &self.printer {
            Some(_) => wait.a_moment(may_ask),
            None => Some(wait.until_the_end(self.attended)),
        };
        if whole {
            self.facts = wait.answer;
        } else if exit.is_some() {
            pager::show(&wait.answer, &self.terminal);
        } else {
            self.terminal.answer(&wait.answer);
        }
        exit.unwrap_or_else(|| self.put_aside(call))
    }

    fn put_aside(&mut self, mut call: BackgroundCommand) -> ExitStatus {
        let Some(printer) = &self.printer else { return ExitStatus::Ok };
        let words = format!("`{}` goes on aside; {}", call.typed, call.fate());
        self.terminal.say(&faint(&words));
        call.go_aside(printer, &self.terminal);
        self.calls.add(call);
        ExitStatus::Ok
    }
}

/// The session's stacks as `run` takes them.
fn project(entry: &ParsedCommand, repl: &Repl) -> Result<Project, Diagnostics> {
    let (stacks, mut told) = repl.templates();
    if entry.options.script.deny == Some(Deny::Warnings) {
        told.problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
    }
    let stacks = match stacks {
        Some(stacks) if !told.has_errors() => stacks,
        _ => return Err(told),
    };
    if stacks.is_empty() {
        return Err(Diagnostics { problems: vec![no_stacks()], sources: told.sources });
    }
    let script = repl.session().loaded().pop().unwrap_or_else(|| "SCRIPT".to_owned());
    // Warnings were shown when they arose; who is about to deploy sees them once more.
    let problems = if entry.changes() { told.problems } else { Vec::new() };
    let settings = repl.session().settings();
    Ok(Project { script, stacks: Some(stacks), settings, problems, sources: told.sources })
}

/// The stacks that an operation has to itself.
fn held(entry: &ParsedCommand, project: &Project) -> Vec<String> {
    if !entry.is_operation() {
        return Vec::new();
    }
    let stacks = project.stacks.as_deref().unwrap_or_default();
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let chosen = chosen(&names, entry.stacks()).unwrap_or_default();
    chosen.into_iter().map(|at| names[at].to_owned()).collect()
}
