//! The session of a command line.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use super::ctrl_c::{InterruptibleMeter, SigintFlag};
use crate::cli::args::Repl as Args;
use crate::cli::exit::ExitStatus;
use crate::cli::files::ProjectFiles;
use crate::cli::packages::packages_of;
use crate::cli::process_usage::ProcessUsage;
use crate::cli::report::Charset;
use crate::cli::settings_input::given;
use crate::cli::terminal::Terminal;
use crate::diag::{Diagnostic, SourceMap};
use crate::repl::{LineStyle, Repl};
use crate::script::session::Session;
use crate::script::{Limits, SourceLoader};

/// Creates an empty session with the settings of the command line, and prints their problems. Also returns the files that it reads.
pub(super) fn repl(
    args: &Args,
    sigint: &SigintFlag,
    terminal: &Terminal,
    allocated: fn() -> usize,
) -> Result<(Repl, Rc<ProjectFiles>), ExitStatus> {
    // Without a script the project is the working directory.
    let script = args.script.as_ref().map_or_else(|| working_directory().join("session.rhai"), PathBuf::from);
    let mut sources = SourceMap::default();
    let (given, mut problems) =
        given(args.script.as_ref().map_or(Path::new(""), Path::new), &args.options.script, &mut sources);
    let packages = packages_of(&script, args.options.script.packages, &mut sources, terminal);
    let packages = packages.unwrap_or_else(|found| {
        problems.extend(found);
        Arc::default()
    });
    terminal.problems(&problems, &sources);
    if problems.iter().any(Diagnostic::is_error) {
        return Err(ExitStatus::Script);
    }
    let meter = InterruptibleMeter { process: ProcessUsage::start(allocated), sigint: sigint.clone() };
    let limits = Limits { meter: Rc::new(meter), ..Limits::default() };
    let files = Rc::new(ProjectFiles::of(&script).with_packages(packages));
    let loader: Rc<dyn SourceLoader> = Rc::<ProjectFiles>::clone(&files);
    let repl = Repl::new(Session::new(loader, given, limits));
    let repl = repl.with_line_style(match Charset::of_locale() {
        Charset::Unicode => LineStyle::Box,
        Charset::Ascii => LineStyle::Ascii,
    });
    Ok((repl, files))
}

fn working_directory() -> PathBuf {
    std::env::current_dir().unwrap_or_default()
}
