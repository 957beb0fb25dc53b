use std::path::Path;

use super::args::Init;
use super::exit::ExitStatus;
use super::files::write_whole;
use super::json::FileWritten;
use super::report::Output;
use super::terminal::Terminal;
use crate::block::Name;
use crate::diag::{Code, SourceMap};

const SCRIPT: &str = include_str!("init.rhai");

/// Runs `rtiler init NAME`: writes a first script, `NAME.rhai`.
pub(crate) fn command(init: &Init, terminal: &Terminal) -> ExitStatus {
    if let Err(problem) = Name::parse(&init.name) {
        terminal.problems(&[problem], &SourceMap::default());
        return ExitStatus::Usage;
    }
    let file = format!("{}.rhai", init.name);
    let path = Path::new(&file);
    if path.exists() {
        terminal.failure(Code::FileExists, &format!("{file} already exists; nothing was written"));
        return ExitStatus::Usage;
    }
    if let Err(error) = write_whole(path, &SCRIPT.replace("NAME", &init.name)) {
        terminal.failure(Code::FileUnwritable, &format!("cannot write {file}: {error}"));
        return ExitStatus::Script;
    }
    terminal.status(&format!("wrote {file}; next:\n  rtiler run {file} deploy --rehearse   (needs no account)"));
    Output::new(terminal, init.json).result(&FileWritten { file: file.clone() }, || format!("{file}\n"));
    ExitStatus::Ok
}
