//! The task definition and its logs.

use super::{Task, TaskOwner, container_definition, volumes};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::{IntOrRef, log_group};
use crate::cfn;
use crate::cfn::type_names::TASK_DEFINITION;
use crate::cfn::{Resource, Value};

/// The smallest size of Fargate.
const CPU_UNITS: i64 = 256;
const MEMORY_MIB: i64 = 512;
const RETENTION_DAYS: i64 = 30;

impl Task {
    /// Returns the CPU units of a task, if they are known.
    pub(crate) fn cpu_units(&self) -> Option<i64> {
        self.cpu.as_ref().map_or(Some(CPU_UNITS), |cpu| cpu.value.literal())
    }

    /// Returns the MiB of memory of a task, if they are known.
    pub(crate) fn memory_mib(&self) -> Option<i64> {
        self.memory.as_ref().map_or(Some(MEMORY_MIB), |memory| memory.value.literal())
    }
}

/// Adds the task definition and the log group.
pub(super) fn lower(owner: &TaskOwner<'_>, lowering: &mut Lowering<'_>) {
    let task = owner.task;
    let mut definition = Resource::new(TASK_DEFINITION, task.name.origin.clone())
        .with("Family", format!("{}-{}", lowering.stack, task.name.value.stem()))
        .set_or("Cpu", &task.cpu, CPU_UNITS.to_string(), IntOrRef::to_text)
        .set_or("Memory", &task.memory, MEMORY_MIB.to_string(), IntOrRef::to_text)
        .with("NetworkMode", "awsvpc")
        .with("RequiresCompatibilities", cfn!(["FARGATE"]))
        .with("ExecutionRoleArn", task.execution_role_arn())
        .with("TaskRoleArn", task.task_role_arn())
        .set("RuntimePlatform", &task.arm64, |()| arm64())
        .set("EphemeralStorage", &task.ephemeral_storage, |gib| cfn!({ "SizeInGiB": *gib }));
    let mut containers = Vec::new();
    for (at, container) in task.containers().enumerate() {
        let made = container_definition::define(container, owner, at == 0, lowering);
        for (path, origin) in made.origins {
            definition = definition.record_origin(&format!("ContainerDefinitions.{at}{path}"), &origin);
        }
        containers.push(Value::Map(made.properties));
    }
    definition = volumes_of(task, definition.with("ContainerDefinitions", containers));
    lowering.add(task.definition_id(), definition);
    lowering.add(task.logs_id(), log_group(task));
}

fn arm64() -> Value {
    cfn!({ "CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX" })
}

fn volumes_of(task: &Task, mut definition: Resource) -> Resource {
    let mut volumes = Vec::new();
    for (at, efs) in volumes::file_systems(task).into_iter().enumerate() {
        definition = definition.record_origin(&format!("Volumes.{at}"), &efs.origin);
        let access = efs.value.access_point.as_ref().map(|id| ("AuthorizationConfig", cfn!({ "AccessPointId": id })));
        let system =
            [("FilesystemId", Value::from(&efs.value.file_system_id)), ("TransitEncryption", "ENABLED".into())];
        let system: cfn::Map = system.into_iter().chain(access).map(|(key, value)| (key.to_owned(), value)).collect();
        volumes.push(cfn!({ "Name": volumes::name_of(task, &efs.value), "EFSVolumeConfiguration": system }));
    }
    if volumes.is_empty() { definition } else { definition.with("Volumes", volumes) }
}

fn log_group(task: &Task) -> Resource {
    let days = task.log_retention.as_ref().map_or(RETENTION_DAYS, |days| days.value);
    log_group::with_retention(days, &task.name.origin).with_origin("RetentionInDays", &task.log_retention)
}
