use std::path::Path;

use ignore::WalkBuilder;
use similar::TextDiff;

use super::args::Fmt;
use super::exit::ExitStatus;
use super::files::{read_text, write_whole};
use super::json::FormattedFile;
use super::report::{Output, counted};
use super::terminal::Terminal;
use crate::diag::{Code, Diagnostic, Origin, SourceMap};
use crate::package::{MANIFEST, VENDOR_FOLDER};
use crate::printable::is_printable_text;
use crate::script::format;

/// The lines around a difference that are printed with it.
const CONTEXT: usize = 2;

/// A script that is read, with its standard format.
struct Script {
    file: String,
    text: String,
    formatted: String,
}

/// Runs `rtiler fmt FILE...`: formats scripts. Nothing is written if one of them has an error.
pub(crate) fn command(fmt: &Fmt, terminal: &Terminal) -> ExitStatus {
    let mut sources = SourceMap::default();
    let files = match files(&fmt.files) {
        Ok(files) => files,
        Err(problem) => {
            terminal.problems(&[problem], &sources);
            return ExitStatus::Usage;
        }
    };
    let (mut scripts, mut problems) = (Vec::new(), Vec::new());
    for file in files {
        match script(&file, &mut sources) {
            Ok(script) => scripts.push(script),
            Err(found) => problems.extend(found),
        }
    }
    if !problems.is_empty() {
        terminal.problems(&problems, &sources);
        return ExitStatus::Script;
    }
    let output = Output::new(terminal, fmt.json);
    if fmt.check { check(&scripts, &output, terminal) } else { write(&scripts, &output, terminal) }
}

/// Prints what formatting would change.
fn check(scripts: &[Script], output: &Output, terminal: &Terminal) -> ExitStatus {
    let changed: Vec<&Script> = scripts.iter().filter(|script| script.is_changed()).collect();
    output.result(&results(scripts), || changed.iter().map(|script| script.difference()).collect());
    terminal.status(&summary(changed.len(), scripts.len(), "is not formatted", "are not formatted"));
    if changed.is_empty() { ExitStatus::Ok } else { ExitStatus::Script }
}

/// Writes the formatted scripts; that of standard input goes to standard output.
fn write(scripts: &[Script], output: &Output, terminal: &Terminal) -> ExitStatus {
    let (input, files): (Vec<&Script>, Vec<&Script>) = scripts.iter().partition(|script| script.file == "-");
    let changed: Vec<&&Script> = files.iter().filter(|script| script.is_changed()).collect();
    for script in &changed {
        if let Err(error) = write_whole(Path::new(&script.file), &script.formatted) {
            terminal.failure(Code::FileUnwritable, &format!("cannot write {}: {error}", script.file));
            return ExitStatus::Script;
        }
    }
    output.result(&results(scripts), || input.iter().map(|script| script.formatted.as_str()).collect());
    if !files.is_empty() {
        terminal.status(&summary(changed.len(), files.len(), "was formatted", "were formatted"));
    }
    ExitStatus::Ok
}

fn results(scripts: &[Script]) -> Vec<FormattedFile> {
    scripts.iter().map(Script::result).collect()
}

impl Script {
    fn is_changed(&self) -> bool {
        self.text != self.formatted
    }

    fn result(&self) -> FormattedFile {
        let lines = || self.text.split('\n').zip(self.formatted.split('\n'));
        let differs = || lines().position(|(old, new)| old != new).unwrap_or_else(|| lines().count());
        FormattedFile { file: self.file.clone(), line: self.is_changed().then(|| differs() + 1) }
    }

    /// Returns what formatting changes, as a unified diff.
    fn difference(&self) -> String {
        let (old, new) = (self.file.clone(), format!("{} (formatted)", self.file));
        TextDiff::from_lines(&self.text, &self.formatted)
            .unified_diff()
            .context_radius(CONTEXT)
            .header(&old, &new)
            .to_string()
    }
}

/// Returns the scripts to format: the given ones, and those below the given folders.
fn files(given: &[String]) -> Result<Vec<String>, Diagnostic> {
    let here = [".".to_owned()];
    let mut found = Vec::new();
    for path in if given.is_empty() { &here } else { given } {
        if !Path::new(path).is_dir() {
            found.push(path.clone());
            continue;
        }
        let before = found.len();
        for entry in
            WalkBuilder::new(path).sort_by_file_name(Ord::cmp).filter_entry(|entry| !is_vendor(entry.path())).build()
        {
            let entry = entry.map_err(|error| {
                Diagnostic::new(Code::FileUnreadable, format!("the folder `{path}` cannot be read: {error}"))
            })?;
            let is_script = entry.path().extension().is_some_and(|end| end == "rhai");
            if is_script && entry.file_type().is_some_and(|kind| kind.is_file()) {
                let path = entry.path().strip_prefix("./").unwrap_or(entry.path());
                found.push(path.display().to_string());
            }
        }
        if found.len() == before {
            let message = format!("there are no scripts (*.rhai) in `{path}`");
            return Err(Diagnostic::new(Code::FileMissing, message).help("name a script: `rtiler fmt SCRIPT`"));
        }
    }
    Ok(found)
}

/// Returns whether a folder has the copies of packages, which are compared with the lock file.
fn is_vendor(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name == VENDOR_FOLDER) && folder.with_file_name(MANIFEST).is_file()
}

fn script(file: &str, sources: &mut SourceMap) -> Result<Script, Vec<Diagnostic>> {
    let text = read_text(Path::new(file)).map_err(|why| vec![why.problem(file).at(&Origin::new(file, 0, 0), "")])?;
    sources.add(file, text.as_str());
    let formatted = format(file, &text)?;
    if file == "-" && !is_printable_text(&formatted) {
        return Err(vec![unprintable(file)]);
    }
    Ok(Script { file: file.to_owned(), text, formatted })
}

/// Returns the error of standard input with characters that rtiler prints as visible signs: the output would be another script.
fn unprintable(file: &str) -> Diagnostic {
    Diagnostic::new(Code::FormatUnsafe, "the script has control characters, which are not printed as they are")
        .at(&Origin::new(file, 0, 0), "")
        .help("save it, and format the file: `rtiler fmt FILE`")
}

fn summary(changed: usize, all: usize, one: &str, several: &str) -> String {
    let verb = if changed == 1 { one } else { several };
    format!("{changed} of {} {verb}", counted(all, "script"))
}
