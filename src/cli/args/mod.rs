//! The grammar of the command line. This file has the options that commands share and the commands that check; `tools` has
//! the commands that format and document, `import_from` those that write a script from another description, `account` those on an account itself, `packages` those on packages, `deploy` those that plan and deploy, `operate` those for what is running,
//! `rollback` those for recovery, drift and import, `repl` those of the REPL; `value_parsers` parses values, `misplaced`
//! explains commands without `run`, `rehearsal_only` options without `--rehearse`.
//!
//! May import `deploy::api` and `deploy::operate` (types of values), and `cli::repl` (its target). *Invariant*: declares
//! and parses; it reads no file, environment or clock.

mod account;
mod deploy;
mod error_text;
mod import_from;
mod misplaced;
mod operate;
mod packages;
mod publish;
mod rehearsal_only;
mod repl;
mod rollback;
mod tools;
mod value_parsers;

pub(crate) use account::{Bootstrap, Doctor, Gc};
pub(crate) use deploy::{Baseline, Builder, Deploy, Destroy, Diff, Hotswap, Plan, Rehearse, RequireApproval};
pub(crate) use error_text::error_text;
pub(crate) use import_from::{ImportArgs, ImportFrom, ImportService, ImportSource, WrittenScript};
pub(crate) use misplaced::Misplaced;
pub(crate) use operate::{Events, Exec, Images, Inspect, Logs, Replay, RunTask, Scale, StackArgs, Tasks};
pub(crate) use packages::{Add, Init, PackageListing, Remove, Template, Update};
pub(crate) use publish::Publish;
pub(crate) use rehearsal_only::RehearsalOnly;
pub(crate) use repl::Repl;
pub(crate) use rollback::{Drift, Import, Rollback};
pub(crate) use tools::{Complete, Completions, Doc, Explain, Fmt, Man, Test};
pub(crate) use value_parsers::Since;

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use super::terminal::Stream;

/// Describe AWS stacks in scripts with typed blocks; check, rehearse and deploy them.
#[derive(Parser)]
#[command(name = "rtiler", version, max_term_width = 100)]
pub(crate) struct Args {
    #[command(flatten)]
    pub(crate) globals: Globals,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The options of every command.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct Globals {
    /// When to use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Global options")]
    pub(crate) color: ColorWhen,
    /// Print results and errors only
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(crate) quiet: bool,
    /// Print every event, with the reasons that AWS gives
    #[arg(short, long, global = true, conflicts_with = "quiet", help_heading = "Global options")]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Default, ValueEnum, PartialEq)]
pub(crate) enum ColorWhen {
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Evaluate a script and work with its stacks
    Run(Box<Run>),
    /// Find problems in scripts, or in CloudFormation templates of any tool
    Check(Check),
    /// Format scripts
    Fmt(Fmt),
    /// Run the tests of the project: the functions `test_*` in `tests/*.rhai`
    Test(Test),
    /// Write a project to start from
    Init(Init),
    /// Write a script from a Compose file, a CloudFormation template or AWS Copilot
    ImportFrom(ImportFrom),
    /// Add a package to the project
    Add(Add),
    /// Remove a package from the project
    Remove(Remove),
    /// Update packages to their newest compatible versions
    Update(Update),
    /// Copy the packages into the project, to `vendor/`
    Vendor(PackageListing),
    /// Show the packages of the project and who needs them
    Tree(PackageListing),
    /// Compare the packages with the versions at their sources
    Outdated(PackageListing),
    /// Create or update the stack for images that rtiler builds and for large templates, one for each account and region
    Bootstrap(Box<Bootstrap>),
    /// Check the credentials, the account and the programs of this machine
    Doctor(Box<Doctor>),
    /// Remove the images and templates of the bootstrap that no stack uses
    Gc(Box<Gc>),
    /// Evaluate line by line: try blocks, look at the resources they create, operate what is deployed
    Repl(Box<Repl>),
    /// Show the documentation of a block, method, function, CloudFormation type or property, command or code
    Doc(Doc),
    /// Publish a package to an OCI registry
    Publish(Publish),
    /// Explain a diagnostic code
    Explain(Explain),
    /// Show a recorded operation again
    Replay(Replay),
    /// Print the notices of the libraries inside this program
    Licenses,
    /// Print a completion script for a shell: commands, options, and names of the script
    Completions(Completions),
    /// Print the man page, or write those of all commands
    Man(Man),
    /// Print the candidates for the last word of a command line
    #[command(hide = true)]
    Complete(Complete),
}

impl Command {
    /// Returns whether the command prints JSON.
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Run(run) => run.options.script.json,
            Self::Check(check) => check.options.json,
            Self::Fmt(fmt) => fmt.json,
            Self::Test(test) => test.json,
            Self::Init(init) => init.json,
            Self::ImportFrom(import) => import.source.name_and_json().1,
            Self::Add(add) => add.json,
            Self::Remove(remove) => remove.json,
            Self::Update(update) => update.json,
            Self::Vendor(listing) | Self::Tree(listing) | Self::Outdated(listing) => listing.json,
            Self::Bootstrap(bootstrap) => bootstrap.account.json,
            Self::Doctor(doctor) => doctor.options.json,
            Self::Gc(gc) => gc.account.json,
            Self::Repl(repl) => repl.options.script.json,
            Self::Doc(doc) => doc.json,
            Self::Publish(publish) => publish.json,
            Self::Explain(explain) => explain.json,
            Self::Replay(replay) => replay.json,
            Self::Licenses | Self::Completions(_) | Self::Man(_) | Self::Complete(_) => false,
        }
    }

