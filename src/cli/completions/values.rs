//! The values of options and arguments: those that the declaration lists, and names of the script, the reference, the codes
//! and the AWS configuration.

use std::path::{Path, PathBuf};

use clap::{Arg, Command};
use serde_json::Value as Json;

use super::{Answer, Candidate};
use crate::cfn::type_names::is_service;
use crate::cfn::{Resource, Template};
use crate::cli::args::{PackageOptions, ScriptOptions};
use crate::cli::doc::{everything, of_project};
use crate::cli::packages::ProjectPlace;
use crate::cli::project::Project;
use crate::cli::terminal::Terminal;
use crate::cli::terminal::background::channel;
use crate::diag::{Code, SourceMap};
use crate::rehearsal::fault_suggestions;
use crate::script::reference::{Kind, resource_type_names};
use crate::settings::Setting;

/// The options and arguments before the cursor that matter for completion.
pub(super) struct Given {
    script: Option<String>,
    options: ScriptOptions,
}

impl Default for Given {
    /// Refuses to write and to fetch while a user types.
    fn default() -> Self {
        let packages = PackageOptions { locked: true, offline: true };
        Self { script: None, options: ScriptOptions { packages, ..ScriptOptions::default() } }
    }
}

impl Given {
    /// Adds the value of an option or argument.
    pub(super) fn add(&mut self, id: &str, value: &str) {
        match id {
            "script" => self.script = Some(value.to_owned()),
            "set" => self.options.set.push(value.to_owned()),
            "env_file" => self.options.env_file = Some(PathBuf::from(value)),
            _ => {}
        }
    }
}

/// The source of values.
pub(super) struct Source<'a> {
    pub(super) given: &'a Given,
    pub(super) terminal: &'a Terminal,
    pub(super) allocated: fn() -> usize,
}

impl Source<'_> {
    /// Returns the values of an option or argument of a command; `written` is its beginning.
    pub(super) fn values(&self, command: &Command, arg: &Arg, written: &str) -> Answer {
        let listed = arg.get_possible_values();
        if !listed.is_empty() {
            let about = |help: Option<&clap::builder::StyledStr>| help.map(ToString::to_string).unwrap_or_default();
            let shown = listed.iter().filter(|value| !value.is_hide_set());
            let candidates = shown.map(|value| Candidate::new(value.get_name(), about(value.get_help()))).collect();
            return Answer { candidates, files: false };
        }
        match (command.get_name(), arg.get_id().as_str()) {
            (_, "script" | "env_file" | "files" | "file" | "plan" | "save" | "output" | "markdown" | "template") => {
                Answer { candidates: Vec::new(), files: true }
            }
            ("add", "source") => Answer { candidates: Vec::new(), files: true },
            ("remove" | "update", "package") => plain(packages()),
            ("doc", "name") => plain(documented(written)),
            ("explain", "code") => {
                plain(Code::ALL.iter().map(|code| Candidate::new(code.as_str(), code.title())).collect())
            }
            (_, "profile") => plain(profiles()),
            (_, id) => self.of_script(id, written),
        }
    }

    /// Returns the names that the script declares.
    fn of_script(&self, id: &str, written: &str) -> Answer {
        const OF_SCRIPT: [&str; 10] = [
            "set",
            "parameter",
            "fault",
            "stacks",
            "stack",
            "service",
            "resource",
            "allow_replace",
            "skip",
            "resources",
        ];
        let Some(script) = self.given.script.as_deref().filter(|_| OF_SCRIPT.contains(&id)) else {
            return Answer::default();
        };
        // What the script prints and its problems go nowhere.
        let silent = self.terminal.for_background(channel().0);
        let project = Project::load(script, &self.given.options, &silent, self.allocated);
        if id == "set" {
            return plain(settings(&project.settings, written));
        }
        let stacks = project.stacks.unwrap_or_default();
        let templates: Vec<&Template> = stacks.iter().map(|stack| &*stack.template).collect();
        let resources = || templates.iter().flat_map(|template| template.resources.iter());
        let named = |fits: &dyn Fn(&Resource) -> bool, end: &str| {
            let found = resources().filter(|(_, resource)| fits(resource));
            found.map(|(id, resource)| Candidate::new(format!("{id}{end}"), resource.kind.as_str())).collect()
        };
        plain(match id {
            "stacks" | "stack" => stacks.iter().map(|stack| Candidate::new(&stack.name, "stack")).collect(),
            "service" => named(&|resource| is_service(resource.kind.as_str()), ""),
            "resources" => named(&|_| true, "="),
            "fault" => {
                fault_suggestions(written, &templates).into_iter().map(|fault| Candidate::new(fault, "")).collect()
            }
            "parameter" => templates
                .iter()
                .flat_map(|template| template.parameters.keys())
                .map(|name| Candidate::new(format!("{name}="), "parameter"))
                .collect(),
            _ => named(&|_| true, ""),
        })
    }
}

