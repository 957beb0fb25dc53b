//! Images: their processor architecture as far as their names show it, and repositories that are empty at first.

use super::task_definition::{containers_of, path};
use super::{LaunchType, SERVICE, task_launch};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Sink};

/// Reports an image whose tag or repository names another architecture than the task has.
///
/// Source: `RuntimePlatform` of the ECS API, `X86_64` unless set; a program of another architecture ends with "exec format
/// error".
pub(super) fn architecture(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    const ARCHITECTURE: &str = "RuntimePlatform.CpuArchitecture";
    let wanted = match task.text(ARCHITECTURE) {
        Some(name) => name,
        None if task.lacks(ARCHITECTURE) && task_launch(task) == LaunchType::Fargate => "X86_64",
        None => return,
    };
    for (at, container) in containers_of(task) {
        let Some(Value::Text(image)) = container.get("Image") else { continue };
        let image = image.to_string();
        let Some(named) = architecture_of(&image).filter(|named| *named != wanted) else { continue };
        let message = format!("the image `{image}` is for {named} by its name, and the task runs on {wanted}");
        let problem = task.warning(Code::ImageArchitecture, &path(at, "Image"), message);
        let problem = problem.at(task.origin(ARCHITECTURE), "the platform of the task");
        sink.push(problem.help(if named == "ARM64" {
            "add `.arm64()` to the service (`RuntimePlatform: { CpuArchitecture: ARM64 }`), or use an image for x86"
        } else {
            "leave `.arm64()` out, or use an image for ARM"
        }));
    }
}

/// Returns the architecture that the tag, the last part of the name or the owner of an image names.
fn architecture_of(image: &str) -> Option<&'static str> {
    let image = image.split('@').next().unwrap_or(image);
    let (before, last) = image.rsplit_once('/').unwrap_or(("", image));
    let owner = before.rsplit('/').next().unwrap_or_default();
    let words = last.split(['-', ':', '.', '_']).chain([owner]);
    // `x86_64` is cut in two by its underscore.
    let mut found = words.filter_map(|word| match word.to_ascii_lowercase().as_str() {
        "arm64" | "aarch64" | "arm64v8" => Some("ARM64"),
        "amd64" | "x86" | "x64" => Some("X86_64"),
        _ => None,
    });
    match (found.next(), found.next()) {
        (Some(named), None) => Some(named),
        (Some(named), Some(second)) if named == second => Some(named),
        _ => None,
    }
}

/// Reports a service that runs an image of a repository of its own stack: the repository is empty when the service is created.
pub(super) fn empty_repository(task: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let runs = |service: &ResourceEntry<'_>| service.kind() == SERVICE && service.int("DesiredCount") != Some(0);
    let Some(service) = scope.referrers(task.id).find(runs) else { return };
    for (at, container) in containers_of(task) {
        let Some(image) = container.get("Image") else { continue };
        let mut repository = None;
        image.each_ref(&mut |reference| {
            let target = scope.template.resources.get_key_value(&reference.id);
            repository = repository.or(target.filter(|(_, it)| it.kind.as_str() == "AWS::ECR::Repository"));
        });
        let Some((id, repository)) = repository else { continue };
        let message = format!("the repository `{id}` is empty when the service `{}` is created", service.id);
        let problem = task.warning(Code::EmptyRepository, &path(at, "Image"), message);
        sink.push(
            problem
                .at(&repository.origin, "created by the same stack")
                .help("create the repository in a stack of its own, push the image, and deploy the service after it"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_or_owner_names_the_architecture() {
        for (image, expected) in [
            ("123456789012.dkr.ecr.us-east-1.amazonaws.com/agent:1.4.0-arm64", Some("ARM64")),
            ("arm64v8/nginx:1.29", Some("ARM64")),
            ("ghcr.io/example/app:2.0-linux-amd64", Some("X86_64")),
            ("ghcr.io/example/app:2.0_x86_64", Some("X86_64")),
            ("ghcr.io/example/app:amd64-and-arm64", None),
            ("ghcr.io/alarm64/app:1", None),
            ("nginx:1.29@sha256:arm64", None),
        ] {
            assert_eq!(architecture_of(image), expected, "{image}");
        }
    }
}
