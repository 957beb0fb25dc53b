//! JSON, in CloudFormation's long forms (`{"Fn::GetAtt": ["Alb", "DNSName"]}`).

use serde_json::{Map as Object, Value as Json, json};

use crate::cfn::{Function, Intrinsic, Piece, Ref, Text, Value};

/// A value as JSON on one line.
pub fn compact(value: &Value) -> String {
    to_json(value).to_string()
}

/// A value as a JSON tree.
pub fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(truth) => Json::Bool(*truth),
        Value::Int(number) => Json::from(*number),
        Value::Float(number) => Json::from(*number),
        Value::Text(text) => text_to_json(text),
        Value::List(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Map(map) => object(map.iter().map(|(key, value)| (key.clone(), to_json(value)))),
        Value::Call(call) => call_to_json(call),
    }
}

fn object(entries: impl IntoIterator<Item = (String, Json)>) -> Json {
    Json::Object(entries.into_iter().collect::<Object<_, _>>())
}

fn call_to_json(call: &Intrinsic) -> Json {
    object([(call.function.name().to_owned(), to_json(&call.argument))])
}

fn ref_to_json(reference: &Ref) -> Json {
    match &reference.attribute {
        Some(attribute) => json!({ "Fn::GetAtt": [reference.id.as_str(), attribute] }),
        None => json!({ "Ref": reference.id.as_str() }),
    }
}

fn text_to_json(text: &Text) -> Json {
    match (text.as_str(), text.pieces()) {
        (Some(literal), _) => Json::from(literal),
        (None, [Piece::Ref(reference)]) => ref_to_json(reference),
        (None, [Piece::Call(call)]) => call_to_json(call),
        (None, pieces) if pieces.iter().any(|piece| matches!(piece, Piece::Call(_))) => {
            json!({ Function::Join.name(): ["", pieces.iter().map(piece_to_json).collect::<Vec<_>>()] })
        }
        (None, _) => json!({ Function::Sub.name(): substitution(text) }),
    }
}

fn piece_to_json(piece: &Piece) -> Json {
    match piece {
        Piece::Literal(text) => Json::from(text.as_str()),
        Piece::Ref(reference) => ref_to_json(reference),
        Piece::Call(call) => call_to_json(call),
    }
}

/// The argument of an `Fn::Sub` for a text of literals and references; a literal `${` is escaped.
pub fn substitution(text: &Text) -> String {
    let pieces = text.pieces().iter().map(|piece| match piece {
        Piece::Literal(text) => text.replace("${", "${!"),
        Piece::Ref(reference) => format!("${{{reference}}}"),
        Piece::Call(call) => format!("${{{}}}", call.function.name()),
    });
    pieces.collect()
}
