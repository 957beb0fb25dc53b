//! `rtiler import-from`: writes a script from what another tool describes.

use std::path::{Component, Path, PathBuf};

use super::args::{ImportArgs, ImportFrom, ImportSource};
use super::commands::import_service;
use super::exit::ExitStatus;
use super::files::read_text;
use super::report::Output;
use super::terminal::Terminal;
use super::written_script::{check_output, print};
use crate::cfn::schema::Schema;
use crate::diag::{Origin, Sink, SourceMap};
use crate::importers::{self, Imported, SourceFiles};

/// Runs `rtiler import-from SOURCE`.
pub(crate) fn command(import: &ImportFrom, terminal: &Terminal, allocated: fn() -> usize) -> ExitStatus {
    let args = match &import.source {
        ImportSource::Service(args) => return import_service::command(args, terminal, allocated),
        ImportSource::Compose(args) | ImportSource::Template(args) | ImportSource::Copilot(args) => args,
    };
    if let Err(exit) = check_output(&args.script, terminal) {
        return exit;
    }
    let mut sources = SourceMap::default();
    match read(&import.source, args, &mut sources) {
        Ok(imported) => print(&args.script, imported, &Output::new(terminal, args.json), terminal),
        Err(problems) => {
            terminal.problems(&problems, &sources);
            ExitStatus::Script
        }
    }
}

fn read(source: &ImportSource, args: &ImportArgs, sources: &mut SourceMap) -> Result<Imported, Sink> {
    let path = &args.path;
    let name = path.display().to_string();
    let text = |sources: &mut SourceMap| {
        let text = read_text(path).map_err(|why| vec![why.problem(&name).at(&Origin::new(name.as_str(), 0, 0), "")])?;
        sources.add(name.as_str(), text.as_str());
        Ok::<String, Sink>(text)
    };
    let folder = path.parent().unwrap_or(Path::new("")).to_owned();
    let named = |fallback: &Path| args.script.name.clone().unwrap_or_else(|| name_of(fallback));
    match source {
        ImportSource::Compose(_) => {
            importers::compose(&name, &text(sources)?, &named(&absolute(&folder)), &Folder(folder))
        }
        ImportSource::Template(_) => {
            importers::template(&name, &text(sources)?, &named(&path.with_extension("")), Schema::embedded())
        }
        // A service is read by its own command.
        ImportSource::Copilot(_) | ImportSource::Service(_) => {
            importers::copilot(&name, args.script.name.as_deref(), &Folder(path.clone()), Schema::embedded())
        }
    }
}

/// Returns the last name of a path.
fn name_of(path: &Path) -> String {
    path.file_name().map_or_else(|| "app".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn absolute(folder: &Path) -> PathBuf {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    folder.canonicalize().unwrap_or_else(|_| folder.to_owned())
}

/// The files of a folder and of those below it.
struct Folder(PathBuf);

impl Folder {
    /// Returns a path within the folder; none for one that leaves it.
    fn within(&self, path: &str) -> Option<PathBuf> {
        let path = Path::new(path);
        let stays = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        stays.then(|| self.0.join(path))
    }
}

impl SourceFiles for Folder {
    fn text(&self, path: &str) -> Option<String> {
        read_text(&self.within(path)?).ok()
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let Some(folder) = self.within(folder) else { return Vec::new() };
        let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
        let mut names: Vec<String> = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        names
    }
}
