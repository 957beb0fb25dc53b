//! Templates of any origin, from text to [`Template`], with the place of every value.
//!
//! `json` and `yaml` read text into `node`s (a tree with places, short forms written out), `sections` and `resource`
//! read the tree as a template. What is wrong with the shape of a template (a list where CloudFormation wants an
//! object) is reported here; `check` reports what is wrong with its contents.
//!
//! *Invariant*: no text makes it panic, recurse without a limit, or take more memory than a small multiple of itself.

mod json;
mod node;
mod relaxed;
mod resource;
mod scalar;
mod sections;
mod shape;
mod source_tree;
mod yaml;

use std::cell::Cell;
use std::sync::Arc;

use super::{Template, Value};
use crate::diag::{Code, Diagnostic, Origin, Report, Sink};
use node::{Kind, Node, Position};
pub use source_tree::{SourceNode, SourceValue, source_tree};

/// The longest text that is read, in bytes: twice what CloudFormation takes through S3.
pub const LONGEST: usize = 2 * 1024 * 1024;

/// Lists and objects inside one another, at most.
pub const DEEPEST: usize = 100;

/// Returns a template from YAML or JSON. `name` is what users call the source.
///
/// There is a value if the text could be read, also with errors about single parts, so that the checks
/// can continue and report everything at once.
pub fn template(name: &str, text: &str) -> Report<Template> {
    let mut reader = ParseContext::new(name);
    match tree(name, text, &mut reader) {
        Ok(node) => {
            let template = sections::read(&node, &mut reader);
            Report { value: template, problems: reader.problems }
        }
        Err(problem) => {
            reader.problems.push(problem);
            Report::failed(reader.problems)
        }
    }
}

/// Returns a template as AWS returns it, without places.
pub fn from_json(json: &serde_json::Value) -> Report<Template> {
    let mut reader = ParseContext::new("");
    let template = sections::read(&node::from_json(json), &mut reader);
    Report { value: template, problems: reader.problems }
}

/// Returns a single value from YAML or JSON.
pub fn value(name: &str, text: &str) -> Report<Value> {
    let mut reader = ParseContext::new(name);
    match tree(name, text, &mut reader) {
        Ok(node) => Report { value: Some(node.to_value()), problems: reader.problems },
        Err(problem) => Report::failed(vec![problem]),
    }
}

/// Decodes the bytes of a file as text: a byte order mark is dropped, and bytes that are not text are refused.
pub fn decode<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Diagnostic> {
    let start = Origin::new(name, 1, 1);
    if bytes.contains(&0) {
        let problem = Diagnostic::new(Code::NotText, format!("`{name}` is a binary file, not a template"));
        return Err(problem.at(&start, ""));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
        Err(error) => {
            let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count();
            let place = Origin::new(name, u32::try_from(line).unwrap_or(u32::MAX), 0);
            let problem = Diagnostic::new(Code::NotText, format!("`{name}` is not UTF-8 text"));
            Err(problem.at(&place, "this line holds a byte that is not UTF-8").help("save the file as UTF-8"))
        }
    }
}

/// The state of a parse: the problems found, and the source that places belong to.
struct ParseContext {
    source: Arc<str>,
    problems: Sink,
    /// The values of repeated keys that a later one replaced.
    replaced: Vec<Value>,
    /// The number of steps in the paths whose places are recorded.
    steps: Cell<usize>,
}

/// The number of steps in recorded paths: a megabyte of values that are nested deeply would take gigabytes.
const MOST_STEPS: usize = 4_000_000;

impl ParseContext {
    fn new(name: &str) -> Self {
        Self { source: name.into(), problems: Sink::new(), replaced: Vec::new(), steps: Cell::default() }
    }

    /// Counts the steps of a path; returns whether its place is recorded.
    fn takes_path(&self, steps: usize) -> bool {
        self.steps.set(self.steps.get() + steps);
        self.steps.get() <= MOST_STEPS
    }

    fn origin(&self, place: Position) -> Origin {
        Origin::new(self.source.clone(), place.line, place.column)
    }

    fn report(&mut self, problem: Diagnostic, place: Position, label: &str) {
        let origin = self.origin(place);
        self.problems.push(problem.at(&origin, label));
    }

    /// Reports a part that has another shape than CloudFormation takes.
    fn shape(&mut self, node: &Node, what: &str, wanted: &str) {
        let message = format!("{what} must be {wanted}, not {}", node.kind.name());
        self.report(Diagnostic::new(Code::TemplateStructure, message), node.at, "");
    }
}

fn tree(name: &str, text: &str, reader: &mut ParseContext) -> Result<Node, Diagnostic> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let start = Origin::new(name, 1, 1);
    if text.len() > LONGEST {
        let message = format!("`{name}` has {} bytes, and no template has more than {LONGEST}", text.len());
        return Err(Diagnostic::new(Code::TemplateSize, message).at(&start, ""));
    }
    if let Some(at) = text.bytes().position(|byte| byte == 0) {
        let line = u32::try_from(text[..at].lines().count()).unwrap_or(u32::MAX);
        let problem = Diagnostic::new(Code::NotText, format!("`{name}` is a binary file, not a template"));
        return Err(problem.at(&Origin::new(name, line.max(1), 0), ""));
    }
    if text.trim().is_empty() {
        let problem = Diagnostic::new(Code::TemplateEmpty, format!("`{name}` is empty")).at(&start, "");
        return Err(problem.help("a template needs a section `Resources` with at least one resource"));
    }
    if !text.trim_start().starts_with('{') {
        return yaml::read(text, reader);
    }
    json::read(text, reader).or_else(|problem| {
        // An object in YAML's flow style begins like JSON.
        let before = reader.problems.len();
        let is_json = std::path::Path::new(name).extension().is_some_and(|ending| ending == "json");
        let node = if is_json { None } else { yaml::read(text, reader).ok() };
        node.filter(|node| matches!(node.kind, Kind::Map(_))).ok_or_else(|| {
            reader.problems.truncate(before);
            problem
        })
    })
}

#[cfg(test)]
mod tests;
