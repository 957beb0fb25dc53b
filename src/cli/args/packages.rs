//! The arguments of commands on packages.

use clap::ValueEnum;

use super::PackageOptions;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  rtiler add github.com/acme/stacks//web@v1.2     a folder of a git repository, from version 1.2
  rtiler add https://git.example.com/net@main     a branch; also a tag or a whole commit
  rtiler add oci://registry.example.com/net:1.2   a package of a registry
  rtiler add ../net                               a folder of this machine")]
pub(crate) struct Add {
    /// The package: `github.com/org/repo//folder@v1.2`, the URL of a git repository with `@REVISION`, `oci://registry/name:1.2`,
    /// or a folder (`../net`)
    pub(crate) source: String,
    /// Fail unless the package has this name
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Grant what the package requests, without asking
    #[arg(long)]
    pub(crate) grant: bool,
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Remove {
    /// The name of the package
    pub(crate) package: String,
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Update {
    /// The names of packages [default: all that `rtiler.toml` names]
    pub(crate) package: Vec<String>,
    /// Grant what the new versions request in addition, without asking
    #[arg(long)]
    pub(crate) grant: bool,
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

/// The arguments of `vendor`, `tree` and `outdated`.
#[derive(clap::Args)]
pub(crate) struct PackageListing {
    #[command(flatten)]
    pub(crate) packages: PackageOptions,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

#[derive(clap::Args)]
pub(crate) struct Init {
    /// The name of the project, and of the folder that is created; `.` is this folder [default: this folder]
    pub(crate) name: Option<String>,
    /// The kind of project
    #[arg(long, default_value = "web")]
    pub(crate) template: Template,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

/// The kind of project that `init` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Template {
    /// TiTiler, a server of map tiles, behind a load balancer
    Titiler,
    /// A web service behind a load balancer
    Web,
    /// A worker that reads a queue
    Worker,
    /// A stack with one resource
    Minimal,
    /// A package that other projects import
    Package,
}
