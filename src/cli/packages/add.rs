use std::path::Path;

use super::change::ProjectEdit;
use super::changes::{changes, text};
use super::grants::{Requests, decide};
use super::reported;
use crate::cli::args::Add;
use crate::cli::exit::ExitStatus;
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;
use crate::diag::{Code, Diagnostic, shell_word};
use crate::package::{Dependency, PackageIndex, PackageName, PackageSource, Revision, parse_source};
use crate::registry::{PackageSources, Pins, SourceIndex};

/// Runs `rtiler add SOURCE`: adds a dependency to `rtiler.toml`, locks it, and shows what it requests.
pub(crate) fn command(args: &Add, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let mut project = ProjectEdit::open(args.packages, terminal, sources)?;
        let origins = project.sources(&project.locked);
        let (name, dependency) = dependency(args, &project, &origins).map_err(|problem| vec![problem])?;
        project.edit.set_dependency(&name, &dependency);
        let (manifest, packages) = project.resolved(&origins, sources)?;
        let mut changes = changes(&project.locked, &packages.lock, &manifest);
        let names = changes.added.iter().map(|it| &it.name).chain(changes.updated.iter().map(|it| &it.name));
        let names: Vec<&str> = names.map(String::as_str).collect();
        let requests = Requests::of(&packages, &manifest, |it| *it == name || names.contains(&it.as_str()));
        let decision = decide(requests, args.grant, args.json, terminal, &mut project.edit);
        (changes.granted, changes.not_granted) = (decision.granted, decision.refused);
        project.write(&packages).map_err(|problem| vec![problem])?;
        Output::new(terminal, args.json).result(&changes, || text(&changes));
        if !changes.not_granted.is_empty() {
            let source = shell_word(&args.source);
            terminal.status(&format!("grant what it requests with `rtiler add {source} --grant`"));
        }
        if packages.lock == project.locked && changes.granted.is_empty() {
            let version = &packages.lock.packages[&name].version;
            terminal.status(&if project.edit.to_text() == project.place.text {
                format!("the project has {name} {version} already; nothing was changed")
            } else {
                format!("changed the revision of {name} in rtiler.toml; {version} stays locked")
            });
        }
        Ok(())
    })
}

/// Returns the dependency that the command line names, with the name that its package gives itself.
fn dependency(
    args: &Add,
    project: &ProjectEdit,
    sources: &PackageSources,
) -> Result<(PackageName, Dependency), Diagnostic> {
    let wrong = |why: String| Diagnostic::new(Code::CommandLine, why);
    let (source, revision) = parse_source(&args.source).map_err(wrong)?;
    let dependency = match (source, revision) {
        (PackageSource::Path(path), revision) => {
            let folder = project
                .place
                .relative_to_project(Path::new(&path))
                .ok_or_else(|| Diagnostic::new(Code::FileMissing, format!("there is no folder `{path}`")))?;
            Dependency { source: PackageSource::Path(folder), revision }
        }
        (source, Revision::Branch(name)) => Dependency { revision: sources.named(&source, &name)?, source },
        (source, revision) => Dependency { source, revision },
    };
    let pin = sources.lowest(&dependency.source, &dependency.revision)?;
    let manifest = SourceIndex::new(sources, Pins::Ignored).manifest(&dependency.source, &pin)?;
    match &args.name {
        Some(name) if *name != manifest.name.as_str() => {
            let message = format!("the package is called `{}`, not `{name}`", manifest.name);
            Err(Diagnostic::new(Code::PackageVersions, message)
                .help("the name of a package is in its own `rtiler.toml`"))
        }
        _ if manifest.name == project.manifest.name => {
            Err(Diagnostic::new(Code::PackageCycle, format!("the package `{}` would depend on itself", manifest.name)))
        }
        _ => Ok((manifest.name.clone(), dependency)),
    }
}
