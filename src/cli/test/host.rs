//! The host of tests: the snapshots of their project, and rehearsals.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{rehearse, shown};
use crate::cli::files::{read_text, write_whole};
use crate::diag::{Code, Diagnostic, Origin};
use crate::script::LoadError;
use crate::script::testing::{RehearsalRequest, RehearsedStack, SnapshotUse, TestHost};

/// The snapshots of a project.
#[derive(Clone)]
pub(super) struct Snapshots {
    folder: PathBuf,
    /// Whether new and changed snapshots are written.
    bless: bool,
    /// The values that were compared, by the path of their snapshot.
    compared: Arc<Mutex<BTreeMap<PathBuf, Vec<Compared>>>>,
}

/// A value that a test compared with a snapshot.
struct Compared {
    /// The number of the test.
    test: usize,
    text: String,
    origin: Origin,
    /// Whether the snapshot has another text, or does not exist.
    differs: bool,
}

/// The end of a run: the snapshots that were written, and the problems that only all tests together show.
#[derive(Default)]
pub(super) struct SnapshotReport {
    /// The paths of the snapshots that were written.
    pub(super) written: Vec<String>,
    /// The problems, each with the number of its test.
    pub(super) problems: Vec<(usize, Diagnostic)>,
}

impl Snapshots {
    /// Returns the snapshots of a folder of tests.
    pub(super) fn new(tests: &Path, bless: bool) -> Self {
        Self { folder: tests.join("snapshots"), bless, compared: Arc::default() }
    }

    /// Writes the accepted snapshots. A name that several values have is an error of each of its tests, and is not written.
    pub(super) fn finish(&self) -> SnapshotReport {
        let mut report = SnapshotReport::default();
        for (path, compared) in self.compared().iter() {
            let Some(first) = compared.first() else { continue };
            if compared.iter().any(|other| other.text != first.text) {
                report.problems.extend(compared.iter().map(|this| (this.test, several_values(path, this, compared))));
            } else if self.bless && first.differs {
                match write_whole(path, &first.text) {
                    Ok(()) => report.written.push(shown(path)),
                    Err(error) => {
                        let message = format!("cannot write {}: {error}", shown(path));
                        let problem = Diagnostic::new(Code::FileUnwritable, message).at(&first.origin, "");
                        report.problems.push((first.test, problem));
                    }
                }
            }
        }
        report
    }

    /// Returns the paths of the snapshots that no test compared.
    pub(super) fn unused(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let compared = self.compared();
        let mut unused: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "yaml") && !compared.contains_key(path))
            .map(|path| shown(&path))
            .collect();
        unused.sort();
        unused
    }

    fn compared(&self) -> MutexGuard<'_, BTreeMap<PathBuf, Vec<Compared>>> {
        self.compared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.yaml"))
    }
}

/// Returns the error of a test whose snapshot has another value in another call.
fn several_values(path: &Path, this: &Compared, all: &[Compared]) -> Diagnostic {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = stem.split_once("__").map_or(&*stem, |(_, name)| name);
    let message = format!("several values are compared with the snapshot `{name}`");
    let problem = Diagnostic::new(Code::Assertion, message).at(&this.origin, "");
    let mut others: Vec<&Origin> =
        all.iter().map(|other| &other.origin).filter(|origin| **origin != this.origin).collect();
    others.sort();
    others.dedup();
    let problem = others.into_iter().fold(problem, |problem, origin| problem.at(origin, "compared here too"));
    problem.help("give each value a name of its own")
}

/// The world of one test.
pub(super) struct TestWorld {
    snapshots: Snapshots,
    /// The number of the test.
    test: usize,
}

impl TestWorld {
    pub(super) fn new(snapshots: Snapshots, test: usize) -> Self {
        Self { snapshots, test }
    }
}

impl TestHost for TestWorld {
    fn rehearse(&self, rehearsal: &RehearsalRequest<'_>) -> Result<Vec<RehearsedStack>, Vec<Diagnostic>> {
        rehearse::run(rehearsal)
    }

    fn snapshot(&self, compared: &SnapshotUse<'_>) -> Result<Option<String>, Diagnostic> {
        let path = self.snapshots.path(compared.name);
        let recorded = match read_text(&path) {
            Ok(text) => Some(text),
            Err(LoadError::Missing) => None,
            Err(why) => return Err(why.problem(&shown(&path))),
        };
        let differs = recorded.as_deref().is_none_or(|text| text.trim_end() != compared.text.trim_end());
        let (text, origin) = (compared.text.to_owned(), compared.origin.clone());
        let this = Compared { test: self.test, text, origin, differs };
        self.snapshots.compared().entry(path).or_default().push(this);
        Ok(recorded)
    }

    fn accepts_snapshots(&self) -> bool {
        self.snapshots.bless
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(world: &TestWorld, text: &str, line: u32) {
        let origin = Origin::new("tests/a.rhai", line, 3);
        world.snapshot(&SnapshotUse { name: "a__small", text, origin: &origin }).expect("a snapshot");
    }

    #[test]
    fn name_of_several_values_is_an_error_of_each_test_and_is_not_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let snapshots = Snapshots::new(folder.path(), true);
        compare(&TestWorld::new(snapshots.clone(), 3), "one\n", 1);
        compare(&TestWorld::new(snapshots.clone(), 5), "two\n", 2);
        let report = snapshots.finish();
        assert!(report.written.is_empty());
        let found: Vec<(usize, Vec<u32>)> = report
            .problems
            .iter()
            .map(|(test, problem)| (*test, problem.labels.iter().map(|label| label.origin.line).collect()))
            .collect();
        assert_eq!(found, [(3, vec![1, 2]), (5, vec![2, 1])]);
        assert_eq!(report.problems[0].1.message, "several values are compared with the snapshot `small`");
        assert!(!folder.path().join("snapshots/a__small.yaml").exists());
    }

    #[test]
    fn accepted_snapshot_is_written_at_the_end() {
        let folder = tempfile::tempdir().expect("a folder");
        let snapshots = Snapshots::new(folder.path(), true);
        compare(&TestWorld::new(snapshots.clone(), 0), "one\n", 1);
        compare(&TestWorld::new(snapshots.clone(), 1), "one\n", 2);
        let report = snapshots.finish();
        assert!(report.problems.is_empty() && report.written.len() == 1, "{:?}", report.written);
        let path = folder.path().join("snapshots/a__small.yaml");
        assert_eq!(std::fs::read_to_string(path).expect("a file"), "one\n");
    }
}
