//! Blocks, functions, methods and properties.

use super::bindings;
use super::bindings::Signature;
use super::part::summary;
use super::table::row;
use super::{DocElement, Entry, Kind, groups};
use crate::script::bindings::pseudo_parameters;

/// Returns the blocks, then the functions, then the members, in the order of their declarations.
pub(super) fn entries() -> Vec<Entry> {
    let forms = bindings::forms();
    let members = merged(&forms);
    let blocks: Vec<Entry> = bindings::types().into_iter().map(|name| block(name, &forms, &members)).collect();
    // The function that makes a block is described on the page of the block.
    let is_block = |entry: &Entry| blocks.iter().any(|block| block.name == entry.name);
    let others: Vec<Entry> = members.iter().filter(|entry| !is_block(entry)).cloned().collect();
    let modules = [module("cfn", "The intrinsic functions of CloudFormation.", &others)];
    let pseudo = pseudo_parameters().into_iter().map(pseudo_parameter);
    blocks.into_iter().chain(modules).chain(pseudo).chain(others).collect()
}

/// Merges the signatures of each name into one entry.
pub(super) fn merged(forms: &[Signature]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for form in forms {
        let name = form.full_name();
        // A setter and a property of one name (`.container_name`) have pages of their own.
        let kind = kind(form);
        match entries.iter_mut().find(|entry| entry.name == name && entry.kind == kind) {
            Some(entry) => {
                entry.signatures.push(form.signature());
                entry.parts.push(DocElement::Code { language: String::new(), wrong: false, text: form.signature() });
                entry.parts.extend(parts(form));
            }
            None => entries.push(Entry {
                kind,
                signatures: vec![form.signature()],
                summary: summary(&form.doc),
                parts: parts(form),
                name,
            }),
        }
    }
    entries
}

fn kind(form: &Signature) -> Kind {
    match (form.owner, &form.parameters) {
        (None, _) => Kind::Function,
        (Some(_), Some(_)) => Kind::Method,
        (Some(_), None) => Kind::Property,
    }
}

/// Returns the doc comment; after its first paragraph, the type of each parameter, the default and the allowed values.
fn parts(form: &Signature) -> Vec<DocElement> {
    let mut parts = DocElement::parse(&form.doc);
    let taken =
        form.parameters.iter().flatten().map(|(name, what)| format!("`{}`: {what}", name.trim_start_matches('_')));
    let taken: Vec<String> = taken.collect();
    let taken = (!taken.is_empty()).then(|| taken.join("; ") + ".");
    let declared = taken.into_iter().chain(form.notes.clone()).map(DocElement::text);
    let at = 1.min(parts.len());
    parts.splice(at..at, declared);
    parts
}

fn block(name: &str, forms: &[Signature], members: &[Entry]) -> Entry {
    let makes =
        |form: &&Signature| form.owner.is_none() && (form.name == name || form.name.starts_with(&format!("{name}::")));
    let constructors: Vec<&Signature> = match name {
        "Parameter" => forms.iter().filter(|form| form.name == "parameter").collect(),
        _ => forms.iter().filter(makes).collect(),
    };
    let (about, first) = match constructors.first() {
        Some(first) => (first.doc.as_ref(), DocElement::parse(&first.doc)),
        None => (RESOURCE, DocElement::parse(RESOURCE)),
    };
    let mut parts = first;
    for constructor in constructors.iter().skip(1) {
        parts.push(DocElement::Code { language: String::new(), wrong: false, text: constructor.signature() });
        parts.extend(DocElement::parse(&constructor.doc));
    }
    let own: Vec<&Entry> =
        members.iter().filter(|entry| entry.kind != Kind::Function && entry.owner() == Some(name)).collect();
    parts.extend(groups::of(name, &own));
    let signatures: Vec<String> = constructors.iter().map(|form| form.signature()).collect();
    let signatures =
        if signatures.is_empty() { vec!["AWS::Service::Type(id, properties)".to_owned()] } else { signatures };
    Entry { kind: Kind::Block, name: name.to_owned(), signatures, summary: summary(about), parts }
}

const RESOURCE: &str =
    " A resource of any CloudFormation type, with its properties as they are named in AWS's documentation.

 The schema of the type checks names, types and values. `bucket.Arn` is an attribute (`Fn::GetAtt`); the value itself
 is its `Ref`. `rtiler doc AWS::S3::Bucket` shows the properties and attributes of a type.

 ```rhai
 AWS::S3::Bucket(\"Tiles\", #{ VersioningConfiguration: #{ Status: \"Enabled\" } })
 ```
";

fn module(name: &str, about: &str, functions: &[Entry]) -> Entry {
    let own: Vec<&Entry> = functions.iter().filter(|entry| entry.owner() == Some(name)).collect();
    let rows = own.iter().map(|entry| row(entry)).collect();
    let parts = vec![DocElement::text(about), DocElement::table(&["Function", "What it gives"], rows)];
    Entry { kind: Kind::Module, name: name.to_owned(), signatures: Vec::new(), summary: about.to_owned(), parts }
}

fn pseudo_parameter((name, doc): (&str, &str)) -> Entry {
    Entry {
        kind: Kind::PseudoParameter,
        name: format!("AWS::{name}"),
        signatures: Vec::new(),
        summary: summary(doc),
        parts: DocElement::parse(doc),
    }
}
