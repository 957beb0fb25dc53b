//! Completion candidates at the cursor, and the signature of the call around it.
//!
//! | file | what is in it |
//! |---|---|
//! | `cursor_context` | the text before the cursor: its prefix, and the brackets around it |
//! | `type_inference` | the type of the value before a dot |
//! | `member` | the members after a dot |
//! | `identifier` | variables, functions, and names after `::` |
//! | `property` | properties and values inside of a raw resource, by the schema |
//! | `string_literal` | strings: packages, modules and files of imports, and the declared values of arguments |
//! | `signature_help` | the call around the cursor |

mod cursor_context;
mod identifier;
mod member;
mod property;
mod signature_help;
mod string_literal;
mod type_inference;

#[cfg(test)]
mod tests;

use std::ops::Range;

use super::session::Session;
use cursor_context::CursorContext;

/// The kind of a candidate; front ends choose a color by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateKind {
    /// A variable of the session.
    Variable,
    /// A function or a constructor of a block.
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

/// A candidate at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The text to insert.
    pub text: String,
    /// The kind.
    pub kind: CandidateKind,
    /// A short description; may be empty.
    pub description: String,
}

/// The candidates at the cursor.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Completion {
    /// The bytes of the text that a candidate replaces.
    pub range: Range<usize>,
    /// The candidates, the likely ones first.
    pub candidates: Vec<Candidate>,
}

/// The call that the cursor is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignatureHelp {
    /// The call as it is written: `FargateService.cpu(units)`.
    pub signature: String,
    /// The bytes of the signature that name the argument at the cursor; empty if there is no such argument.
    pub argument: Range<usize>,
    /// The first line of its documentation.
    pub doc: String,
}

/// The names in a folder, for completion.
pub trait DirectoryListing {
    /// Returns the files and folders in a folder, folders with a slash at their end.
    fn list(&self, path: &str) -> Vec<String>;
}

impl Candidate {
    fn new(kind: CandidateKind, text: impl Into<String>, description: impl Into<String>) -> Self {
        Self { text: text.into(), kind, description: description.into() }
    }
}

impl Session {
    /// Returns the completion candidates at a byte of a text.
    pub fn complete(&self, text: &str, cursor: usize, folder: &dyn DirectoryListing) -> Completion {
        let before = text.get(..cursor).unwrap_or(text);
        let Some(context) = CursorContext::at_the_end(before) else {
            return Completion { range: cursor..cursor, candidates: Vec::new() };
        };
        let (start, all) = self.candidates(&context, folder);
        let prefix = &before[start.min(before.len())..];
        Completion { range: start..before.len(), candidates: fitting(&all, prefix) }
    }

    /// Returns the byte at which the candidates begin, and the candidates of the context.
    fn candidates(&self, context: &CursorContext<'_>, folder: &dyn DirectoryListing) -> (usize, Vec<Candidate>) {
        if context.quoted {
            return string_literal::candidates(self, context, folder);
        }
        let all = match context.tokens.last() {
            Some(last) if last.is(".") => {
                let before = &context.tokens[..context.tokens.len() - 1];
                member::candidates(&type_inference::of(self, before, type_inference::ending(before)))
            }
            Some(last) if last.is("::") => identifier::in_module(self, context),
            Some(last) if last.is_word(&["let", "const", "fn", "as", "for"]) => Vec::new(),
            Some(last) if last.is_word(&["import"]) => string_literal::modules(self, true),
            _ => property::candidates(context).unwrap_or_else(|| identifier::candidates(self, context)),
        };
        (context.start, all)
    }
}

/// Returns the candidates that begin with a prefix; if there are none, those that contain it.
fn fitting(all: &[Candidate], prefix: &str) -> Vec<Candidate> {
    let prefix = prefix.to_lowercase();
    let fits = |test: fn(&str, &str) -> bool| {
        all.iter().filter(|candidate| test(&candidate.text.to_lowercase(), &prefix)).cloned().collect::<Vec<_>>()
    };
    let found = fits(|text, prefix| text.starts_with(prefix) || text.trim_start_matches('"').starts_with(prefix));
    if found.is_empty() && prefix.len() > 1 { fits(|text, prefix| text.contains(prefix)) } else { found }
}

/// Returns the first sentence of a doc comment.
fn brief(doc: &str) -> String {
    let line = doc.trim().lines().map(str::trim).take_while(|line| !line.is_empty()).collect::<Vec<_>>().join(" ");
    let end = line.match_indices(". ").map(|(at, _)| at).next();
    end.map_or(line.as_str(), |end| &line[..end]).trim_end_matches('.').to_owned()
}
