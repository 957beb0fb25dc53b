//! The port through which an evaluation reads: scripts, packages, data files and environment variables.
//!
//! *Invariant*: an implementation reads regular files of the project only; what a script may see of them is decided before.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::image::{ImageArchive, ImageContext, InvalidPattern};
use crate::package::Packages;

/// The part of a project that reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// A script, for a command on its stacks.
    Script,
    /// A test, or a script that a test evaluates: its variables are those that the test sets.
    Test,
    /// A policy: it reads templates, and neither files nor variables.
    Policy,
}

/// Reads the files of a project.
pub trait SourceLoader {
    /// Returns the text of a file by its path, which is relative to where the script's own path is relative to.
    ///
    /// # Errors
    ///
    /// The reason why there is no text; see [`LoadError`].
    fn read(&self, path: &str) -> Result<String, LoadError>;

    /// Returns the part of the project for which files are read.
    fn reader(&self) -> Reader {
        Reader::Script
    }

    /// Returns the packages that the scripts may import by name.
    fn packages(&self) -> Arc<Packages> {
        Arc::default()
    }

    /// Returns the path below the project's root of a file that a script reads, after links: with `/` between its parts.
    ///
    /// # Errors
    ///
    /// The reason why there is no such file in the project.
    fn locate(&self, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::Missing)
    }

    /// Returns the text of a file that [`SourceLoader::locate`] found.
    ///
    /// # Errors
    ///
    /// The reason why there is no text.
    fn read_located(&self, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::Missing)
    }

    /// Returns the paths of the files below a folder of the project, without links, up to a limit: relative to the root.
    ///
    /// # Errors
    ///
    /// The reason why they cannot be listed.
    fn list(&self, _folder: &str) -> Result<Vec<String>, LoadError> {
        Ok(Vec::new())
    }

    /// Reads the build context of an image: a folder, by its path below the root of the project, and its Dockerfile.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    fn image_context(&self, _folder: &str, _dockerfile: &str) -> Result<ImageContext, ContextError> {
        Err(ContextError::NoFolder)
    }

    /// Reads an image in a file, by its path below the root of the project.
    ///
    /// # Errors
    ///
    /// The reason why it cannot be read.
    fn image_archive(&self, _file: &str) -> Result<ImageArchive, LoadError> {
        Err(LoadError::Missing)
    }

    /// Returns the value of an environment variable, if it is set.
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }
}

/// No files: for scripts that import nothing but `std/`.
#[derive(Debug, Clone, Copy)]
pub struct NoFiles;

impl SourceLoader for NoFiles {
    fn read(&self, _path: &str) -> Result<String, LoadError> {
        Err(LoadError::Missing)
    }
}

/// The reason why a file cannot be read as a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// The file does not exist.
    Missing,
    /// It is outside the project's root, which is given.
    Outside(String),
    /// It is a folder.
    Folder,
    /// It is a pipe, a device, a socket or a link that is not followed; with the reason.
    NotRegular(String),
    /// It is not UTF-8; with the number of the first line that is not.
    NotText(usize),
    /// It is too large; with its size in bytes.
    TooLarge(u64),
    /// Any other error, with the message of the operating system.
    Other(String),
}

/// The reason why a build context cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ContextError {
    /// The folder does not exist.
    NoFolder,
    /// The path is a file.
    NotAFolder,
    /// The folder is outside the project's root, which is given.
    Outside(String),
    /// The Dockerfile cannot be read.
    Dockerfile(LoadError),
    /// A line of the ignore file, whose name is given, is not a valid pattern.
    IgnoreFile(String, InvalidPattern),
    /// There are more files and folders than this number.
    TooMany(usize),
    /// A file or folder, whose path is given, cannot be read.
    Unreadable(String, String),
}

impl LoadError {
    /// Returns a size in megabytes, to be printed with one digit after the point.
    #[allow(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
    pub(crate) fn megabytes(bytes: u64) -> f64 {
        bytes as f64 / 1e6
    }

    /// Returns the diagnostic of the error, without an origin.
    pub fn problem(&self, path: &str) -> Diagnostic {
        let file = std::path::Path::new(path);
        let is_hidden = file.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        let is_script = !is_hidden && file.extension().is_none_or(|ending| ending == "rhai");
        let (code, what) = if is_script { (Code::NotAScript, "script") } else { (Code::NotText, "file") };
        let (code, message) = match self {
            LoadError::Missing => (Code::FileMissing, format!("there is no file `{path}`")),
            LoadError::Outside(root) => (Code::FileOutside, format!("`{path}` is outside the project `{root}`")),
            LoadError::Folder => (Code::NotAScript, format!("`{path}` is a folder, not a file")),
            LoadError::NotText(line) => (code, format!("`{path}` is not text: line {line} is not UTF-8")),
            LoadError::TooLarge(bytes) => {
                (Code::LimitSource, format!("`{path}` is too large for a {what}: {:.1} MB", Self::megabytes(*bytes)))
            }
            LoadError::NotRegular(why) | LoadError::Other(why) => {
                (Code::FileUnreadable, format!("`{path}` cannot be read: {why}"))
            }
        };
        let problem = Diagnostic::new(code, message);
        match self {
            LoadError::Outside(_) => problem.help("a script may import files of its own project only"),
            LoadError::NotText(_) => problem.help(format!("save the {what} as UTF-8")),
            LoadError::NotRegular(_) => {
                problem.help("give the path of a file; commands that take a file read standard input as `-`")
            }
            _ => problem,
        }
    }
}
