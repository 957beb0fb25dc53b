//! Task definitions compared with the facts about their images, as registries have them.
//!
//! *Invariant*: an image that is not known, and a value that only a deployment knows, is not judged.

mod container;
mod ports;
mod program;
mod variables;

use indexmap::IndexMap;

use super::task_definition::{containers_of, path};
use super::{LaunchType, TASK_DEFINITION, task_launch};
use crate::cfn::check::context::ResourceEntry;
use crate::cfn::{LogicalId, Template, Value};
use crate::diag::{Code, Diagnostic};
use crate::image::{Architecture, FactsByName, ImageFacts, Unread};
use container::ContainerImage;

/// A rule about a container and its image.
type Rule = fn(&ContainerImage<'_>) -> Option<Diagnostic>;

const RULES: &[Rule] = &[program::exists, ports::listens, ports::user, program::size];

/// The compressed size in bytes from which an image is large. Every task downloads it before it starts ("Best practices for Amazon
/// ECS container images": smaller images start faster).
const LARGE: u64 = 1_000_000_000;

/// A container of a task definition with its image.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskImage<'t> {
    /// The logical id of the task definition.
    pub task: &'t LogicalId,
    /// The name of the container.
    pub container: &'t str,
    /// The image, as the template has it.
    pub image: &'t Value,
    /// The architectures on which tasks may run it; none for Windows.
    pub architectures: Vec<Architecture>,
}

/// Returns the containers of the task definitions of a template, with their images.
pub fn task_images(template: &Template) -> Vec<TaskImage<'_>> {
    let mut found = Vec::new();
    for task in tasks(template) {
        for (_, container) in containers_of(task) {
            let Some(image) = container.get("Image") else { continue };
            let container = container.get("Name").and_then(Value::as_str).unwrap_or_default();
            found.push(TaskImage { task: task.id, container, image, architectures: architectures(task) });
        }
    }
    found
}

/// Returns the images that the tasks of a template run, each with the architectures of its tasks. An image whose name only a
/// deployment knows is left out.
pub fn names(template: &Template) -> IndexMap<String, Vec<Architecture>> {
    let mut found: IndexMap<String, Vec<Architecture>> = IndexMap::new();
    for TaskImage { image, architectures, .. } in task_images(template) {
        let Some(image) = image.as_str().filter(|_| !architectures.is_empty()) else { continue };
        let wanted = found.entry(image.to_owned()).or_default();
        wanted.extend(architectures.into_iter().filter(|it| !wanted.contains(it)).collect::<Vec<_>>());
    }
    found
}

/// Compares the tasks of a template with the facts about their images.
pub fn check(template: &Template, facts: &FactsByName) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for task in tasks(template).filter(|task| is_linux(*task)) {
        for (at, container) in containers_of(task) {
            let Some(name) = container.get("Image").and_then(Value::as_str) else { continue };
            match facts.get(name) {
                None => {}
                Some(Err(why)) => problems.push(unread(task, at, name, why)),
                Some(Ok(facts)) => problems.extend(of_container((task, at, container), name, facts)),
            }
        }
    }
    problems
}

fn of_container(
    (task, at, container): (ResourceEntry<'_>, usize, &Value),
    name: &str,
    facts: &ImageFacts,
) -> Vec<Diagnostic> {
    let wanted = architecture(task);
    let image = match &wanted {
        Some((_, architecture)) => facts.linux(architecture),
        None => facts.platforms.iter().find(|it| it.os == "linux" && it.content.is_some()),
    };
    let Some(image) = image else {
        return wanted.iter().map(|wanted| platform(task, at, (name, facts), wanted)).collect();
    };
    let Some(content) = &image.content else { return Vec::new() };
    let container = ContainerImage::new((task, at, container), name, content);
    RULES.iter().filter_map(|rule| rule(&container)).chain(variables::unread(&container)).collect()
}

fn tasks(template: &Template) -> impl Iterator<Item = ResourceEntry<'_>> {
    let tasks = template.resources.iter().filter(|(_, resource)| resource.kind.as_str() == TASK_DEFINITION);
    tasks.map(|(id, resource)| ResourceEntry { id, resource })
}

