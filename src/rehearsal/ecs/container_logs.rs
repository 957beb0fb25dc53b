//! Log lines of containers: a web service under Gunicorn at its start, at its end, and when it fails.

use std::time::Duration;

use super::context::SimulationContext;
use super::spec::TargetGroupSpec;
use super::task::SimulatedTask;
use crate::deploy::api::{ContainerDefinition, LogLine, Timestamp};
use crate::rehearsal::faults::TaskFault;

/// An event after which containers write to their log.
pub(super) enum LogTrigger<'a> {
    /// The containers have started.
    Start,
    /// The main container exits with this code.
    Exit(i32),
    /// A target has failed its health checks.
    Unhealthy(Option<&'a TargetGroupSpec>),
    /// The containers are stopped.
    Stop,
}

/// Writes the log lines of a task's containers to their log groups.
pub(super) fn write(
    task: &SimulatedTask,
    trigger: &LogTrigger<'_>,
    at: Timestamp,
    context: &mut SimulationContext<'_>,
) {
    let Some(definition) = context.definitions.get(&task.reported.task_definition) else { return };
    let main = definition.main().map(|container| container.name.as_str());
    let region = task.reported.arn.split(':').nth(3).unwrap_or_default();
    for container in &definition.reported.containers {
        let Some(log) = &container.log else { continue };
        let lines = if main == Some(container.name.as_str()) {
            main_lines(container, task, trigger, at)
        } else {
            other_lines(container, trigger)
        };
        let stream = log.stream(&container.name, &task.reported);
        for (number, text) in lines.into_iter().enumerate() {
            let time = at + Duration::from_millis(40 * u64::try_from(number).unwrap_or(0));
            context.logs.write(region, &log.group, LogLine { stream: stream.clone(), time, text });
        }
    }
}

/// Returns the lines of a container that is not the main one.
fn other_lines(container: &ContainerDefinition, trigger: &LogTrigger<'_>) -> Vec<String> {
    match trigger {
        LogTrigger::Start => vec![format!("{} started", container.name)],
        LogTrigger::Stop => vec![format!("{}: SIGTERM received, ending", container.name)],
        _ => Vec::new(),
    }
}

/// Returns the lines of the main container.
fn main_lines(
    container: &ContainerDefinition,
    task: &SimulatedTask,
    trigger: &LogTrigger<'_>,
    at: Timestamp,
) -> Vec<String> {
    let serves = !container.ports.is_empty() && task.program.is_none();
    match (trigger, &task.program) {
        (LogTrigger::Start, Some(program)) => return vec![format!("{program}: started")],
        (LogTrigger::Exit(0), Some(program)) => return vec![format!("{program}: done")],
        _ => {}
    }
    match trigger {
        LogTrigger::Start if serves => start(container, task.task_fault, at),
        LogTrigger::Start => vec![format!("{}: started", container.name)],
        LogTrigger::Exit(code) if serves => exit(*code, &container.name, task.task_fault, at),
        LogTrigger::Exit(code) => exit_of_job(*code, &container.name, task.task_fault),
        LogTrigger::Unhealthy(group) => unhealthy_lines(*group, task.task_fault),
        LogTrigger::Stop if serves => {
            vec![gunicorn(at, 1, "INFO", "Handling signal: term"), gunicorn(at, 1, "INFO", "Shutting down: Master")]
        }
        LogTrigger::Stop => vec![format!("{}: SIGTERM received, ending", container.name)],
    }
}

/// Formats a line as Gunicorn does.
fn gunicorn(at: Timestamp, process: u32, level: &str, text: &str) -> String {
    let time = at.to_string().replace('T', " ").replace('Z', " +0000");
    format!("[{time}] [{process}] [{level}] {text}")
}

