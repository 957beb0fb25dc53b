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
    /// Returns the mistake if an error of the command line comes from it.
    pub(crate) fn of(error: &clap::Error) -> Option<Self> {
        let Some(ContextValue::Strings(missing)) = error.get(ContextKind::InvalidArg) else { return None };
        let lacks_rehearse = error.kind() == ErrorKind::MissingRequiredArgument && missing == &["--rehearse"];
        lacks_rehearse.then(|| Self {
            message:
                "`--fault`, `--from`, `--speed` and `--seed` are options of a rehearsal, and this command would run \
                      on AWS"
                    .to_owned(),
            help: "add `--rehearse` to run the command on the simulated account, or leave the option out".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::Args;
    use super::*;

    fn mistake(line: &str) -> Option<RehearsalOnly> {
        RehearsalOnly::of(&Args::try_parse_from(line.split(' ')).err()?)
    }

    #[test]
    fn fault_without_a_rehearsal_gets_the_remedy() {
        for option in ["--fault Web", "--speed 60", "--seed 2", "--from empty"] {
            let mistake = mistake(&format!("rtiler run a.rhai deploy {option}")).expect("a mistake");
            assert!(mistake.help.contains("add `--rehearse`"), "{option}");
        }
        assert_eq!(mistake("rtiler run a.rhai deploy --rehearse --fault Web"), None);
        assert_eq!(mistake("rtiler run a.rhai scale Web"), None);
        assert_eq!(mistake("rtiler run a.rhai deploy --plan"), None);
    }
}
