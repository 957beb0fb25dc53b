//! `rtiler import-from`: writes a script from what another tool describes.

use std::path::{Component, Path, PathBuf};

use super::args::{ImportArgs, ImportFrom, ImportSource};
use super::exit::ExitStatus;
use super::files::{read_text, write_whole};
use super::json::{ImportNote, ImportedScript};
use super::report::{Output, counted};
use super::terminal::Terminal;
use crate::cfn::schema::Schema;
use crate::diag::{Code, Origin, Sink, SourceMap, shell_word};
use crate::importers::{self, Imported, SourceFiles};

/// Runs `rtiler import-from SOURCE PATH`.
pub(crate) fn command(import: &ImportFrom, terminal: &Terminal) -> ExitStatus {
    let (_, args) = import.source.parts();
    if let Some(output) = args.output.as_ref().filter(|output| !args.force && std::fs::symlink_metadata(output).is_ok())
    {
        let message = format!("{} already exists; nothing was written; overwrite it with `--force`", output.display());
        terminal.failure(Code::FileExists, &message);
        return ExitStatus::Usage;
    }
    let mut sources = SourceMap::default();
    let imported = match read(&import.source, args, &mut sources) {
        Ok(imported) => imported,
        Err(problems) => {
            terminal.problems(&problems, &sources);
            return ExitStatus::Script;
        }
    };
    print(args, imported, terminal)
}

fn print(args: &ImportArgs, imported: Imported, terminal: &Terminal) -> ExitStatus {
    if let Some(output) = &args.output {
        if let Err(error) = write_whole(output, &imported.script) {
            terminal.failure(Code::FileUnwritable, &format!("cannot write {}: {error}", output.display()));
            return ExitStatus::Script;
        }
        let notes = counted(imported.notes.len(), "comment");
        let file = shell_word(&output.display().to_string());
        terminal
            .status(&format!("wrote {file}, with {notes} on what has no counterpart; next:\n  rtiler check {file}"));
    }
    let note = |note: importers::Note| ImportNote { file: note.file, line: note.line, text: note.text };
    let result = ImportedScript {
        file: args.output.as_ref().map(|output| output.display().to_string()),
        script: imported.script,
        notes: imported.notes.into_iter().map(note).collect(),
    };
    let text = if args.output.is_some() { String::new() } else { result.script.clone() };
    Output::new(terminal, args.json).result(&result, || text);
    ExitStatus::Ok
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
    let named = |fallback: &Path| args.name.clone().unwrap_or_else(|| name_of(fallback));
    match source {
        ImportSource::Compose(_) => {
            importers::compose(&name, &text(sources)?, &named(&absolute(&folder)), &Folder(folder))
        }
        ImportSource::Template(_) => {
            importers::template(&name, &text(sources)?, &named(&path.with_extension("")), Schema::embedded())
        }
        ImportSource::Copilot(_) => {
            importers::copilot(&name, args.name.as_deref(), &Folder(path.clone()), Schema::embedded())
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
