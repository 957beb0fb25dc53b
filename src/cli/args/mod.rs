//! The grammar of the command line: this file what every command shares and those that deploy, `operate` those for what
//! runs, `recover` those for ways back and for what others did, `repl` those for exploring, `given_as` the forms of values.

mod operate;
mod repl;
mod rollback;
mod value_parsers;

pub(crate) use operate::{Events, Exec, Live, Logs, Replay, RunTask, Scale, StackArgs, Tasks};
pub(crate) use repl::Repl;
pub(crate) use rollback::{Drift, Import, Rollback};
pub(crate) use value_parsers::Since;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, Subcommand, ValueEnum};

/// Scripts that describe AWS stacks with typed building blocks, check them, rehearse them and deploy them.
#[derive(Parser)]
#[command(name = "rtiler", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(clap::Args, Clone)]
pub(crate) struct Globals {
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    pub(crate) color: ColorWhen,
    /// Say less: the answer and errors only
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Say more: every event, every AWS reason
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = "Global options")]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, ValueEnum, PartialEq)]
pub(crate) enum ColorWhen {
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Evaluate a script and do something with its stacks
    Run(Box<Run>),
    /// Find problems in scripts, or in CloudFormation templates of any origin
    Check(Check),
    /// Write a first script to start from
    Init(Init),
    /// Explore: try blocks line by line, look at what they make, work on what runs
    Repl(Box<Repl>),
    /// Show the documentation of a block, method, function, CloudFormation type or property, command, or code
    Doc(Doc),
    /// Tell the whole story of a kind of problem
    Explain(Explain),
    /// Show a recorded operation again, as it went
    Replay(Replay),
    /// Print the completion script of a shell
    Completions(Completions),
}

#[derive(clap::Args)]
pub(crate) struct Run {
    /// The script
    pub(crate) script: String,
    #[command(subcommand)]
    pub(crate) command: RunCommand,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}

/// What every command that evaluates a script takes.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct ScriptOptions {
    /// Give a setting its value; repeatable
    #[arg(long, global = true, value_name = "NAME=VALUE", help_heading = "Settings")]
    pub(crate) set: Vec<String>,
    /// Read settings from this file instead of `.env`
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub(crate) env_file: Option<PathBuf>,
    /// Make warnings errors
    #[arg(long, global = true, value_name = "warnings", help_heading = "Checks")]
    pub(crate) deny: Option<Deny>,
    /// Print facts as JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args, Clone, Default)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) script: ScriptOptions,
    /// Give a parameter of the template its value; repeatable
    #[arg(long, global = true, value_name = "NAME=VALUE", help_heading = "Settings")]
    pub(crate) parameter: Vec<String>,
    /// The profile of ~/.aws/config
    #[arg(long, global = true, help_heading = "AWS")]
    pub(crate) profile: Option<String>,
    /// The region of stacks that name none
    #[arg(long, global = true, help_heading = "AWS")]
    pub(crate) region: Option<String>,
    /// Where AWS is, for emulators; also `AWS_ENDPOINT_URL`
    #[arg(long, global = true, value_name = "URL", help_heading = "AWS")]
    pub(crate) endpoint_url: Option<String>,
    /// The S3 bucket for templates over 51,200 bytes; one is made when needed
    #[arg(long, global = true, value_name = "NAME", help_heading = "AWS")]
    pub(crate) template_bucket: Option<String>,
}

#[derive(Clone, Copy, ValueEnum, PartialEq)]
pub(crate) enum Deny {
    Warnings,
}

