//! Account commands: commands of `run` over the session's stacks, in AWS or in the rehearsal account.
//!
//! | file | content |
//! |---|---|
//! | `command_parser` | parsing of a command by the grammar of `run` |
//! | `target` | the account of the commands |
//! | `background_command` | a command on a thread of its own |
//! | `foreground` | the wait for a command, until it ends or continues in the background |
//! | `background_commands` | the commands in the background |
//! | `prompt` | questions |
//!
//! *Invariant*: an account never blocks the prompt for longer than the user wants, and nothing is decided here that `run`
//! decides.

mod background_command;
mod background_commands;
mod command_parser;
mod foreground;
mod prompt;
mod target;

use std::sync::{Arc, Mutex};

use serde_json::Value as Json;

pub(super) use background_command::Printer;
pub(super) use command_parser::options;
pub(crate) use target::Target;

use super::ctrl_c::SigintFlag;
use super::pager;
use crate::cli::args::{Deny, RunOptions};
use crate::cli::exit::ExitStatus;
use crate::cli::json::{Document, Problem};
use crate::cli::project::{Project, print_output};
use crate::cli::report::faint;
use crate::cli::terminal::Terminal;
use crate::deploy::choose_stacks;
use crate::diag::{Code, Diagnostic, Severity, SourceMap};
use crate::printable::plain;
use crate::repl::{AccountCommandKind, Repl, no_stacks};
use crate::script::session::Diagnostics;
use background_command::BackgroundCommand;
use background_commands::BackgroundCommands;
use command_parser::ParsedCommand;
use foreground::ForegroundWait;

/// The JSON output of a command.
pub(super) struct AccountJson {
    /// The lines that it printed before its result.
    pub(super) records: Vec<Json>,
    pub(super) result: Option<Json>,
    pub(super) problems: Vec<Problem>,
}

/// The account of the commands, and the commands that run.
pub(super) struct Account {
    /// The options of the command line: profile, region, parameters.
    options: RunOptions,
    terminal: Terminal,
    /// Raised by Ctrl-C while a command runs in the foreground.
    sigint: SigintFlag,
    /// Prints above the prompt; without it, every command runs in the foreground to its end.
    printer: Option<Arc<Mutex<Printer>>>,
    target: Target,
    background: BackgroundCommands,
    /// The lines of JSON that the last command printed.
    lines: String,
    /// The JSON document of the last command.
    document: Document,
    /// Whether a user can answer questions.
    interactive: bool,
    /// Whether the handler of SIGINT is installed.
    handles_sigint: bool,
    /// Whether the user wants the output in the pager.
    is_paged: bool,
}

impl Account {
    /// Creates an account; it is not contacted before the first command.
    pub(super) fn new(
        options: &RunOptions,
        target: Target,
        terminal: &Terminal,
        sigint: SigintFlag,
        interactive: bool,
    ) -> Self {
        Self {
            options: options.clone(),
            terminal: terminal.clone(),
            sigint,
            printer: None,
            target,
            background: BackgroundCommands::default(),
            lines: String::new(),
            document: Document::default(),
            interactive,
            handles_sigint: false,
            is_paged: false,
        }
    }

    /// Lets long commands continue in the background and print above the prompt.
    pub(super) fn set_printer(&mut self, printer: Printer) {
        self.printer = Some(Arc::new(Mutex::new(printer)));
    }

    /// Shows the output of the next commands in the pager, or not.
    pub(super) fn set_paged(&mut self, is_paged: bool) {
        self.is_paged = is_paged;
    }

    /// Takes the JSON output of the last command.
    pub(super) fn take_json(&mut self) -> AccountJson {
        let (problems, result) = self.document.take();
        let lines = std::mem::take(&mut self.lines);
        AccountJson {
            records: lines.lines().filter_map(|line| serde_json::from_str(line).ok()).collect(),
            result,
            problems,
        }
    }

    /// Returns the terminal for the next command, with a new document if a program reads the session.
    fn next_terminal(&mut self) -> Terminal {
        self.document = Document::default();
        let json = self.options.script.json;
        if json { self.terminal.for_document(self.document.clone()) } else { self.terminal.clone() }
    }

    /// Executes a command over the stacks of the session.
    pub(super) fn execute(&mut self, kind: AccountCommandKind, argument: &str, repl: &Repl) -> ExitStatus {
        self.background.remove_finished();
        let terminal = self.next_terminal();
        let command = match ParsedCommand::parse(kind, argument, self.target, &self.options) {
            Ok(command) => command,
            Err(help) if help.is_help => {
                self.terminal.println(&help.message);
                return ExitStatus::Ok;
            }
            Err(error) => {
                terminal.message(&error.message);
                terminal.note(&[Diagnostic::new(Code::CommandLine, plain(&error.message))], &SourceMap::default());
                return ExitStatus::Usage;
            }
        };
        let project = match project(&command, repl, &self.terminal) {
            Ok(project) => project,
            Err(diagnostics) => {
                terminal.problems(&diagnostics.problems, &diagnostics.sources);
                return ExitStatus::Script;
            }
        };
        let stacks = operated_stacks(&command, &project);
        if let Some(problem) = self.background.conflict(&command, &stacks) {
            terminal.problems(&[problem], &project.sources);
            return ExitStatus::Usage;
        }
        self.print_account(&command);
        let exit = self.run(command, stacks, project);
        // At a prompt changes are the result of `:diff` and `:drift`; a pipe gets the exit code of the command line.
        if exit == ExitStatus::ChangesFound && self.interactive { ExitStatus::Ok } else { exit }
    }

