use serde_json::Value as Json;

use crate::cli::args::RunOptions;
use crate::cli::exit::ExitStatus;
use crate::cli::json::SettingValue;
use crate::cli::project::Project;
use crate::cli::report::Output;
use crate::cli::table::Table;
use crate::cli::terminal::{Detail, Terminal};
use crate::diag::Diagnostic;
use crate::settings::{Setting, Source};

/// Runs `settings`: lists the settings with their types, values, defaults and sources.
pub(crate) fn command(options: &RunOptions, project: &Project, terminal: &Terminal) -> ExitStatus {
    let output = Output::new(terminal, options.script.json);
    let values: Vec<SettingValue> = project.settings.iter().map(value).collect();
    if project.settings.is_empty() {
        output.status("this script declares no settings; declare them with `settings(prefix, #{ .. })`");
    }
    output.result(&values, || text(&project.settings, terminal.detail()));
    terminal.problems(&project.problems, &project.sources);
    if project.problems.iter().any(Diagnostic::is_error) { ExitStatus::Script } else { ExitStatus::Ok }
}

fn value(setting: &Setting) -> SettingValue {
    let origin = match &setting.source {
        Source::Flag | Source::Test(_) => "flag",
        Source::Environment(_) => "environment",
        Source::File(_) => "file",
        Source::Default => "default",
    };
    SettingValue {
        name: setting.name.clone(),
        variable: setting.variable(),
        kind: setting.kind.name(),
        value: setting.shown(),
        default: setting.shown_default(),
        required: setting.required,
        secret: setting.secret,
        source: origin,
        place: (setting.source != Source::Default).then(|| source(setting)),
    }
}

fn text(settings: &[Setting], detail: Detail) -> String {
    if settings.is_empty() {
        return String::new();
    }
    let table = Table::new(&["NAME", "TYPE", "VALUE", "DEFAULT", "FROM"]).optional(&["DEFAULT", "TYPE"]);
    table.with(settings.iter().map(row)).render(detail)
}

fn row(setting: &Setting) -> Vec<String> {
    let default = match setting.shown_default() {
        Json::Null => setting.without_default().to_owned(),
        default => cell(&default),
    };
    vec![setting.name.clone(), setting.kind.name().into(), cell(&setting.shown()), default, source(setting)]
}

fn source(setting: &Setting) -> String {
    match &setting.source {
        Source::Flag => "--set".into(),
        Source::Environment(name) => name.clone(),
        Source::File(origin) | Source::Test(origin) => origin.to_string(),
        Source::Default => "default".into(),
    }
}

/// Returns a value as a cell.
fn cell(value: &Json) -> String {
    match value {
        Json::Null => "-".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    }
}
