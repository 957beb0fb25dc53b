//! What `rtiler repl` takes.

use super::RunOptions;
use crate::cli::repl::Target;

#[derive(clap::Args)]
#[command(after_help = "\
In a terminal: Tab completes, Ctrl-R searches the history, Alt-Enter begins a further line, Ctrl-C \
clears the line or ends what does not end, Ctrl-D leaves. `_` is the last value, `:help` lists the \
commands.

Without one, entries are read from standard input until the first error. An entry that the next \
line may go on with (`.cpu(256)`) is answered when that line is known; at once after a semicolon or \
an empty line.

Examples:
  rtiler repl                               explore the blocks
  rtiler repl app.rhai                      with the variables and stacks of a script
  rtiler repl -e 'Alb(\"web\")'               show what an expression makes, and leave
  rtiler repl app.rhai -e ':graph'          commands work the same way
  rtiler repl --json < lines.txt            one JSON object on a line for each entry")]
pub(crate) struct Repl {
    /// A script to load first
    pub(crate) script: Option<String>,
    /// Evaluate this, print what it gives, and leave; repeatable
    #[arg(short = 'e', long = "eval", value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) expressions: Vec<String>,
    /// Without a terminal: go on after an error; the exit code tells of it at the end
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// The account that commands talk to; `:target` chooses another
    #[arg(long, value_name = "ACCOUNT", default_value = "rehearsal")]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}
