//! What `rtiler repl` takes.

use super::RunOptions;
use crate::cli::repl::Target;

#[derive(clap::Args)]
#[command(after_help = "\
Type an expression to see what it makes, `:help` for the commands; Tab completes, Ctrl-R searches the history, Ctrl-C
clears the line or ends what does not end, Ctrl-D leaves. `_` is the last value.

Examples:
  rtiler repl                               explore the blocks
  rtiler repl app.rhai                      with the variables and stacks of a script
  rtiler repl -e 'Alb(\"web\")'               show what an expression makes, and leave
  rtiler repl app.rhai -e ':graph'          commands work the same way
  rtiler repl --json < lines.txt            one JSON object for each entry, for programs")]
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
