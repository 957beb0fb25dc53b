//! The host of tests: the snapshots of their project, and rehearsals.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{rehearse, shown};
use crate::cli::files::{read_text, write_whole};
use crate::diag::{Code, Diagnostic};
use crate::script::LoadError;
use crate::script::testing::{RehearsalRequest, RehearsedStack, TestHost};

/// The snapshots of a project.
#[derive(Clone)]
pub(super) struct Snapshots {
    folder: PathBuf,
    /// Whether new and changed snapshots are written.
    bless: bool,
    uses: Arc<Mutex<Uses>>,
}

/// The snapshots that a run used.
#[derive(Default)]
struct Uses {
    compared: BTreeSet<PathBuf>,
    written: BTreeSet<PathBuf>,
}

impl Snapshots {
    /// Returns the snapshots of a folder of tests.
    pub(super) fn new(tests: &Path, bless: bool) -> Self {
        Self { folder: tests.join("snapshots"), bless, uses: Arc::default() }
    }

    /// Returns the paths of the snapshots that were written.
    pub(super) fn written(&self) -> Vec<String> {
        self.uses().written.iter().map(|path| shown(path)).collect()
    }

    /// Returns the paths of the snapshots that no test compared.
    pub(super) fn unused(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(&self.folder) else { return Vec::new() };
        let uses = self.uses();
        let mut unused: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|end| end == "yaml") && !uses.compared.contains(path))
            .map(|path| shown(&path))
            .collect();
        unused.sort();
        unused
    }

    fn uses(&self) -> MutexGuard<'_, Uses> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.yaml"))
    }
}

/// The world of one test.
pub(super) struct TestWorld {
    snapshots: Snapshots,
}

impl TestWorld {
    pub(super) fn new(snapshots: Snapshots) -> Self {
        Self { snapshots }
    }
}

impl TestHost for TestWorld {
    fn rehearse(&self, rehearsal: &RehearsalRequest<'_>) -> Result<Vec<RehearsedStack>, Vec<Diagnostic>> {
        rehearse::run(rehearsal)
    }

    fn snapshot(&self, name: &str) -> Result<Option<String>, Diagnostic> {
        let path = self.snapshots.path(name);
        self.snapshots.uses().compared.insert(path.clone());
        match read_text(&path) {
            Ok(text) => Ok(Some(text)),
            Err(LoadError::Missing) => Ok(None),
            Err(why) => Err(why.problem(&shown(&path))),
        }
    }

    fn accept_snapshot(&self, name: &str, text: &str) -> Result<bool, Diagnostic> {
        if !self.snapshots.bless {
            return Ok(false);
        }
        let path = self.snapshots.path(name);
        write_whole(&path, text).map_err(|error| {
            Diagnostic::new(Code::FileUnwritable, format!("cannot write {}: {error}", shown(&path)))
        })?;
        self.snapshots.uses().written.insert(path);
        Ok(true)
    }
}
