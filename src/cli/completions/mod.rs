//! Completion in shells: `rtiler completions SHELL` prints a script that runs the hidden `rtiler complete` for each Tab.
//!
//! `line` finds out what the last word of a command line is, `values` has the names that a script, the reference or the codes
//! give, `words` splits a line.
//!
//! May import `cli`, `explain`, `rehearsal` and `script::reference`.
//!
//! *Invariant*: completion prints nothing but candidates, contacts no account and writes no file; a script with errors gives
//! fewer candidates and no message.

mod line;
mod values;
mod words;

use clap_complete::Shell;

use super::args::{Args, Complete, Completions};
use super::exit::ExitStatus;
use super::terminal::Terminal;
use crate::printable::{is_printable_text, one_line};
use clap::CommandFactory;

/// A word that can be at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Candidate {
    /// The whole word. One that ends with `=` or `:` is continued.
    text: String,
    /// Its description, on one line; may be empty.
    about: String,
}

impl Candidate {
    fn new(text: impl Into<String>, about: impl Into<String>) -> Self {
        Self { text: text.into(), about: about.into() }
    }
}

/// The candidates for the last word of a command line.
#[derive(Debug, Default)]
struct Answer {
    candidates: Vec<Candidate>,
    /// Whether paths of files are candidates, too.
    files: bool,
}

/// Runs `rtiler completions SHELL`: prints the script for a shell.
pub(crate) fn command(completions: &Completions, terminal: &Terminal) -> ExitStatus {
    match completions.shell {
        Shell::Bash => terminal.print(include_str!("rtiler.bash")),
        Shell::Zsh => terminal.print(include_str!("rtiler.zsh")),
        Shell::Fish => terminal.print(include_str!("rtiler.fish")),
        // Other shells complete the words of the command line only.
        shell => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Args::command(), "rtiler", &mut script);
            terminal.print(&String::from_utf8_lossy(&script));
        }
    }
    ExitStatus::Ok
}

/// Runs the hidden `rtiler complete`: prints a candidate on each line, its description after a tab. A first line `files`
/// asks the shell for paths.
pub(crate) fn complete(complete: &Complete, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let words = complete.line.as_deref().map_or_else(|| complete.words.clone(), words::split);
    let Answer { candidates, files } = line::answer(words.get(1..).unwrap_or_default(), terminal, allocated);
    let mut text = if files { "files\n".to_owned() } else { "\n".to_owned() };
    // A word that a shell shows must be one that a terminal shows as it is.
    for Candidate { text: word, about } in candidates.into_iter().filter(|it| is_printable_text(&it.text)) {
        text += &format!("{word}\t{}\n", one_line(&about));
    }
    terminal.print(&text);
    ExitStatus::Ok
}
