//! The session of a command line.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::interrupt::{Interrupt, Watched};
use crate::cli::args::Repl as Args;
use crate::cli::exit::Exit;
use crate::cli::files::ProjectFiles;
use crate::cli::given::given;
use crate::cli::meter::ProcessMeter;
use crate::cli::terminal::Terminal;
use crate::diag::{Diagnostic, Sources};
use crate::repl::Repl;
use crate::script::Limits;
use crate::script::session::Session;

/// An empty session with what the user gave for settings; what is wrong with that is printed.
pub(super) fn repl(
    args: &Args,
    interrupt: &Interrupt,
    terminal: &Terminal,
    allocated: fn() -> usize,
) -> Result<Repl, Exit> {
    // Without a script the project is that of the working directory.
    let script = args.script.as_ref().map_or_else(|| working_folder().join("session.rhai"), PathBuf::from);
    let mut sources = Sources::default();
    let (given, problems) =
        given(args.script.as_ref().map_or(Path::new(""), Path::new), &args.options.script, &mut sources);
    terminal.problems(&problems, &sources);
    if problems.iter().any(Diagnostic::is_error) {
        return Err(Exit::Script);
    }
    let meter = Watched { process: ProcessMeter::start(allocated), interrupt: interrupt.clone() };
    let limits = Limits { meter: Rc::new(meter), ..Limits::default() };
    Ok(Repl::new(Session::new(Rc::new(ProjectFiles::of(&script)), given, limits)))
}

fn working_folder() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}
