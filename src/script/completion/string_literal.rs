//! Candidates inside a string.

use super::cursor_context::CursorContext;
use super::type_inference::{self, InferredType};
use super::{Candidate, CandidateKind, DirectoryListing, property};
use crate::cfn::schema::Schema;
use crate::script::bindings;
use crate::script::block_types::type_name;
use crate::script::declaration::Declaration;
use crate::script::lexer::Token;
use crate::script::modules::STD;
use crate::script::session::Session;

/// Returns the byte at which candidates begin, and those that can be in the text at the cursor.
pub(super) fn candidates(
    session: &Session,
    context: &CursorContext<'_>,
    folder: &dyn DirectoryListing,
) -> (usize, Vec<Candidate>) {
    if context.tokens.last().is_some_and(|token| token.is_word(&["import"])) {
        return (context.start, files(session, context.prefix, folder));
    }
    if let Some(found) = property::candidates(context) {
        return (context.start, found);
    }
    let Some((name, argument)) = context.call() else { return (context.start, Vec::new()) };
    let is_method = name.start > 0 && context.tokens[name.start - 1].is(".");
    let receiver = if is_method { receiver(session, &context.tokens, name.start - 1) } else { None };
    let name = context.joined(name);
    if is_method && name == "override" && argument == 0 {
        return (context.start, resource_types(context.prefix));
    }
    let found = declared(&name, is_method, receiver, argument);
    // `Image(name)` and `Image::build(folder)` are two types with one name.
    let found = if found.is_empty() { declared(&name, is_method, None, argument) } else { found };
    (context.start, found)
}

/// Returns the type of the value before the dot of a method, if it is known.
fn receiver(session: &Session, tokens: &[Token<'_>], dot: usize) -> Option<&'static str> {
    let expression = type_inference::ending(&tokens[..dot]);
    match type_inference::of(session, tokens, expression) {
        InferredType::Block(kind, _) => Some(kind),
        InferredType::Value(value) => type_name(&value),
        _ => None,
    }
}

/// Returns the packages of the project and the modules of the library, in quotes if the import has none yet.
pub(super) fn modules(session: &Session, quoted: bool) -> Vec<Candidate> {
    let quote = if quoted { "\"" } else { "" };
    let candidate = |name: &str, description: String| {
        Candidate::new(CandidateKind::Module, format!("{quote}{name}{quote}"), description)
    };
    let packages = session.files.packages();
    let packages = packages.dependencies_of(None).map(|package| {
        let manifest = &package.manifest;
        let description = manifest.description.clone().unwrap_or_else(|| format!("version {}", manifest.version));
        candidate(manifest.name.as_str(), description)
    });
    packages.chain(STD.iter().map(|(name, _)| candidate(name, "of rtiler".to_owned()))).collect()
}

/// Returns the modules and files whose paths begin with a prefix.
fn files(session: &Session, prefix: &str, folder: &dyn DirectoryListing) -> Vec<Candidate> {
    let inside = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
    let names = folder.list(inside).into_iter().filter(|name| name.ends_with('/') || is_script(name));
    let file = |name: String| {
        let text = format!("{inside}{}", name.trim_end_matches(".rhai"));
        Candidate::new(CandidateKind::File, text, if name.ends_with('/') { "folder" } else { "script" })
    };
    modules(session, false).into_iter().chain(names.map(file)).collect()
}

fn is_script(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|end| end == "rhai")
}

fn resource_types(prefix: &str) -> Vec<Candidate> {
    let schema = Schema::embedded();
    let service = prefix.rsplit_once("::").map_or("", |(service, _)| service.trim_start_matches("AWS::"));
    let types: Vec<Candidate> =
        schema.types_of(service).map(|name| Candidate::new(CandidateKind::Type, name, "")).collect();
    if !types.is_empty() {
        return types;
    }
    schema
        .services()
        .map(|service| Candidate::new(CandidateKind::Module, format!("AWS::{service}::"), "service"))
        .collect()
}

/// Returns the values that a function declares for an argument, or a method of the receiver's type; of every type if it is not
/// known.
fn declared(name: &str, is_method: bool, receiver: Option<&str>, argument: usize) -> Vec<Candidate> {
    let declarations: Vec<Declaration> = if is_method {
        let types = bindings::types().into_iter().filter(|kind| receiver.is_none_or(|known| known == kind.name));
        types.flat_map(|kind| kind.methods).filter(|method| method.name == name).collect()
    } else {
        let functions = bindings::functions().into_iter().filter(|function| function.name == name);
        functions.map(|function| function.declaration).collect()
    };
    let at_the_last = declarations.iter().filter(|declaration| argument + 1 == declaration.parameters.len());
    let mut values: Vec<&str> = Vec::new();
    for value in at_the_last.flat_map(|declaration| declaration.values.listed()) {
        if !values.contains(value) {
            values.push(value);
        }
    }
    values.into_iter().map(|value| Candidate::new(CandidateKind::Value, value, "")).collect()
}
