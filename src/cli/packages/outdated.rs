use semver::Version;

use super::change::ProjectEdit;
use super::load::{LoadedProject, cache_folder};
use super::reported;
use super::update::updated;
use crate::cli::args::PackageListing;
use crate::cli::exit::ExitStatus;
use crate::cli::json::PackageVersions;
use crate::cli::report::{Output, short};
use crate::cli::table::Table;
use crate::cli::terminal::Terminal;
use crate::diag::{Diagnostic, SourceMap};
use crate::package::{Lock, PackageName, PackageSource, Pin, Resolved};
use crate::printable::one_line;
use crate::registry::{Access, FoundPackage, PackageSources};

/// Runs `rtiler outdated`: compares the locked packages with the versions at their sources.
pub(crate) fn command(args: &PackageListing, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let project = LoadedProject::here(args.packages, true, sources)?;
        let update = update(&project, args);
        let access = Access { network: !args.packages.offline, vendor: false };
        let folder = &project.place.folder;
        // Nothing is pinned: the versions of now are of interest.
        let origins = PackageSources::new(folder, &cache_folder(folder), &Lock::default(), access);
        let versions: Result<Vec<Option<PackageVersions>>, Diagnostic> = project
            .packages
            .packages
            .iter()
            .map(|(name, (package, found))| versions(name, package, found, update.as_ref().ok(), &origins))
            .collect();
        let versions: Vec<PackageVersions> = versions.map_err(|problem| vec![problem])?.into_iter().flatten().collect();
        let behind: Vec<&PackageVersions> = versions.iter().filter(|package| is_behind(package)).collect();
        Output::new(terminal, args.json).result(&versions, || table(&behind, terminal));
        if behind.is_empty() {
            terminal.status("every package is up to date");
        }
        for package in behind.iter().filter(|package| package.is_moved_version) {
            let (name, version) = (&package.name, &package.version);
            terminal.status(&format!(
                "version {version} of {name} was moved to another revision: ask who publishes it; `rtiler update {name}` accepts it"
            ));
        }
        if let Err(problems) = update {
            let why = problems.first().map_or("", |problem| problem.message.as_str());
            terminal.status(&one_line(&format!("`rtiler update` would fail: {why}")));
        }
        Ok(())
    })
}

/// Returns the lock file that `rtiler update` would write.
fn update(project: &LoadedProject, args: &PackageListing) -> Result<Lock, Vec<Diagnostic>> {
    let mut texts = SourceMap::default();
    let mut edit = ProjectEdit::unlocked(args.packages, &mut texts)?;
    let targets: Vec<PackageName> = project.packages.packages.keys().cloned().collect();
    updated(&mut edit, &targets, &mut texts).map(|(_, packages)| packages.lock)
}

/// Returns the versions of a package; none for a folder, which has no versions.
fn versions(
    name: &PackageName,
    package: &Resolved,
    found: &FoundPackage,
    update: Option<&Lock>,
    sources: &PackageSources,
) -> Result<Option<PackageVersions>, Diagnostic> {
    if let PackageSource::Path(_) = &package.source {
        return Ok(None);
    }
    let locked = &found.manifest.version;
    let of_package = |problem: Diagnostic| problem.note(format!("the package is `{name}`"));
    let all = sources.versions(&package.source).map_err(of_package)?;
    let newest = all.iter().filter(|version| version.pre.is_empty()).max().or(all.iter().max());
    let compatible = match package.pin {
        Pin::Version(_) => update.and_then(|lock| lock.packages.get(name)).map(|package| &package.version),
        Pin::Name(_) => None,
    };
    // A version that the source does not have any more cannot be looked up.
    let is_there = match &package.pin {
        Pin::Version(version) => all.contains(version),
        Pin::Name(_) => true,
    };
    let now = if is_there { Some(sources.revision(&package.source, &package.pin).map_err(of_package)?) } else { None };
    let moved_to = now.filter(|it| Some(it) != found.revision.as_ref());
    let text = |version: Option<&Version>| version.map(ToString::to_string);
    Ok(Some(PackageVersions {
        name: name.to_string(),
        version: locked.to_string(),
        compatible: text(compatible),
        newest: text(newest),
        is_moved_version: moved_to.is_some() && matches!(package.pin, Pin::Version(_)),
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
