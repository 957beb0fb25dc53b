//! AWS's messages: the reasons why a task never started, and the events of a service.
//!
//! Sources: "Amazon ECS stopped tasks error messages", "Viewing Amazon ECS service event messages", "Amazon ECS
//! `CannotPullContainer` task errors" (developer guide), and messages in public issues.

use super::task_definition::TaskDefinitionRecord;
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::rng::uuid;

const TROUBLESHOOTING: &str =
    "For more information, see the Troubleshooting section of the Amazon ECS Developer Guide.";

/// Returns the reason why a task never started.
pub(super) fn never_starts(
    task_fault: Option<TaskFault>,
    definition: &TaskDefinitionRecord,
    task: &str,
    seed: u64,
) -> String {
    let image = definition.main().map(|container| container.image.as_str()).unwrap_or_default();
    match task_fault {
        Some(TaskFault::ImageDenied) => denied(image, definition, task),
        Some(TaskFault::NoRoute) => no_route(image, task.split(':').nth(3).unwrap_or_default()),
        Some(TaskFault::SecretUnreadable) => secret(definition, task, seed),
        _ => format!(
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: \
             {image}: not found"
        ),
    }
}

/// Returns the reason if the image must not be pulled.
fn denied(image: &str, definition: &TaskDefinitionRecord, task: &str) -> String {
    let (host, path) = registry(image);
    if is_ecr(host) {
        return format!(
            "{RESOURCES}unable to retrieve ecr registry auth: service call has been retried 1 time(s): \
             AccessDeniedException: {} is not authorized to perform: ecr:GetAuthorizationToken on resource: * because no \
             identity-based policy allows the ecr:GetAuthorizationToken action status code: 400",
            user(definition, task)
        );
    }
    format!(
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref {image}: failed \
         to authorize: failed to fetch anonymous token: unexpected status from GET request to \
         https://{host}/token?scope=repository%3A{}%3Apull&service={host}: 403 Forbidden",
        path.replace('/', "%2F")
    )
}

const RESOURCES: &str = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource \
                         retrieval failed: ";

/// Returns the reason if a task in a region cannot reach the registry of its image, or the API of ECR.
pub(in crate::rehearsal) fn no_route(image: &str, region: &str) -> String {
    let (host, _) = registry(image);
    if is_ecr(host) {
        return format!(
            "ResourceInitializationError: unable to pull secrets or registry auth: The task cannot pull registry auth from \
             Amazon ECR: There is a connection issue between the task and Amazon ECR. Check your task network \
             configuration. RequestError: send request failed caused by: Post \"https://api.ecr.{region}.amazonaws.com/\": \
             dial tcp 198.51.100.17:443: i/o timeout"
        );
    }
    no_registry(image)
}

/// Returns the reason if a task cannot reach the host from which its image is pulled.
pub(in crate::rehearsal) fn no_registry(image: &str) -> String {
    let (host, path) = registry(image);
    let tag = image.rsplit_once(':').map_or("latest", |(_, tag)| tag);
    format!(
        "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {image}: failed \
         to do request: Head \"https://{host}/v2/{path}/manifests/{tag}\": dial tcp 203.0.113.34:443: i/o timeout"
    )
}

/// Returns the reason if a secret or a parameter must not be read.
fn secret(definition: &TaskDefinitionRecord, task: &str, seed: u64) -> String {
    let none = "arn:aws:secretsmanager:::secret:unknown".to_owned();
    let secret = definition.secrets.first().unwrap_or(&none);
    let user = user(definition, task);
    let request = uuid(seed, &[task, "request"]);
    if secret.contains(":secretsmanager:") {
        return format!(
            "{RESOURCES}unable to retrieve secret from asm: service call has been retried 1 time(s): failed to fetch secret \
             {secret} from secrets manager: AccessDeniedException: {user} is not authorized to perform: \
             secretsmanager:GetSecretValue on resource: {secret} because no identity-based policy allows the \
             secretsmanager:GetSecretValue action status code: 400, request id: {request}"
        );
    }
    format!(
        "{RESOURCES}unable to retrieve secrets from ssm: service call has been retried 1 time(s): AccessDeniedException: \
         {user} is not authorized to perform: ssm:GetParameters on resource: {secret} because no identity-based policy \
         allows the ssm:GetParameters action status code: 400, request id: {request}"
    )
}

