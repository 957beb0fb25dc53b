//! The task definition and its logs.

use std::rc::Rc;

use super::{FargateService, containers};
use crate::block::lowering::{Lowering, SetProperty};
use crate::block::{IntOrRef, log_group};
use crate::cfn;
use crate::cfn::type_names::TASK_DEFINITION;
use crate::cfn::{LogicalId, Ref, Resource, Value};

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

    /// Returns the CPU units of a task, if they are known.
    pub(crate) fn cpu_units(&self) -> Option<i64> {
        self.cpu.as_ref().map_or(Some(CPU_UNITS), |cpu| cpu.value.literal())
    }

    /// Returns the MiB of memory of a task, if they are known.
    pub(crate) fn memory_mib(&self) -> Option<i64> {
        self.memory.as_ref().map_or(Some(MEMORY_MIB), |memory| memory.value.literal())
    }
}

pub(super) fn lower(service: &Rc<FargateService>, lowering: &mut Lowering<'_>) {
    let mut task = Resource::new(TASK_DEFINITION, service.name.origin.clone())
        .with("Family", format!("{}-{}", lowering.stack, service.name.value.stem()))
        .set_or("Cpu", &service.cpu, CPU_UNITS.to_string(), IntOrRef::to_text)
        .set_or("Memory", &service.memory, MEMORY_MIB.to_string(), IntOrRef::to_text)
        .with("NetworkMode", "awsvpc")
        .with("RequiresCompatibilities", cfn!(["FARGATE"]))
        .with("ExecutionRoleArn", Ref::attribute(service.part("ExecutionRole"), "Arn"))
        .with("TaskRoleArn", service.task_role_arn())
        .set("RuntimePlatform", &service.arm64, |()| arm64())
        .set("EphemeralStorage", &service.ephemeral_storage, |gib| cfn!({ "SizeInGiB": *gib }));
    let mut definitions = Vec::new();
    for (at, container) in containers::all(service).into_iter().enumerate() {
        let definition = containers::define(container, service, at == 0, lowering);
        for (path, origin) in definition.origins {
            task = task.record_origin(&format!("ContainerDefinitions.{at}{path}"), &origin);
        }
        definitions.push(Value::Map(definition.properties));
    }
    task = task.with("ContainerDefinitions", definitions);
    if !service.efs.is_empty() {
        task = volumes(service, task);
    }
    lowering.add(service.task(), task);
    lowering.add(service.logs(), log_group(service));
}

fn arm64() -> Value {
    cfn!({ "CpuArchitecture": "ARM64", "OperatingSystemFamily": "LINUX" })
}

fn volumes(service: &FargateService, mut task: Resource) -> Resource {
    let mut volumes = Vec::new();
    for (at, efs) in service.efs.iter().enumerate() {
        task = task.record_origin(&format!("Volumes.{at}"), &efs.origin);
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
    log_group::with_retention(days, &service.name.origin).with_origin("RetentionInDays", &service.log_retention)
}
