//! The resources of a template that a service's tasks are made of.

use super::explanation::{BlamedResource, Explanation};
use crate::cfn::type_names::{EXPRESS_SERVICE, TARGET_GROUP, TASK_DEFINITION};
use crate::cfn::{LogicalId, PropertyPath, Resource, Template, Value};
use crate::deploy::monitor::{Diagnosis, TaskFailure};

/// The resources that a service's tasks are made of.
pub(super) struct TaskResources<'t> {
    message: &'t str,
    service: Option<&'t Resource>,
    task: Option<&'t Resource>,
    target_group: Option<&'t Resource>,
    /// The position of the container that failed.
    container: usize,
}

impl<'t> TaskResources<'t> {
    pub(super) fn of(template: &'t Template, diagnosis: &'t Diagnosis) -> Self {
        let service = template.resources.get(diagnosis.service.as_str());
        let referred = |property: &str| referred(template, service?.properties.get(property)?);
        let is_task = |it: &&Resource| it.kind.as_str() == TASK_DEFINITION;
        // A job has a task definition and no service.
        let task = service.filter(is_task).or_else(|| referred("TaskDefinition").filter(is_task));
        let group = referred("LoadBalancers");
        let cause = &diagnosis.cause;
        Self {
            message: &cause.message,
            service,
            task,
            target_group: group.filter(|it| it.kind.as_str() == TARGET_GROUP),
            container: task.and_then(|task| container(task, cause)).unwrap_or(0),
        }
    }

    /// Returns the resource and the property that set what failed: the first property that the template has.
    pub(super) fn blamed(&self, explanation: &Explanation) -> Option<(&'t Resource, PropertyPath)> {
        let named = match explanation.resource {
            BlamedResource::TargetGroup => self.target_group.or(self.express().and(self.service)),
            BlamedResource::Service => self.service,
            BlamedResource::TaskDefinition => None,
        };
        let resource = named.or(self.task).or(self.service)?;
        let paths = explanation.properties.iter().filter_map(|property| self.path(property));
        let found = paths.into_iter().find(|path| has(resource, path));
        Some((resource, found.map_or_else(|| PropertyPath(Vec::new()), |path| PropertyPath::property(&path))))
    }

    /// Returns the image of the container if it is literal.
    pub(super) fn image(&self) -> Option<&'t str> {
        self.containers()?.get(self.container)?.get("Image")?.as_str()
    }

    /// Returns the path of the health check if it is literal.
    pub(super) fn health_check_path(&self) -> Option<&'t str> {
        let express = self.express().and(self.service);
        self.target_group.or(express)?.properties.get("HealthCheckPath")?.as_str()
    }

    /// Returns the grace period of the service in seconds if it is literal.
    pub(super) fn grace_period(&self) -> Option<i64> {
        self.service?.properties.get("HealthCheckGracePeriodSeconds")?.as_int()
    }

    /// Returns the path of a property in the table: `{container}` is the container that failed, `{secret}` the secret that
    /// AWS's message names, and `{hook}` the hook of the stage that it names, if any.
    fn path(&self, property: &str) -> Option<String> {
        if property == "{secret}" {
            return self.secret();
        }
        if property == "{hook}" {
            return self.hook();
        }
        Some(property.replace("{container}", &self.container_path()))
    }

    /// Returns the path of the container that failed.
    fn container_path(&self) -> String {
        match self.express() {
            Some(_) => "PrimaryContainer".to_owned(),
            None => format!("ContainerDefinitions.{}", self.container),
        }
    }

    /// Returns the container of a service of Express Mode, which has no task definition.
    fn express(&self) -> Option<&'t Value> {
        self.service.filter(|service| service.kind.as_str() == EXPRESS_SERVICE)?.properties.get("PrimaryContainer")
    }

    fn hook(&self) -> Option<String> {
        let hooks = self.service?.properties.get("DeploymentConfiguration")?.get("LifecycleHooks")?.as_list()?;
        let words: Vec<&str> =
            self.message.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_').collect();
        let is_named = |hook: &Value| {
            let stages = hook.get("LifecycleStages").and_then(Value::as_list).unwrap_or_default();
            stages.iter().filter_map(Value::as_str).any(|stage| words.contains(&stage))
        };
        let position = hooks.iter().position(is_named)?;
        Some(format!("DeploymentConfiguration.LifecycleHooks.{position}"))
    }

    fn secret(&self) -> Option<String> {
        self.containers()?.iter().enumerate().find_map(|(at, container)| {
            let secrets = container.get("Secrets")?.as_list()?;
            let is_named = |secret: &Value| {
                let text = |key: &str| secret.get(key).and_then(Value::as_str);
                text("ValueFrom").or(text("Name")).is_some_and(|text| self.message.contains(text))
            };
            let position = secrets.iter().position(is_named)?;
            let container =
                self.express().map_or_else(|| format!("ContainerDefinitions.{at}"), |_| self.container_path());
            Some(format!("{container}.Secrets.{position}"))
        })
    }

    fn containers(&self) -> Option<&'t [Value]> {
        if let Some(container) = self.express() {
            return Some(std::slice::from_ref(container));
        }
        self.task?.properties.get("ContainerDefinitions")?.as_list()
    }
}

/// Returns the position of the container that failed: by its name, else by its image in AWS's message.
fn container(task: &Resource, cause: &TaskFailure) -> Option<usize> {
    let containers = task.properties.get("ContainerDefinitions")?.as_list()?;
    let text = |container: &Value, key: &str| container.get(key).and_then(Value::as_str).map(str::to_owned);
    let by_name = |container: &Value| cause.container.is_some() && text(container, "Name") == cause.container;
    let by_image = |container: &Value| text(container, "Image").is_some_and(|image| cause.message.contains(&image));
    containers.iter().position(by_name).or_else(|| containers.iter().position(by_image))
}

/// Returns the first resource that a value refers to.
fn referred<'t>(template: &'t Template, value: &Value) -> Option<&'t Resource> {
    let mut found: Option<LogicalId> = None;
    value.each_ref(&mut |reference| {
        found.get_or_insert_with(|| reference.id.clone());
    });
    template.resources.get(&found?)
}

/// Returns whether a resource has a property at this path.
fn has(resource: &Resource, path: &str) -> bool {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let mut value = resource.properties.get(name);
    for step in rest.split('.').filter(|step| !step.is_empty()) {
        value = value.and_then(|value| match step.parse::<usize>() {
            Ok(at) => value.as_list()?.get(at),
            Err(_) => value.get(step),
        });
    }
    value.is_some()
}
