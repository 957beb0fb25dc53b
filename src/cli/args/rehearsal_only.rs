//! Options of a rehearsal that are typed without `--rehearse`.

use clap::error::{ContextKind, ContextValue, ErrorKind};

/// An option that only a rehearsal has, on a command that does not rehearse.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RehearsalOnly {
    /// The error.
    pub(crate) message: String,
    /// The remedy.
    pub(crate) help: String,
}

impl RehearsalOnly {
    /// Returns the mistake if an error of the command line comes from it; `words` is the command line.
    pub(crate) fn of(error: &clap::Error, words: &[String]) -> Option<Self> {
        let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else { return None };
        if error.kind() != ErrorKind::MissingRequiredArgument || missing != &["--rehearse"] {
            return None;
        }
        let name = |word: &String| word.split('=').next().unwrap_or_default().to_owned();
        let option = words.iter().map(name).find(|name| OPTIONS.contains(&name.as_str()));
        let option = option.unwrap_or_else(|| "this option".to_owned());
        Some(Self {
            message: format!("`{option}` is an option of a rehearsal, and this command would run on AWS"),
            help: format!("add `--rehearse` to run the command on the simulated account, or leave `{option}` out"),
        })
    }
}

/// The options that need `--rehearse`.
const OPTIONS: [&str; 6] = ["--assume", "--assume-file", "--fault", "--from", "--seed", "--speed"];

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Args;
    use super::*;

    fn mistake(line: &str) -> Option<RehearsalOnly> {
        let words: Vec<String> = line.split(' ').map(str::to_owned).collect();
        RehearsalOnly::of(&Args::try_parse_from(&words).err()?, &words)
    }

    #[test]
    fn option_of_a_rehearsal_without_one_gets_the_remedy() {
        for option in ["--fault Web", "--speed 60", "--seed=2", "--from empty", "--assume /a=b"] {
            let mistake = mistake(&format!("rtiler run a.rhai deploy {option}")).expect("a mistake");
            let name = option.split([' ', '=']).next().expect("a name");
            assert!(mistake.message.starts_with(&format!("`{name}` is an option of a rehearsal")), "{mistake:?}");
            assert!(mistake.help.contains("add `--rehearse`"), "{mistake:?}");
        }
        for line in ["deploy --rehearse --fault Web", "scale Web", "deploy --plan"] {
            assert_eq!(mistake(&format!("rtiler run a.rhai {line}")), None, "{line}");
        }
    }
}
