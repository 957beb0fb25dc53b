//! `rtiler repl`: the terminal of the REPL, whose answers come from `crate::repl`.
//!
//! | file | what is in it |
//! |---|---|
//! | `start` | the session of a command line |
//! | `attended` | the conversation with a person: prompt, answer, prompt |
//! | `unattended` | `-e`, pipes and files: text or JSON in, text or JSON out |
//! | `conversation` | what both have in common: entries, and what becomes of them |
//! | `editor` | the line editor with its menu, hints and history |
//! | `typed` | what a person typed; terminals that only know lines |
//! | `paint`, `pager` | colours, and answers that are longer than the window |
//! | `interrupt` | Ctrl-C while a line is evaluated |
//! | `watch` | files that change while the session goes on |
//! | `write`, `edit` | `:save` and `:edit` |
//! | `names` | names for completion that the session does not know |
//! | `account` | commands that want an account |
//!
//! *Invariant*: what a line means is decided in `crate::repl`; here it is read, and what it gives is shown.

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
use super::terminal::Terminal;
use ctrl_c::SigintFlag;

/// `rtiler repl [SCRIPT]`.
pub(crate) fn command(args: &Args, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let interrupt = SigintFlag::default();
    let terminal = &terminal.for_frontend(Frontend::session(args.script.as_deref(), &args.options));
    let repl = match session_setup::repl(args, &interrupt, terminal, allocated) {
        Ok(repl) => repl,
        Err(exit) => return exit,
    };
    if is_attended(args) {
        interactive::talk(repl, args, &interrupt, terminal)
    } else {
        batch::work(repl, args, &interrupt, terminal)
    }
}

/// True where a person types and reads.
fn is_attended(args: &Args) -> bool {
    args.expressions.is_empty()
        && !args.options.script.json
        && std::io::stdin().is_terminal()
        && std::io::stdout().is_terminal()
}
