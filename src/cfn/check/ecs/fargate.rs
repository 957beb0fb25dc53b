//! Checks of what Fargate supports.

use super::{LaunchType, task_launch};
use crate::cfn::Value;
use crate::cfn::check::context::{CheckContext, ResourceEntry};
use crate::diag::{Code, Diagnostic, Sink};

const WINDOWS_CPU: [i64; 3] = [1024, 2048, 4096];

/// Settings of a task or container that need an instance of one's own, with what is allowed of them.
const UNSUPPORTED: [(&str, &str); 4] = [
    ("PlacementConstraints", "Fargate chooses where tasks run"),
    ("IpcMode", "tasks on Fargate share no memory with others"),
    ("InferenceAccelerators", "Fargate has no accelerators"),
    ("ProxyConfiguration.Links", "links need the network mode `bridge`"),
];

const UNSUPPORTED_IN_CONTAINER: [&str; 9] = [
    "Links",
    "DisableNetworking",
    "DnsSearchDomains",
    "DnsServers",
    "DockerSecurityOptions",
    "ExtraHosts",
    "Hostname",
    "LinuxParameters.Devices",
    "LinuxParameters.SharedMemorySize",
];

const LOG_DRIVERS: [&str; 3] = ["awslogs", "splunk", "awsfirelens"];

/// Returns the memory in MiB that Fargate offers for CPU units; none where it does not offer those.
pub(crate) fn memories(cpu: i64) -> Vec<i64> {
    let steps = |from: i64, to: i64, step: usize| (from..=to).step_by(step).collect();
    match cpu {
        256 => vec![512, 1024, 2048],
        512 => steps(1024, 4096, 1024),
        1024 => steps(2048, 8192, 1024),
        2048 => steps(4096, 16_384, 1024),
        4096 => steps(8192, 30_720, 1024),
        8192 => steps(16_384, 61_440, 4096),
        16_384 => steps(32_768, 122_880, 8192),
        32_768 => vec![61_440, 122_880, 249_856],
        _ => Vec::new(),
    }
}

pub(super) fn size(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    if task_launch(task) != LaunchType::Fargate {
        return;
    }
    for property in ["Cpu", "Memory"] {
        if task.lacks(property) {
            let problem = task.error(Code::FargateSize, "", format!("a task for Fargate must set its `{property}`"));
            sink.push(problem.help("the smallest task has a `Cpu` of 256 and a `Memory` of 512"));
        }
    }
    let (Some(cpu), Some(memory)) = (task.get("Cpu").and_then(cpu_units), task.get("Memory").and_then(mebibytes))
    else {
        return;
    };
    let offered = memories(cpu);
    if offered.is_empty() {
        let problem = task.error(Code::FargateSize, "Cpu", format!("Fargate does not support {cpu} CPU units"));
        sink.push(problem.help("it offers 256, 512, 1024, 2048, 4096, 8192, 16384 and 32768"));
    } else if !offered.contains(&memory) {
        let message = format!("Fargate cannot run {cpu} CPU units with {memory} MiB of memory");
        let problem = task.error(Code::FargateSize, "Memory", message).at(task.origin("Cpu"), "CPU is set here");
        sink.push(problem.help(format!("with {cpu} CPU units, memory is {}", range(&offered))));
    }
    if is_windows(task) && !WINDOWS_CPU.contains(&cpu) {
        let message = format!("Fargate does not run Windows with {cpu} CPU units");
        sink.push(task.error(Code::FargateSize, "Cpu", message).help("use 1024, 2048 or 4096"));
    }
}

