use std::fmt;

/// The account that commands talk to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Target {
    /// The account of the user's credentials
    Aws,
    /// The rehearsal account, in `.rtiler`: nothing is real, nothing costs
    #[default]
    Rehearsal,
}

impl Target {
    /// The one of this name.
    pub(super) fn of(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "aws" => Some(Self::Aws),
            "rehearsal" => Some(Self::Rehearsal),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Aws => "AWS, with your credentials",
            Self::Rehearsal => "the rehearsal account",
        })
    }
}
