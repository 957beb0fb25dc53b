//! Values of a script as values of a template, and back.

use rhai::{Array, Dynamic, ImmutableString};

use super::block_types::block;
use super::describe::describe;
use crate::block::Block;
use crate::cfn::extent::Allowance;
use crate::cfn::{Map, TemplateString, Value};
use crate::diag::{Code, Diagnostic};

/// A value that is resolved at deployment: a reference or a function of references.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference(pub(crate) Value);

impl Reference {
    /// Returns the string that interpolation puts into a text, from which [`TemplateString::parse`] restores it.
    pub(crate) fn to_placeholder(&self) -> String {
        match &self.0 {
            Value::Text(text) => text.to_placeholder(),
            Value::Call(call) => TemplateString::from(crate::cfn::Segment::Call(call.clone())).to_placeholder(),
            other => crate::cfn::emit::json::compact(other),
        }
    }
}

/// A value of a synthesised template that is not known until the deployment. Unlike a [`Reference`], it may be compared: it is
/// equal to no known value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Unresolved(pub(crate) Value);

/// The blocks that a script refers to.
pub(crate) trait ReferenceTable {
    /// Returns the reference of a block in a text, and records that the text needs the block.
    fn refer(&self, block: &Block) -> TemplateString;
}

/// The size of a value of the script: more than the longest template (1 MB) holds.
const MAX_BYTES: usize = 8 << 20;

/// The depth of a value: JSON is read to a depth of 128, and a resource adds some levels.
const MAX_DEPTH: usize = 100;

/// Returns a value of the script as a value of the template. `()` entries of maps and lists are left out.
pub(crate) fn to_value(value: &Dynamic, references: &dyn ReferenceTable) -> Result<Value, Diagnostic> {
    if fits(value, &mut Allowance::new(MAX_BYTES, MAX_DEPTH)) { convert(value, references) } else { Err(too_large()) }
}

/// Measures a value before it is copied; returns whether it is within the limit.
fn fits(value: &Dynamic, left: &mut Allowance) -> bool {
    if let Ok(items) = value.as_array_ref() {
        return left.take(0) && left.inside(|left| items.iter().all(|item| fits(item, left)));
    }
    if let Ok(entries) = value.as_map_ref() {
        return left.take(0)
            && left.inside(|left| entries.iter().all(|(key, item)| left.take(key.len()) && fits(item, left)));
    }
    if let Some(reference) = value.read_lock::<Reference>() {
        return left.take_value(&reference.0);
    }
    left.take(value.read_lock::<ImmutableString>().map_or(0, |text| text.len()))
}

fn too_large() -> Diagnostic {
    let size = MAX_BYTES >> 20;
    Diagnostic::new(
        Code::LimitValue,
        format!("a value is larger than {size} MiB, or nested more than {MAX_DEPTH} deep"),
    )
    .help("check for a loop that puts the value into itself")
}

fn convert(value: &Dynamic, references: &dyn ReferenceTable) -> Result<Value, Diagnostic> {
    if let Ok(number) = value.as_int() {
        return Ok(Value::Int(number));
    }
    if let Ok(number) = value.as_float() {
        return Ok(Value::Float(number));
    }
    if let Ok(flag) = value.as_bool() {
        return Ok(Value::Bool(flag));
    }
    if let Ok(items) = value.as_array_ref() {
        let items = items.iter().filter(|item| !item.is_unit()).map(|item| convert(item, references));
        return items.collect::<Result<_, _>>().map(Value::List);
    }
    if let Ok(entries) = value.as_map_ref() {
        let entries = entries.iter().filter(|(_, value)| !value.is_unit());
        let map =
            entries.map(|(key, value)| Ok((key.to_string(), convert(value, references)?))).collect::<Result<Map, _>>();
        return map.map(|map| Value::Map(map).folded());
    }
    if value.is_unit() {
        return Ok(Value::Null);
    }
    if let Some(reference) = value.read_lock::<Reference>() {
        return Ok(reference.0.clone());
    }
    if let Some(unresolved) = value.read_lock::<Unresolved>() {
        return Ok(unresolved.0.clone());
    }
    to_text(value, references).map(Value::Text)
}

/// Returns a value of a synthesised template as a value of the script; see [`Unresolved`].
pub(crate) fn from_value(value: &Value) -> Dynamic {
    match value {
        Value::Null => Dynamic::UNIT,
        Value::Bool(flag) => Dynamic::from(*flag),
        Value::Int(number) => Dynamic::from(*number),
        Value::Float(number) => Dynamic::from(*number),
        Value::Text(text) if text.as_str().is_some() => Dynamic::from(text.as_str().unwrap_or_default().to_owned()),
        Value::List(items) => items.iter().map(from_value).collect::<Array>().into(),
        Value::Map(entries) => {
            let entries = entries.iter().map(|(name, value)| (name.as_str().into(), from_value(value)));
            entries.collect::<rhai::Map>().into()
        }
        Value::Text(_) | Value::Call(_) => Dynamic::from(Unresolved(value.clone())),
    }
}

/// Returns a string, number, reference or block as text.
pub(crate) fn to_text(value: &Dynamic, references: &dyn ReferenceTable) -> Result<TemplateString, Diagnostic> {
    if let Some(string) = value.read_lock::<ImmutableString>() {
        return TemplateString::parse(&string).map_err(|_| cut_reference());
    }
    if let Some(reference) = value.read_lock::<Reference>() {
        return TemplateString::parse(&reference.to_placeholder()).map_err(|_| cut_reference());
    }
    if value.is_int() || value.is_float() || value.is_bool() || value.is_char() {
        return Ok(TemplateString::from(value.to_string()));
    }
    match block(value) {
        Some(block) => Ok(references.refer(&block)),
        None => Err(not_a_value(value)),
    }
}

/// Returns the reference of a block in a text: its `Ref`.
pub(crate) fn reference_of(block: &Block) -> TemplateString {
    match block {
        Block::Vpc(vpc) => vpc.id(),
        Block::Cluster(cluster) => cluster.name(),
        Block::FargateService(service) => service.arn(),
        Block::Job(job) => job.task_definition(),
        Block::Alb(alb) => alb.arn(),
        Block::Resource(resource) => resource.reference(),
        Block::Parameter(parameter) => parameter.reference(),
    }
}

fn cut_reference() -> Diagnostic {
    Diagnostic::new(Code::TruncatedReference, "this text holds a part of a reference only")
        .note("a reference is known when the stack is deployed, so string functions cannot look into it")
        .help("use the reference whole, or take it apart with `cfn::split` and `cfn::select`")
}

fn not_a_value(value: &Dynamic) -> Diagnostic {
    let found = describe(value);
    Diagnostic::new(Code::WrongArgument, format!("a template cannot hold {found}"))
}