fn range(offered: &[i64]) -> String {
    match offered {
        [first, second, .., last] if offered.len() > 3 => {
            format!("{first} to {last} in steps of {}", second - first)
        }
        few => format!("one of {}", few.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    }
}

/// Returns the CPU units of `256`, `"256"`, `".25 vCPU"`.
fn cpu_units(value: &Value) -> Option<i64> {
    value.as_int().or_else(|| scaled(value.as_str()?, "vcpu"))
}

/// Returns the MiB of `512`, `"512"`, `"0.5 GB"`.
fn mebibytes(value: &Value) -> Option<i64> {
    value.as_int().or_else(|| scaled(value.as_str()?, "gb"))
}

#[allow(clippy::cast_possible_truncation, reason = "sizes of tasks are small")]
fn scaled(text: &str, unit: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    let number: f64 = lower.strip_suffix(unit)?.trim().parse().ok()?;
    Some((number * 1024.0).round() as i64)
}

pub(super) fn is_windows(task: ResourceEntry<'_>) -> bool {
    task.text("RuntimePlatform.OperatingSystemFamily").is_some_and(|family| family.starts_with("WINDOWS"))
}

pub(super) fn network_mode(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    if task_launch(task) != LaunchType::Fargate {
        return;
    }
    let problem = match task.text("NetworkMode") {
        Some("awsvpc") => return,
        Some(mode) => {
            task.error(Code::FargateNetworkMode, "NetworkMode", format!("Fargate has no network mode `{mode}`"))
        }
        None if task.lacks("NetworkMode") => {
            task.error(Code::FargateNetworkMode, "", "a task for Fargate must set its `NetworkMode`")
        }
        None => return,
    };
    sink.push(problem.help("use `NetworkMode: awsvpc`"));
}

pub(super) fn unsupported(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    if task_launch(task) != LaunchType::Fargate {
        return;
    }
    let refuse = |path: &str, why: &str| {
        let name = path.rsplit('.').next().unwrap_or(path);
        task.error(Code::FargateUnsupported, path, format!("Fargate does not take `{name}`"))
            .help_if((!why.is_empty()).then(|| why.to_owned()))
    };
    for (path, why) in UNSUPPORTED {
        let is_empty = task.get(path).and_then(Value::as_list).is_some_and(<[Value]>::is_empty);
        if task.has(path) && !is_empty {
            sink.push(refuse(path, why));
        }
    }
    for at in 0..task.list("Volumes").len() {
        for property in ["DockerVolumeConfiguration", "FSxWindowsFileServerVolumeConfiguration", "Host.SourcePath"] {
            let path = format!("Volumes.{at}.{property}");
            if task.get(&path).is_some() {
                sink.push(refuse(&path, "use the storage of the task, or EFS"));
            }
        }
    }
    for at in 0..task.list("ContainerDefinitions").len() {
        for property in UNSUPPORTED_IN_CONTAINER {
            let path = format!("ContainerDefinitions.{at}.{property}");
            let is_empty = task.get(&path).and_then(Value::as_list).is_some_and(<[Value]>::is_empty);
            if task.get(&path).is_some() && !is_empty {
                sink.push(refuse(&path, ""));
            }
        }
        container(task, at, sink);
    }
}

fn container(task: ResourceEntry<'_>, at: usize, sink: &mut Sink) {
    let path = |property: &str| format!("ContainerDefinitions.{at}.{property}");
    let driver = path("LogConfiguration.LogDriver");
    let mut drivers = task.branches(&driver).into_iter().filter_map(|branch| branch.value?.as_str());
    if let Some(name) = drivers.find(|name| !LOG_DRIVERS.contains(name)) {
        let problem = task.error(Code::FargateLogDriver, &driver, format!("Fargate has no log driver `{name}`"));
        sink.push(problem.help("use `awslogs`, `splunk` or `awsfirelens`"));
    }
    let privileged = path("Privileged");
    if matches!(task.get(&privileged), Some(Value::Bool(true))) || task.text(&privileged) == Some("true") {
        sink.push(task.error(Code::FargateUnsupported, &privileged, "Fargate runs no privileged containers"));
    }
    for (at, item) in task.list(&path("ResourceRequirements")).iter().enumerate() {
        if item.get("Type").and_then(Value::as_str) == Some("GPU") {
            let place = path(&format!("ResourceRequirements.{at}"));
            sink.push(task.error(Code::FargateUnsupported, &place, "Fargate has no GPUs"));
        }
    }
    let timeout = path("StopTimeout");
    if let Some(seconds) = task.int(&timeout).filter(|seconds| *seconds > 120) {
        let message = format!("Fargate waits at most 120 seconds for a container to stop, not {seconds}");
        sink.push(task.error(Code::StopTimeout, &timeout, message));
    }
}

pub(super) fn platform(task: ResourceEntry<'_>, _: &CheckContext<'_>, sink: &mut Sink) {
    let path = "RuntimePlatform.CpuArchitecture";
    if is_windows(task) && task.text(path) == Some("ARM64") {
        let problem = task.error(Code::RuntimePlatform, path, "ECS does not run Windows on ARM64");
        sink.push(problem.at(task.origin("RuntimePlatform.OperatingSystemFamily"), "Windows is chosen here"));
    }
    if task.get("EphemeralStorage").is_some() && task.lacks("EphemeralStorage.SizeInGiB") {
        let problem = task.error(Code::EphemeralStorage, "EphemeralStorage", "the ephemeral storage has no size");
        sink.push(problem.help("set `SizeInGiB` to 21 to 200; without `EphemeralStorage` a task has 20"));
    }
    let path = "EphemeralStorage.SizeInGiB";
    if let Some(size) = task.int(path).filter(|size| !(21..=200).contains(size)) {
        let problem = Diagnostic::new(Code::EphemeralStorage, format!("a task cannot have {size} GiB of storage"));
        let problem = problem.at(task.origin(path), "");
        sink.push(problem.help("use 21 to 200 GiB; without this setting a task has 20"));
    }
}
