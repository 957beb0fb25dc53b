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
        name if name.contains("Range") => format!("the range {value}"),
        name => format!("a value of type {}", friendly(name)),
    }
}

fn text(value: &Dynamic) -> String {
    let text = value.to_string();
    if text.chars().count() > 40 { "text".into() } else { format!("the text `{text}`") }
}

/// Returns the name of a Rust type as scripts know it.
pub(crate) fn friendly(name: &str) -> String {
    let name = name.rsplit("::").next().unwrap_or(name);
    name.trim_end_matches('>').to_owned()
}
