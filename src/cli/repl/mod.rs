//! `rtiler repl`: the front end of `crate::repl`.
//!
//! | file | content |
//! |---|---|
//! | `session_setup` | the session of a command line |
//! | `interactive` | the loop with a user: prompt, answer, prompt |
//! | `batch` | `-e`, pipes and files: text or JSON in, text or JSON out |
//! | `driver` | evaluation of entries, and the requests that only a front end can fulfil |
//! | `editor` | the line editor with its menu, hints and history |
//! | `line_reader` | user input; terminals without cursor movement |
//! | `style`, `pager` | colours, and output that is longer than the window |
//! | `ctrl_c` | Ctrl-C while a line is evaluated, and the end of the process by a signal |
//! | `file_watcher` | files that change during the session |
//! | `save`, `edit` | `:save` and `:edit` |
//! | `completion_sources` | files and options for completion |
//! | `account` | account commands |
//!
//! May import `crate::repl` and the other rooms of `cli`.
//!
//! *Invariant*: `crate::repl` decides the meaning of a line; this room reads lines and shows results.

mod account;
mod batch;
mod completion_sources;
mod ctrl_c;
mod driver;
mod edit;
mod editor;
mod file_watcher;
mod interactive;
mod line_reader;
mod pager;
mod save;
mod session_setup;
mod style;

use std::io::IsTerminal;

pub(crate) use account::Target;

use super::args::Repl as Args;
use super::exit::ExitStatus;
use super::frontend::Frontend;
use super::packages::entry_of;
use super::terminal::{Stream, Terminal};
use crate::diag::SourceMap;
use ctrl_c::SigintFlag;

/// Runs `rtiler repl [SCRIPT]`.
pub(crate) fn command(args: &Args, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let sigint = SigintFlag::default();
    #[cfg(unix)]
    sigint.end_with_signals();
    let terminal = &terminal.for_frontend(Frontend::session(args.script.as_deref(), &args.options));
    let args = &match with_entry(args, terminal) {
        Ok(args) => args,
        Err(exit) => return exit,
    };
    let (repl, files) = match session_setup::repl(args, &sigint, terminal, allocated) {
        Ok(created) => created,
        Err(exit) => return exit,
    };
    if is_interactive(args) {
        interactive::run((repl, files), args, &sigint, terminal)
    } else {
        batch::run(repl, args, &sigint, terminal)
    }
}

/// Returns the arguments with the entry of the project in place of a folder.
fn with_entry(args: &Args, terminal: &Terminal) -> Result<Args, ExitStatus> {
    let mut sources = SourceMap::default();
    let script = args.script.as_deref().map(|script| entry_of(script, &mut sources)).transpose();
    match script {
        Ok(script) => Ok(Args { script, ..args.clone() }),
        Err(problems) => {
            terminal.problems(&problems, &sources);
            Err(ExitStatus::Script)
        }
    }
}

/// Returns whether a user types and reads.
fn is_interactive(args: &Args) -> bool {
    args.expressions.is_empty()
        && !args.options.script.json
        && std::io::stdin().is_terminal()
        && Stream::Output.is_terminal()
}
