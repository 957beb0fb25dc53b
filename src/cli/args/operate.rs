use std::path::PathBuf;

use super::value_parsers::{Since, speed, whole};
use super::{Rehearse, StackSelection};
use crate::deploy::operate::ScaleTarget;

/// Which services a command is about.
#[derive(clap::Args)]
pub(crate) struct Services {
    /// Services by logical id or name in ECS, or a glob; all when there is none
    pub(crate) service: Option<String>,
    #[command(flatten)]
    pub(crate) among: ServiceScopeArgs,
}

/// The one service that a command is about.
#[derive(clap::Args)]
pub(crate) struct Service {
    /// The service by logical id or name in ECS
    pub(crate) service: String,
    #[command(flatten)]
    pub(crate) among: ServiceScopeArgs,
}

#[derive(clap::Args)]
pub(crate) struct StackArgs {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Events {
    #[command(flatten)]
    pub(crate) look: StackArgs,
    /// How many events of each stack
    #[arg(short = 'n', long, value_name = "N", default_value = "50", value_parser = whole::<usize>, conflicts_with = "chart")]
    pub(crate) last: usize,
    /// Draw the last operation: what ran when, and what made it slow
    #[arg(long)]
    pub(crate) chart: bool,
}

/// Where services are looked for.
#[derive(clap::Args)]
pub(crate) struct ServiceScopeArgs {
    /// Look in these stacks only, by name or glob; repeatable
    #[arg(long, value_name = "STACK")]
    pub(crate) stack: Vec<String>,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Live {
    /// The resource by its logical id
    pub(crate) resource: String,
    /// Let CloudFormation look, too, for what was changed beside it; that takes a while
    #[arg(long)]
    pub(crate) drift: bool,
    #[command(flatten)]
    pub(crate) among: ServiceScopeArgs,
}

#[derive(clap::Args)]
pub(crate) struct Logs {
    #[command(flatten)]
    pub(crate) services: Services,
    /// Go on showing what comes, until Ctrl-C
    #[arg(short, long, conflicts_with = "previous")]
    pub(crate) follow: bool,
    /// From when on: `10m`, `1h30m`, `2d`, or a time in UTC such as `2026-11-22T10:00`; ten minutes unless set
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Since>,
    /// Show what stopped tasks, and those of the deployment before, have written
    #[arg(long)]
    pub(crate) previous: bool,
    /// Show only lines that this regular expression finds something in
    #[arg(long, value_name = "PATTERN")]
    pub(crate) grep: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Tasks {
    #[command(flatten)]
    pub(crate) services: Services,
    /// Those that have stopped, with reasons and exit codes; AWS remembers them for about an hour
    #[arg(long)]
    pub(crate) stopped: bool,
}

#[derive(clap::Args)]
pub(crate) struct Exec {
    #[command(flatten)]
    pub(crate) service: Service,
    /// The container; the one that answers requests unless set
    #[arg(long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    /// The task by the beginning of its id; the newest unless set
    #[arg(long, value_name = "ID")]
    pub(crate) task: Option<String>,
    /// The command; a shell when there is none
    #[arg(last = true, value_name = "CMD")]
    pub(crate) run: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct Scale {
    #[command(flatten)]
    pub(crate) service: Service,
    /// A number of tasks, or `MIN..MAX` for one that scales by itself
    #[arg(value_name = "N|MIN..MAX")]
    pub(crate) to: ScaleTarget,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(clap::Args)]
pub(crate) struct RunTask {
    #[command(flatten)]
    pub(crate) service: Service,
    /// The container whose command is replaced; the one that answers requests unless set
    #[arg(long, value_name = "NAME")]
    pub(crate) container: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// The command
    #[arg(last = true, required = true, value_name = "CMD")]
    pub(crate) run: Vec<String>,
}

#[derive(clap::Args)]
pub(crate) struct Replay {
    /// The record: `.rtiler/runs/TIME-COMMAND-STACKS.ndjson`
    pub(crate) file: PathBuf,
    /// How fast time passes: 60 shows a minute in a second; at once unless set
    #[arg(long, value_name = "FACTOR", value_parser = speed)]
    pub(crate) speed: Option<f64>,
    /// Print facts as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
