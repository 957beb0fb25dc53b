use std::path::Path;

use super::args::Init;
use super::exit::ExitStatus;
use super::files::write_whole;
use super::terminal::Terminal;
use crate::block::Name;
use crate::diag::SourceMap;

const SCRIPT: &str = include_str!("init.rhai");

/// `rtiler init NAME`: a first script, `NAME.rhai`.
pub(crate) fn command(init: &Init, terminal: &Terminal) -> ExitStatus {
    if let Err(problem) = Name::parse(&init.name) {
        terminal.problems(&[problem], &SourceMap::default());
        return ExitStatus::Usage;
    }
    let file = format!("{}.rhai", init.name);
    let path = Path::new(&file);
    if path.exists() {
        terminal.tell(&format!("{file} is there already; nothing was written"));
        return ExitStatus::Usage;
    }
    if let Err(error) = write_whole(path, &SCRIPT.replace("NAME", &init.name)) {
        terminal.tell(&format!("{file} could not be written: {error}"));
        return ExitStatus::Script;
    }
    terminal.say(&format!("wrote {file}; next:\n  rtiler run {file} deploy --rehearse   (no account needed)"));
    terminal.line(&file);
    ExitStatus::Ok
}
