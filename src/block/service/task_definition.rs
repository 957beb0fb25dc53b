//! The task definition and its logs.

use super::{FargateService, containers};
use crate::block::lowering::{Lowering, RecordOrigin};
use crate::block::{IntOrRef, log_group};
use crate::cfn;
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::WithOrigin;

/// The smallest size of Fargate.
const CPU_UNITS: i64 = 256;
const MEMORY_MIB: i64 = 512;
const RETENTION_DAYS: i64 = 30;

impl FargateService {
    pub(crate) fn task(&self) -> LogicalId {
        self.part("Task")
    }

    pub(crate) fn logs(&self) -> LogicalId {
        self.part("Logs")
    }

    /// CPU units of a task, where they are known.
    pub(crate) fn cpu_units(&self) -> Option<i64> {
        self.cpu.as_ref().map_or(Some(CPU_UNITS), |cpu| cpu.value.known())
    }

    /// MiB of memory of a task, where they are known.
    pub(crate) fn memory_mib(&self) -> Option<i64> {
        self.memory.as_ref().map_or(Some(MEMORY_MIB), |memory| memory.value.known())
    }
}

pub(super) fn lower(service: &FargateService, scope: &mut Lowering<'_>) {
    let amount = |set: Option<&WithOrigin<IntOrRef>>, default: i64| {
        set.map_or_else(|| TemplateString::from(default.to_string()), |set| set.value.to_text())
    };
    let mut task = Resource::new("AWS::ECS::TaskDefinition", service.name.origin.clone())
        .with("Family", format!("{}-{}", scope.stack, service.name.value.stem()))
        .with("Cpu", amount(service.cpu.as_ref(), CPU_UNITS))
        .with("Memory", amount(service.memory.as_ref(), MEMORY_MIB))
        .with("NetworkMode", "awsvpc")
        .with("RequiresCompatibilities", cfn!(["FARGATE"]))
        .with("ExecutionRoleArn", Ref::attribute(service.part("ExecutionRole"), "Arn"))
        .with("TaskRoleArn", service.task_role_arn())
        .with_some("RuntimePlatform", service.arm64.as_ref().map(|_| arm64()))
        .with_some("EphemeralStorage", service.ephemeral_storage.as_ref().map(|gib| cfn!({ "SizeInGiB": gib.value })))
        .marked("Cpu", service.cpu.as_ref())
        .marked("Memory", service.memory.as_ref())
        .marked("RuntimePlatform", service.arm64.as_ref())
        .marked("EphemeralStorage", service.ephemeral_storage.as_ref());
    let mut definitions = Vec::new();
    for (at, container) in containers::all(service).into_iter().enumerate() {
        let definition = containers::define(container, service, at == 0, scope);
        for (path, origin) in definition.marks {
            task = task.mark(&format!("ContainerDefinitions.{at}{path}"), &origin);
        }
        definitions.push(Value::Map(definition.properties));
    }
    task = task.with("ContainerDefinitions", definitions);
    if !service.efs.is_empty() {
        task = volumes(service, task);
    }
    scope.add(service.task(), task);
    scope.add(service.logs(), log_group(service));
}

fn arm64() -> Value {
    cfn!({ "CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX" })
}

fn volumes(service: &FargateService, mut task: Resource) -> Resource {
    let mut volumes = Vec::new();
    for (at, efs) in service.efs.iter().enumerate() {
        task = task.mark(&format!("Volumes.{at}"), &efs.origin);
        let access = efs.value.access_point.as_ref().map(|id| ("AuthorizationConfig", cfn!({ "AccessPointId": id })));
        let system =
            [("FilesystemId", Value::from(&efs.value.file_system_id)), ("TransitEncryption", "ENABLED".into())];
        let system: cfn::Map = system.into_iter().chain(access).map(|(key, value)| (key.to_owned(), value)).collect();
        volumes.push(cfn!({ "Name": containers::volume(at), "EFSVolumeConfiguration": system }));
    }
    task.with("Volumes", volumes)
}

fn log_group(service: &FargateService) -> Resource {
    let days = service.log_retention.as_ref().map_or(RETENTION_DAYS, |days| days.value);
    log_group::kept_for(days, &service.name.origin).marked("RetentionInDays", service.log_retention.as_ref())
}
