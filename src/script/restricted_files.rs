//! The files of a project with fewer rights, for tests and policies.

use std::rc::Rc;
use std::sync::Arc;

use super::source_loader::{ContextError, LoadError, SourceLoader};
use crate::image::{ImageArchive, ImageContext};
use crate::package::Packages;

/// The scripts and packages of a project, without its data files and without the environment: for policies.
pub(crate) struct ScriptsOnly(pub(crate) Rc<dyn SourceLoader>);

impl SourceLoader for ScriptsOnly {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.0.read(path)
    }

    fn packages(&self) -> Arc<Packages> {
        self.0.packages()
    }
}

/// The files of a project, without the environment: for tests.
pub(crate) struct WithoutVariables(pub(crate) Rc<dyn SourceLoader>);

impl SourceLoader for WithoutVariables {
    fn read(&self, path: &str) -> Result<String, LoadError> {
        self.0.read(path)
    }

    fn packages(&self) -> Arc<Packages> {
        self.0.packages()
    }

    fn locate(&self, path: &str) -> Result<String, LoadError> {
        self.0.locate(path)
    }

    fn read_located(&self, path: &str) -> Result<String, LoadError> {
        self.0.read_located(path)
    }

    fn list(&self, folder: &str) -> Result<Vec<String>, LoadError> {
        self.0.list(folder)
    }

    fn image_context(&self, folder: &str, dockerfile: &str) -> Result<ImageContext, ContextError> {
        self.0.image_context(folder, dockerfile)
    }

    fn image_archive(&self, file: &str) -> Result<ImageArchive, LoadError> {
        self.0.image_archive(file)
    }
}
