//! The containers of a task.

use indexmap::IndexMap;

use super::{Container, Secret, Task, TaskOwner, volumes};
use crate::block::image::name_in_template;
use crate::block::lowering::Lowering;
use crate::block::{HealthCheck, ImageSource, Probe};
use crate::cfn;
use crate::cfn::{Map, Ref, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};
use crate::image::{PinnedImage, Platform};

/// A container definition with the places of its properties, relative to it: `.Image`.
pub(super) struct ContainerDefinitionBuilder {
    pub(super) properties: Map,
    pub(super) origins: Vec<(String, Origin)>,
}

impl ContainerDefinitionBuilder {
    fn put(&mut self, name: &str, value: impl Into<Value>) {
        self.properties.insert(name.to_owned(), value.into());
    }

    fn mark(&mut self, path: String, origin: &Origin) {
        self.origins.push((path, origin.clone()));
    }

    fn set<T>(&mut self, name: &str, setting: Option<&WithOrigin<T>>, value: impl FnOnce(&T) -> Value) {
        if let Some(setting) = setting {
            self.put(name, value(&setting.value));
            self.mark(format!(".{name}"), &setting.origin);
        }
    }

    /// Sets a list whose items have origins of their own.
    fn list(&mut self, name: &str, items: Vec<(Value, &Origin)>) {
        if items.is_empty() {
            return;
        }
        for (at, (_, origin)) in items.iter().enumerate() {
            self.mark(format!(".{name}.{at}"), origin);
        }
        self.put(name, items.into_iter().map(|(item, _)| item).collect::<Vec<_>>());
    }
}

/// Defines a container of a task.
pub(super) fn define(
    container: &Container,
    owner: &TaskOwner<'_>,
    main: bool,
    lowering: &mut Lowering<'_>,
) -> ContainerDefinitionBuilder {
    let mut made = ContainerDefinitionBuilder { properties: Map::new(), origins: Vec::new() };
    made.mark(String::new(), &container.name.origin);
    made.put("Name", container.name.value.as_str());
    image(container, owner, main, &mut made, lowering);
    made.put("Essential", container.essential.as_ref().is_none_or(|essential| essential.value));
    made.origins.extend(container.essential.iter().map(|set| (".Essential".to_owned(), set.origin.clone())));
    made.set("EntryPoint", container.entrypoint.as_ref(), |words| Value::list(words));
    made.set("Command", container.command.as_ref(), |words| Value::list(words));
    made.set("User", container.user.as_ref(), |user| user.into());
    made.set("Cpu", container.cpu.as_ref(), |cpu| cpu.into());
    made.set("Memory", container.memory.as_ref(), |memory| memory.into());
    environment(container, if main { &owner.variables } else { &[] }, &mut made);
    port(container, owner, main, &mut made);
    made.set("ReadonlyRootFilesystem", container.read_only_root.as_ref(), |()| true.into());
    made.set("HealthCheck", container.container_health_check.as_ref(), health_check);
    let waits = container.depends_on.iter().map(|wait| {
        let condition = wait.value.condition.to_uppercase();
        (cfn!({ "ContainerName": &wait.value.container, "Condition": condition }), &wait.origin)
    });
    made.list("DependsOn", waits.collect());
    made.set("StopTimeout", container.stop_timeout.as_ref(), |seconds| (*seconds).into());
    if main {
        made.set("LinuxParameters", owner.task.exec.as_ref(), |()| cfn!({ "InitProcessEnabled": true }));
    }
    let mounts = container.efs.iter().map(|efs| {
        let volume = volumes::name_of(owner.task, &efs.value);
        (cfn!({ "SourceVolume": volume, "ContainerPath": &efs.value.path, "ReadOnly": false }), &efs.origin)
    });
    made.list("MountPoints", mounts.collect());
    made.put("LogConfiguration", logs(owner.task));
    made
}

fn image(
    container: &Container,
    owner: &TaskOwner<'_>,
    main: bool,
    made: &mut ContainerDefinitionBuilder,
    lowering: &mut Lowering<'_>,
) {
    let problem = match &container.image {
        Some(WithOrigin { value, origin }) => {
            made.mark(".Image".to_owned(), origin);
            if let Some(name) = name_of_image(value, owner.task, lowering) {
                made.put("Image", name);
            }
            return;
        }
        None => {
            let name = &owner.task.name.value;
            let message = if main {
                format!("the {} `{name}` has no image", owner.noun)
            } else {
                format!("the container `{}` of `{name}` has no image", container.name.value)
            };
            Diagnostic::new(Code::MissingImage, message)
                .at(&container.name.origin, "")
                .help("add one: `.image(\"registry/name:tag\")`")
        }
    };
    lowering.report(problem);
}

