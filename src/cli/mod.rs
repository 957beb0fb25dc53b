//! The command line: arguments, files, the environment, the clock, and everything that is printed.
//!
//! `args` declares the arguments; one file runs each command: those of `rtiler run` are in `commands`, the others here.
//! `packages` finds a project with `rtiler.toml` and its packages, `project` evaluates a script, `bootstrap_script` is the script of `bootstrap`, `account` selects AWS or the rehearsal account, `terminal` prints and asks, `report` shows
//! progress and results, `recorder` records operations in `.rtiler/runs`, `earlier_runs` reads their durations, `repl` is the terminal of the REPL.
//!
//! May import everything.
//!
//! *Invariant*: a command computes through the library and prints the result; it decides nothing that another program would
//! have to decide again.

#![allow(clippy::disallowed_methods, reason = "files, the environment and the clock are read here")]

mod account;
mod args;
mod bootstrap_script;
mod check;
mod commands;
mod completions;
mod doc;
mod doctor;
mod earlier_runs;
mod exit;
mod explain;
mod files;
mod fmt;
mod frontend;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzz;
mod image_checks;
mod import_from;
mod init;
mod json;
mod licenses;
mod man;
mod packages;
mod process_usage;
mod project;
mod publish;
mod recorder;
mod repl;
mod replay;
mod report;
mod sarif;
mod settings_input;
mod table;
mod terminal;
mod test;
mod text_width;
mod version;
mod written_script;

use std::ffi::OsString;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches};

pub use exit::ExitStatus;
pub use terminal::note_closed_output;

use crate::diag::{Code, Diagnostic, SourceMap};
use args::{Args, Command, Globals, Misplaced, RehearsalOnly};
use json::Document;
use terminal::Terminal;

/// Runs the command line of this process; `allocated` returns the bytes of memory in use.
pub fn main(allocated: fn() -> usize) -> ExitStatus {
    terminal::report_panics();
    #[cfg(feature = "oci")]
    crate::registry::observe_memory(allocated);
    let (terminal, exit) = match parse(std::env::args_os()) {
        Ok(args) => {
            let terminal = terminal_of(&args.globals, args.command.json());
            let exit = execute(&args.command, &terminal, allocated);
            terminal.finish_document(Some(&args.command.name()), exit);
            (terminal, exit)
        }
        Err(message) => usage(&message),
    };
    if exit == ExitStatus::Ok && terminal.lost_output() { ExitStatus::Script } else { exit }
}

fn parse<W: Into<OsString> + Clone>(words: impl IntoIterator<Item = W>) -> Result<Args, clap::Error> {
    let matches = args::for_page(Args::command()).try_get_matches_from(words)?;
    Args::from_arg_matches(&matches)
}

fn terminal_of(globals: &Globals, json: bool) -> Terminal {
    let terminal = Terminal::new(globals);
    if json { terminal.for_document(Document::default()) } else { terminal }
}

fn execute(command: &Command, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    match command {
        Command::Run(run) => commands::command(run, terminal, allocated),
        Command::Check(check) => check::command(check, terminal, allocated),
        Command::Fmt(fmt) => fmt::command(fmt, terminal),
        Command::Init(init) => init::command(init, terminal),
        Command::ImportFrom(import) => import_from::command(import, terminal, allocated),
        Command::Test(test) => test::command(test, terminal, allocated),
        Command::Add(add) => packages::add::command(add, terminal),
        Command::Remove(remove) => packages::remove::command(remove, terminal),
        Command::Update(update) => packages::update::command(update, terminal),
        Command::Vendor(listing) => packages::vendor::command(listing, terminal),
        Command::Tree(listing) => packages::tree::command(listing, terminal),
        Command::Outdated(listing) => packages::outdated::command(listing, terminal),
        Command::Bootstrap(args) => commands::bootstrap::command(args, terminal, allocated),
        Command::Doctor(args) => doctor::command(args, terminal, allocated),
        Command::Gc(args) => commands::gc::command(args, terminal, allocated),
        Command::Repl(repl) => repl::command(repl, terminal, allocated),
        Command::Doc(doc) => doc::command(doc, terminal),
        Command::Publish(publish) => publish::command(publish, terminal, allocated),
        Command::Explain(explain) => explain::command(explain, terminal),
        Command::Replay(replay) => replay::command(replay, terminal),
        Command::Licenses => licenses::command(terminal),
        Command::Completions(completions) => completions::command(completions, terminal),
        Command::Man(man) => man::command(man, terminal),
        Command::Complete(complete) => completions::complete(complete, terminal, allocated),
    }
}

/// Prints an error of the command line; with `--json` in it, also as a document.
fn usage(message: &clap::Error) -> (Terminal, ExitStatus) {
    let words: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let wants_json = words.iter().take_while(|word| *word != "--").any(|word| word == "--json");
    let terminal = terminal_of(&Globals::default(), wants_json);
    if let Some(Misplaced { message, help }) = Misplaced::of(message, &words) {
        terminal.error(&message, &help);
    } else if let Some(RehearsalOnly { message, help }) = RehearsalOnly::of(message, &words) {
        terminal.error(&message, &help);
    } else if message.kind() == ErrorKind::DisplayVersion && version::wants_details(&words) {
        terminal.print(&version::details());
        return (terminal, ExitStatus::Ok);
    } else {
        let text = args::error_text(message, &words, |words| parse(words).err());
        if !message.use_stderr() {
            terminal.print(&text);
            return (terminal, ExitStatus::Ok);
        }
        terminal.message(text.trim_end_matches('\n'));
        terminal.note(&[command_line_error(message)], &SourceMap::default());
    }
    terminal.finish_document(None, ExitStatus::Usage);
    (terminal, ExitStatus::Usage)
}

/// Returns an error of the command line as a diagnostic: the sentence, and the rest as help.
fn command_line_error(message: &clap::Error) -> Diagnostic {
    let text = message.to_string();
    let mut paragraphs = text.split("\n\n").map(|part| part.split_whitespace().collect::<Vec<_>>().join(" "));
    let first = paragraphs.next().unwrap_or_default();
    let problem = Diagnostic::new(Code::CommandLine, first.strip_prefix("error: ").unwrap_or(&first));
    let hints = paragraphs.filter(|part| !part.is_empty());
    hints.fold(problem, |problem, hint| problem.help(hint.strip_prefix("tip: ").unwrap_or(&hint)))
}
