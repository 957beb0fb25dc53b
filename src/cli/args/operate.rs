use std::path::PathBuf;

use super::value_parsers::{Since, speed, whole};
use super::{Rehearse, ShowValues, StackSelection};
use crate::deploy::operate::ScaleTarget;

/// The services that a command is about.
#[derive(clap::Args)]
pub(crate) struct Services {
    /// Name in the script, logical id, name in ECS, or glob of services and jobs [default: all]
    pub(crate) service: Option<String>,
    #[command(flatten)]
    pub(crate) scope: ServiceScopeArgs,
}

/// The one service that a command is about.
#[derive(clap::Args)]
pub(crate) struct Service {
    /// Logical id of the service, or its name in ECS
    pub(crate) service: String,
    #[command(flatten)]
    pub(crate) scope: ServiceScopeArgs,
}

/// The stacks that a command reads.
#[derive(clap::Args)]
pub(crate) struct StackArgs {
    #[command(flatten)]
    pub(crate) values: ShowValues,
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Images {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Events {
    #[command(flatten)]
    pub(crate) target: StackArgs,
    /// Number of events of each stack
    #[arg(short = 'n', long, value_name = "N", default_value = "50", value_parser = whole::<usize>, conflicts_with = "chart")]
    pub(crate) last: usize,
    /// Draw a chart of the last operation with its critical path
    #[arg(long)]
    pub(crate) chart: bool,
}

/// The stacks in which a service or resource is looked up.
#[derive(clap::Args)]
pub(crate) struct ServiceScopeArgs {
    /// Use this stack only, by name or glob; repeatable
    #[arg(long, value_name = "STACK")]
    pub(crate) stack: Vec<String>,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Inspect {
    #[command(flatten)]
    pub(crate) values: ShowValues,
    /// Logical id of the resource
    pub(crate) resource: String,
    /// Also detect changes made outside of CloudFormation; this takes a while
    #[arg(long)]
    pub(crate) drift: bool,
    #[command(flatten)]
    pub(crate) scope: ServiceScopeArgs,
}

#[derive(clap::Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    pub(crate) services: Services,
    /// Show new lines until Ctrl-C
    #[arg(short, long, conflicts_with = "previous")]
    pub(crate) follow: bool,
    /// Start this long ago (`10m`, `1h30m`, `2d`) or at this time in UTC (`2026-11-22T10:00`) [default: 10m]
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Since>,
    /// Show the logs of stopped tasks and of the previous deployment
    #[arg(long)]
    pub(crate) previous: bool,
    /// Show only lines that match this regular expression
    #[arg(long, value_name = "PATTERN")]
    pub(crate) grep: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Tasks {
    #[command(flatten)]
    pub(crate) services: Services,
    /// List stopped tasks with reasons and exit codes; AWS keeps them for about an hour
    #[arg(long)]
    pub(crate) stopped: bool,
}

#[derive(clap::Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) service: Service,
    /// Name of the container [default: the one behind the load balancer]
    #[arg(long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    /// Beginning of the task's id [default: the newest task]
    #[arg(long, value_name = "ID")]
    pub(crate) task: Option<String>,
    /// The command [default: a shell]
    #[arg(last = true, value_name = "CMD")]
    pub(crate) run: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct Scale {
    #[command(flatten)]
    pub(crate) service: Service,
    /// Number of tasks, or `MIN..MAX` for a service with auto scaling
    #[arg(value_name = "N|MIN..MAX")]
    pub(crate) to: ScaleTarget,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(clap::Args)]
pub(crate) struct RunTask {
    #[command(flatten)]
    pub(crate) service: Service,
    /// Container that runs the command [default: the one behind the load balancer]
    #[arg(long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    /// Skip the approval prompt
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// The command; a job runs its own without one
    #[arg(last = true, value_name = "CMD")]
    pub(crate) run: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct Replay {
    /// The record: `.rtiler/runs/TIME-COMMAND-STACKS.ndjson`
    pub(crate) file: PathBuf,
    /// Speed of the replay: 60 shows a minute in a second [default: as fast as possible]
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    pub(crate) speed: Option<f64>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
