//! The script that `import-from` writes: to a file, or to standard output.

use super::args::WrittenScript;
use super::exit::ExitStatus;
use super::files::write_whole;
use super::json::{ImportNote, ImportedScript};
use super::report::{Output, counted};
use super::terminal::Terminal;
use crate::diag::{Code, shell_word};
use crate::importers::{self, Imported};

/// Reports a file of `--output` that exists.
pub(crate) fn check_output(args: &WrittenScript, terminal: &Terminal) -> Result<(), ExitStatus> {
    let Some(output) = args.output.as_ref().filter(|output| !args.force && std::fs::symlink_metadata(output).is_ok())
    else {
        return Ok(());
    };
    let message = format!("{} already exists; nothing was written; overwrite it with `--force`", output.display());
    terminal.failure(Code::FileExists, &message);
    Err(ExitStatus::Usage)
}

/// Writes a script to its file, or prints it.
pub(crate) fn print(args: &WrittenScript, imported: Imported, printer: &Output, terminal: &Terminal) -> ExitStatus {
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
    printer.result(&result, || text);
    ExitStatus::Ok
}
