//! JSON, in CloudFormation's long forms (`{"Fn::GetAtt": ["Alb", "DNSName"]}`).
//!
//! A [`Value`] serialises itself in those forms, so any serializer of serde can write it without a tree in between.

use serde::ser::{Serialize, SerializeMap, SerializeTuple, Serializer};
use serde_json::Value as Json;

use crate::cfn::{Function, Intrinsic, Ref, Segment, TemplateString, Value};
use crate::printable;

/// Returns a value as JSON on one line.
pub fn compact(value: &Value) -> String {
    serde_json::to_string(value).expect("a value has keys that are strings and is never too deep for JSON")
}

/// Returns a value as a JSON tree.
pub fn to_json(value: &Value) -> Json {
    serde_json::to_value(value).expect("a value has keys that are strings and is never too deep for JSON")
}

/// Returns the JSON, indented by two spaces, with a line break at the end; characters that are not shown are escaped.
pub(super) fn pretty(value: &impl Serialize) -> String {
    let text = serde_json::to_string_pretty(value).expect("a template has keys that are strings");
    let mut text = printable::json(&text).into_owned();
    text.push('\n');
    text
}

/// Returns the argument of an `Fn::Sub` for a text of literals and references; a literal `${x}` is written `${!x}`.
pub fn substitution(text: &TemplateString) -> String {
    let pieces = text.pieces().iter().map(|piece| match piece {
        Segment::Literal(text) => text.replace("${", "${!"),
        Segment::Ref(reference) => format!("${{{reference}}}"),
        Segment::Call(call) => format!("${{{}}}", call.function.name()),
    });
    pieces.collect()
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => out.serialize_unit(),
            Value::Bool(boolean) => out.serialize_bool(*boolean),
            Value::Int(number) => out.serialize_i64(*number),
            Value::Float(number) => out.serialize_f64(*number),
            Value::Text(text) => text.serialize(out),
            Value::List(items) => out.collect_seq(items),
            Value::Map(map) => out.collect_map(map),
            Value::Call(call) => call.serialize(out),
        }
    }
}

impl Serialize for Intrinsic {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        call(out, self.function.name(), &self.argument)
    }
}

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match &self.attribute {
            Some(attribute) => call(out, Function::GetAtt.name(), &[self.id.as_str(), attribute]),
            None => call(out, "Ref", self.id.as_str()),
        }
    }
}

impl Serialize for Segment {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match self {
            Segment::Literal(text) => out.serialize_str(text),
            Segment::Ref(reference) => reference.serialize(out),
            Segment::Call(call) => call.serialize(out),
        }
    }
}

/// A literal, one reference, an `Fn::Sub` of several, or an `Fn::Join` of what no `Fn::Sub` can express.
impl Serialize for TemplateString {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match (self.as_str(), self.pieces()) {
            (Some(literal), _) => out.serialize_str(literal),
            (None, [piece]) => piece.serialize(out),
            (None, pieces) if is_joined(self) => call(out, Function::Join.name(), &Joined(pieces)),
            (None, _) => call(out, Function::Sub.name(), &substitution(self)),
        }
    }
}

/// Returns whether an `Fn::Sub` cannot express it, because a piece is the result of a function or cannot be escaped.
pub(super) fn is_joined(text: &TemplateString) -> bool {
    let unsayable = |piece: &Segment| match piece {
        Segment::Literal(text) => !can_be_escaped(text),
        Segment::Ref(_) => false,
        Segment::Call(_) => true,
    };
    text.pieces().len() > 1 && text.pieces().iter().any(unsayable)
}

/// Returns whether each `${` of a literal opens a whole `${x}`: the escape `${!x}` is documented for those alone (AWS's
/// page of `Fn::Sub`), not for what a reference closes (`${a:-${Ref}}`) or for what begins with an exclamation mark
/// itself.
fn can_be_escaped(literal: &str) -> bool {
    literal.split("${").skip(1).all(|opened| opened.contains('}') && !opened.starts_with('!'))
}

fn call<S: Serializer>(out: S, name: &str, argument: &(impl Serialize + ?Sized)) -> Result<S::Ok, S::Error> {
    let mut map = out.serialize_map(Some(1))?;
    map.serialize_entry(name, argument)?;
    map.end()
}

/// The argument of an `Fn::Join` that glues pieces together.
struct Joined<'a>(&'a [Segment]);

impl Serialize for Joined<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut pair = out.serialize_tuple(2)?;
        pair.serialize_element("")?;
        pair.serialize_element(self.0)?;
        pair.end()
    }
}
