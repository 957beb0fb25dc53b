//! Data files as values of a script.

use rhai::{Array, Dynamic, Map};
use serde_json::Value as Json;
use toml_edit::{DocumentMut, Item, Value};

use crate::cfn::{emit, parse};
use crate::diag::{Code, Diagnostic, Origin};

/// The format of a data file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::script) enum Format {
    Json,
    Yaml,
    Toml,
}

/// Returns the value of a text.
///
/// # Errors
///
/// The first mistake, at its line.
pub(super) fn parse(format: Format, path: &str, text: &str) -> Result<Dynamic, Diagnostic> {
    let json = match format {
        Format::Json => serde_json::from_str(text).map_err(|error| {
            let part = |number: usize| u32::try_from(number).unwrap_or(0);
            wrong("JSON", path, error.to_string().split(" at line").next().unwrap_or_default())
                .at(&Origin::new(path, part(error.line()), part(error.column())), "")
        })?,
        Format::Yaml => yaml(path, text)?,
        Format::Toml => toml(path, text)?,
    };
    Ok(from_json(&json))
}

fn yaml(path: &str, text: &str) -> Result<Json, Diagnostic> {
    let mut report = parse::value(path, text);
    let problem = report.problems.drain(..).find(Diagnostic::is_error);
    match (report.value, problem) {
        (Some(value), None) => Ok(emit::json::to_json(&value)),
        (_, Some(problem)) => Err(Diagnostic { code: Code::DataSyntax, ..problem }),
        (None, None) => Ok(Json::Null),
    }
}

fn toml(path: &str, text: &str) -> Result<Json, Diagnostic> {
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        let part = |number: usize| u32::try_from(number + 1).unwrap_or(0);
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count());
        wrong("TOML", path, error.message().lines().next().unwrap_or_default())
            .at(&Origin::new(path, part(before.matches('\n').count()), part(column)), "")
    })?;
    Ok(of_item(document.as_item()))
}

fn of_item(item: &Item) -> Json {
    match item {
        Item::None => Json::Null,
        Item::Value(value) => of_value(value),
        Item::Table(table) => table.iter().map(|(key, item)| (key.to_owned(), of_item(item))).collect(),
        Item::ArrayOfTables(tables) => {
            let table = |table: &toml_edit::Table| -> Json {
                table.iter().map(|(key, item)| (key.to_owned(), of_item(item))).collect()
            };
            tables.iter().map(table).collect()
        }
    }
}

fn of_value(value: &Value) -> Json {
    match value {
        Value::String(text) => text.value().as_str().into(),
        Value::Integer(number) => (*number.value()).into(),
        Value::Float(number) => (*number.value()).into(),
        Value::Boolean(flag) => (*flag.value()).into(),
        Value::Datetime(time) => time.value().to_string().into(),
        Value::Array(items) => items.iter().map(of_value).collect(),
        Value::InlineTable(table) => table.iter().map(|(key, value)| (key.to_owned(), of_value(value))).collect(),
    }
}

fn wrong(format: &str, path: &str, message: &str) -> Diagnostic {
    Diagnostic::new(Code::DataSyntax, format!("`{path}` is not {format}: {message}"))
}

/// Returns the value of a script for a value of JSON.
pub(in crate::script) fn from_json(json: &Json) -> Dynamic {
    match json {
        Json::Null => Dynamic::UNIT,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or(f64::NAN).into(),
        },
        Json::String(text) => text.clone().into(),
        Json::Array(items) => items.iter().map(from_json).collect::<Array>().into(),
        Json::Object(entries) => {
            entries.iter().map(|(key, value)| (key.as_str().into(), from_json(value))).collect::<Map>().into()
        }
    }
}
