use super::change::ProjectEdit;
use super::changes::{changes, text};
use super::{reported, unknown_package};
use crate::cli::args::Remove;
use crate::cli::exit::ExitStatus;
use crate::cli::report::Output;
use crate::cli::terminal::Terminal;

/// Runs `rtiler remove NAME`: removes a dependency from `rtiler.toml`, and what only it needs from the lock file.
pub(crate) fn command(args: &Remove, terminal: &Terminal) -> ExitStatus {
    reported(terminal, |sources| {
        let mut project = ProjectEdit::open(args.packages, sources)?;
        let name = project.manifest.dependencies.keys().find(|name| name.as_str() == args.package).cloned();
        let Some(name) = name else {
            return Err(vec![unknown_package(&args.package, project.manifest.dependencies.keys())]);
        };
        project.edit.remove_dependency(&name);
        let origins = project.sources(&project.locked);
        let (manifest, packages) = project.resolved(&origins)?;
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
