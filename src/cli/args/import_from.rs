//! The arguments of `rtiler import-from`.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  rtiler import-from compose docker-compose.yml --output app.rhai
  rtiler import-from template template.yaml --name shop-production --output app.rhai
  rtiler import-from copilot . --output app.rhai

The sources are read, and never changed. To put existing resources of an account into a stack, see `rtiler run SCRIPT import`.")]
pub(crate) struct ImportFrom {
    #[command(subcommand)]
    pub(crate) source: ImportSource,
}

/// The source of a script.
#[derive(Subcommand)]
pub(crate) enum ImportSource {
    /// Write a script from a Compose file: `compose.yml`, `docker-compose.yml`
    Compose(ImportArgs),
    /// Write a script from a CloudFormation template of any tool, in YAML or JSON
    Template(ImportArgs),
    /// Write a script from the manifests of AWS Copilot, in the folder `copilot`
    Copilot(ImportArgs),
}

/// The arguments of each source.
#[derive(clap::Args)]
pub(crate) struct ImportArgs {
    /// The file, or for Copilot the folder; `-` is standard input
    pub(crate) path: PathBuf,
    /// The name of the stack [default: that of the application in the source, else of the file or its folder]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Write the script to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the file of `--output`
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

impl ImportSource {
    /// Returns the name of the command, and its arguments.
    pub(crate) fn parts(&self) -> (&'static str, &ImportArgs) {
        match self {
            Self::Compose(args) => ("import-from compose", args),
            Self::Template(args) => ("import-from template", args),
            Self::Copilot(args) => ("import-from copilot", args),
        }
    }
}
