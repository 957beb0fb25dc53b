//! The permissions that packages request, and what the user grants.

use super::changes::{in_words, rights};
use crate::cli::json::PackageRights;
use crate::cli::terminal::Terminal;
use crate::package::{Grants, Manifest, ManifestEdit, PackageName};
use crate::registry::ProjectPackages;

/// The permissions that packages request and do not have.
pub(super) struct Requests(Vec<(PackageName, Grants)>);

/// The permissions that were granted, and those that were not.
pub(super) struct Decision {
    pub(super) granted: Vec<PackageRights>,
    pub(super) refused: Vec<PackageRights>,
}

impl Requests {
    /// Returns what the chosen packages request and the project did not grant.
    pub(super) fn of(
        packages: &ProjectPackages,
        manifest: &Manifest,
        is_chosen: impl Fn(&PackageName) -> bool,
    ) -> Self {
        let missing = packages.packages.iter().filter_map(|(name, (package, _))| {
            let granted = manifest.permissions.get(name).map(|granted| granted.value.clone()).unwrap_or_default();
            let missing = package.manifest.requests.without(&granted);
            (!missing.is_empty() && is_chosen(name)).then(|| (name.clone(), missing))
        });
        Self(missing.collect())
    }

    /// Returns what the packages request in addition to their previous versions.
    pub(super) fn widened(packages: &ProjectPackages, before: Option<&ProjectPackages>, manifest: &Manifest) -> Self {
        let Self(mut requests) = Self::of(packages, manifest, |_| true);
        for (name, missing) in &mut requests {
            let previous = before.and_then(|before| before.packages.get(name));
            if let Some((package, _)) = previous {
                *missing = missing.without(&package.manifest.requests);
            }
        }
        requests.retain(|(_, missing)| !missing.is_empty());
        Self(requests)
    }
}

/// Writes what is granted to the manifest: all with `--grant`, else what the user at the terminal agrees to, else nothing.
pub(super) fn decide(
    requests: Requests,
    grant: bool,
    is_json: bool,
    terminal: &Terminal,
    edit: &mut ManifestEdit,
) -> Decision {
    let mut decision = Decision { granted: Vec::new(), refused: Vec::new() };
    for (name, missing) in requests.0 {
        let rights = rights(&name, &missing);
        let question = format!("{name} requests {}. Grant this?", in_words(&rights));
        if grant || (!is_json && terminal.ask(&question) == Some(true)) {
            edit.grant(&name, &missing);
            decision.granted.push(rights);
        } else {
            decision.refused.push(rights);
        }
    }
    decision
}
