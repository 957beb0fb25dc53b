//! The files of a project with fewer rights, for tests and policies.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::source_loader::{ContextError, LoadError, Reader, SourceLoader};
use crate::image::{ImageArchive, ImageContext};
use crate::package::Packages;

/// The scripts and packages of a project, without its data files and without the environment: for policies.
pub(crate) struct ScriptsOnly(pub(crate) Rc<dyn SourceLoader>);

impl SourceLoader for ScriptsOnly {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.0.read(path)
    }

    fn reader(&self) -> Reader {
        Reader::Policy
    }

    fn packages(&self) -> Arc<Packages> {
        self.0.packages()
    }
}

/// Environment variables that a test sets, by name.
pub(crate) type TestVariables = Rc<RefCell<BTreeMap<String, String>>>;

/// The files of a project, with the variables that a test sets in place of the environment: for tests.
pub(crate) struct FilesOfTest {
    /// The files of the project.
    pub(crate) files: Rc<dyn SourceLoader>,
    /// The variables of the test.
    pub(crate) variables: TestVariables,
}

impl SourceLoader for FilesOfTest {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.files.read(path)
    }

    fn reader(&self) -> Reader {
        Reader::Test
    }

    fn packages(&self) -> Arc<Packages> {
        self.files.packages()
    }

    fn locate(&self, path: &str) -> Result<String, LoadError> {
        self.files.locate(path)
    }

    fn read_located(&self, path: &str) -> Result<String, LoadError> {
        self.files.read_located(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, LoadError> {
        self.files.list(folder)
    }

    fn variable(&self, name: &str) -> Option<String> {
        self.variables.borrow().get(name).cloned()
    }

    fn image_context(&self, folder: &str, dockerfile: &str) -> Result<ImageContext, ContextError> {
        self.files.image_context(folder, dockerfile)
    }

    fn image_archive(&self, file: &str) -> Result<ImageArchive, LoadError> {
        self.files.image_archive(file)
    }
}
