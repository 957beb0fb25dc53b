use super::assumptions;
use crate::cfn::Template;
use crate::cli::args::{Baseline, Rehearse};
use crate::diag::Diagnostic;
use crate::rehearsal::{Assumptions, FaultSpec};

/// The account that a command works on.
pub(crate) enum TargetAccount {
    /// AWS, with the user's credentials.
    Aws,
    /// The rehearsal account.
    Rehearsal(Box<RehearsalOptions>),
}

/// The options of a rehearsal.
pub(crate) struct RehearsalOptions {
    /// The seed of the simulator's random number generator.
    pub(super) seed: u64,
    /// The speed of virtual time; `None` is as fast as possible.
    pub(super) speed: Option<f64>,
    /// The region of the account.
    pub(super) region: String,
    /// Whether no region is set.
    pub(super) assumes_region: bool,
    /// The faults to inject.
    pub(super) faults: FaultSpec,
    /// The values and resources that others own.
    pub(super) assumptions: Assumptions,
    /// The initial state that the user sets.
    pub(crate) from: Option<Baseline>,
}

/// The region of a rehearsal unless one is set.
const REGION: &str = "us-east-1";

impl TargetAccount {
    /// Returns the account that the options select; faults must fit one of the templates.
    pub(crate) fn new(args: &Rehearse, templates: &[&Template], region: Option<&str>) -> Result<Self, Vec<Diagnostic>> {
        if !args.rehearse {
            return Ok(Self::Aws);
        }
        Ok(Self::Rehearsal(Box::new(RehearsalOptions {
            seed: args.seed,
            speed: args.speed,
            region: region.unwrap_or(REGION).to_owned(),
            assumes_region: region.is_none(),
            faults: FaultSpec::parse(&args.fault, templates)?,
            assumptions: assumptions::parse(args, templates)?,
            from: args.from,
        })))
    }

    /// Returns whether this is the rehearsal account.
    pub(crate) fn is_rehearsal(&self) -> bool {
        matches!(self, Self::Rehearsal(_))
    }

    /// Returns whether a change needs the user's approval: not with `--yes`, and not in a rehearsal.
    pub(crate) fn needs_approval(&self, yes: bool) -> bool {
        !yes && !self.is_rehearsal()
    }

    /// Returns whether an operation takes long enough to be watched.
    pub(crate) fn takes_time(&self) -> bool {
        match self {
            Self::Aws => true,
            Self::Rehearsal(options) => options.speed.is_some(),
        }
    }

    /// Returns the seed of a rehearsal.
    pub(crate) fn seed(&self) -> Option<u64> {
        match self {
            Self::Aws => None,
            Self::Rehearsal(options) => Some(options.seed),
        }
    }
}