/// Names or globs of stacks; every stack when there are none.
#[derive(clap::Args, Clone)]
pub(crate) struct StackSelection {
    /// Stacks by name or glob; all when none is named
    #[arg(value_name = "STACK")]
    pub(crate) stacks: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum RunCommand {
    /// Print the template
    Synth(Synth),
    /// Find every problem that can be found without AWS
    Check(RunCheck),
    /// List the stacks with their region, order and resources
    Ls(StackSelection),
    /// List the settings with their values and where these came from
    Settings,
    /// Show what a deployment would change; exit code 5 where something would
    Diff(Diff),
    /// Show what a deployment would do, as AWS's change sets say; save it to be deployed later
    Plan(Plan),
    /// Plan, show, ask, deploy, and tell what happens
    Deploy(Deploy),
    /// Give running services the script's images and environments, without CloudFormation
    Rollout(Rollout),
    /// Delete the stacks, after asking
    Destroy(Destroy),
    /// Undo what failed and stayed, or take a healthy stack back to the template deployed before
    Rollback(Rollback),
    /// Show what was changed beside CloudFormation; exit code 5 where something was
    Drift(Drift),
    /// Take resources that exist into a stack
    Import(Import),
    /// Show the outputs of the deployed stacks
    Outputs(StackArgs),
    /// Show the deployed stacks: services, tasks, targets, alarms, resources
    Status(StackArgs),
    /// Show the deployed properties of a resource beside those of the script
    Live(Live),
    /// Show the last events of the deployed stacks
    Events(Events),
    /// Show what the tasks of services write
    Logs(Logs),
    /// List the tasks of services
    Tasks(Tasks),
    /// Open a shell, or run a command, in a running task
    Exec(Exec),
    /// Change how many tasks a service has, or between which bounds it scales
    Scale(Scale),
    /// Run a command once, in a task like those of a service; exit with its code
    RunTask(RunTask),
}

#[derive(clap::Args)]
pub(crate) struct Synth {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    /// The form of the template
    #[arg(long, default_value = "yaml")]
    pub(crate) format: Format,
    /// Write one file for each stack into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum, PartialEq)]
pub(crate) enum Format {
    Yaml,
    Json,
}

#[derive(clap::Args)]
pub(crate) struct RunCheck {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    /// Print the problems as SARIF, for code scanning
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
}

#[derive(clap::Args, Clone)]
#[allow(clippy::struct_field_names, reason = "the flag is named so")]
pub(crate) struct Rehearse {
    /// Use the rehearsal account: no credentials, no cost, virtual time
    #[arg(long, help_heading = "Rehearsal")]
    pub(crate) rehearse: bool,
    /// What a rehearsal starts from; unless set, from what is deployed where credentials are at hand, else from what was
    /// rehearsed before
    #[arg(long, value_name = "WHAT", requires = "rehearse", help_heading = "Rehearsal")]
    pub(crate) from: Option<StartFrom>,
    /// How fast a rehearsal passes: 60 shows a minute in a second; at once unless set
    #[arg(long, value_name = "FACTOR", requires = "rehearse", value_parser = value_parsers::speed, help_heading = "Rehearsal")]
    pub(crate) speed: Option<f64>,
    /// What chance brings in a rehearsal
    #[arg(long, value_name = "N", default_value = "1", requires = "rehearse", value_parser = value_parsers::whole::<u64>, help_heading = "Rehearsal")]
    pub(crate) seed: u64,
    /// Lets something go wrong: `Resource`, `Resource:update-fails`, `Service:image-not-found`, `throttle=0.3`,
    /// `lost-connection`, `kill-at=42s`; repeatable (`rtiler explain unknown-fault` has them all)
    #[arg(long, value_name = "WHAT", requires = "rehearse", help_heading = "Rehearsal")]
    pub(crate) fault: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum, PartialEq, Debug)]
pub(crate) enum StartFrom {
    /// The stacks of the script as they are deployed in AWS
    Deployed,
    /// What was rehearsed before, in `.rtiler`
    Saved,
    /// An empty account
    Nothing,
}

#[derive(clap::Args)]
pub(crate) struct Diff {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    /// Compare with this template instead of the deployed one; needs no AWS
    #[arg(long, value_name = "FILE", conflicts_with = "rehearse")]
    pub(crate) template: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
}

#[derive(clap::Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Write the plan to this file, for `deploy --plan FILE`
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

#[derive(clap::Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(crate) struct Deploy {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Carry out the plan of this file, without asking; refuses where script or stacks have changed since
    #[arg(long, value_name = "FILE", conflicts_with = "stacks")]
    pub(crate) plan: Option<PathBuf>,
    /// Let this resource be replaced or deleted with the data that it holds; repeatable, `*` for all
    #[arg(long, value_name = "RESOURCE")]
    pub(crate) allow_replace: Vec<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Which plans to ask about
    #[arg(long, value_name = "WHEN", default_value = "any-change", conflicts_with = "yes")]
    pub(crate) require_approval: RequireApproval,
    /// How many stacks to deploy side by side
    #[arg(long, value_name = "N", default_value = "4", value_parser = value_parsers::at_least_one)]
    pub(crate) concurrency: usize,
    #[command(flatten)]
    pub(crate) patience: WaitArgs,
    /// Start, and do not wait for the end
    #[arg(long, conflicts_with_all = ["timeout", "express"])]
    pub(crate) detach: bool,
    /// Leave what succeeded where something fails, to go on from there
    #[arg(long)]
    pub(crate) no_rollback: bool,
    /// Make what was changed outside of CloudFormation what the template says
    #[arg(long, conflicts_with = "express")]
    pub(crate) revert_drift: bool,
    /// Let CloudFormation wait for nothing (mode EXPRESS), and watch the services here until they are stable
    #[arg(long)]
    pub(crate) express: bool,
}

/// How long an operation is waited for.
#[derive(clap::Args)]
pub(crate) struct WaitArgs {
    /// Cancel and roll back once so many tasks of a service stopped for the same cause; 0 never does
    #[arg(long, value_name = "N", default_value = "3", value_parser = value_parsers::whole::<u32>)]
    pub(crate) give_up_after: u32,
    /// Cancel and roll back what takes longer than this: `90s`, `20m`, `1h30m`
    #[arg(long, value_name = "TIME", value_parser = value_parsers::time)]
    pub(crate) timeout: Option<Duration>,
}

#[derive(clap::Args)]
pub(crate) struct Rollout {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) patience: WaitArgs,
}

#[derive(Clone, Copy, ValueEnum, PartialEq)]
pub(crate) enum RequireApproval {
    /// Never ask
    Never,
    /// Ask when it permits more than before: IAM and security groups
    Broadening,
    /// Ask when it changes anything
    AnyChange,
}

#[derive(clap::Args)]
pub(crate) struct Destroy {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// Scripts (*.rhai), or templates (*.yaml, *.json)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Print the problems as SARIF, for code scanning
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
    #[command(flatten)]
    pub(crate) options: ScriptOptions,
}

#[derive(clap::Args)]
pub(crate) struct Init {
    /// The name of the stack
    #[arg(default_value = "web")]
    pub(crate) name: String,
}

#[derive(clap::Args)]
pub(crate) struct Doc {
    /// What to tell about: `FargateService`, `FargateService.cpu`, `settings`, `std/titiler`, `AWS::S3::Bucket`,
    /// `AWS::ECS::Service.DesiredCount`, `deploy`, `fargate-size`, or a glob; an overview when there is none
    pub(crate) name: Option<String>,
    /// Write the whole reference as pages of Markdown into this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["name", "json"])]
    pub(crate) markdown: Option<PathBuf>,
    /// With a page for each of CloudFormation's types
    #[arg(long, requires = "markdown")]
    pub(crate) types: bool,
    /// Print facts as JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Explain {
    /// The code of a problem; lists them all when there is none
    pub(crate) code: Option<String>,
}

#[derive(clap::Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}
