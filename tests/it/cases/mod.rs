//! Scripts with what becomes of them, side by side in `tests/cases`.
//!
//! `ok/NAME.rhai` and every script of `scripts/` give the templates in `ok/NAME/STACK.yaml`; `err/NAME.rhai` gives the
//! messages in `err/NAME.txt`, as users read them at a width of 100 columns, and so does `err/NAME.yaml`. What users give
//! for settings is in the first lines of a script, as `// --set name=value`, `// .env NAME=value` or
//! `// environment NAME=value`.
//!
//! `repl/NAME.txt` is a transcript: what follows `> ` (and `. ` for further lines) was typed, the rest is the answer.
//!
//! After a change that is meant: `BLESS=1 cargo test --test it cases`, and read the difference before it is committed.

mod errors;
mod expressions;
mod methods;
mod repl;
mod snapshots;
mod templates;

pub(crate) use snapshots::Snapshots;

use std::path::{Path, PathBuf};
use std::rc::Rc;

use rtiler::cfn::schema::Schema;
use rtiler::diag::{Color, Diagnostic, Origin, Sink, SourceMap, apply_suppressions, render};
use rtiler::image::{ImageArchive, ImageContext};
use rtiler::script::{ContextError, Input, LoadError, SourceLoader, eval, trace_problems};
use rtiler::settings::{SettingInput, Source, parse_env_file, shown_env_file};
use rtiler::synth::{DesiredStack, synth};

use crate::scripted::{ExampleFolder, small};

/// A script of a folder, evaluated.
struct Case {
    stacks: Option<Vec<DesiredStack>>,
    problems: Sink,
    sources: SourceMap,
}

/// The files of one folder.
struct Folder(PathBuf);

impl SourceLoader for Folder {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        if path.starts_with("..") {
            return Err(LoadError::Outside("cases".into()));
        }
        std::fs::read_to_string(self.0.join(path)).map_err(|_| LoadError::Missing)
    }

    fn locate(&self, path: &str) -> Result<String, LoadError> {
        Ok(path.to_owned())
    }

    fn read_located(&self, path: &str) -> Result<String, LoadError> {
        self.read(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, LoadError> {
        let entries = std::fs::read_dir(self.0.join(folder)).into_iter().flatten();
        Ok(entries.map(|entry| format!("{folder}/{}", entry.unwrap().file_name().to_string_lossy())).collect())
    }

    fn image_context(&self, folder: &str, dockerfile: &str) -> Result<ImageContext, ContextError> {
        ExampleFolder.image_context(folder, dockerfile)
    }

    fn image_archive(&self, file: &str) -> Result<ImageArchive, LoadError> {
        ExampleFolder.image_archive(file)
    }
}

/// Returns a folder of this repository.
fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Returns the files of a folder with this ending, in order.
fn files(path: &Path, end: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = entries.filter(|file| file.extension().is_some_and(|it| it == end)).collect();
    found.sort();
    found
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

/// Evaluates a script as the command line does.
fn evaluate(path: &Path) -> Case {
    let text = std::fs::read_to_string(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy();
    let mut sources = SourceMap::default();
    let (given, mut problems) = given(&text, &mut sources);
    let files = Rc::new(Folder(path.parent().unwrap().to_owned()));
    let input = Input { name: &name, text: &text, files, given, limits: small() };
    let mut evaluation = eval(&input);
    sources.extend(&evaluation.sources);
    let report = evaluation.and_then(|program| synth(&program, Schema::embedded()));
    problems.extend(report.problems);
    let mut problems = apply_suppressions(problems, &sources, report.value.is_some());
    problems.sort_by_cached_key(|problem| problem.origin().cloned());
    trace_problems((&input, &evaluation.budget), &mut problems);
    Case { stacks: report.value, problems, sources }
}

/// Returns the settings that the first lines of a script give.
fn given(text: &str, sources: &mut SourceMap) -> (Vec<SettingInput>, Sink) {
    let (mut given, mut env_file) = (Vec::new(), String::new());
    for line in text.lines().map_while(|line| line.strip_prefix("// ")) {
        let pair = |rest: &str| rest.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        if let Some((name, value)) = line.strip_prefix("--set ").and_then(pair) {
            given.push(SettingInput { name, value, source: Source::Flag });
        } else if let Some((name, value)) = line.strip_prefix("environment ").and_then(pair) {
            given.push(SettingInput { source: Source::Environment(name.clone()), name, value });
        } else if let Some(line) = line.strip_prefix(".env ") {
            env_file += &format!("{line}\n");
        }
    }
    let (from_file, problems) = parse_env_file(&".env".into(), &env_file);
    sources.add(".env", shown_env_file(&env_file));
    given.extend(from_file);
    (given, problems)
}

/// Returns the diagnostics as a user reads them.
fn shown(problems: &[Diagnostic], sources: &SourceMap) -> String {
    const WIDTH: usize = 100;
    problems.iter().map(|problem| render(problem, sources, Color::Never, WIDTH) + "\n").collect()
}

/// Returns the source and line of a problem, for messages of tests.
fn place(problem: &Diagnostic) -> String {
    problem.origin().map_or_else(|| "nowhere".to_owned(), Origin::to_string)
}