    /// Returns the name of the command: `run deploy`.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Run(run) => format!("run {}", run.command.name()),
            Self::Check(_) => "check".to_owned(),
            Self::Fmt(_) => "fmt".to_owned(),
            Self::Test(_) => "test".to_owned(),
            Self::Init(_) => "init".to_owned(),
            Self::ImportFrom(import) => import.source.name_and_json().0.to_owned(),
            Self::Add(_) => "add".to_owned(),
            Self::Remove(_) => "remove".to_owned(),
            Self::Update(_) => "update".to_owned(),
            Self::Vendor(_) => "vendor".to_owned(),
            Self::Tree(_) => "tree".to_owned(),
            Self::Outdated(_) => "outdated".to_owned(),
            Self::Bootstrap(_) => "bootstrap".to_owned(),
            Self::Doctor(_) => "doctor".to_owned(),
            Self::Gc(_) => "gc".to_owned(),
            Self::Repl(_) => "repl".to_owned(),
            Self::Doc(_) => "doc".to_owned(),
            Self::Publish(_) => "publish".to_owned(),
            Self::Explain(_) => "explain".to_owned(),
            Self::Replay(_) => "replay".to_owned(),
            Self::Licenses => "licenses".to_owned(),
            Self::Completions(_) => "completions".to_owned(),
            Self::Man(_) => "man".to_owned(),
            Self::Complete(_) => "complete".to_owned(),
        }
    }
}

/// `rtiler run SCRIPT COMMAND`.
#[derive(clap::Args)]
pub(crate) struct Run {
    /// The script, or a folder of a project, which means its entry: `.`
    pub(crate) script: String,
    #[command(subcommand)]
    pub(crate) command: RunCommand,
    #[command(flatten)]
    pub(crate) options: RunOptions,
}

/// The options of every command that evaluates a script.
#[derive(clap::Args, Clone, Debug, Default)]
pub(crate) struct ScriptOptions {
    /// Set a setting; repeatable
    #[arg(long, global = true, value_name = "NAME=VALUE", help_heading = "Settings")]
    pub(crate) set: Vec<String>,
    /// Read settings from this file instead of `.env`
    #[arg(long, global = true, value_name = "FILE", help_heading = "Settings")]
    pub(crate) env_file: Option<PathBuf>,
    /// Treat warnings as errors
    #[arg(long, global = true, value_name = "warnings", help_heading = "Checks")]
    pub(crate) deny: Option<Deny>,
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    /// Print JSON
    #[arg(long, global = true, help_heading = "Global options")]
    pub(crate) json: bool,
}

/// The options of every command that loads the packages of a project.
#[derive(clap::Args, Clone, Copy, Debug, Default)]
pub(crate) struct PackageOptions {
    /// Fail if `rtiler.lock` does not fit the project, instead of writing it
    #[arg(long, global = true, help_heading = "Packages")]
    pub(crate) locked: bool,
    /// Fetch no packages: use the cache and `vendor/` only
    #[arg(long, global = true, help_heading = "Packages")]
    pub(crate) offline: bool,
}

