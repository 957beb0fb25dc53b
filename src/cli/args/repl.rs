//! The arguments of `rtiler repl`.

use super::RunOptions;
use crate::cli::repl::Target;

#[derive(clap::Args, Clone)]
#[command(after_help = "\
In a terminal: Tab completes, Ctrl-R searches the history, Alt-Enter adds a line, Ctrl-C clears the \
line or stops an evaluation, Ctrl-D exits. `_` is the last value, `:help` lists the \
commands.

Without a terminal, entries are read from standard input until the first error. An entry that the \
next line can continue (`.cpu(256)`) is evaluated when that line is read; at once after a semicolon \
or an empty line.

Examples:
  rtiler repl                               explore the blocks
  rtiler repl app.rhai                      with the variables and stacks of a script
  rtiler repl -e 'Alb(\"web\")'               print an expression and exit
  rtiler repl app.rhai -e ':graph'          commands work the same way
  rtiler repl --json < lines.txt            one JSON object per line for each entry")]
pub(crate) struct Repl {
    /// Load this script first; a folder of a project means its entry: `.`
    pub(crate) script: Option<String>,
    /// Evaluate this expression, print its value and exit; repeatable
    #[arg(short = 'e', long = "eval", value_name = "EXPR", allow_hyphen_values = true)]
    pub(crate) expressions: Vec<String>,
    /// Without a terminal: continue after an error; the exit code reports it at the end
    #[arg(long)]
    pub(crate) keep_going: bool,
    /// The account that commands work on; `:target` selects another
    #[arg(long, value_name = "ACCOUNT", default_value = "rehearsal")]
    pub(crate) target: Target,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}
