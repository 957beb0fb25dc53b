//! Previous templates: the newest ones of each stack, saved to `.rtiler/templates/` after successful deployments.
//!
//! Values of `NoEcho` parameters are never written.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::cfn::{LogicalId, Parameter, Template, TemplateDocument};
use crate::cli::files::StateFolder;
use crate::deploy::api::AwsEnvironment;
use crate::deploy::plan::DeployedStack;
use crate::synth::DesiredStack;

/// The number of templates to keep of each stack.
const MAX_TEMPLATES: usize = 5;

/// A template with its parameters and tags.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TemplateSnapshot {
    body: String,
    parameters: IndexMap<String, String>,
    tags: IndexMap<String, String>,
}

impl TemplateSnapshot {
    fn of(stack: &DesiredStack) -> Self {
        let secret = |id: &String| stack.template.parameters.get(id.as_str()).is_some_and(Parameter::is_secret);
        let parameters = stack.parameters.iter().filter(|(id, _)| !secret(id));
        Self {
            body: stack.body().into_owned(),
            parameters: parameters.map(|(id, value)| (id.clone(), value.clone())).collect(),
            tags: stack.tags.clone(),
        }
    }

    /// Returns whether the stack differs from this template.
    fn differs(&self, live: &DeployedStack, now: &Template) -> bool {
        let other = |(id, value): (&String, &String)| live.stack.parameters.get(id) != Some(value);
        *now != live.template || self.tags != live.stack.tags || self.parameters.iter().any(other)
    }
}

/// Saves a deployed template, unless it is the newest saved one.
pub(crate) fn save(stack: &DesiredStack, environment: &AwsEnvironment) -> std::io::Result<()> {
    let (folder, snapshot) = (folder(&stack.name, environment, stack.region.as_deref()), TemplateSnapshot::of(stack));
    let known = numbers(&folder);
    if known.last().and_then(|number| read(&folder, *number)).as_ref() == Some(&snapshot) {
        return Ok(());
    }
    let next = known.last().map_or(1, |number| number + 1);
    let text = serde_json::to_string(&snapshot).map_err(std::io::Error::other)?;
    folder.write_whole(&file(next), &text)?;
    for old in known.iter().rev().skip(MAX_TEMPLATES - 1) {
        let _ = folder.remove(&file(*old));
    }
    Ok(())
}

/// Returns the newest template that differs from the deployed one; resources have the origins of the script.
pub(crate) fn previous(
    stack: &DesiredStack,
    live: &DeployedStack,
    environment: &AwsEnvironment,
) -> Option<DesiredStack> {
    let folder = folder(&stack.name, environment, stack.region.as_deref());
    numbers(&folder).into_iter().rev().filter_map(|number| read(&folder, number)).find_map(|snapshot| {
        let template = TemplateDocument::parse(&stack.name, snapshot.body.as_str()).value?;
        if !snapshot.differs(live, &template) {
            return None;
        }
        let origin = |id: &LogicalId| stack.template.resources.get(id).map_or(&stack.origin, |own| &own.origin).clone();
        let (template, TemplateSnapshot { parameters, tags, .. }) = (template.with_origins(origin), snapshot);
        Some(DesiredStack { template, parameters, tags, ..stack.clone() })
    })
}

/// Returns the bytes of the largest saved template; 0 without one.
pub(crate) fn most_bytes(stack: &DesiredStack, environment: &AwsEnvironment) -> usize {
    let folder = folder(&stack.name, environment, stack.region.as_deref());
    let saved = numbers(&folder).into_iter().filter_map(|number| read(&folder, number));
    saved.map(|snapshot| snapshot.body.len()).max().unwrap_or(0)
}

/// Returns an error if the saved templates cannot be read: a file or a link is in place of their folder.
pub(crate) fn check(stack: &DesiredStack, environment: &AwsEnvironment) -> std::io::Result<()> {
    folder(&stack.name, environment, stack.region.as_deref()).check()
}

fn folder(stack: &str, environment: &AwsEnvironment, region: Option<&str>) -> StateFolder {
    let region = region.unwrap_or(&environment.region);
    let place = format!("{}-{region}", environment.account);
    StateFolder::of_project().subfolder("templates").subfolder(&place).subfolder(stack)
}

fn file(number: u32) -> String {
    format!("{number}.json")
}

/// Returns the numbers of the saved templates, the oldest first.
fn numbers(folder: &StateFolder) -> Vec<u32> {
    let number = |name: String| name.strip_suffix(".json")?.parse().ok();
    let mut numbers: Vec<u32> = folder.names().into_iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

fn read(folder: &StateFolder, number: u32) -> Option<TemplateSnapshot> {
    serde_json::from_str(&folder.read_text(&file(number)).ok()?).ok()
}