/// The options of every command of `rtiler run`.
#[derive(clap::Args, Clone, Default)]
pub(crate) struct RunOptions {
    #[command(flatten)]
    pub(crate) script: ScriptOptions,
    /// Set a parameter of the template; repeatable
    #[arg(long, global = true, value_name = "NAME=VALUE", help_heading = "Settings")]
    pub(crate) parameter: Vec<String>,
    /// Use this profile of `~/.aws/config`
    #[arg(long, global = true, help_heading = "AWS")]
    pub(crate) profile: Option<String>,
    /// Deploy stacks without a region of their own to this region
    #[arg(long, global = true, help_heading = "AWS")]
    pub(crate) region: Option<String>,
    /// Send AWS requests to this address, for emulators; also `AWS_ENDPOINT_URL`
    #[arg(long, global = true, value_name = "URL", help_heading = "AWS")]
    pub(crate) endpoint_url: Option<String>,
    /// Upload templates of more than 51,200 bytes to this S3 bucket [default: that of `rtiler bootstrap`]
    #[arg(long, global = true, value_name = "NAME", help_heading = "AWS")]
    pub(crate) template_bucket: Option<String>,
    /// Let CloudFormation change resources with the rights of this role instead of yours: the execution role of `permissions`
    #[arg(long, global = true, value_name = "ARN", help_heading = "AWS")]
    pub(crate) role_arn: Option<String>,
}

/// The option of commands that compare values.
#[derive(clap::Args, Clone, Copy, Default)]
pub(crate) struct ShowValues {
    /// Show secrets and the values of environment variables; on a terminal only
    #[arg(long, conflicts_with = "json")]
    pub(crate) show_values: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum, PartialEq)]
pub(crate) enum Deny {
    Warnings,
}

/// The stacks that a command is about.
#[derive(clap::Args, Clone)]
pub(crate) struct StackSelection {
    /// Names or globs of stacks [default: all]
    #[arg(value_name = "STACK")]
    pub(crate) stacks: Vec<String>,
}

#[derive(Subcommand)]
pub(crate) enum RunCommand {
    /// Print the template
    Synth(Synth),
    /// Find problems without an AWS account
    Check(RunCheck),
    /// List the stacks with their region, order and resources
    Ls(StackSelection),
    /// List what the stacks are billed for by the hour, with numbers and sizes
    Cost(StackSelection),
    /// List the settings with their values and sources
    Settings,
    /// List the images with their digests, platforms, sizes and ages, who uses them, and what runs now
    Images(Images),
    /// Print the least IAM policies that deploying the stacks needs
    Permissions(Permissions),
    /// Show what a deployment would change; exit code 5 if there are changes
    Diff(Diff),
    /// Like `diff`, but computed by CloudFormation with change sets; can be saved for `deploy --plan`
    Plan(Plan),
    /// Plan, request approval, apply the change set and report progress
    Deploy(Deploy),
    /// Update images and environment variables of running services, without CloudFormation
    Hotswap(Hotswap),
    /// Delete stacks, after asking for approval
    Destroy(Destroy),
    /// Roll back a failed update that was not rolled back, or revert a healthy stack to its previous template
    Rollback(Rollback),
    /// Show what was changed outside of CloudFormation; exit code 5 if anything was
    Drift(Drift),
    /// Import existing resources into a stack
    Import(Import),
    /// Show the outputs of the deployed stacks
    Outputs(StackArgs),
    /// Show the deployed stacks: services, tasks, targets, alarms, resources
    Status(StackArgs),
    /// Compare the deployed properties of a resource with those of the script
    Inspect(Inspect),
    /// Show the last events of the deployed stacks
    Events(Events),
    /// Show the logs of services
    Logs(Logs),
    /// List the tasks of services
    Tasks(Tasks),
    /// Open a shell or run a command in a running task
    Exec(Exec),
    /// Change the number of tasks of a service, or the bounds of its auto scaling
    Scale(Scale),
    /// Run a one-off command in a new task of the deployed revision of a service; exit with its exit code
    RunTask(RunTask),
}

