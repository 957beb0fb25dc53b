//! The task definition: size, platform, volumes and containers.
//!
//! Source: `AWS::ECS::TaskDefinition` of the CloudFormation template reference.

use serde_json::Value as Json;

use super::properties::{Properties, literal};
use super::{ServiceWriter, ports};
use crate::importers::draft::Draft;
use crate::importers::names::block_name;
use crate::importers::writer::Expr;

impl ServiceWriter<'_> {
    /// Sets what the task definition says. `served` is the container and the port that requests come to.
    pub(super) fn task(&mut self, block: &str, served: (Option<&str>, Option<i64>), draft: &mut Draft) {
        let parts = self.parts;
        let task = Properties::of(&parts.task_definition);
        let containers: Vec<&Json> = task.items("ContainerDefinitions").collect();
        let main = main_container(&containers, served.0);
        for container in &containers {
            if std::ptr::eq(*container, main) {
                self.main_container(container, block, served.1, draft);
            }
        }
        size(&task, draft);
        roles(&task, draft);
        for volume in task.items("Volumes") {
            let name = literal(&volume["Name"]);
            let settings = Properties::of(volume);
            settings.skip(&["Name"]);
            let rest: Vec<(String, Expr)> =
                settings.rest().into_iter().map(|(key, value)| (key.to_owned(), literal(value))).collect();
            draft.set("volume", [name].into_iter().chain((!rest.is_empty()).then_some(Expr::Map(rest))));
        }
        for container in containers.iter().filter(|container| !std::ptr::eq(**container, main)) {
            self.sidecar(container, draft);
        }
        task.skip(&["Family", "TaskDefinitionArn", "NetworkMode", "RequiresCompatibilities", "Tags"]);
        for (key, value) in task.rest() {
            draft.set("override", [Expr::text("TaskDefinition"), Expr::text(key), literal(value)]);
        }
    }

    fn main_container(&mut self, container: &Json, block: &str, port: Option<i64>, draft: &mut Draft) {
        draft.set("image", [literal(&container["Image"])]);
        let name = container["Name"].as_str().unwrap_or_default();
        if block_name(name) != name {
            draft.note(0, format!("the container `{name}` is `{block}` in the script: names of blocks have letters, digits and hyphens"));
        } else if name != block {
            draft.set_text("container_name", name);
        }
        ports::write(container, port, draft);
        if container["Essential"] == false {
            draft.note(0, format!("the container `{name}` is not essential; in the script the task ends with it"));
        }
        let mut inner = Draft::new(draft.file());
        self.container(container, &mut inner, draft);
        draft.take(inner);
    }

    fn sidecar(&mut self, container: &Json, draft: &mut Draft) {
        let name = container["Name"].as_str().unwrap_or_default();
        let mut inner = Draft::new(draft.file());
        inner.set("image", [literal(&container["Image"])]);
        for (key, setter) in [("Cpu", "cpu"), ("Memory", "memory")] {
            if let Some(number) = super::properties::int(&container[key]).filter(|number| *number > 0) {
                inner.set_int(setter, number);
            }
        }
        if container["Essential"] == false {
            inner.set("essential", [Expr::Bool(false)]);
        }
        ports::write(container, None, &mut inner);
        self.container(container, &mut inner, draft);
        if block_name(name) != name {
            inner.note(0, format!("the container `{name}` is `{}` in the script", block_name(name)));
        }
        draft.notes.append(&mut inner.notes);
        draft.set("sidecar", [inner.expression(Expr::call("Container", [Expr::text(block_name(name))]))]);
    }
}

/// Keeps the role of the program. The stack makes another execution role: the running one may write to its own log group only.
fn roles(task: &Properties<'_>, draft: &mut Draft) {
    if let Some(role) = task.text("TaskRoleArn") {
        draft.set_text("task_role", role);
    }
    if let Some(role) = task.text("ExecutionRoleArn") {
        let text =
            format!("the stack makes an execution role with what the task needs; the running service has {role}");
        draft.note(0, text);
    }
}

/// Returns the container that requests come to, else the first essential one, else the first.
fn main_container<'j>(containers: &[&'j Json], served: Option<&str>) -> &'j Json {
    let named = containers.iter().find(|container| served.is_some() && container["Name"].as_str() == served);
    let essential = || containers.iter().find(|container| container["Essential"] != false);
    named.or_else(essential).or(containers.first()).copied().unwrap_or(&Json::Null)
}

/// Sets the size and the platform. Without them a block has 256 CPU units, 512 MiB and Linux on x86.
fn size(task: &Properties<'_>, draft: &mut Draft) {
    for (key, setter) in [("Cpu", "cpu"), ("Memory", "memory")] {
        if let Some(number) = task.int(key) {
            draft.set_int(setter, number);
        }
    }
    if let Some(platform) = task.get("RuntimePlatform") {
        if platform["CpuArchitecture"] == "ARM64" {
            draft.set("arm64", []);
        }
        if let Some(system) = platform["OperatingSystemFamily"].as_str().filter(|system| *system != "LINUX") {
            draft.set_text("operating_system", system);
        }
    }
    if let Some(size) = task.get("EphemeralStorage").and_then(|storage| super::properties::int(&storage["SizeInGiB"])) {
        draft.set_int("ephemeral_storage", size);
    }
    if task.text("PidMode") == Some("task") {
        draft.set_text("pid_mode", "task");
    }
    if task.is_true("EnableFaultInjection") {
        draft.set("fault_injection", []);
    }
}
