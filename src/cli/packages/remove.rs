use std::collections::BTreeSet;

use semver::Version;

use super::change::ProjectEdit;
use super::changes::{changes, text};
use super::{reported, unknown_package};
use crate::cli::args::Remove;
use crate::cli::exit::ExitStatus;
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::package::{Lock, Manifest, PackageName, Pin, Revision};
use crate::registry::ProjectPackages;

/// Runs `rtiler remove NAME`: removes a dependency from `rtiler.toml`, and from the lock file what only it needs: packages, and the
/// higher versions of packages that others need, too.
pub(crate) fn command(args: &Remove, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let mut project = ProjectEdit::open(args.packages, terminal, sources)?;
        let name = project.manifest.dependencies.keys().find(|name| name.as_str() == args.package).cloned();
        let Some(name) = name else {
            return Err(vec![unknown_package(&args.package, project.manifest.dependencies.keys())]);
        };
        project.edit.remove_dependency(&name);
        let (mut manifest, mut packages) = project.resolved(&project.sources(&project.locked), sources)?;
        let raised = raised(&name, &project.locked, &manifest, &packages);
        if !raised.is_empty() {
            let mut pins = project.locked.clone();
            pins.packages.retain(|name, _| !raised.contains(name));
            (manifest, packages) = project.resolved(&project.sources(&pins), sources)?;
        }
        // Another package may need it, and then it keeps its permissions.
        if !packages.packages.contains_key(&name) {
            project.edit.remove_permissions(&name);
        }
        project.write(&packages).map_err(|problem| vec![problem])?;
        let changes = changes(&project.locked, &packages.lock, &manifest);
        Output::new(terminal, args.json).result(&changes, || text(&changes));
        if packages.packages.contains_key(&name) {
            terminal.status(&format!("{name} stays in the lock file: another package needs it"));
        }
        Ok(())
    })
}

/// Returns the packages that stay and whose locked version is higher than any that is left needs: the removed package may have
/// raised it.
fn raised(removed: &PackageName, locked: &Lock, manifest: &Manifest, left: &ProjectPackages) -> BTreeSet<PackageName> {
    let mut below = BTreeSet::new();
    let mut open = vec![removed];
    while let Some(name) = open.pop() {
        if below.insert(name.clone())
            && let Some(package) = locked.packages.get(name)
        {
            open.extend(&package.dependencies);
        }
    }
    let manifests = || left.packages.values().map(|(package, _)| package.manifest.as_ref()).chain([manifest]);
    let is_needed = |name: &PackageName, version: &Version| {
        manifests().filter_map(|manifest| manifest.dependencies.get(name)).any(
            |dependency| !matches!(&dependency.value.revision, Revision::Version(range) if range.lowest < *version),
        )
    };
    let is_raised = |name: &PackageName| {
        left.packages.get(name).is_some_and(|(package, _)| match &package.pin {
            Pin::Version(version) => !is_needed(name, version),
            Pin::Name(_) => false,
        })
    };
    below.into_iter().filter(is_raised).collect()
}