/// Returns the session of the execution role, as AWS writes it.
fn user(definition: &TaskDefinitionRecord, task: &str) -> String {
    let account = task.split(':').nth(4).unwrap_or_default();
    let role =
        definition.execution_role.as_deref().and_then(|role| role.rsplit('/').next()).unwrap_or("ecsTaskExecutionRole");
    let id = task.rsplit('/').next().unwrap_or(task);
    format!("User: arn:aws:sts::{account}:assumed-role/{role}/{id}")
}

/// Returns the host and the repository of an image, as Docker reads its name.
fn registry(image: &str) -> (&str, &str) {
    let bare = image.split('@').next().unwrap_or(image);
    let (host, path) = match bare.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) => (host, path),
        _ => ("registry-1.docker.io", bare),
    };
    (host, path.rsplit_once(':').map_or(path, |(path, _)| path))
}

/// Returns whether a registry is Amazon ECR.
fn is_ecr(host: &str) -> bool {
    host.contains(".dkr.ecr.")
}

/// Returns the reason of a rollout that is in progress.
pub(super) fn in_progress(deployment: &str) -> String {
    format!("ECS deployment {deployment} in progress.")
}

/// Returns the reason of a rollout that is completed.
pub(super) fn completed(deployment: &str) -> String {
    format!("ECS deployment {deployment} completed.")
}

/// The reason of a rollout that the circuit breaker failed.
pub(super) const TRIPPED: &str = "ECS deployment circuit breaker: tasks failed to start.";

/// Returns the reason of a rollout that restores an earlier one.
pub(super) fn rolling_back(to: &str) -> String {
    format!("ECS deployment circuit breaker: rolling back to deploymentId {to}.")
}

/// Returns the reason of a deployment that the function of a stage failed; inferred, AWS documents no text.
pub(super) fn hook_failed(stage: &str) -> String {
    format!("Service deployment rolled back because a lifecycle hook failed at stage {stage}.")
}

/// Returns the reason of a deployment that an alarm failed; inferred, AWS documents no text.
pub(super) fn alarm_went_off(stage: &str) -> String {
    format!("Service deployment rolled back because a CloudWatch alarm went off at stage {stage}.")
}

/// Returns a list of tasks as in events: `(task 1) (task 2)`.
pub(super) fn tasks<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    ids.map(|id| format!("(task {id})")).collect::<Vec<_>>().join(" ")
}

/// The reason why a task cannot be placed.
pub(super) const NO_CAPACITY: &str = "Capacity is unavailable at this time. Please try again later or in a different \
                                      availability zone";

/// Returns the event of a task that could not be placed.
pub(super) fn placement_failed(reason: &str) -> String {
    let reason = reason.trim_end_matches('.');
    format!("was unable to place a task. Reason: {reason}. {TROUBLESHOOTING}")
}

/// Returns the event of a task that could not be launched.
pub(super) fn not_launched(error: &str) -> String {
    format!("failed to launch a task with (error {error}).")
}

/// Returns the event of a service whose attempts are throttled.
pub(super) fn throttled() -> String {
    format!("is unable to consistently start tasks successfully. {TROUBLESHOOTING}")
}

/// The event of a deployment whose percentages let no task start or stop.
pub(super) const STUCK: &str = "was unable to stop or start tasks during a deployment because of the service deployment \
                                configuration. Update the minimumHealthyPercent or maximumPercent value and try again.";

/// Returns the code and the description of the reason why a target is unhealthy.
pub(super) fn unhealthy(task_fault: Option<TaskFault>) -> (&'static str, String) {
    match task_fault {
        Some(TaskFault::Unhealthy(code)) => {
            ("Target.ResponseCodeMismatch", format!("Health checks failed with these codes: [{code}]"))
        }
        _ => ("Target.Timeout", "Request timed out".to_owned()),
    }
}
