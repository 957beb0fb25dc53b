//! The parts of AWS's messages about tasks that show the kind of failure.

use super::failure_kind::TaskFailureKind;
use super::failure_kind::TaskFailureKind::{
    AlarmWentOff, ContainerUnhealthy, DiskFull, HookFailed, ImageDenied, ImageNotFound, ImageNotPulled, ImagePlatform,
    LogsUnwritable, NoCapacity, NoRoute, NotExecutable, OutOfMemory, PortRefused, Quota, RoleUnusable,
    SecretUnreadable, Stuck, TargetUnhealthy, VolumeUnreachable,
};

/// Parts that occur together in a message (in lower case), and the kind that they show; the first matching row counts.
///
/// Sources: "`CannotPullContainer` task errors", "`ResourceInitializationError`", "Stopped tasks error messages" and "Service
/// event messages" of the ECS developer guide, the ECS agent's `error_messages.go`, and messages that users report.
const MESSAGES: &[(&[&str], TaskFailureKind)] = &[
    (&["deployment rolled back", "hook"], HookFailed),
    (&["deployment rolled back", "alarm"], AlarmWentOff),
    (&["unable to stop or start tasks during a deployment"], Stuck),
    (&["failed elb health checks"], TargetUnhealthy),
    (&["unhealthy in", "target-group"], TargetUnhealthy),
    (&["health checks failed"], TargetUnhealthy),
    (&["failed container health checks"], ContainerUnhealthy),
    (&["outofmemory"], OutOfMemory),
    (&["out of memory"], OutOfMemory),
    (&["oomkilled"], OutOfMemory),
    (&["killed due to memory usage"], OutOfMemory),
    (&["no space left on device"], DiskFull),
    (&["efs utils"], VolumeUnreachable),
    (&["efs volumes"], VolumeUnreachable),
    (&["mount.nfs"], VolumeUnreachable),
    (&["cannotcreatevolumeerror"], VolumeUnreachable),
    (&["connection issue between the task"], NoRoute),
    (&["i/o timeout"], NoRoute),
    (&["client.timeout exceeded"], NoRoute),
    (&["context deadline exceeded"], NoRoute),
    (&["request canceled while waiting for connection"], NoRoute),
    (&["pull command failed", "signal: killed"], NoRoute),
    (&["send request failed"], NoRoute),
    (&["no route to host"], NoRoute),
    (&["network is unreachable"], NoRoute),
    (&["dial tcp", "connection refused"], NoRoute),
    (&["no such host", ".amazonaws.com"], NoRoute),
    (&["unable to assume"], RoleUnusable),
    (&["sts:assumerole"], RoleUnusable),
    (&["logger args"], LogsUnwritable),
    (&["logging driver"], LogsUnwritable),
    (&["cloudwatch log group"], LogsUnwritable),
    (&["descriptor matching platform"], ImagePlatform),
    (&["no matching manifest for"], ImagePlatform),
    (&["exec format error"], ImagePlatform),
    (&["image operating system"], ImagePlatform),
    (&["toomanyrequests"], ImageNotPulled),
    (&["pull rate limit"], ImageNotPulled),
    (&["429 too many requests"], ImageNotPulled),
    (&["registry auth from asm"], ImageDenied),
    (&["retrieve secret"], SecretUnreadable),
    (&["fetch secret"], SecretUnreadable),
    (&["fetching secret"], SecretUnreadable),
    (&["secrets manager"], SecretUnreadable),
    (&["secretsmanager:getsecretvalue"], SecretUnreadable),
    (&["ssm:getparameters"], SecretUnreadable),
    (&["invalid ssm parameters"], SecretUnreadable),
    (&["did not contain json key"], SecretUnreadable),
    (&["kms:decrypt"], SecretUnreadable),
    (&["pull access denied"], ImageDenied),
    (&["requested access to the resource is denied"], ImageDenied),
    (&["no basic auth credentials"], ImageDenied),
    (&["insufficient_scope"], ImageDenied),
    (&["authorization failed"], ImageDenied),
    (&["not authorized to perform: ecr"], ImageDenied),
    (&["unable to retrieve ecr registry auth"], ImageDenied),
    (&["cannotpull", "403 forbidden"], ImageDenied),
    (&["cannotpull", "401 unauthorized"], ImageDenied),
    (&["cannotpull", "unauthorized"], ImageDenied),
    (&["manifest unknown"], ImageNotFound),
    (&["name unknown"], ImageNotFound),
    (&["repository with name"], ImageNotFound),
    (&["repository does not exist"], ImageNotFound),
    (&["invalid reference format"], ImageNotFound),
    (&["cannotpull", "not found"], ImageNotFound),
    (&["cannotpull", "does not exist"], ImageNotFound),
    (&["cannotpull", "no such host"], ImageNotFound),
    (&["cannotpull"], ImageNotPulled),
    (&["address already in use"], PortRefused),
    (&["port is already allocated"], PortRefused),
    (&["executable file not found"], NotExecutable),
    (&["exec:", "permission denied"], NotExecutable),
    (&["exec:", "no such file or directory"], NotExecutable),
    (&["cannotstartcontainererror"], NotExecutable),
    (&["capacity is unavailable"], NoCapacity),
    (&["spot task was interrupted"], NoCapacity),
    (&["spotinterruption"], NoCapacity),
    (&["insufficient capacity"], NoCapacity),
    (&["no container instance"], NoCapacity),
    (&["limit on the number of"], Quota),
    (&["maximum number of"], Quota),
    (&["not enough free addresses"], Quota),
    (&["insufficientfreeaddresses"], Quota),
    (&["insufficient free addresses"], Quota),
    (&["network interface provisioning"], Quota),
    (&["limitexceeded"], Quota),
    (&["service quota"], Quota),
];

