//! The arguments of `rtiler import-from`.

use std::path::PathBuf;

use clap::Subcommand;

use super::Rehearse;
use super::account::AccountOptions;

#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  rtiler import-from compose docker-compose.yml --output app.rhai
  rtiler import-from template template.yaml --name shop-production --output app.rhai
  rtiler import-from copilot . --output app.rhai
  rtiler import-from service shop/web --output app.rhai

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
    /// Write a script from a running service of ECS, with its task, its load balancer and its scaling
    Service(ImportService),
}

/// The arguments of sources that are files.
#[derive(clap::Args)]
pub(crate) struct ImportArgs {
    /// The file, or for Copilot the folder; `-` is standard input
    pub(crate) path: PathBuf,
    #[command(flatten)]
    pub(crate) script: WrittenScript,
    /// Print JSON
    #[arg(long, help_heading = "Global options")]
    pub(crate) json: bool,
}

/// The arguments of a running service.
#[derive(clap::Args)]
pub(crate) struct ImportService {
    /// The names of the cluster and of the service: `CLUSTER/SERVICE`
    #[arg(value_parser = service_name)]
    pub(crate) service: ServiceName,
    #[command(flatten)]
    pub(crate) script: WrittenScript,
    #[command(flatten)]
    pub(crate) rehearse: Rehearse,
    #[command(flatten)]
    pub(crate) account: AccountOptions,
}

/// The script that is written.
#[derive(clap::Args)]
pub(crate) struct WrittenScript {
    /// The name of the stack [default: that of the application in the source, else of the file, its folder or the service]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Write the script to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Overwrite the file of `--output`
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// The name of a service in its cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ServiceName {
    pub(crate) cluster: String,
    pub(crate) service: String,
}

/// Parses `CLUSTER/SERVICE`, also as the end of an ARN.
fn service_name(text: &str) -> Result<ServiceName, String> {
    let name = text.split_once(":service/").map_or(text, |(_, name)| name);
    match name.split_once('/') {
        Some((cluster, service)) if !cluster.is_empty() && !service.is_empty() && !service.contains('/') => {
            Ok(ServiceName { cluster: cluster.to_owned(), service: service.to_owned() })
        }
        _ => {
            Err("write it as CLUSTER/SERVICE; `aws ecs list-services --cluster CLUSTER` lists the services".to_owned())
        }
    }
}

impl ImportSource {
    /// Returns the name of the command, and whether it prints JSON.
    pub(crate) fn name_and_json(&self) -> (&'static str, bool) {
        match self {
            Self::Compose(args) => ("import-from compose", args.json),
            Self::Template(args) => ("import-from template", args.json),
            Self::Copilot(args) => ("import-from copilot", args.json),
            Self::Service(args) => ("import-from service", args.account.json),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_is_named_with_its_cluster_or_by_its_arn() {
        let known = Ok(ServiceName { cluster: "shop".to_owned(), service: "web".to_owned() });
        assert_eq!(service_name("shop/web"), known);
        assert_eq!(service_name("arn:aws:ecs:eu-central-1:123456789012:service/shop/web"), known);
        for wrong in ["web", "/web", "shop/", "a/b/c", ""] {
            assert!(service_name(wrong).is_err(), "{wrong}");
        }
    }
}
