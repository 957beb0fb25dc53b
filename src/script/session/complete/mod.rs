//! What may stand at the cursor, and what the call around it takes.

use std::ops::Range;

/// What a candidate is; front ends choose a colour by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// A variable of the session.
    Variable,
    /// A function or what makes a block.
    Function,
    /// A method that sets something.
    Method,
    /// A property or attribute that can be read.
    Attribute,
    /// A module, or a service of AWS.
    Module,
    /// A resource type.
    Type,
    /// A property of a resource.
    Property,
    /// A value that a property may have.
    Value,
    /// A setting.
    Setting,
    /// A file or folder.
    File,
    /// A command of the session.
    Command,
    /// A word of the language.
    Keyword,
}

/// Something that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// What is put in.
    pub text: String,
    /// What it is.
    pub sort: Sort,
    /// A short description; may be empty.
    pub description: String,
}

/// All that may stand at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// The bytes of the text that a candidate takes the place of.
    pub range: Range<usize>,
    /// The candidates, the likely ones first.
    pub candidates: Vec<Candidate>,
}

/// The call that the cursor is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The call as it is written: `FargateService.cpu(units)`.
    pub signature: String,
    /// The bytes of the signature that name the argument at the cursor; empty where there is none.
    pub argument: Range<usize>,
    /// The first line of its documentation.
    pub doc: String,
}

/// The names in a folder, for completion.
pub trait Folder {
    /// The files and folders in a folder, folders with a slash at their end.
    fn list(&self, path: &str) -> Vec<String>;
}
