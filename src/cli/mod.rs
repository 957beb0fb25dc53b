//! The command line: arguments, files, the environment, the clock, and everything that is printed.
//!
//! `args` declares the arguments; one file runs each command: those of `rtiler run` are in `commands`, the others here.
//! `project` evaluates a script, `account` selects AWS or the rehearsal account, `terminal` prints and asks, `report` shows
//! progress and results, `recorder` records operations in `.rtiler/runs`, `repl` is the terminal of the REPL.
//!
//! May import everything.
//!
//! *Invariant*: a command computes through the library and prints the result; it decides nothing that another program would
//! have to decide again.

#![allow(clippy::disallowed_methods, reason = "files, the environment and the clock are read here")]

mod account;
mod args;
mod check;
mod commands;
mod completions;
mod doc;
mod exit;
mod explain;
mod files;
mod frontend;
mod init;
mod json;
mod process_usage;
mod project;
mod recorder;
mod repl;
mod replay;
mod report;
mod sarif;
mod settings_input;
mod table;
mod terminal;
mod text_width;

use clap::{CommandFactory, FromArgMatches};

pub use exit::ExitStatus;

use args::{Args, Command, Globals, Misplaced, RehearsalOnly};
use terminal::Terminal;

/// Runs the command line of this process; `allocated` returns the bytes of memory in use.
pub fn main(allocated: fn() -> usize) -> ExitStatus {
    let matches = args::for_page(Args::command()).try_get_matches();
    let args = match matches.and_then(|matches| Args::from_arg_matches(&matches)) {
        Ok(args) => args,
        Err(message) => return usage(&message),
    };
    let terminal = Terminal::new(&args.globals);
    let exit = match args.command {
        Command::Run(run) => commands::command(&run, &terminal, allocated),
        Command::Check(check) => check::command(&check, &terminal, allocated),
        Command::Init(init) => init::command(&init, &terminal),
        Command::Repl(repl) => repl::command(&repl, &terminal, allocated),
        Command::Doc(doc) => doc::command(&doc, &terminal),
        Command::Explain(explain) => explain::command(&explain, &terminal),
        Command::Replay(replay) => replay::command(&replay, &terminal),
        Command::Completions(completions) => completions::command(&completions, &terminal),
    };
    if exit == ExitStatus::Ok && terminal.lost_output() { ExitStatus::Script } else { exit }
}

fn usage(message: &clap::Error) -> ExitStatus {
    if let Some(Misplaced { message, help }) = Misplaced::of(message, &std::env::args().collect::<Vec<_>>()) {
        Terminal::new(&Globals::default()).error(&message, &help);
        return ExitStatus::Usage;
    }
    if let Some(RehearsalOnly { message, help }) = RehearsalOnly::of(message, &std::env::args().collect::<Vec<_>>()) {
        Terminal::new(&Globals::default()).error(&message, &help);
        return ExitStatus::Usage;
    }
    // A closed pipe is not an error: `rtiler --help | head`.
    let _ = message.print();
    if message.use_stderr() { ExitStatus::Usage } else { ExitStatus::Ok }
}
