//! Values of a script as messages name them.

use rhai::Dynamic;

/// Returns the value with its kind, for messages: `the whole number 5`, `a list`.
pub(crate) fn describe(value: &Dynamic) -> String {
    match value.type_name() {
        "i64" => format!("the whole number {value}"),
        "f64" => format!("the number {value}"),
        "bool" => format!("`{value}`"),
        "string" | "&str" => text(value),
        "()" => "nothing".into(),
        "array" => "a list".into(),
        "map" => "a map".into(),
        "Fn" => "a function".into(),
        "char" => format!("the character `{value}`"),
        name if name.contains("Range") => format!("the range {value}"),
        name if name.contains("TemplateView") => "a template".into(),
        name => format!("a value of type {}", friendly(name)),
    }
}

fn text(value: &Dynamic) -> String {
    let text = value.to_string();
    if text.chars().count() > 40 { "text".into() } else { format!("the text `{text}`") }
}

/// Returns the kind of a value, for labels: `text`, `a list`.
pub(crate) fn kind_of(value: &Dynamic) -> String {
    match value.type_name() {
        "i64" => "a whole number".into(),
        "f64" => "a number".into(),
        "bool" => "a bool".into(),
        "string" | "&str" => "text".into(),
        "char" => "a character".into(),
        name if name.contains("Range") => "a range".into(),
        _ => describe(value),
    }
}

/// Returns the name of a Rust type as scripts know it.
pub(crate) fn friendly(name: &str) -> String {
    let name = name.rsplit("::").next().unwrap_or(name);
    name.trim_end_matches('>').to_owned()
}

/// Returns a message of Rhai in the style of our messages: lower case, no final dot.
pub(crate) fn lower(message: &str) -> String {
    let message = message.trim().trim_end_matches('.');
    let mut letters = message.chars();
    let second_is_small = message.chars().nth(1).is_none_or(|second| !second.is_uppercase());
    match letters.next() {
        Some(first) if second_is_small => first.to_lowercase().chain(letters).collect(),
        _ => message.to_owned(),
    }
}
