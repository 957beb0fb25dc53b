//! Files that rtiler wrote, and files of settings: read, shown, and written as they were read.

use std::sync::Arc;

use serde::Serialize;

use super::{Allocated, NAME, assert_shown};
use crate::cli::fuzz::{plan_problem, read_record, shown_plan, shown_record};
use crate::deploy::plan::plan_file::SavedPlan;
use crate::deploy::record::{Redactor, read, write};
use crate::diag::{Origin, SourceMap};
use crate::settings::{DeclaredSetting, SettingRule, SettingType, SettingsResolver, parse_env_file};

/// Returns an input as text, with the sources that its problems point into.
pub(super) fn text(input: &[u8]) -> Option<(&str, SourceMap)> {
    let text = std::str::from_utf8(input).ok()?;
    let mut sources = SourceMap::default();
    sources.add(NAME, text);
    Some((text, sources))
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("a value can be written")
}

/// Reads an input as a saved plan.
pub(super) fn plan_file(input: &[u8], _: Allocated) {
    let Some((text, sources)) = text(input) else { return };
    let saved = match serde_json::from_str::<SavedPlan>(text) {
        Ok(saved) => saved,
        Err(error) => return assert_shown(&[plan_problem(NAME, error)], &sources),
    };
    let written = json(&saved);
    let again: SavedPlan = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(json(&again), written, "a plan is written in another form");
    for stack in &saved.stacks {
        shown_plan(&stack.plan);
    }
}

/// Reads an input as the record of a run, and shows it as `replay` does.
pub(super) fn record(input: &[u8], _: Allocated) {
    let Some((text, sources)) = text(input) else { return };
    let (entries, problems) = read_record(NAME, text);
    assert_shown(&problems, &sources);
    let redactor = Redactor::default();
    for entry in &entries {
        let written = write(entry, &redactor);
        let again = read(&written).unwrap_or_else(|why| panic!("what was written cannot be read: {why}\n{written}"));
        assert_eq!(write(&again, &redactor), written, "an entry is written in another form");
    }
    shown_record(&entries);
}

/// Reads an input as a file of settings, and gives its values to settings of every type.
pub(super) fn env_file(input: &[u8], _: Allocated) {
    let Some((text, sources)) = text(input) else { return };
    let name: Arc<str> = NAME.into();
    let (given, problems) = parse_env_file(&name, text);
    assert_shown(&problems, &sources);
    for value in &given {
        assert!(!value.name.is_empty(), "a value without a name");
        assert_read_again(&name, &value.name, &value.value);
    }
    let origin = Origin::new(name, 1, 1);
    let declared = given.iter().take(40).flat_map(|value| {
        let name = value.name.strip_prefix("A_").unwrap_or(&value.name).to_lowercase();
        SettingType::ALL.map(|kind| (name.clone(), kind))
    });
    let setting = |(name, kind)| DeclaredSetting {
        name,
        kind,
        default: serde_json::Value::Null,
        rule: SettingRule::Any,
        required: false,
        secret: false,
        origin: origin.clone(),
    };
    let declared: Vec<DeclaredSetting> = declared.map(setting).collect();
    let mut resolver = SettingsResolver::new(given);
    let mut problems = resolver.unclaimed();
    let settings = resolver.declare("A", &declared, &mut problems);
    assert_eq!(settings.len(), declared.len(), "every declared setting has a value");
    assert_shown(&problems, &sources);
}

/// Asserts that a value that is written between double quotes is read as the same value.
fn assert_read_again(file: &Arc<str>, name: &str, value: &str) {
    if value.contains(['\n', '\r']) {
        return;
    }
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    let (read, problems) = parse_env_file(file, &format!("{name}=\"{quoted}\""));
    assert!(problems.is_empty(), "a quoted value cannot be read: {quoted}");
    assert_eq!(read.first().map(|read| read.value.as_str()), Some(value), "a quoted value is read as another one");
}
