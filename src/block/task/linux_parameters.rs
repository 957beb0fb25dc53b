//! The Linux parameters of a container.
//!
//! Sources: `LinuxParameters` and `KernelCapabilities` of the ECS API; "Amazon ECS task definition differences for Fargate" of the
//! ECS developer guide (the only capability to add is `SYS_PTRACE`; no devices, shared memory, swap or tmpfs).

use super::container_builder::ContainerDefinitionBuilder;
use super::{Container, LinuxParameter, Task};
use crate::cfn::{Map, Value};
use crate::diag::{Code, Diagnostic, WithOrigin, did_you_mean};

const INIT: &str = "InitProcessEnabled";
const ADD: &str = "Capabilities.Add";
const DROP: &str = "Capabilities.Drop";
const CAPABILITY_TO_ADD: &str = "SYS_PTRACE";
/// The parameters that Fargate does not take, each with what to do instead.
const UNSUPPORTED: [(&str, &str); 5] = [
    ("Devices", "tasks on Fargate have no devices of a host"),
    ("SharedMemorySize", "keep the data in a volume of the task: `.volume(name)` and `.mount(name, path)`"),
    ("Tmpfs", "mount a volume of the task at the path: `.volume(name)` and `.mount(name, path)`"),
    ("MaxSwap", "tasks on Fargate have no swap; increase the memory"),
    ("Swappiness", "tasks on Fargate have no swap; increase the memory"),
];

impl LinuxParameter {
    /// The parameters that Fargate takes.
    pub const NAMES: [&'static str; 3] = [INIT, ADD, DROP];
}

/// Sets the parameters. ECS Exec needs the init process, which removes the processes of closed sessions ("Considerations for
/// using ECS Exec" of the ECS developer guide).
pub(super) fn define(container: &Container, task: &Task, main: bool, made: &mut ContainerDefinitionBuilder) {
    let mut parameters = Map::new();
    let exec = task.exec.as_ref().filter(|_| main);
    if let Some(origin) = exec.map(|set| &set.origin) {
        parameters.insert(INIT.to_owned(), true.into());
        made.mark(".LinuxParameters".to_owned(), origin);
    }
    for parameter in settings(container, INIT) {
        parameters.insert(INIT.to_owned(), parameter.value.value.clone());
        made.mark(format!(".LinuxParameters.{INIT}"), &parameter.origin);
    }
    let mut capabilities = Map::new();
    for path in [ADD, DROP] {
        let names: Vec<Value> = settings(container, path).flat_map(|set| listed(&set.value.value)).collect();
        let key = path.trim_start_matches("Capabilities.");
        if let Some(first) = settings(container, path).next() {
            capabilities.insert(key.to_owned(), names.into());
            made.mark(format!(".LinuxParameters.{path}"), &first.origin);
        }
    }
    if !capabilities.is_empty() {
        parameters.insert("Capabilities".to_owned(), capabilities.into());
    }
    if !parameters.is_empty() {
        made.put("LinuxParameters", parameters);
    }
}

/// Returns the settings of one parameter.
fn settings<'c>(container: &'c Container, name: &'static str) -> impl Iterator<Item = &'c WithOrigin<LinuxParameter>> {
    container.linux_parameter.iter().filter(move |set| set.value.name == name)
}

/// Returns the items of a list, or the one value.
fn listed(value: &Value) -> Vec<Value> {
    value.as_list().map_or_else(|| vec![value.clone()], <[Value]>::to_vec)
}

/// Returns the problems of the Linux parameters of a container.
pub(super) fn problems(container: &Container) -> impl Iterator<Item = Diagnostic> {
    container.linux_parameter.iter().filter_map(problem)
}

fn problem(set: &WithOrigin<LinuxParameter>) -> Option<Diagnostic> {
    let LinuxParameter { name, value } = &set.value;
    let wrong = |message: String| Some(Diagnostic::new(Code::ContainerSetting, message).at(&set.origin, ""));
    if let Some((_, instead)) = UNSUPPORTED.iter().find(|(known, _)| known == name) {
        let problem = Diagnostic::new(Code::FargateUnsupported, format!("Fargate does not take `{name}`"));
        return Some(problem.at(&set.origin, "").help(*instead));
    }
    match name.as_str() {
        INIT if matches!(value, Value::Bool(_)) => None,
        INIT => wrong(format!("`{INIT}` is `true` or `false`")),
        ADD => {
            let other = listed(value).into_iter().find(|name| name.as_str() != Some(CAPABILITY_TO_ADD))?;
            let message = format!("Fargate does not add the capability {}", shown(&other));
            wrong(message)?.help(format!("`{CAPABILITY_TO_ADD}` is the only one that a container may get")).into()
        }
        DROP => {
            let other = listed(value).into_iter().find(|name| name.as_str().is_none())?;
            wrong(format!("a capability is a text such as `NET_RAW`, not {}", shown(&other)))
        }
        _ => {
            let problem = wrong(format!("`{name}` is not a Linux parameter"))?;
            let known = LinuxParameter::NAMES.into_iter().chain(UNSUPPORTED.iter().map(|(name, _)| *name));
            Some(
                problem
                    .help_if(did_you_mean(name, known))
                    .help(format!("use one of {}", LinuxParameter::NAMES.join(", "))),
            )
        }
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| "that is given".to_owned(), |text| format!("`{text}`"))
}