/// Returns the lines of a web service at its start.
fn start(container: &ContainerDefinition, task_fault: Option<TaskFault>, at: Timestamp) -> Vec<String> {
    let port = container.ports.first().copied().unwrap_or(80);
    let address = match task_fault {
        // The usual reason for no answer: it listens on the loopback interface or on another port.
        Some(TaskFault::Silent) => "127.0.0.1:8000".to_owned(),
        _ => format!("0.0.0.0:{port}"),
    };
    let mut lines = vec![
        gunicorn(at, 1, "INFO", "Starting gunicorn 23.0.0"),
        gunicorn(at, 1, "INFO", &format!("Listening at: http://{address} (1)")),
        gunicorn(at, 1, "INFO", "Using worker: uvicorn.workers.UvicornWorker"),
        gunicorn(at, 7, "INFO", "Booting worker with pid: 7"),
    ];
    if !matches!(task_fault, Some(TaskFault::Exit(_) | TaskFault::RolledBackByEcs | TaskFault::OutOfMemory)) {
        lines.push(gunicorn(at, 7, "INFO", "Application startup complete."));
    }
    lines
}

/// Returns the lines of a program without a port, such as a job or a worker, that exits with a code. One that the system kills
/// writes nothing.
fn exit_of_job(code: i32, container: &str, task_fault: Option<TaskFault>) -> Vec<String> {
    match code {
        _ if task_fault == Some(TaskFault::OutOfMemory) => Vec::new(),
        0 => vec![format!("{container}: done")],
        1 => traceback("KeyError: 'DATABASE_URL'"),
        126 => vec!["exec /usr/local/bin/start: permission denied".to_owned()],
        127 => vec!["/bin/sh: 1: start: not found".to_owned()],
        code => vec![format!("{container}: failed with code {code}")],
    }
}

/// Returns the lines of a Python program that an exception ends.
fn traceback(error: &str) -> Vec<String> {
    ["Traceback (most recent call last):", "  File \"/app/main.py\", line 12, in <module>", error]
        .map(str::to_owned)
        .to_vec()
}

/// Returns the lines of a web service, named as its container, that exits with a code.
fn exit(code: i32, container: &str, task_fault: Option<TaskFault>, at: Timestamp) -> Vec<String> {
    if task_fault == Some(TaskFault::OutOfMemory) {
        return vec![gunicorn(at, 1, "ERROR", "Worker (pid:7) was sent SIGKILL! Perhaps out of memory?")];
    }
    match code {
        0 => vec![gunicorn(at, 1, "INFO", "Shutting down: Master")],
        // Gunicorn's exit code if no worker starts.
        3 => [gunicorn(at, 7, "ERROR", "Exception in worker process")]
            .into_iter()
            .chain(traceback(&format!("ModuleNotFoundError: No module named '{}'", container.replace('-', "_"))))
            .chain([
                gunicorn(at, 7, "INFO", "Worker exiting (pid: 7)"),
                gunicorn(at, 1, "ERROR", "Worker (pid:7) exited with code 3"),
                gunicorn(at, 1, "ERROR", "Shutting down: Master"),
                gunicorn(at, 1, "ERROR", "Reason: Worker failed to boot."),
            ])
            .collect(),
        126 => vec!["exec /usr/local/bin/start: permission denied".to_owned()],
        127 => vec!["/bin/sh: 1: gunicorn: not found".to_owned()],
        1 => traceback("KeyError: 'DATABASE_URL'"),
        code => vec![gunicorn(at, 1, "ERROR", &format!("Worker (pid:7) exited with code {code}"))],
    }
}

/// Returns the log lines of the load balancer's health checks; none if they do not reach the container.
fn unhealthy_lines(group: Option<&TargetGroupSpec>, task_fault: Option<TaskFault>) -> Vec<String> {
    let (Some(group), Some(TaskFault::Unhealthy(code))) = (group, task_fault) else { return Vec::new() };
    let line = format!("10.0.0.23:41210 - \"GET {} HTTP/1.1\" {code}", group.path);
    vec![line; group.unhealthy.min(10) as usize]
}