    /// Asks the questions of background commands, before a prompt.
    pub(super) fn ask_pending_questions(&mut self) {
        while let Some((question, answer)) = self.background.next_question() {
            if let Some(line) = prompt::line(&question) {
                // The command may have ended.
                let _ = answer.send(line);
            }
        }
    }

    /// Handles Ctrl-C at an empty prompt: detaches from background commands. Returns whether there are any.
    pub(super) fn interrupt_background(&mut self) -> bool {
        self.background.interrupt(&self.terminal)
    }

    /// Detaches from all commands, before the REPL ends.
    pub(super) fn shut_down(&mut self) {
        self.background.shut_down(&self.terminal);
    }

    /// Shows or sets the account of the commands.
    pub(super) fn choose(&mut self, name: &str) -> ExitStatus {
        self.background.remove_finished();
        let terminal = self.next_terminal();
        if !name.is_empty() {
            let Some(target) = Target::from_name(name) else {
                let problem = Diagnostic::new(Code::WrongArgument, format!("`{name}` is not an account"))
                    .help("write `:target aws` or `:target rehearsal`");
                terminal.problems(&[problem], &SourceMap::default());
                return ExitStatus::Usage;
            };
            self.target = target;
        }
        if self.options.script.json {
            self.document.set_result(serde_json::json!({ "target": self.target.name() }));
        } else {
            self.terminal.println(&self.target.to_string());
        }
        ExitStatus::Ok
    }

    /// Prints that the rehearsal account is used; a command prints the AWS account itself.
    fn print_account(&self, command: &ParsedCommand) {
        if command.target == Target::Rehearsal && !self.options.script.json {
            let hint = if self.target == Target::Rehearsal { " (`:target aws` selects yours)" } else { "" };
            self.terminal.status(&faint(&format!("rehearsal account{hint}")));
        }
    }

    /// Runs a command on a thread of its own, and waits for it until it may continue in the background.
    fn run(&mut self, command: ParsedCommand, stacks: Vec<String>, project: Project) -> ExitStatus {
        if !self.interactive && !std::mem::replace(&mut self.handles_sigint, true) {
            // Without the handler Ctrl-C ends the process.
            let _ = self.sigint.listen();
        }
        let may_ask = command.may_ask();
        let json = self.options.script.json;
        let has_document = json || command.options.script.json;
        let terminal =
            if has_document { self.terminal.for_document(self.document.clone()) } else { self.terminal.clone() };
        let command = BackgroundCommand::start(command, stacks, project, &terminal, !json, &self.sigint);
        let (terminal, sigint) = (&self.terminal, &self.sigint);
        let mut wait = ForegroundWait { command: &command, terminal, sigint, output: String::new(), buffered: json };
        let exit = match &self.printer {
            Some(_) => wait.briefly(may_ask),
            None => Some(wait.until_finished(self.interactive)),
        };
        if json {
            self.lines = wait.output;
        } else if exit.is_some() {
            pager::show(&wait.output, self.is_paged, &self.terminal);
        } else {
            self.terminal.print(&wait.output);
        }
        exit.unwrap_or_else(|| self.move_to_background(command))
    }

    fn move_to_background(&mut self, mut command: BackgroundCommand) -> ExitStatus {
        let Some(printer) = &self.printer else { return ExitStatus::Ok };
        let note = format!("`{}` continues in the background; {}", command.input, command.detach_hint());
        self.terminal.status(&faint(&note));
        command.print_above_prompt(printer, &self.terminal);
        self.background.add(command);
        ExitStatus::Ok
    }
}

/// Returns the session's stacks as a project of `run`.
fn project(command: &ParsedCommand, repl: &Repl, terminal: &Terminal) -> Result<Project, Diagnostics> {
    let (stacks, mut diagnostics) = repl.templates();
    if let (Some(stacks), true) = (&stacks, command.runs_policies()) {
        let found = repl.session().policy_findings(stacks);
        print_output(&found.printed, terminal);
        diagnostics.problems.extend(found.problems);
        diagnostics.sources.extend(&found.sources);
    }
    if command.options.script.deny == Some(Deny::Warnings) {
        diagnostics.problems.iter_mut().for_each(|problem| problem.severity = Severity::Error);
    }
    let stacks = match stacks {
        Some(stacks) if !diagnostics.has_errors() => stacks,
        _ => return Err(diagnostics),
    };
    if stacks.is_empty() {
        return Err(Diagnostics { problems: vec![no_stacks()], sources: diagnostics.sources });
    }
    let script = repl.session().loaded().pop().unwrap_or_else(|| "SCRIPT".to_owned());
    // Warnings were shown when they arose; they are repeated before a change.
    let repeats = command.changes() || command.runs_policies();
    let problems = if repeats { diagnostics.problems } else { Vec::new() };
    let settings = repl.session().settings();
    Ok(Project { script, stacks: Some(stacks), settings, problems, sources: diagnostics.sources })
}

/// Returns the stacks on which no other operation may run; none for a command that only reads.
fn operated_stacks(command: &ParsedCommand, project: &Project) -> Vec<String> {
    if !command.is_operation() {
        return Vec::new();
    }
    let stacks = project.stacks.as_deref().unwrap_or_default();
    let names: Vec<&str> = stacks.iter().map(|stack| stack.name.as_str()).collect();
    let chosen = choose_stacks(&names, command.stacks()).unwrap_or_default();
    chosen.into_iter().map(|at| names[at].to_owned()).collect()
}
