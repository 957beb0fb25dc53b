//! Settings as a table.

use serde_json::Value as Json;

use super::styled_text::StyledText;
use super::table::{cut, rows};
use crate::settings::{Setting, Source};

/// Names, types, values, defaults and sources.
pub(super) fn table(settings: &[Setting]) -> StyledText {
    rows(&settings.iter().map(row).collect::<Vec<_>>())
}

fn row(setting: &Setting) -> Vec<String> {
    let mut row = vec![setting.name.clone(), setting.kind.name().to_owned(), shown(&setting.value)];
    row.push(match &setting.source {
        Source::Flag => format!("given; {} by default", shown(&setting.default)),
        Source::Environment(name) => format!("from {name}; {} by default", shown(&setting.default)),
        Source::File(origin) => format!("from {origin}; {} by default", shown(&setting.default)),
        Source::Default => format!("default; {} sets it", setting.variable()),
    });
    row
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "nothing".to_owned(),
        Json::String(text) => cut(text, 40),
        other => cut(&other.to_string(), 40),
    }
}
