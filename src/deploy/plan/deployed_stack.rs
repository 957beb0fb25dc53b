use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::cfn::type_names::is_service;
use crate::cfn::{Template, parse};
use crate::deploy::api::{EcsService, StackDescription, StackResource};

/// A deployed stack.
#[derive(Debug, Clone)]
pub struct DeployedStack {
    /// The description of the stack.
    pub stack: StackDescription,
    /// The template of the stack.
    pub template: Template,
    /// The services that run another revision than the stack's.
    pub hotswapped: Vec<HotswappedService>,
    /// The desired counts of its services, by logical id.
    pub counts: IndexMap<String, u32>,
}

/// A service that runs another revision than its stack has, as a hotswap leaves it until the next deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct HotswappedService {
    /// The logical id of the service.
    pub service: String,
    /// The ARN of the service.
    pub arn: String,
    /// The ARN of the task definition that the service runs.
    pub running: String,
    /// The ARN of the task definition that the stack has for it.
    pub stack: String,
    /// The images that the service runs, if they were read.
    #[serde(default)]
    pub running_images: Vec<String>,
    /// The images of the stack's task definition, if they were read.
    #[serde(default)]
    pub stack_images: Vec<String>,
}

impl DeployedStack {
    /// Creates a deployed stack from the text of its template.
    pub fn new(stack: StackDescription, template: &str) -> Self {
        let template = parse::template(&stack.name, template).value.unwrap_or_default();
        Self { stack, template, hotswapped: Vec::new(), counts: IndexMap::new() }
    }

    /// Returns whether the template has ECS services.
    pub fn has_services(&self) -> bool {
        self.template.resources.values().any(|resource| is_service(resource.kind.as_str()))
    }

    /// Records the desired counts of the services, and those that run another revision than the stack's, by ECS's
    /// description of them.
    pub fn record_services(&mut self, resources: &[StackResource], running: &[EcsService]) {
        let physical = |id: &str| resources.iter().find(|resource| resource.logical_id == id)?.physical_id.clone();
        let services = self.template.resources.iter().filter(|(_, resource)| is_service(resource.kind.as_str()));
        let hotswapped = services.filter_map(|(id, resource)| {
            let definition = &resource.properties.get("TaskDefinition")?.as_reference()?.id;
            let (arn, stack) = (physical(id.as_str())?, physical(definition.as_str())?);
            let running = running.iter().find(|service| service.arn == arn)?.task_definition.clone();
            (running != stack).then(|| HotswappedService {
                service: id.to_string(),
                arn,
                running,
                stack,
                running_images: Vec::new(),
                stack_images: Vec::new(),
            })
        });
        self.hotswapped = hotswapped.collect();
        let count = |resource: &StackResource| {
            let service = running.iter().find(|it| Some(&it.arn) == resource.physical_id.as_ref())?;
            Some((resource.logical_id.clone(), service.desired))
        };
        self.counts = resources.iter().filter_map(count).collect();
    }
}
