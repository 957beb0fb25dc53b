//! The task definition and its logs.

use super::{Task, TaskOwner, container_definition, logs, volumes};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::{IntOrRef, log_group};
use crate::cfn;
use crate::cfn::type_names::TASK_DEFINITION;
use crate::cfn::{Resource, TemplateString, Value};

const RETENTION_DAYS: i64 = 30;

impl Task {
    /// Returns the CPU units of a task, if they are known.
    pub(crate) fn cpu_units(&self) -> Option<i64> {
        self.cpu.as_ref().map_or(Some(Self::DEFAULT_CPU), |cpu| cpu.value.literal())
    }

    /// Returns the MiB of memory of a task, if they are known.
    pub(crate) fn memory_mib(&self) -> Option<i64> {
        self.memory.as_ref().map_or(Some(Self::DEFAULT_MEMORY), |memory| memory.value.literal())
    }
}

/// Adds the task definition and the log group.
pub(super) fn lower(owner: &TaskOwner<'_>, lowering: &mut Lowering<'_>) {
    let task = owner.task;
    let mut definition = Resource::new(TASK_DEFINITION, task.name.origin.clone())
        .with("Family", format!("{}-{}", lowering.stack, task.name.value.stem()))
        .set_or("Cpu", &task.cpu, Task::DEFAULT_CPU.to_string(), IntOrRef::to_text)
        .set_or("Memory", &task.memory, Task::DEFAULT_MEMORY.to_string(), IntOrRef::to_text)
        .with("NetworkMode", "awsvpc")
        .with("RequiresCompatibilities", cfn!(["FARGATE"]))
        .with("ExecutionRoleArn", task.execution_role_arn())
        .with("TaskRoleArn", task.task_role_arn())
        .with_origin("ExecutionRoleArn", &task.execution_role)
        .with_origin("TaskRoleArn", &task.task_role)
        .with_some("RuntimePlatform", runtime_platform(task))
        .with_origin("RuntimePlatform", &task.arm64)
        .with_origin("RuntimePlatform.OperatingSystemFamily", &task.operating_system)
        .set("PidMode", &task.pid_mode, |mode| Value::from(mode.as_str()))
        .set("EnableFaultInjection", &task.fault_injection, |()| true)
        .set("EphemeralStorage", &task.ephemeral_storage, |gib| cfn!({ "SizeInGiB": *gib }));
    let router = logs::router(task);
    let mut containers = Vec::new();
    for (at, container) in task.containers().chain(router.as_ref()).enumerate() {
        let made = container_definition::define(container, owner, at == 0, lowering);
        for (path, origin) in made.origins {
            definition = definition.record_origin(&format!("ContainerDefinitions.{at}{path}"), &origin);
        }
        containers.push(Value::Map(made.properties));
    }
    definition = volumes::define(task, definition.with("ContainerDefinitions", containers));
    lowering.add(task.definition_id(), definition);
    lowering.add(task.logs_id(), log_group(task));
}

/// Returns the platform, if the script sets a part of it: ECS then needs both parts on Fargate.
fn runtime_platform(task: &Task) -> Option<Value> {
    if task.arm64.is_none() && task.operating_system.is_none() {
        return None;
    }
    let architecture = if task.arm64.is_some() { "ARM64" } else { "X86_64" };
    let family = task.operating_system.as_ref().map_or("LINUX", |set| set.value.as_str());
    Some(cfn!({ "CpuArchitecture": architecture, "OperatingSystemFamily": family }))
}

pub(super) fn log_group(task: &Task) -> Resource {
    let days = task.log_retention.as_ref().map_or(RETENTION_DAYS, |days| days.value);
    log_group::with_retention(days, &task.name.origin).with_origin("RetentionInDays", &task.log_retention).set(
        "KmsKeyId",
        &task.log_key,
        TemplateString::clone,
    )
}