/// Returns whether the tasks run on Linux, as far as it is known.
fn is_linux(task: ResourceEntry<'_>) -> bool {
    const FAMILY: &str = "RuntimePlatform.OperatingSystemFamily";
    task.lacks(FAMILY) || task.text(FAMILY).is_some_and(|family| family == "LINUX")
}

/// Returns the architectures on which the tasks of a definition may run; none for Windows.
fn architectures(task: ResourceEntry<'_>) -> Vec<Architecture> {
    if !is_linux(task) {
        return Vec::new();
    }
    let both = || ["amd64", "arm64"].map(Architecture::named).to_vec();
    architecture(task).map_or_else(both, |(_, architecture)| vec![architecture])
}

const ARCHITECTURE: &str = "RuntimePlatform.CpuArchitecture";

/// Returns the architecture of a task, by its name in ECS and in images: `X86_64` on Fargate unless set (`RuntimePlatform` of the
/// ECS API). Tasks on instances run on those of their instances.
fn architecture(task: ResourceEntry<'_>) -> Option<(String, Architecture)> {
    let name = match task.text(ARCHITECTURE) {
        Some(name) => name,
        None if task.lacks(ARCHITECTURE) && task_launch(task) == LaunchType::Fargate => "X86_64",
        None => return None,
    };
    Some((name.to_owned(), Architecture::of_task(name)?))
}

/// Reports an image without the platform of its task. ECS refuses an index without it ("`CannotPullContainer` task errors in Amazon
/// ECS": `image Manifest does not contain descriptor matching platform`); a program for another processor ends at once.
fn platform(
    task: ResourceEntry<'_>,
    at: usize,
    (name, facts): (&str, &ImageFacts),
    (on, wanted): &(String, Architecture),
) -> Diagnostic {
    let has = match facts.platform_names() {
        names if names.is_empty() => "it has no platforms".to_owned(),
        names => format!("it has {}", names.join(", ")),
    };
    let effect = if facts.is_index { "ECS cannot pull it" } else { "its program ends with `exec format error`" };
    let message = format!("the image `{name}` is not for linux/{}, and the task runs on {on}", wanted.as_str());
    let problem = task.error(Code::ImagePlatform, &path(at, "Image"), message);
    let problem = problem.at(task.origin(ARCHITECTURE), "the platform of the task");
    let other = if on == "ARM64" { "amd64" } else { "arm64" };
    let help = match (facts.linux(&Architecture::named(other)).is_some(), other) {
        (true, "arm64") => {
            "add `.arm64()` to the service, or build the image for both: `--platform linux/amd64,linux/arm64`"
        }
        (true, _) => "leave `.arm64()` out, or build the image for both: `--platform linux/amd64,linux/arm64`",
        (false, _) => {
            "build the image for the platform of the task: `--platform linux/amd64`, or `linux/arm64` for `.arm64()`"
        }
    };
    problem.note(format!("{has}: {effect}")).help(help)
}

fn unread(task: ResourceEntry<'_>, at: usize, name: &str, why: &Unread) -> Diagnostic {
    let place = path(at, "Image");
    match why {
        Unread::Missing => task
            .error(Code::ImageMissing, &place, format!("the image `{name}` does not exist in its registry"))
            .note("tasks would end with CannotPullContainerError")
            .help("correct the name or the tag, or push the image first"),
        Unread::Invalid(why) => task
            .error(Code::ImageInvalid, &place, format!("the image `{name}` cannot run: {why}"))
            .help("push the image again, or use another one"),
        Unread::Unanswered(why) => task
            .warning(Code::ImageUnread, &place, format!("the image `{name}` was not checked"))
            .note(why.clone())
            .help("try again, or leave the check out with `--no-image-checks`"),
    }
}

#[cfg(test)]
mod tests;
