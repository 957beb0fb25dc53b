use serde_json::{Value as Json, json};

use crate::cli::args::RunOptions;
use crate::cli::exit::ExitStatus;
use crate::cli::json;
use crate::cli::project::Project;
use crate::cli::table::table;
use crate::cli::terminal::Terminal;
use crate::diag::Diagnostic;
use crate::settings::{Setting, Source};

/// `settings`: names, types, values, defaults and sources.
pub(crate) fn command(options: &RunOptions, project: &Project, terminal: &Terminal) -> ExitStatus {
    if options.script.json {
        json::answer(terminal, &project.settings.iter().map(fact).collect());
    } else if project.settings.is_empty() {
        terminal.say("this script declares no settings: `settings(prefix, #{ .. })` does");
    } else {
        let rows: Vec<Vec<String>> = project.settings.iter().map(row).collect();
        terminal.answer(&table(&["NAME", "TYPE", "VALUE", "DEFAULT", "FROM"], &rows));
    }
    terminal.problems(&project.problems, &project.sources);
    if project.problems.iter().any(Diagnostic::is_error) { ExitStatus::Script } else { ExitStatus::Ok }
}

fn fact(setting: &Setting) -> Json {
    json!({
        "name": setting.name, "variable": setting.variable(), "type": setting.kind.name(),
        "value": setting.value, "default": setting.default, "source": source(setting),
    })
}

fn row(setting: &Setting) -> Vec<String> {
    let default = if setting.default.is_null() { "(optional)".to_owned() } else { shown(&setting.default) };
    vec![setting.name.clone(), setting.kind.name().into(), shown(&setting.value), default, source(setting)]
}

fn source(setting: &Setting) -> String {
    match &setting.source {
        Source::Flag => "--set".into(),
        Source::Environment(name) => name.clone(),
        Source::File(origin) => origin.to_string(),
        Source::Default => "default".into(),
    }
}

/// A value in a cell: long ones are cut, JSON shows them whole.
fn shown(value: &Json) -> String {
    const LONGEST: usize = 32;
    let text = match value {
        Json::Null => "-".to_owned(),
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    text.chars().take(LONGEST - 2).chain("..".chars()).collect()
}
