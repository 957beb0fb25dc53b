//! The types of resources: which exist, and which are not checked here.

use crate::cfn::schema::{Schema, TypeSchema};
use crate::diag::{Code, Diagnostic, nearest};

/// The result of looking up a type name.
pub(super) enum TypeLookup<'a> {
    Type(TypeSchema<'a>),
    /// A module, or a registered type: AWS knows it, the schema does not. Also an empty name, which the check of
    /// the template's structure reports.
    Elsewhere,
    Unknown(Box<Diagnostic>),
}

pub(super) fn known<'a>(schema: &'a Schema, id: &str, name: &str) -> TypeLookup<'a> {
    if name.starts_with("Custom::") {
        return schema.get("AWS::CloudFormation::CustomResource").map_or(TypeLookup::Elsewhere, TypeLookup::Type);
    }
    if let Some(kind) = schema.get(name) {
        return TypeLookup::Type(kind);
    }
    if name.is_empty() || name.ends_with("::MODULE") {
        return TypeLookup::Elsewhere;
    }
    if !well_formed(name) {
        let problem =
            Diagnostic::new(Code::UnknownType, format!("`{name}`, the type of `{id}`, is not the name of a type"))
                .help("types are written `AWS::Service::Type`, own ones `Custom::Name`");
        return TypeLookup::Unknown(Box::new(problem));
    }
    if !name.starts_with("AWS::") {
        return TypeLookup::Elsewhere;
    }
    TypeLookup::Unknown(Box::new(unknown(schema, id, name)))
}

fn unknown(schema: &Schema, id: &str, name: &str) -> Diagnostic {
    let message = format!("`{name}`, the type of `{id}`, is not a known resource type");
    if let Some(close) = close(schema, name) {
        return Diagnostic::new(Code::UnknownType, message).help(format!("did you mean `{close}`?"));
    }
    Diagnostic::new(Code::UnknownType, message)
        .as_warning()
        .note(format!("the embedded schemas are of {}; a newer type is deployed unchanged", schema.date()))
}

/// Returns the type that was meant: the service or the type's own name, or both, with a typing mistake.
fn close(schema: &Schema, name: &str) -> Option<String> {
    let (service, kind) = name.strip_prefix("AWS::")?.rsplit_once("::")?;
    let types = |service: &str| schema.types_of(service).collect::<Vec<_>>();
    let own = |full: &String| full.rsplit("::").next().map(str::to_owned);
    let in_service = |service: &str| {
        let names: Vec<_> = types(service).iter().filter_map(own).collect();
        nearest(kind, names.iter().map(String::as_str)).map(|kind| format!("AWS::{service}::{kind}"))
    };
    in_service(service).or_else(|| in_service(nearest(service, schema.services())?))
}

fn well_formed(name: &str) -> bool {
    let parts: Vec<_> = name.split("::").collect();
    let word = |part: &&str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "_-@".contains(c));
    parts.len() >= 3 && parts.iter().all(word)
}
