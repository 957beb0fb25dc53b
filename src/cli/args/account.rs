//! The arguments of commands on an account itself: `bootstrap`, `doctor`, `gc`.

use std::time::Duration;

use super::deploy::{BuildArgs, WaitArgs};
use super::value_parsers;
use super::{Deploy, Destroy, Rehearse, RequireApproval, RunOptions, ScriptOptions, ShowValues, StackSelection};

/// The account.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct AwsOptions {
    /// Use this profile of `~/.aws/config`
    #[arg(long, help_heading = "AWS")]
    pub(crate) profile: Option<String>,
    /// The region
    #[arg(long, help_heading = "AWS")]
    pub(crate) region: Option<String>,
    /// Send AWS requests to this address, for emulators; also `AWS_ENDPOINT_URL`
    #[arg(long, value_name = "URL", help_heading = "AWS")]
    pub(crate) endpoint_url: Option<String>,
}

impl AwsOptions {
    /// Returns them as the options of a command on a script.
    pub(crate) fn run_options(&self, script: ScriptOptions) -> RunOptions {
        RunOptions {
            script,
            profile: self.profile.clone(),
            region: self.region.clone(),
            endpoint_url: self.endpoint_url.clone(),
            ..RunOptions::default()
        }
    }
}

/// The account and the form of the result.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct AccountOptions {
    #[command(flatten)]
    pub(crate) aws: AwsOptions,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

impl AccountOptions {
    /// Returns them as the options of a command on a script.
    pub(crate) fn run_options(&self) -> RunOptions {
        self.aws.run_options(ScriptOptions { json: self.json, ..ScriptOptions::default() })
    }
}

#[derive(clap::Args)]
pub(crate) struct Bootstrap {
    /// Print the template, and deploy nothing
    #[arg(long, conflicts_with_all = ["remove", "rehearse", "yes"])]
    pub(crate) show: bool,
    /// Delete the stack with its images and templates; refused while stacks use the images
    #[arg(long)]
    pub(crate) remove: bool,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    #[command(flatten)]
    pub(crate) account: AccountOptions,
}

#[derive(clap::Args)]
pub(crate) struct Doctor {
    /// A script whose stacks are compared with the quotas of the account
    pub(crate) script: Option<String>,
    #[command(flatten)]
    pub(crate) aws: AwsOptions,
    #[command(flatten)]
    pub(crate) options: ScriptOptions,
}

#[derive(clap::Args)]
pub(crate) struct Gc {
    /// Print what would be removed, and remove nothing
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Keep what is newer: a deployment that is running may have pushed it
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = value_parsers::time)]
    pub(crate) older_than: Duration,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    #[command(flatten)]
    pub(crate) account: AccountOptions,
}

impl Deploy {
    /// Returns the arguments of a deployment of every stack, without further options.
    pub(crate) fn every_stack(rehearse: Rehearse, yes: bool) -> Self {
        Self {
            values: ShowValues::default(),
            stacks: StackSelection { stacks: Vec::new() },
            rehearse,
            plan: None,
            allow_replace: Vec::new(),
            yes,
            require_approval: RequireApproval::AnyChange,
            concurrency: 1,
            build: BuildArgs { builder: None, build_concurrency: 1 },
            wait: WaitArgs { max_task_failures: 0, timeout: None },
            detach: false,
            no_rollback: false,
            revert_drift: false,
            express: false,
            no_image_checks: true,
        }
    }
}

impl Destroy {
    /// Returns the arguments of the deletion of every stack.
    pub(crate) fn every_stack(rehearse: Rehearse, yes: bool) -> Self {
        Self { stacks: StackSelection { stacks: Vec::new() }, rehearse, yes }
    }
}
