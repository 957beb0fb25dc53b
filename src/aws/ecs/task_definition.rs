use aws_sdk_ecs::operation::describe_task_definition::DescribeTaskDefinitionOutput;
use aws_sdk_ecs::operation::register_task_definition::builders::RegisterTaskDefinitionFluentBuilder;
use aws_sdk_ecs::types as sdk;

use crate::aws::convert::non_empty;
use crate::deploy::api::{
    ApiCall, AwsError, ContainerDefinition, ContainerOverride, ErrorKind, LogDestination, TaskDefinition,
};

pub(super) fn definition(definition: sdk::TaskDefinition) -> TaskDefinition {
    TaskDefinition {
        arn: definition.task_definition_arn.unwrap_or_default(),
        status: definition.status.map(|status| status.as_str().to_owned()).unwrap_or_default(),
        cpu: non_empty(definition.cpu),
        memory: non_empty(definition.memory),
        containers: definition.container_definitions.into_iter().flatten().map(container).collect(),
    }
}

fn container(container: sdk::ContainerDefinition) -> ContainerDefinition {
    let ports = container.port_mappings.into_iter().flatten().filter_map(|mapping| mapping.container_port);
    let environment = container.environment.into_iter().flatten();
    ContainerDefinition {
        name: container.name.unwrap_or_default(),
        image: container.image.unwrap_or_default(),
        essential: container.essential.unwrap_or(true), // "By default, a container is essential" (API reference)
        ports: ports.filter_map(|port| u16::try_from(port).ok()).collect(),
        environment: environment.filter_map(|pair| Some((pair.name?, pair.value.unwrap_or_default()))).collect(),
        log: container.log_configuration.and_then(log),
    }
}

/// Returns the log destination. Without a prefix the driver names streams by Docker's ids, which cannot be looked up.
fn log(configuration: sdk::LogConfiguration) -> Option<LogDestination> {
    let is_awslogs = configuration.log_driver == sdk::LogDriver::Awslogs;
    let mut options = configuration.options.filter(|_| is_awslogs)?;
    Some(LogDestination { group: options.remove("awslogs-group")?, prefix: options.remove("awslogs-stream-prefix")? })
}

/// Returns the request that registers the next revision: the described one with the edits.
pub(super) fn next(
    call: RegisterTaskDefinitionFluentBuilder,
    described: DescribeTaskDefinitionOutput,
    edits: &[ContainerOverride],
) -> Result<RegisterTaskDefinitionFluentBuilder, AwsError> {
    let old = described.task_definition.unwrap_or_else(|| sdk::TaskDefinition::builder().build());
    let mut containers = old.container_definitions.unwrap_or_default();
    for edit in edits {
        let container = containers.iter_mut().find(|one| one.name.as_deref() == Some(&edit.container));
        apply(container.ok_or_else(|| no_container(&edit.container))?, edit);
    }
    Ok(call
        .set_family(old.family)
        .set_task_role_arn(old.task_role_arn)
        .set_execution_role_arn(old.execution_role_arn)
        .set_network_mode(old.network_mode)
        .set_container_definitions(Some(containers))
        .set_volumes(old.volumes)
        .set_placement_constraints(old.placement_constraints)
        .set_requires_compatibilities(old.requires_compatibilities)
        .set_cpu(old.cpu)
        .set_memory(old.memory)
        .set_pid_mode(old.pid_mode)
        .set_ipc_mode(old.ipc_mode)
        .set_proxy_configuration(old.proxy_configuration)
        .set_ephemeral_storage(old.ephemeral_storage)
        .set_runtime_platform(old.runtime_platform)
        .set_enable_fault_injection(old.enable_fault_injection)
        .set_tags(own_tags(described.tags)))
}

/// Returns the user's tags. Those that begin with `aws:` are set by CloudFormation and cannot be set by a request.
fn own_tags(tags: Option<Vec<sdk::Tag>>) -> Option<Vec<sdk::Tag>> {
    let is_own = |tag: &sdk::Tag| !tag.key.as_deref().unwrap_or_default().to_ascii_lowercase().starts_with("aws:");
    let own: Vec<_> = tags.into_iter().flatten().filter(is_own).collect();
    (!own.is_empty()).then_some(own)
}

fn apply(container: &mut sdk::ContainerDefinition, edit: &ContainerOverride) {
    if let Some(image) = &edit.image {
        container.image = Some(image.clone());
    }
    let environment = container.environment.get_or_insert_default();
    let is_edited = |name: &String| edit.unset.contains(name) || edit.set.contains_key(name);
    environment.retain(|pair| !pair.name.as_ref().is_some_and(is_edited));
    let pair = |(name, value): (&String, &String)| sdk::KeyValuePair::builder().name(name).value(value).build();
    environment.extend(edit.set.iter().map(pair));
}

fn no_container(name: &str) -> AwsError {
    let message = format!("the task definition has no container `{name}`");
    AwsError::new(ErrorKind::Validation, ApiCall::RegisterTaskDefinition, "ContainerNotFound", message)
}
