use super::change::ProjectEdit;
use super::changes::{changes, in_words, text};
use super::grants::{Requests, decide};
use super::{reported, unknown_package};
use crate::cli::args::Update;
use crate::cli::exit::ExitStatus;
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic, SourceMap, WithOrigin};
use crate::package::{Lock, LockedPackage, Manifest, PackageName, Requirement, Revision};
use crate::registry::{PackageSources, ProjectPackages};

/// Runs `rtiler update [NAME...]`: raises versions to the newest compatible ones, and follows branches.
pub(crate) fn command(args: &Update, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let mut project = ProjectEdit::open(args.packages, terminal, sources)?;
        let targets = targets(args, &project)?;
        let before = project.current();
        let (manifest, packages) = updated(&mut project, &targets, sources)?;
        let moved = moved(&project.locked, &packages.lock, if args.package.is_empty() { &[] } else { &targets });
        if !moved.is_empty() {
            return Err(moved);
        }
        let mut changes = changes(&project.locked, &packages.lock, &manifest);
        let widened = Requests::widened(&packages, before.as_ref(), &manifest);
        let decision = decide(widened, args.grant, args.json, terminal, &mut project.edit);
        if !decision.refused.is_empty() {
            let problem = |rights: &crate::cli::json::PackageRights| {
                let message = format!("the update of `{}` requests {} in addition", rights.package, in_words(rights));
                Diagnostic::new(Code::PackageRequests, message).note("nothing was updated").help(
                    format!("to grant it, run `rtiler update {} --grant`", args.package.join(" ")).replace("  ", " "),
                )
            };
            return Err(decision.refused.iter().map(problem).collect());
        }
        changes.granted = decision.granted;
        project.write(&packages).map_err(|problem| vec![problem])?;
        Output::new(terminal, args.json).result(&changes, || text(&changes));
        if packages.lock == project.locked {
            terminal.status("every package is up to date");
        }
        Ok(())
    })
}

/// Raises packages in the manifest and resolves it.
///
/// # Errors
///
/// The problems of the packages.
pub(super) fn updated(
    project: &mut ProjectEdit,
    targets: &[PackageName],
    texts: &mut SourceMap,
) -> Result<(Manifest, ProjectPackages), Vec<Diagnostic>> {
    let mut pins = project.locked.clone();
    pins.packages.retain(|name, _| !targets.contains(name));
    let origins = project.sources(&pins);
    for name in targets {
        raise(project, name, &origins).map_err(|problem| vec![problem])?;
    }
    project.resolved(&origins, texts)
}

/// Returns the packages that are updated.
fn targets(args: &Update, project: &ProjectEdit) -> Result<Vec<PackageName>, Vec<Diagnostic>> {
    let known = || project.manifest.dependencies.keys().chain(project.locked.packages.keys());
    if args.package.is_empty() {
        return Ok(known().cloned().collect());
    }
    let find = |name: &String| {
        known().find(|it| it.as_str() == name).cloned().ok_or_else(|| vec![unknown_package(name, known())])
    };
    args.package.iter().map(find).collect()
}

/// Raises the lowest version of a dependency to the newest one that its range accepts.
fn raise(project: &mut ProjectEdit, name: &PackageName, sources: &PackageSources) -> Result<(), Diagnostic> {
    let Some(WithOrigin { value: dependency, origin }) = project.manifest.dependencies.get(name) else { return Ok(()) };
    let Revision::Version(range) = &dependency.revision else { return Ok(()) };
    let versions = sources.versions(&dependency.source).map_err(|problem| problem.at(origin, ""))?;
    let newest = versions.into_iter().filter(|version| range.accepts(version)).max();
    let locked = project.locked.packages.get(name).map(|locked| &locked.version);
    if let Some(newest) = newest.filter(|newest| locked.is_none_or(|locked| newest > locked)) {
        project.edit.set_version(name, &Requirement { lowest: newest });
    }
    Ok(())
}

/// Returns the error of each version that has other files than when it was locked, unless the user named the package.
fn moved(old: &Lock, new: &Lock, named: &[PackageName]) -> Vec<Diagnostic> {
    let is_moved = |from: &LockedPackage, to: &LockedPackage| {
        let is_fixed = to.reference.is_none() && to.revision.is_some();
        is_fixed && from.source == to.source && from.version == to.version && from.hash != to.hash
    };
    let problem = |(name, to): (&PackageName, &LockedPackage)| {
        let from = old.packages.get(name).filter(|from| is_moved(from, to) && !named.contains(name))?;
        let message = format!("version {} of `{name}` has other files than when it was locked", to.version);
        let revision = |it: &Option<String>| it.clone().unwrap_or_default();
        let problem = Diagnostic::new(Code::PackageHash, message)
            .note(format!("locked: {} ({})", from.hash, revision(&from.revision)))
            .note(format!("found:  {} ({})", to.hash, revision(&to.revision)));
        Some(problem.help(format!("ask who publishes it; `rtiler update {name}` accepts the other files")))
    };
    new.packages.iter().filter_map(problem).collect()
}
