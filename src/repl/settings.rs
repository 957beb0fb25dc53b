//! The settings as a table.

use serde_json::Value as Json;

use super::format::cut;
use super::styled_text::StyledText;
use super::table::rows;
use crate::settings::{Setting, Source};

/// Lists names, types, values, defaults and sources.
pub(super) fn table(settings: &[Setting]) -> StyledText {
    rows(&settings.iter().map(row).collect::<Vec<_>>())
}

fn row(setting: &Setting) -> Vec<String> {
    let mut row = vec![setting.name.clone(), setting.kind.name().to_owned(), shown(&setting.shown())];
    row.push(match &setting.source {
        Source::Flag => format!("set; default {}", shown(&setting.shown_default())),
        Source::Environment(name) => format!("from {name}; default {}", shown(&setting.shown_default())),
        Source::File(origin) | Source::Test(origin) => {
            format!("from {origin}; default {}", shown(&setting.shown_default()))
        }
        Source::Default => format!("default; {} sets it", setting.variable()),
    });
    row
}

fn shown(value: &Json) -> String {
    match value {
        Json::Null => "none".to_owned(),
        Json::String(text) => cut(text, 40),
        other => cut(&other.to_string(), 40),
    }
}
