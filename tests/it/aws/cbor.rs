//! As much of CBOR (RFC 8949) as replies of CloudWatch need.

use serde_json::Value;

/// Encodes a value in CBOR; `{"tag": seconds}` is a time of tag 1.
pub(super) fn encode(value: &Value) -> Vec<u8> {
    match value {
        Value::Null => vec![0xf6],
        Value::Bool(yes) => vec![if *yes { 0xf5 } else { 0xf4 }],
        Value::Number(number) => float(number.as_f64().expect("a number is finite")),
        Value::String(text) => [head(3, text.len()), text.as_bytes().to_vec()].concat(),
        Value::Array(items) => [head(4, items.len()), items.iter().flat_map(encode).collect()].concat(),
        Value::Object(map) => match map.get("tag") {
            Some(seconds) => [vec![0xc1], encode(seconds)].concat(),
            None => {
                let entry =
                    |(key, value): (&String, &Value)| [encode(&Value::from(key.as_str())), encode(value)].concat();
                [head(5, map.len()), map.iter().flat_map(entry).collect()].concat()
            }
        },
    }
}

fn float(number: f64) -> Vec<u8> {
    [vec![0xfb], number.to_be_bytes().to_vec()].concat()
}

/// Encodes the type and the length that an item begins with.
fn head(kind: u8, length: usize) -> Vec<u8> {
    let length = u16::try_from(length).expect("replies of tests are short");
    [vec![kind << 5 | 0x19], length.to_be_bytes().to_vec()].concat()
}
