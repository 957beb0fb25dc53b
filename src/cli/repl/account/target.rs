//! The account of the account commands.

use std::fmt;

/// The account of the account commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(crate) enum Target {
    /// The account of your credentials
    Aws,
    /// The simulated account in `.rtiler`, without cost
    #[default]
    Rehearsal,
}

impl Target {
    /// Returns the target of a name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Aws, Self::Rehearsal].into_iter().find(|target| target.name().eq_ignore_ascii_case(name))
    }

    /// Returns the name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::Rehearsal => "rehearsal",
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
