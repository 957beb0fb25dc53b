use semver::Version;

use super::load::{LoadedProject, cache_folder};
use super::reported;
use crate::cli::args::PackageListing;
use crate::cli::exit::ExitStatus;
use crate::cli::json::PackageVersions;
use crate::cli::report::{Output, short};
use crate::cli::table::Table;
use crate::cli::terminal::Terminal;
use crate::diag::Diagnostic;
use crate::package::{Lock, PackageName, PackageSource, Pin, Requirement, Resolved};
use crate::registry::{Access, FoundPackage, PackageSources};

/// Runs `rtiler outdated`: compares the locked packages with the versions at their sources.
pub(crate) fn command(args: &PackageListing, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let project = LoadedProject::here(args.packages, true, sources)?;
        let access = Access { network: !args.packages.offline, vendor: false };
        let folder = &project.place.folder;
        // Nothing is pinned: the versions of now are of interest.
        let origins = PackageSources::new(folder, &cache_folder(folder), &Lock::default(), access);
        let versions: Result<Vec<Option<PackageVersions>>, Diagnostic> = project
            .packages
            .packages
            .iter()
            .map(|(name, (package, found))| versions(name, package, found, &origins))
            .collect();
        let versions: Vec<PackageVersions> = versions.map_err(|problem| vec![problem])?.into_iter().flatten().collect();
        let behind: Vec<&PackageVersions> = versions.iter().filter(|package| is_behind(package)).collect();
        Output::new(terminal, args.json).result(&versions, || table(&behind, terminal));
        if behind.is_empty() {
            terminal.status("every package is up to date");
        }
        Ok(())
    })
}

/// Returns the versions of a package; none for a folder, which has no versions.
fn versions(
    name: &PackageName,
    package: &Resolved,
    found: &FoundPackage,
    sources: &PackageSources,
) -> Result<Option<PackageVersions>, Diagnostic> {
    if let PackageSource::Path(_) = &package.source {
        return Ok(None);
    }
    let locked = &found.manifest.version;
    let all = sources.versions(&package.source)?;
    let newest = all.iter().filter(|version| version.pre.is_empty()).max().or(all.iter().max());
    let range = Requirement { lowest: locked.clone() };
    let compatible = match package.pin {
        Pin::Version(_) => all.iter().filter(|version| range.accepts(version)).max(),
        Pin::Name(_) => None,
    };
    let moved_to = match &package.pin {
        Pin::Name(_) => {
            Some(sources.revision(&package.source, &package.pin)?).filter(|it| Some(it) != found.revision.as_ref())
        }
        Pin::Version(_) => None,
    };
    let text = |version: Option<&Version>| version.map(ToString::to_string);
    Ok(Some(PackageVersions {
        name: name.to_string(),
        version: locked.to_string(),
        compatible: text(compatible),
        newest: text(newest),
        moved_to,
    }))
}

fn is_behind(package: &PackageVersions) -> bool {
    let is_newer = |version: &Option<String>| {
        let parsed = |text: &str| Version::parse(text).ok();
        version.as_deref().and_then(parsed) > parsed(&package.version)
    };
    is_newer(&package.compatible) || is_newer(&package.newest) || package.moved_to.is_some()
}

fn table(behind: &[&PackageVersions], terminal: &Terminal) -> String {
    if behind.is_empty() {
        return String::new();
    }
    let cell = |version: &Option<String>| version.clone().unwrap_or_else(|| "-".to_owned());
    let row = |package: &&PackageVersions| {
        let moved = package.moved_to.as_deref().map_or("-", short).to_owned();
        vec![package.name.clone(), package.version.clone(), cell(&package.compatible), cell(&package.newest), moved]
    };
    Table::new(&["PACKAGE", "LOCKED", "COMPATIBLE", "NEWEST", "MOVED TO"])
        .with(behind.iter().map(row))
        .render(terminal.detail())
}