fn plain(candidates: Vec<Candidate>) -> Answer {
    Answer { candidates, files: false }
}

/// Returns the settings as `name=`; after that, the values of a `bool` setting and the default of another one.
fn settings(settings: &[Setting], written: &str) -> Vec<Candidate> {
    let Some((name, _)) = written.split_once('=') else {
        let about = |setting: &Setting| format!("{}, now {}", setting.kind.name(), text(&setting.shown()));
        return settings.iter().map(|setting| Candidate::new(format!("{}=", setting.name), about(setting))).collect();
    };
    let Some(setting) = settings.iter().find(|setting| setting.name == name) else { return Vec::new() };
    let choices = setting.rule.choices();
    let values = match &setting.default {
        _ if !choices.is_empty() => choices,
        Json::Bool(_) => vec!["true".to_owned(), "false".to_owned()],
        Json::Null => Vec::new(),
        default => vec![text(default)],
    };
    values.into_iter().map(|value| Candidate::new(format!("{name}={value}"), setting.kind.name())).collect()
}

fn text(value: &Json) -> String {
    match value {
        Json::Null => "not set".to_owned(),
        Json::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Returns the documented names; CloudFormation's types only if their beginning is written, because there are thousands.
fn documented(written: &str) -> Vec<Candidate> {
    if written.to_ascii_uppercase().starts_with("AWS::") {
        return resource_type_names().into_iter().map(|name| Candidate::new(name, "resource type")).collect();
    }
    let reference = of_project(everything());
    let entries = reference.entries().iter().filter(|entry| entry.kind != Kind::Topic && !entry.name.contains(' '));
    entries.map(|entry| Candidate::new(&entry.name, &entry.summary)).collect()
}

/// Returns the packages that the project of the working directory names.
fn packages() -> Vec<Candidate> {
    let manifest = ProjectPlace::here().ok().and_then(|place| place.manifest(&mut SourceMap::default()).ok());
    let dependencies = manifest.into_iter().flat_map(|manifest| manifest.dependencies);
    dependencies.map(|(name, it)| Candidate::new(name.to_string(), it.value.source.to_string())).collect()
}

/// Returns the profiles of `~/.aws/config` and `~/.aws/credentials`.
fn profiles() -> Vec<Candidate> {
    let Some(home) = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")) else { return Vec::new() };
    let read = |file: &str| std::fs::read_to_string(Path::new(&home).join(".aws").join(file)).unwrap_or_default();
    let text = format!("{}\n{}", read("config"), read("credentials"));
    let heads = text.lines().filter_map(|line| line.trim().strip_prefix('[')?.strip_suffix(']').map(str::trim));
    let mut names: Vec<&str> = heads
        .filter(|head| !head.starts_with("sso-session ") && !head.starts_with("services "))
        .map(|head| head.strip_prefix("profile ").unwrap_or(head).trim())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| Candidate::new(name, "profile")).collect()
}
