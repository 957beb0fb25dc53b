//! The names of faults, as `--fault` writes them.

use super::FaultPoint;

/// The faults of one step of a resource.
pub(super) const STEPS: [(&str, FaultPoint); 4] = [
    ("create-fails", FaultPoint::Create),
    ("update-fails", FaultPoint::Update),
    ("delete-fails", FaultPoint::Delete),
    ("rollback-fails", FaultPoint::Restore),
];

/// The faults of a service's tasks and deployments; `exit` and `unhealthy` take a number, `ready-after` a duration,
/// `hook-fails` a stage.
pub(super) const TASK_FAULTS: [&str; 14] = [
    "image-not-found",
    "image-denied",
    "no-route",
    "secret-unreadable",
    "oom",
    "exit",
    "unhealthy",
    "silent",
    "ready-after",
    "hangs",
    "no-capacity",
    "rolled-back-by-ecs",
    "hook-fails",
    "alarm",
];

/// The faults of the tasks of a job: those that need no service.
pub(super) const JOB_FAULTS: [&str; 8] =
    ["image-not-found", "image-denied", "no-route", "secret-unreadable", "oom", "exit", "hangs", "no-capacity"];

/// The faults of the whole account.
pub(super) const ACCOUNT: [&str; 4] = ["throttle", "poll-errors", "lost-connection", "kill-at"];

/// Returns a valid example of a fault.
pub(super) fn example(kind: &str) -> &str {
    match kind {
        "exit" => "exit=1",
        "unhealthy" => "unhealthy=500",
        "ready-after" => "ready-after=180s",
        "hook-fails" => "hook-fails=POST_TEST_TRAFFIC_SHIFT",
        "throttle" => "throttle=0.3",
        "lost-connection" => "lost-connection=60s+120s",
        "kill-at" => "kill-at=42s",
        kind => kind,
    }
}

/// Returns the names of the faults of one step.
pub(super) fn steps() -> [&'static str; 4] {
    STEPS.map(|(kind, _)| kind)
}

/// Splits a fault into its name and the value after `=`.
pub(super) fn split(written: &str) -> (&str, Option<&str>) {
    written.split_once('=').map_or((written, None), |(name, value)| (name, Some(value)))
}
