//! Reports faults that had no effect.

use std::collections::BTreeSet;
use std::time::Duration;

use super::kinds::STEPS;
use super::{FaultPlan, FaultPoint, FaultSpec, ResourceFault, ServiceFault, TaskFault};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

impl FaultPlan {
    /// Returns a diagnostic for each fault that has not occurred. `triggered` names the services whose task fault occurred.
    pub(in crate::rehearsal) fn unused(&self, triggered: &BTreeSet<String>) -> Vec<Diagnostic> {
        let mut problems: Vec<Diagnostic> = Vec::new();
        let mut seen: Vec<&ResourceFault> = Vec::new();
        for fault in &self.steps {
            let is_same = |other: &&ResourceFault| other.resource == fault.resource && other.reason == fault.reason;
            if seen.iter().any(is_same) {
                continue;
            }
            seen.push(fault);
            let same: Vec<_> = self.steps.iter().filter(is_same).collect();
            if same.iter().all(|fault| fault.times > 0) {
                problems.push(unused_step(&same));
            }
        }
        problems.extend(self.services.iter().filter(|fault| !triggered.contains(&fault.service)).map(unused_service));
        problems
    }
}

impl FaultSpec {
    /// Returns a diagnostic for each fault that would have occurred after the end of the run.
    pub fn too_late(&self, duration: Duration) -> Vec<Diagnostic> {
        let lost = self.faults.api.lost.map(|(start, _)| ("lost-connection", start));
        let kinds = lost.into_iter().chain(self.kill_at.map(|at| ("kill-at", at)));
        let late = kinds.filter(|(_, start)| *start > duration);
        let problems = late.map(|(kind, start)| {
            let (start, end) = (start.as_secs(), duration.as_secs());
            unused(kind).note(format!("it would have occurred after {start} s, but the run finished after {end} s"))
        });
        problems.collect()
    }
}

/// Reports a fault without effect.
fn unused(written: &str) -> Diagnostic {
    Diagnostic::new(Code::UnusedFault, format!("`--fault {written}` had no effect"))
}

/// Reports the faults of a resource's steps without effect.
fn unused_step(same: &[&ResourceFault]) -> Diagnostic {
    let id = &same[0].resource;
    let step = STEPS.iter().find(|(_, point)| *point == same[0].point).map_or("", |(kind, _)| kind);
    let (written, what) = match (same, same[0].point) {
        ([_, _, ..], _) => (id.clone(), "created or updated"),
        (_, FaultPoint::Create) => (format!("{id}:{step}"), "created"),
        (_, FaultPoint::Update) => (format!("{id}:{step}"), "updated"),
        (_, FaultPoint::Restore) => (format!("{id}:{step}"), "restored"),
        (_, FaultPoint::Delete) => (format!("{id}:{step}"), "deleted"),
    };
    unused(&written).note(format!("`{id}` was not {what}"))
}

/// Reports a task fault without effect.
fn unused_service(fault: &ServiceFault) -> Diagnostic {
    let id = &fault.service;
    let problem = unused(&format!("{id}:{}", fault.task_fault));
    let problem =
        problem.note(format!("no task of `{id}` was started with a task definition that was not stable before"));
    if !fault.task_fault.affects_standalone_tasks() {
        return problem;
    }
    problem.help(
        Hint::from(format!("it affects a deployment that changes the tasks of `{id}`, and "))
            .command(CommandName::RunTask.of(id).arg("--").arg("true")),
    )
}

impl std::fmt::Display for TaskFault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            TaskFault::ImageNotFound => f.write_str("image-not-found"),
            TaskFault::ImageDenied => f.write_str("image-denied"),
            TaskFault::NoRoute => f.write_str("no-route"),
            TaskFault::SecretUnreadable => f.write_str("secret-unreadable"),
            TaskFault::OutOfMemory => f.write_str("oom"),
            TaskFault::Exit(code) => write!(f, "exit={code}"),
            TaskFault::Unhealthy(status) => write!(f, "unhealthy={status}"),
            TaskFault::Silent => f.write_str("silent"),
            TaskFault::ReadyAfter(seconds) => write!(f, "ready-after={seconds}s"),
            TaskFault::Hangs => f.write_str("hangs"),
            TaskFault::NoCapacity => f.write_str("no-capacity"),
            TaskFault::RolledBackByEcs => f.write_str("rolled-back-by-ecs"),
            TaskFault::HookFails(stage) => write!(f, "hook-fails={}", stage.name()),
            TaskFault::AlarmGoesOff => f.write_str("alarm"),
        }
    }
}
