//! Importers: what other tools describe, written as a script.
//!
//! `compose` reads Compose files, `copilot` the manifests of AWS Copilot, `template` CloudFormation templates, `service` the parts
//! of a running service. `source` is the
//! tree of a file that records which values were used; each value that was not is a [`Note`] with its file and line. `draft`
//! collects the calls of a block, `secrets` replaces values that must not be written into a script, `writer` writes the script.
//!
//! May import `deploy::operate` (the parts of a service), `cfn`, `settings`, `script` (its formatter) and `diag`.
//!
//! *Invariant*: pure: text in, script out. No text of a source can end a literal or a comment of the script.

mod compose;
mod copilot;
mod draft;
mod interpolation;
mod names;
mod note;
mod secrets;
mod service;
mod source;
mod template;
mod units;
mod writer;

pub use compose::compose;
pub use copilot::copilot;
pub use note::Note;
pub use service::service;
pub use template::template;

/// A script that was written from another description.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The script, formatted.
    pub script: String,
    /// The parts without a counterpart in the script, in the order of the sources.
    pub notes: Vec<Note>,
}

/// The files around the one that is imported.
pub trait SourceFiles {
    /// Returns the text of a file, by its path from the folder of the import; none if it cannot be read.
    fn text(&self, path: &str) -> Option<String>;

    /// Returns the names in a folder, sorted; none if it cannot be read.
    fn names(&self, folder: &str) -> Vec<String>;
}
