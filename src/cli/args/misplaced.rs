//! Commands of `rtiler run` that are typed without `run`.

use clap::Subcommand;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::RunCommand;

/// A command of `rtiler run`, or its script, that is typed without `run`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misplaced {
    /// The error.
    pub(crate) message: String,
    /// The command line to write instead.
    pub(crate) help: String,
}

impl Misplaced {
    /// Returns the mistake if an error of the command line comes from it; `words` is the command line.
    pub(crate) fn of(error: &clap::Error, words: &[String]) -> Option<Self> {
        let Some(ContextValue::String(first)) = error.get(ContextKind::InvalidSubcommand) else { return None };
        if error.kind() != ErrorKind::InvalidSubcommand {
            return None;
        }
        let next = words.iter().skip_while(|word| *word != first).nth(1).map(String::as_str);
        let (message, script, command) = if RunCommand::has_subcommand(first) {
            let script = next.filter(|next| is_script(next)).unwrap_or("SCRIPT");
            (format!("`{first}` is a command of `rtiler run`"), script, first.as_str())
        } else if is_script(first) {
            let command = next.filter(|next| RunCommand::has_subcommand(next)).unwrap_or("COMMAND");
            (format!("`{first}` is a script, not a command"), first.as_str(), command)
        } else {
            return None;
        };
        Some(Self { message, help: format!("write `rtiler run {script} {command}`") })
    }
}

fn is_script(word: &str) -> bool {
    std::path::Path::new(word).extension().is_some_and(|end| end == "rhai")
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Args;
    use super::*;

    fn help(line: &str) -> Option<String> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        Misplaced::of(&Args::try_parse_from(&words).err()?, &words).map(|mistake| mistake.help)
    }

    #[test]
    fn command_of_run_at_the_top_gets_the_line_with_run() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(help("rtiler deploy a/b.rhai"), some("write `rtiler run a/b.rhai deploy`"));
        assert_eq!(help("rtiler --quiet run-task"), some("write `rtiler run SCRIPT run-task`"));
        assert_eq!(help("rtiler b.rhai plan"), some("write `rtiler run b.rhai plan`"));
        assert_eq!(help("rtiler nonsense"), None);
        assert_eq!(help("rtiler run b.rhai nonsense"), None);
    }
}
