use std::collections::HashMap;

use crate::block::name_in_template;
use crate::cfn::check::images::{TaskImage, task_images};
use crate::cfn::type_names::SERVICE;
use crate::cfn::{LogicalId, Value};
use crate::deploy::api::AwsEnvironment;
use crate::image::bootstrap_names::REPOSITORY;
use crate::image::{Architecture, ImageReference, ImageSource, RequiredImage};
use crate::synth::DesiredStack;

/// An image of the script with the containers that run it.
#[derive(Debug, PartialEq)]
pub(super) struct ScriptImage {
    /// The name, complete if the account is known.
    pub(super) name: String,
    /// Whether the name is complete, with its registry.
    pub(super) is_complete: bool,
    /// The kind of its origin: `registry`, `build` or `archive`.
    pub(super) source: &'static str,
    /// The folder or file.
    pub(super) path: Option<String>,
    /// Whether its tag becomes a digest.
    pub(super) is_pinned: bool,
    /// The architectures of its tasks.
    pub(super) architectures: Vec<Architecture>,
    /// The containers that run it.
    pub(super) uses: Vec<ContainerOfScript>,
}

/// A container of a task definition of a stack.
#[derive(Debug, PartialEq)]
pub(super) struct ContainerOfScript {
    pub(super) stack: String,
    /// The type and name of its block.
    pub(super) block: Option<String>,
    /// The logical id of its task definition.
    pub(super) task: String,
    /// The name of the container.
    pub(super) container: String,
    /// The logical ids of the services that run the task definition.
    pub(super) services: Vec<String>,
}

/// Returns the images of stacks in the order of the script, each once. The account of a stack completes the names of images that are
/// pushed to the repository of its bootstrap.
pub(super) fn script_images(
    stacks: &[DesiredStack],
    environments: &HashMap<String, AwsEnvironment>,
) -> Vec<ScriptImage> {
    let mut found: Vec<ScriptImage> = Vec::new();
    for stack in stacks {
        let environment = environments.get(&stack.name);
        for TaskImage { task, container, image, architectures } in task_images(&stack.template) {
            let Some(mut image) = named(stack, image, environment) else { continue };
            let user = ContainerOfScript {
                stack: stack.name.clone(),
                block: stack.block_of(task).map(str::to_owned),
                task: task.to_string(),
                container: container.to_owned(),
                services: services_of(stack, task),
            };
            let at = found.iter().position(|known| known.name == image.name && known.source == image.source);
            if let Some(at) = at {
                image = found.remove(at);
                image.add(user, architectures);
                found.insert(at, image);
            } else {
                image.add(user, architectures);
                found.push(image);
            }
        }
    }
    found
}

impl ScriptImage {
    fn add(&mut self, user: ContainerOfScript, architectures: Vec<Architecture>) {
        self.uses.push(user);
        let new = architectures.into_iter().filter(|it| !self.architectures.contains(it)).collect::<Vec<_>>();
        self.architectures.extend(new);
    }
}

/// Returns the image that a value of a template names; none for a value that only a deployment knows.
fn named(stack: &DesiredStack, value: &Value, environment: Option<&AwsEnvironment>) -> Option<ScriptImage> {
    let pushed = stack.images.iter().find(|image| Value::Text(name_in_template(image)) == *value);
    let name = match pushed {
        Some(image) => pushed_name(image, environment),
        None => value.as_str()?.to_owned(),
    };
    let source = pushed.map_or("registry", |image| match image.source {
        ImageSource::Build(_) => "build",
        ImageSource::Archive(_) => "archive",
    });
    Some(ScriptImage {
        is_complete: ImageReference::parse(&name).is_some()
            && pushed.is_none_or(|image| image.literal_reference().is_some() || environment.is_some()),
        source,
        path: pushed.map(|image| image.path().to_owned()),
        is_pinned: stack.pinned.iter().any(|pinned| pinned.name == name),
        architectures: Vec::new(),
        uses: Vec::new(),
        name,
    })
}

/// Returns the name of an image that a deployment pushes; without its account the name of its repository and the tag.
fn pushed_name(image: &RequiredImage, environment: Option<&AwsEnvironment>) -> String {
    match (image.literal_reference(), environment) {
        (Some(name), _) => name,
        (None, Some(environment)) => format!("{}:{}", image.repository_in(&environment.ecr_host()), image.tag),
        (None, None) => format!("{REPOSITORY}:{}", image.tag),
    }
}

fn services_of(stack: &DesiredStack, task: &LogicalId) -> Vec<String> {
    let services = stack.template.resources.iter().filter(|(_, resource)| resource.kind.as_str() == SERVICE);
    let runs = services.filter(|(_, service)| {
        let definition = service.properties.get("TaskDefinition").and_then(Value::as_reference);
        definition.is_some_and(|definition| definition.id == *task)
    });
    runs.map(|(id, _)| id.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::harness::stack;

    #[test]
    fn image_of_two_containers_is_listed_once_with_both() {
        let container = |id: &str, arm: &str| {
            format!(
                "  {id}Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      RequiresCompatibilities: [FARGATE]\n\
                 {arm}      ContainerDefinitions:\n      - {{Name: web, Image: 'nginx:1'}}\n      - {{Name: side, Image: !Ref Image}}\n\
                   \n  {id}Service:\n    Type: AWS::ECS::Service\n    Properties: {{TaskDefinition: !Ref {id}Task}}\n"
            )
        };
        let arm = "      RuntimePlatform: {CpuArchitecture: ARM64, OperatingSystemFamily: LINUX}\n";
        let text = format!(
            "Parameters:\n  Image: {{Type: String}}\nResources:\n{}{}",
            container("A", ""),
            container("B", arm)
        );
        let images = script_images(&[stack("web", &text)], &HashMap::new());
        assert_eq!(images.len(), 1, "an image of a parameter is not known: {images:?}");
        assert_eq!(images[0].architectures, ["amd64", "arm64"].map(Architecture::named));
        let uses: Vec<_> = images[0].uses.iter().map(|it| (it.task.as_str(), it.services.join(","))).collect();
        assert_eq!(uses, [("ATask", "AService".to_owned()), ("BTask", "BService".to_owned())]);
    }
}
