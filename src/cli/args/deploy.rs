use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;

use super::{ShowValues, StackSelection, value_parsers};

/// The options of a rehearsal.
#[derive(clap::Args, Clone)]
#[allow(clippy::struct_field_names, reason = "the flag is named so")]
pub(crate) struct Rehearse {
    /// Work on the simulated account instead of AWS: no credentials, no cost, virtual time
    #[arg(long, help_heading = "Rehearsal")]
    pub(crate) rehearse: bool,
    /// Initial state of the rehearsal [default: `deployed` with credentials, else `saved`]
    #[arg(long, value_name = "WHAT", requires = "rehearse", help_heading = "Rehearsal")]
    pub(crate) from: Option<Baseline>,
    /// Speed of virtual time: 60 shows a minute in a second [default: as fast as possible]
    #[arg(long, value_name = "FACTOR", requires = "rehearse", value_parser = value_parsers::speed, help_heading = "Rehearsal")]
    pub(crate) speed: Option<f64>,
    /// Seed of the simulator's random number generator
    #[arg(long, value_name = "N", default_value = "1", requires = "rehearse", value_parser = value_parsers::whole::<u64>, help_heading = "Rehearsal")]
    pub(crate) seed: u64,
    /// Make something fail: `Resource`, `Resource:update-fails`, `Service:image-not-found`, `throttle=0.3`,
    /// `lost-connection`, `kill-at=42s`; repeatable (`rtiler explain unknown-fault` lists all faults)
    #[arg(long, value_name = "WHAT", requires = "rehearse", help_heading = "Rehearsal")]
    pub(crate) fault: Vec<String>,
    /// Assume a value that others own: of an SSM parameter or an export by name, or a resource that exists by its type
    /// (`AWS::S3::Bucket=my-bucket`); repeatable. The rehearsal account keeps it [default: a value of the right form]
    #[arg(long, value_name = "NAME=VALUE", requires = "rehearse", help_heading = "Rehearsal")]
    pub(crate) assume: Vec<String>,
    /// Read assumptions from a file: a line `NAME=VALUE` for each, and comments with `#`
    #[arg(long, value_name = "FILE", requires = "rehearse", help_heading = "Rehearsal")]
    pub(crate) assume_file: Option<PathBuf>,
}

impl Rehearse {
    /// Returns the options of a command on AWS.
    pub(crate) fn none() -> Self {
        Self {
            rehearse: false,
            from: None,
            speed: None,
            seed: 1,
            fault: Vec::new(),
            assume: Vec::new(),
            assume_file: None,
        }
    }
}

/// The initial state of a rehearsal.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq, Debug)]
pub(crate) enum Baseline {
    /// The stacks of the script as they are deployed in AWS
    Deployed,
    /// The result of earlier rehearsals, in `.rtiler`
    Saved,
    /// An account without stacks; replaces the saved rehearsals
    Empty,
}

#[derive(clap::Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) values: ShowValues,
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    /// Compare with this template instead of the deployed one; needs no AWS account
    #[arg(long, value_name = "FILE", conflicts_with = "rehearse")]
    pub(crate) template: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) values: ShowValues,
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Save the plan to this file, for `deploy --plan FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) values: ShowValues,
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Apply this saved plan without asking; refused if the script or the stacks have changed since
    #[arg(long, value_name = "FILE", conflicts_with = "stacks")]
    pub(crate) plan: Option<PathBuf>,
    /// Allow this resource to be replaced or deleted with its data; repeatable, `*` for all
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) allow_replace: Vec<String>,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Which plans need approval
    #[arg(long, value_name = "WHEN", default_value = "any-change", conflicts_with = "yes")]
    pub(crate) require_approval: RequireApproval,
    /// Maximum number of stacks to deploy in parallel
    #[arg(long, value_name = "N", default_value = "4", value_parser = value_parsers::at_least_one)]
    pub(crate) concurrency: usize,
    #[command(flatten)]
    pub(crate) build: BuildArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
    /// Start the deployment and do not wait for its end
    #[arg(long, conflicts_with_all = ["timeout", "express"])]
    pub(crate) detach: bool,
    /// Keep what succeeded if something fails: disable CloudFormation's rollback
    #[arg(long)]
    pub(crate) no_rollback: bool,
    /// Revert changes made outside of CloudFormation to the values of the template
    #[arg(long, conflicts_with = "express")]
    pub(crate) revert_drift: bool,
    /// Use CloudFormation's mode EXPRESS, which does not wait for resources; rtiler waits for services to stabilize
    #[arg(long)]
    pub(crate) express: bool,
    /// Do not read the images from their registries before the deployment; a rehearsal reads only what the cache has
    #[arg(long)]
    pub(crate) no_image_checks: bool,
}

/// The options of builds of images.
#[derive(clap::Args)]
pub(crate) struct BuildArgs {
    /// Program that builds images [default: the first that works of docker, podman, buildah, finch, nerdctl]
    #[arg(long, value_name = "NAME")]
    pub(crate) builder: Option<Builder>,
    /// Maximum number of images to build and push in parallel
    #[arg(long, value_name = "N", default_value = "2", value_parser = value_parsers::at_least_one)]
    pub(crate) build_concurrency: usize,
}

/// A program that builds images.
#[derive(Clone, Copy, ValueEnum, PartialEq, Eq, Debug)]
pub(crate) enum Builder {
    /// Docker, with buildx
    Docker,
    /// Podman
    Podman,
    /// Buildah, which needs no daemon
    Buildah,
    /// Finch
    Finch,
    /// nerdctl, with containerd
    Nerdctl,
}

/// When a running operation is cancelled.
#[derive(clap::Args)]
pub(crate) struct WaitArgs {
    /// Cancel and roll back after this many tasks of a service failed with the same error; 0 disables it
    #[arg(long, value_name = "N", default_value = "3", value_parser = value_parsers::whole::<u32>)]
    pub(crate) max_task_failures: u32,
    /// Cancel and roll back after this time: `90s`, `20m`, `1h30m`
    #[arg(long, value_name = "TIME", value_parser = value_parsers::time)]
    pub(crate) timeout: Option<Duration>,
}

#[derive(clap::Args)]
pub(crate) struct Hotswap {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) build: BuildArgs,
    #[command(flatten)]
    pub(crate) wait: WaitArgs,
}

#[derive(Clone, Copy, ValueEnum, PartialEq)]
pub(crate) enum RequireApproval {
    /// No plan
    Never,
    /// Plans that widen permissions: IAM and security groups
    Broadening,
    /// Plans with any change
    AnyChange,
}

#[derive(clap::Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
}
