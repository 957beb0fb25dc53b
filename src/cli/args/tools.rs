//! The arguments of commands that evaluate no script: formatting, documentation, and what shells need.

use std::path::PathBuf;

use super::PackageOptions;

#[derive(clap::Args)]
pub(crate) struct Fmt {
    /// Scripts and folders; `-` formats standard input to standard output [default: the scripts of this folder and those
    /// below it, except those that git ignores]
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,
    /// Write nothing: print the differences, and exit with 1 if there are any
    #[arg(long)]
    pub(crate) check: bool,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Test {
    /// Run the tests whose `FILE::NAME` has this text in it; `*` is any text [default: all]
    pub(crate) filter: Option<String>,
    /// The project: a folder with `tests/`, or one inside of a project with `rtiler.toml`
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// List the tests, and run none
    #[arg(long)]
    pub(crate) list: bool,
    /// Write new and changed snapshots to `tests/snapshots`
    #[arg(long)]
    pub(crate) bless: bool,
    /// Write the results to this file in the form of JUnit, for CI systems
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Doc {
    /// The name to look up: `FargateService`, `FargateService.cpu`, `settings`, `std/titiler`, `acme-web`, `AWS::S3::Bucket`,
    /// `AWS::ECS::Service.DesiredCount`, `deploy`, `fargate-size`, a glob, or words to search for: `sticky`, `iam role` [default: an overview]
    pub(crate) name: Vec<String>,
    /// Write the whole reference as Markdown pages to this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["name", "json"])]
    pub(crate) markdown: Option<PathBuf>,
    /// Include a page for each type of CloudFormation
    #[arg(long, requires = "markdown")]
    pub(crate) types: bool,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Explain {
    /// The code of a diagnostic [default: list all codes]
    pub(crate) code: Option<String>,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(clap::Args)]
pub(crate) struct Man {
    /// Write a page for each command to this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) output: Option<PathBuf>,
}

/// The command line at the cursor of a shell.
#[derive(clap::Args)]
pub(crate) struct Complete {
    /// The line up to the cursor
    #[arg(long)]
    pub(crate) line: Option<String>,
    /// The words up to the cursor, the name of the program first
    #[arg(last = true)]
    pub(crate) words: Vec<String>,
}
