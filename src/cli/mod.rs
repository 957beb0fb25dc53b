//! The command line: arguments, files, the environment, the clock, and everything that is printed.
//!
//! One file for each command; those about the stacks of a script stand in `run`, the terminal of the REPL in `repl`.
//! `args` is the grammar, `terminal` the only way out, `screen` what deployments look like on it, `project` the way from a
//! script to its templates that all commands of `run` share. In `.rtiler/` `recorder` keeps what happened, `former` what
//! stacks were, `rehearsal` the account of rehearsals, which `held` keeps to one process at a time.
//!
//! May import everything.
//!
//! *Invariant*: a command computes through the library and prints what comes of it; it decides nothing that a program using
//! the library would have to decide again.

#![allow(clippy::disallowed_methods, reason = "files, the environment and the clock are read here")]

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

mod account;
mod table;
mod terminal;

use clap::Parser;

pub use exit::ExitStatus;

use args::{Args, Command};
use terminal::Terminal;

/// Runs the command line of this process; `allocated` tells the bytes of memory in use.
pub fn main(allocated: fn() -> usize) -> ExitStatus {
    let args = match Args::try_parse() {
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
    if exit == ExitStatus::Ok && terminal.lost_an_answer() { ExitStatus::Script } else { exit }
}

fn usage(message: &clap::Error) -> ExitStatus {
    // A closed pipe is nobody's mistake: `rtiler --help | head`.
    let _ = message.print();
    if message.use_stderr() { ExitStatus::Usage } else { ExitStatus::Ok }
}
