//! The tests of a project that a filter selects.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use wildmatch::WildMatch;

use super::shown;
use crate::cli::files::read_text;
use crate::diag::{Code, Diagnostic, Origin, did_you_mean};
use crate::package::MANIFEST;
use crate::script::testing::{TestFunction, tests_of};

/// The folder of the tests in a project.
const FOLDER: &str = "tests";

/// A file of tests.
pub(super) struct TestFile {
    /// Its path as users know it.
    pub(super) name: String,
    pub(super) text: String,
}

/// A test that is to run.
pub(super) struct SelectedTest {
    pub(super) file: Arc<TestFile>,
    pub(super) function: TestFunction,
}

impl SelectedTest {
    /// Returns the name by which filters find it: `tests/app.rhai::test_service`.
    pub(super) fn name(&self) -> String {
        format!("{}::{}", self.file.name, self.function.name)
    }
}

/// The tests to run.
pub(super) struct Selection {
    /// The folder of the tests.
    pub(super) folder: PathBuf,
    /// In the order of files and lines.
    pub(super) tests: Vec<SelectedTest>,
}

impl Selection {
    /// Selects the tests of a project whose names have a text in them, or match a glob.
    ///
    /// # Errors
    ///
    /// The folder cannot be read, or has no such tests.
    pub(super) fn new(path: &Path, filter: Option<&str>) -> Result<Self, Diagnostic> {
        let folder = project_folder(path).join(FOLDER);
        let mut tests = Vec::new();
        for path in files(&folder)? {
            let name = shown(&path);
            let text = read_text(&path).map_err(|why| why.problem(&name).at(&Origin::new(name.as_str(), 0, 0), ""))?;
            let functions = tests_of(&name, &text);
            let file = Arc::new(TestFile { name, text });
            tests.extend(functions.into_iter().map(|function| SelectedTest { file: Arc::clone(&file), function }));
        }
        if tests.is_empty() {
            return Err(no_tests(&folder));
        }
        let Some(filter) = filter else { return Ok(Self { folder, tests }) };
        let pattern = WildMatch::new(&format!("*{filter}*"));
        let (chosen, others): (Vec<_>, Vec<_>) = tests.into_iter().partition(|test| pattern.matches(&test.name()));
        if chosen.is_empty() {
            return Err(without_match(filter, &others));
        }
        Ok(Self { folder, tests: chosen })
    }
}

/// Returns the nearest folder with a manifest, from a folder upwards; the folder itself if there is none.
fn project_folder(path: &Path) -> PathBuf {
    let Ok(full) = path.canonicalize() else { return path.to_owned() };
    let above = full.ancestors().position(|folder| folder.join(MANIFEST).is_file()).unwrap_or(0);
    (0..above).fold(path.to_owned(), |path, _| match path.components().next_back() {
        Some(Component::Normal(_)) => path.parent().map_or_else(PathBuf::new, Path::to_owned),
        Some(Component::CurDir) => PathBuf::from(".."),
        _ => path.join(".."),
    })
}

/// Returns the scripts in the folder of tests, sorted.
fn files(folder: &Path) -> Result<Vec<PathBuf>, Diagnostic> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(no_tests(folder)),
        Err(error) => {
            let message = format!("the folder `{}` cannot be read: {error}", shown(folder));
            return Err(Diagnostic::new(Code::FileUnreadable, message));
        }
    };
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "rhai") && path.is_file());
    files.sort();
    Ok(files)
}

fn no_tests(folder: &Path) -> Diagnostic {
    Diagnostic::new(Code::FileMissing, format!("there are no tests in `{}`", shown(folder)))
        .help(format!("write one: `fn test_name() {{ .. }}` in `{}/app.rhai`", shown(folder)))
        .help("`rtiler doc tests` shows the functions of tests")
}

fn without_match(filter: &str, tests: &[SelectedTest]) -> Diagnostic {
    let names = tests.iter().map(|test| test.function.name.as_str());
    Diagnostic::new(Code::FileMissing, format!("the name of no test has `{filter}` in it"))
        .help_if(did_you_mean(filter, names))
        .help("`rtiler test --list` lists the tests")
}