/// Returns the name of an image in the template, and adds what a deployment does before; none if the image cannot be read.
fn name_of_image(image: &ImageSource, task: &Task, lowering: &mut Lowering<'_>) -> Option<TemplateString> {
    let required = match image {
        ImageSource::Pulled(name) => return Some(name.clone()),
        ImageSource::Registry(image) => {
            if let (Some(pin), Some(name)) = (&image.pin, image.name.value.as_str()) {
                lowering.add_pinned(PinnedImage { name: name.to_owned(), origin: pin.origin.clone() });
            }
            return Some(image.name.value.clone());
        }
        ImageSource::Built(image) => {
            let platform = if task.arm64.is_some() { Platform::Arm64 } else { Platform::Amd64 };
            let set_at = task.arm64.as_ref().map_or(&task.name.origin, |arm64| &arm64.origin);
            lowering.report_all(image.problems(platform, set_at));
            image.required(platform)?
        }
        ImageSource::Archived(image) => image.required()?,
    };
    let name = name_in_template(&required);
    lowering.add_image(required);
    Some(name)
}

/// Sets the variables of the script, then those of the owner of the task, each name once.
fn environment(container: &Container, added: &[(&str, String, &Origin)], made: &mut ContainerDefinitionBuilder) {
    let mut variables: IndexMap<&str, (TemplateString, &Origin)> = IndexMap::new();
    for variable in &container.env {
        variables.insert(&variable.value.name, (variable.value.value.clone(), &variable.origin));
    }
    variables.extend(added.iter().map(|(name, value, origin)| (*name, (TemplateString::from(value.clone()), *origin))));
    let items = variables.into_iter().map(|(name, (value, origin))| (cfn!({ "Name": name, "Value": value }), origin));
    made.list("Environment", items.collect());
    let secrets = container
        .secret
        .iter()
        .map(|secret| (cfn!({ "Name": &secret.value.name, "ValueFrom": value_from(&secret.value) }), &secret.origin));
    made.list("Secrets", secrets.collect());
}

/// Returns the reference to a secret; `arn:key::` selects a key of a JSON secret (ECS Developer Guide, "Pass Secrets
/// Manager secrets").
fn value_from(secret: &Secret) -> TemplateString {
    match &secret.json_key {
        Some(key) => secret.arn.clone().with(format!(":{key}::")),
        None => secret.arn.clone(),
    }
}

fn port(container: &Container, owner: &TaskOwner<'_>, main: bool, made: &mut ContainerDefinitionBuilder) {
    let listens = if main { owner.port } else { container.port.as_ref().map(|port| port.value) };
    let Some(port) = listens else { return };
    let mut mapping = Map::new();
    if main && owner.connects {
        mapping.insert("Name".to_owned(), container.name.value.as_str().into());
        mapping.insert("AppProtocol".to_owned(), "http".into());
    }
    mapping.insert("ContainerPort".to_owned(), port.into());
    mapping.insert("Protocol".to_owned(), "tcp".into());
    made.put("PortMappings", vec![Value::Map(mapping)]);
    made.origins.extend(container.port.iter().map(|set| (".PortMappings".to_owned(), set.origin.clone())));
}

fn health_check(check: &HealthCheck) -> Value {
    let command = match &check.probe.value {
        Probe::Text(line) => cfn!(["CMD-SHELL", line]),
        Probe::Command(words) => {
            let named = words.first().and_then(TemplateString::as_str).is_some_and(|word| word.starts_with("CMD"));
            let prefix = (!named).then(|| TemplateString::from("CMD"));
            Value::list(prefix.into_iter().chain(words.iter().cloned()))
        }
    };
    let mut properties = Map::from_iter([("Command".to_owned(), command)]);
    let numbers = [
        ("Interval", &check.interval),
        ("Timeout", &check.timeout),
        ("Retries", &check.unhealthy),
        ("StartPeriod", &check.start_period),
    ];
    for (name, number) in numbers {
        properties.extend(number.as_ref().map(|number| (name.to_owned(), number.value.into())));
    }
    properties.into()
}

fn logs(task: &Task) -> Value {
    cfn!({
        "LogDriver": "awslogs",
        "Options": cfn!({
            "awslogs-group": Ref::to(task.logs_id()),
            "awslogs-region": Ref::to("AWS::Region"),
            "awslogs-stream-prefix": task.name.value.as_str(),
        }),
    })
}