/// Rows of the same form for the last lines of a container's log: messages of programs that cannot start.
const LOG_LINES: &[(&[&str], TaskFailureKind)] = &[
    (&["exec format error"], ImagePlatform),
    (&["address already in use"], PortRefused),
    (&["connection in use:"], PortRefused),
    (&["eaddrinuse"], PortRefused),
    (&["bind", "permission denied"], PortRefused),
    (&["listen", "permission denied"], PortRefused),
    (&["can't connect to ("], PortRefused),
    (&["no space left on device"], DiskFull),
    (&["memoryerror"], OutOfMemory),
    (&["javascript heap out of memory"], OutOfMemory),
    (&["java.lang.outofmemoryerror"], OutOfMemory),
    (&["was sent sigkill! perhaps out of memory"], OutOfMemory),
    (&["exec", ": permission denied"], NotExecutable),
];

/// Returns the kind of failure that a message of AWS shows.
pub(super) fn of_message(text: &str) -> Option<TaskFailureKind> {
    first(MESSAGES, text)
}

/// Returns the kind of failure that a line of a container's log shows.
pub(super) fn of_log_line(text: &str) -> Option<TaskFailureKind> {
    first(LOG_LINES, text)
}

fn first(table: &[(&[&str], TaskFailureKind)], text: &str) -> Option<TaskFailureKind> {
    let text = text.to_ascii_lowercase();
    table.iter().find(|(parts, _)| parts.iter().all(|part| text.contains(part))).map(|(_, kind)| *kind)
}

/// Returns whether a task was stopped on purpose: by a deployment, by auto scaling, by a person or with its service.
pub(super) fn is_planned(code: Option<&str>, reason: &str) -> bool {
    const PLANNED: [&str; 5] = [
        "scaling activity initiated by",
        "task stopped by (deployment",
        "service deleted",
        "service was deleted",
        "rebalanc",
    ];
    let reason = reason.to_ascii_lowercase();
    code == Some("UserInitiated") || PLANNED.iter().any(|part| reason.contains(part))
}

/// Returns whether an event of a service reports a failure itself, rather than its consequence.
pub(super) fn is_failure(message: &str) -> bool {
    const FAILURES: [&str; 6] = [
        "unable to place a task",
        "unable to stop or start tasks",
        "is unhealthy in",
        "failed to launch a task",
        "failed to register targets",
        "unable to assume",
    ];
    let message = message.to_ascii_lowercase();
    FAILURES.iter().any(|part| message.contains(part))
}

/// Returns the reason that an event of a service gives, or else its whole message.
pub(super) fn event_reason(message: &str) -> &str {
    let message = ["Reason: ", "(reason ", "with (error "]
        .iter()
        .find_map(|mark| message.split_once(mark))
        .map_or(message, |(_, reason)| reason);
    let message = message.split(" For more information, see ").next().unwrap_or(message);
    message.trim().trim_end_matches(['.', ')'])
}

/// Returns the id of the task in `(task 0123abcd)`, also from an ARN.
pub(super) fn event_task(message: &str) -> Option<String> {
    let (_, rest) = message.split_once("(task ")?;
    let id = rest.split(')').next()?.trim();
    Some(id.rsplit('/').next().unwrap_or(id).to_owned())
}

/// Returns the HTTP status in `Health checks failed with these codes: [500]`.
pub(super) fn http_status(message: &str) -> Option<i32> {
    let (_, rest) = message.split_once("codes: [")?;
    rest.split([']', ',']).next()?.trim().parse().ok()
}

/// Returns the name of a signal (`signal(7)` on Linux) and its usual reason.
pub(super) fn signal(number: i32) -> String {
    match number {
        6 => "SIGABRT: the program aborted".to_owned(),
        9 => "SIGKILL: often because it used too much memory or did not stop in time".to_owned(),
        11 => "SIGSEGV: invalid memory access".to_owned(),
        15 => "SIGTERM: it was asked to stop".to_owned(),
        other => format!("signal {other}"),
    }
}