#[derive(clap::Args)]
pub(crate) struct Synth {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    /// The format of the template
    #[arg(long, default_value = "yaml")]
    pub(crate) format: Format,
    /// Write one file per stack to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum, PartialEq)]
pub(crate) enum Format {
    Yaml,
    Json,
}

#[derive(clap::Args)]
pub(crate) struct Permissions {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    /// Write one file per policy to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(clap::Args)]
pub(crate) struct RunCheck {
    #[command(flatten)]
    pub(crate) stacks: StackSelection,
    /// Print SARIF, for code scanning
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
    /// Also read the images from their registries: their platform, user, ports, program, size and what they read
    #[arg(long)]
    pub(crate) images: bool,
}

#[derive(clap::Args)]
pub(crate) struct Check {
    /// Scripts (*.rhai), folders of projects (their entries), or templates (*.yaml, *.json)
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Print SARIF, for code scanning
    #[arg(long, conflicts_with = "json")]
    pub(crate) sarif: bool,
    #[command(flatten)]
    pub(crate) options: ScriptOptions,
}

/// The columns of help in a pipe.
const PAGE: usize = 80;

/// Returns a grammar whose help fits the terminal, or a page in a pipe.
pub(crate) fn for_page(command: clap::Command) -> clap::Command {
    if Stream::Output.is_terminal() { command } else { command.term_width(PAGE) }
}

impl RunCommand {
    /// Returns the name of the command: `run-task`.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Synth(_) => "synth",
            Self::Check(_) => "check",
            Self::Ls(_) => "ls",
            Self::Cost(_) => "cost",
            Self::Settings => "settings",
            Self::Images(_) => "images",
            Self::Permissions(_) => "permissions",
            Self::Diff(_) => "diff",
            Self::Plan(_) => "plan",
            Self::Deploy(_) => "deploy",
            Self::Hotswap(_) => "hotswap",
            Self::Destroy(_) => "destroy",
            Self::Rollback(_) => "rollback",
            Self::Drift(_) => "drift",
            Self::Import(_) => "import",
            Self::Outputs(_) => "outputs",
            Self::Status(_) => "status",
            Self::Inspect(_) => "inspect",
            Self::Events(_) => "events",
            Self::Logs(_) => "logs",
            Self::Tasks(_) => "tasks",
            Self::Exec(_) => "exec",
            Self::Scale(_) => "scale",
            Self::RunTask(_) => "run-task",
        }
    }

    /// Returns whether the user wants to see hidden values.
    pub(crate) fn shows_values(&self) -> bool {
        match self {
            Self::Diff(args) => args.values.show_values,
            Self::Plan(args) => args.values.show_values,
            Self::Deploy(args) => args.values.show_values,
            Self::Inspect(args) => args.values.show_values,
            Self::Outputs(args) | Self::Status(args) => args.values.show_values,
            _ => false,
        }
    }

    /// Returns whether the command runs over the rehearsal account.
    pub(crate) fn rehearses(&self) -> bool {
        let rehearse = match self {
            Self::Synth(_) | Self::Check(_) | Self::Ls(_) | Self::Cost(_) | Self::Settings | Self::Permissions(_) => {
                return false;
            }
            Self::Images(args) => &args.rehearse,
            Self::Diff(args) => &args.rehearse,
            Self::Plan(args) => &args.rehearse,
            Self::Deploy(args) => &args.rehearse,
            Self::Hotswap(args) => &args.rehearse,
            Self::Destroy(args) => &args.rehearse,
            Self::Rollback(args) => &args.rehearse,
            Self::Drift(args) => &args.rehearse,
            Self::Import(args) => &args.rehearse,
            Self::Outputs(args) | Self::Status(args) => &args.rehearse,
            Self::Events(args) => &args.target.rehearse,
            Self::Inspect(args) => &args.scope.rehearse,
            Self::Logs(args) => &args.services.scope.rehearse,
            Self::Tasks(args) => &args.services.scope.rehearse,
            Self::Exec(args) => &args.service.scope.rehearse,
            Self::Scale(args) => &args.service.scope.rehearse,
            Self::RunTask(args) => &args.service.scope.rehearse,
        };
        rehearse.rehearse
    }
}
