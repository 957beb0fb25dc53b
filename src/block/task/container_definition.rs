//! The containers of a task.

use indexmap::IndexMap;

use super::container_builder::ContainerDefinitionBuilder;
use super::{Container, RestartPolicy, Task, TaskOwner, Ulimit, linux_parameters, logs, mounts, ports};
use crate::block::image::name_in_template;
use crate::block::lowering::Lowering;
use crate::block::{HealthCheck, ImageSource, Probe};
use crate::cfn;
use crate::cfn::{Map, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};
use crate::image::{PinnedImage, Platform};

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
    process(container, &mut made);
    environment(container, if main { &owner.variables } else { &[] }, &mut made);
    ports::define(container, owner, main, &mut made);
    limits(container, &mut made);
    linux_parameters::define(container, owner.task, main, &mut made);
    life(container, owner.task, &mut made);
    mounts::define(container, owner.task, &mut made);
    logs::define(container, owner.task, &mut made);
    made
}

/// Sets what runs in the container, and as whom.
fn process(container: &Container, made: &mut ContainerDefinitionBuilder) {
    made.set("EntryPoint", container.entrypoint.as_ref(), |words| Value::list(words));
    made.set("Command", container.command.as_ref(), |words| Value::list(words));
    made.set("WorkingDirectory", container.working_directory.as_ref(), |path| path.into());
    made.set("User", container.user.as_ref(), |user| user.into());
    made.set("Interactive", container.interactive.as_ref(), |()| true.into());
    made.set("PseudoTerminal", container.pseudo_terminal.as_ref(), |()| true.into());
    made.map("DockerLabels", &container.label);
    // Fargate joins no domain: the specification has the credentials itself ("Using gMSA for Linux containers on Fargate",
    // ECS developer guide).
    made.set("CredentialSpecs", container.credential_spec.as_ref(), |arn| {
        cfn!([TemplateString::from("credentialspecdomainless:").join(arn.clone())])
    });
}

/// Sets what the container may use.
fn limits(container: &Container, made: &mut ContainerDefinitionBuilder) {
    made.set("Cpu", container.cpu.as_ref(), |cpu| cpu.into());
    made.set("Memory", container.memory.as_ref(), |memory| memory.into());
    made.set("MemoryReservation", container.memory_reservation.as_ref(), |memory| memory.into());
    made.set("ReadonlyRootFilesystem", container.read_only_root.as_ref(), |()| true.into());
    let limits = container.ulimit.iter().map(|limit| {
        let Ulimit { name, soft, hard } = &limit.value;
        (cfn!({ "Name": name, "SoftLimit": *soft, "HardLimit": *hard }), &limit.origin)
    });
    made.list("Ulimits", limits.collect());
    let controls = container
        .system_control
        .iter()
        .map(|control| (cfn!({ "Namespace": &control.value.name, "Value": &control.value.value }), &control.origin));
    made.list("SystemControls", controls.collect());
}

/// Sets when the container starts, is started again and stops.
fn life(container: &Container, task: &Task, made: &mut ContainerDefinitionBuilder) {
    made.set("HealthCheck", container.container_health_check.as_ref(), health_check);
    let waits = container.depends_on.iter().map(|wait| {
        let condition = wait.value.condition.to_uppercase();
        (cfn!({ "ContainerName": &wait.value.container, "Condition": condition }), &wait.origin)
    });
    made.list("DependsOn", waits.chain(logs::waits_for_router(container, task)).collect());
    made.set("StartTimeout", container.start_timeout.as_ref(), |seconds| (*seconds).into());
    made.set("StopTimeout", container.stop_timeout.as_ref(), |seconds| (*seconds).into());
    made.set("RestartPolicy", container.restart_policy.as_ref(), restart_policy);
}

fn restart_policy(policy: &RestartPolicy) -> Value {
    let mut properties =
        Map::from_iter([("Enabled".to_owned(), true.into()), ("RestartAttemptPeriod".to_owned(), policy.after.into())]);
    if !policy.ignored_exit_codes.is_empty() {
        properties.insert("IgnoredExitCodes".to_owned(), Value::list(policy.ignored_exit_codes.iter().copied()));
    }
    properties.into()
}

fn image(
    container: &Container,
    owner: &TaskOwner<'_>,
    main: bool,
    made: &mut ContainerDefinitionBuilder,
    lowering: &mut Lowering<'_>,
) {
    made.set(
        "RepositoryCredentials",
        container.registry_credentials.as_ref(),
        |arn| cfn!({ "CredentialsParameter": arn }),
    );
    made.set("VersionConsistency", container.version_consistency.as_ref(), |set| set.as_str().into());
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
        .map(|secret| (cfn!({ "Name": &secret.value.name, "ValueFrom": secret.value.value_from() }), &secret.origin));
    made.list("Secrets", secrets.collect());
    let files = container.env_file.iter().map(|arn| (cfn!({ "Type": "s3", "Value": &arn.value }), &arn.origin));
    made.list("EnvironmentFiles", files.collect());
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
