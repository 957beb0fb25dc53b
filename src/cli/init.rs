use std::path::Path;

use super::args::Init;
use super::exit::Exit;
use super::files::write_whole;
use super::terminal::Terminal;
use crate::block::Name;
use crate::diag::Sources;

const SCRIPT: &str = include_str!("init.rhai");

/// `rtiler init NAME`: a first script, `NAME.rhai`.
pub(crate) fn command(init: &Init, terminal: &Terminal) -> Exit {
    if let Err(problem) = Name::parse(&init.name) {
        terminal.problems(&[problem], &Sources::default());
        return Exit::Usage;
    }
    let file = format!("{}.rhai", init.name);
    let path = Path::new(&file);
    if path.exists() {
        terminal.tell(&format!("{file} is there already; nothing was written"));
        return Exit::Usage;
    }
    if let Err(error) = write_whole(path, &SCRIPT.replace("NAME", &init.name)) {
        terminal.tell(&format!("{file} could not be written: {error}"));
        return Exit::Script;
    }
    terminal.say(&format!("wrote {file}; next:\n  rtiler run {file} deploy --rehearse   (no account needed)"));
    terminal.line(&file);
    Exit::Ok
}
