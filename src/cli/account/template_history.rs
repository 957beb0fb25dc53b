//! What stacks were: the newest templates of each, kept in `.rtiler/templates/` after deployments that went well.
//!
//! Values of `NoEcho` parameters are never written.

use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::cfn::{LogicalId, Parameter, Template, TemplateDocument};
use crate::cli::files::{read_text, write_whole};
use crate::deploy::api::AwsEnvironment;
use crate::deploy::plan::DeployedStack;
use crate::synth::DesiredStack;

/// How many are kept of each stack.
const KEPT: usize = 5;

/// A template with what was handed in beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct TemplateSnapshot {
    body: String,
    parameters: IndexMap<String, String>,
    tags: IndexMap<String, String>,
}

impl TemplateSnapshot {
    fn of(stack: &DesiredStack) -> Self {
        let secret = |id: &String| stack.template.parameters.get(id.as_str()).is_some_and(Parameter::is_secret);
        let told = stack.parameters.iter().filter(|(id, _)| !secret(id));
        Self {
            body: stack.body().into_owned(),
            parameters: told.map(|(id, value)| (id.clone(), value.clone())).collect(),
            tags: stack.tags.clone(),
        }
    }

    /// True where the stack is not this already.
    fn differs(&self, live: &DeployedStack, now: &Template) -> bool {
        let other = |(id, value): (&String, &String)| live.stack.parameters.get(id) != Some(value);
        *now != live.template || self.tags != live.stack.tags || self.parameters.iter().any(other)
    }
}

/// Keeps what was deployed, unless it is the newest one that is kept.
pub(crate) fn keep(stack: &DesiredStack, place: &AwsEnvironment) -> std::io::Result<()> {
    let (folder, former) = (folder(&stack.name, place, stack.region.as_deref()), TemplateSnapshot::of(stack));
    let known = numbers(&folder);
    if known.last().and_then(|number| read(&folder, *number)).as_ref() == Some(&former) {
        return Ok(());
    }
    let next = known.last().map_or(1, |number| number + 1);
    let text = serde_json::to_string(&former).map_err(std::io::Error::other)?;
    write_whole(&file(&folder, next), &text)?;
    for old in known.iter().rev().skip(KEPT - 1) {
        let _ = std::fs::remove_file(file(&folder, *old));
    }
    Ok(())
}

/// The newest one that the stack is not now, with the lines of the script where it has the same resources.
pub(crate) fn before(stack: &DesiredStack, live: &DeployedStack, place: &AwsEnvironment) -> Option<DesiredStack> {
    let folder = folder(&stack.name, place, stack.region.as_deref());
    numbers(&folder).into_iter().rev().filter_map(|number| read(&folder, number)).find_map(|former| {
        let template = TemplateDocument::parse(&stack.name, former.body.as_str()).value?;
        if !former.differs(live, &template) {
            return None;
        }
        let origin = |id: &LogicalId| stack.template.resources.get(id).map_or(&stack.origin, |own| &own.origin).clone();
        let (template, TemplateSnapshot { parameters, tags, .. }) = (template.with_origins(origin), former);
        Some(DesiredStack { template, parameters, tags, ..stack.clone() })
    })
}

fn folder(stack: &str, place: &AwsEnvironment, region: Option<&str>) -> PathBuf {
    let region = region.unwrap_or(&place.region);
    Path::new(".rtiler").join("templates").join(format!("{}-{region}", place.account)).join(stack)
}

fn file(folder: &Path, number: u32) -> PathBuf {
    folder.join(format!("{number}.json"))
}

/// The numbers of what is kept, oldest first.
fn numbers(folder: &Path) -> Vec<u32> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |file: std::fs::DirEntry| file.file_name().to_str()?.strip_suffix(".json")?.parse().ok();
    let mut numbers: Vec<u32> = files.filter_map(number).collect();
    numbers.sort_unstable();
    numbers
}

fn read(folder: &Path, number: u32) -> Option<TemplateSnapshot> {
    serde_json::from_str(&read_text(&file(folder, number)).ok()?).ok()
}
