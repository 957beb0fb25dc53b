//! The settings that the user sets.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::ScriptOptions;
use super::files::read_text;
use crate::diag::{Code, Diagnostic, Origin, Sink, SourceMap};
use crate::script::LoadError;
use crate::settings::{SettingInput, Source, parse_env_file, shown_env_file};

/// Returns the settings in the order of precedence: options, the environment, the file.
pub(crate) fn given(script: &Path, options: &ScriptOptions, sources: &mut SourceMap) -> (Vec<SettingInput>, Sink) {
    let mut problems = Sink::new();
    let mut given: Vec<SettingInput> = options.set.iter().filter_map(|flag| from_flag(flag, &mut problems)).collect();
    given.extend(std::env::vars_os().filter_map(|(name, value)| {
        let (name, value) = (name.into_string().ok()?, value.into_string().ok()?);
        Some(SettingInput { source: Source::Environment(name.clone()), name, value })
    }));
    if let Some(path) = env_file(script, options) {
        given.extend(from_file(&path, sources, &mut problems));
    }
    (given, problems)
}

fn from_flag(flag: &str, problems: &mut Sink) -> Option<SettingInput> {
    match flag.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => {
            Some(SettingInput { name: name.trim().to_owned(), value: value.to_owned(), source: Source::Flag })
        }
        _ => {
            let problem =
                Diagnostic::new(Code::SettingFlag, format!("`--set {flag}` does not have the form `name=value`"));
            problems.push(problem.help("write `--set task_cpu=512`"));
            None
        }
    }
}

/// Returns the file of settings: the one of `--env-file`, else `.env` next to the script or in the working directory.
fn env_file(script: &Path, options: &ScriptOptions) -> Option<PathBuf> {
    if let Some(named) = &options.env_file {
        return Some(named.clone());
    }
    let next_to_script = script.parent().unwrap_or(Path::new("")).join(".env");
    [next_to_script, PathBuf::from(".env")].into_iter().find(|path| is_for_settings(path))
}

/// Returns whether there is a `.env` to read: also one that cannot be read, of which the user gets an error. A folder is the virtual
/// environment of a Python project.
fn is_for_settings(path: &Path) -> bool {
    path.symlink_metadata().is_ok() && !path.is_dir()
}

fn from_file(path: &Path, sources: &mut SourceMap, problems: &mut Sink) -> Vec<SettingInput> {
    let name: Arc<str> = path.display().to_string().into();
    match read_text(path) {
        Ok(text) => {
            let (given, wrong) = parse_env_file(&name, &text);
            sources.add(name, shown_env_file(&text));
            problems.extend(wrong);
            given
        }
        Err(why) => {
            let problem = why.problem(&name).at(&Origin::new(name.clone(), 0, 0), "");
            let is_special = matches!(why, LoadError::NotRegular(_));
            let remedy = format!("add `--env-file FILE`, or `--env-file - < {name}` if a program writes to it");
            problems.push(if is_special { problem.help(remedy) } else { problem });
            Vec::new()
        }
    }
}
