//! Faults that did not come to pass: who asked for one is told.

use std::collections::BTreeSet;
use std::time::Duration;

use super::parse::STEPS;
use super::{FaultPlan, FaultPoint, FaultSpec, ResourceFault, ServiceFault, TaskFault};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

impl FaultPlan {
    /// Those that nothing has met: steps that are still to fail, and services none of whose tasks `struck` names.
    pub(in crate::rehearsal) fn idle(&self, struck: &BTreeSet<String>) -> Vec<Diagnostic> {
        let mut told: Vec<Diagnostic> = Vec::new();
        let mut seen: Vec<&ResourceFault> = Vec::new();
        for fault in &self.steps {
            let is_same = |other: &&ResourceFault| other.resource == fault.resource && other.reason == fault.reason;
            if seen.iter().any(is_same) {
                continue;
            }
            seen.push(fault);
            let same: Vec<_> = self.steps.iter().filter(is_same).collect();
            if same.iter().all(|fault| fault.times > 0) {
                told.push(idle_step(&same));
            }
        }
        told.extend(self.services.iter().filter(|fault| !struck.contains(&fault.service)).map(idle_service));
        told
    }
}

impl FaultSpec {
    /// What was to happen later than the work took.
    pub fn too_late(&self, took: Duration) -> Vec<Diagnostic> {
        let lost = self.faults.weather.lost.map(|(from, _)| ("lost-connection", from));
        let kinds = lost.into_iter().chain(self.kill_at.map(|at| ("kill-at", at)));
        let late = kinds.filter(|(_, from)| *from > took);
        let told = late.map(|(kind, from)| {
            let (from, took) = (from.as_secs(), took.as_secs());
            idle(kind).note(format!("it was to come after {from} s, and everything was over after {took} s"))
        });
        told.collect()
    }
}

fn idle(written: &str) -> Diagnostic {
    Diagnostic::new(Code::UnusedFault, format!("`--fault {written}` did not come to pass"))
}

fn idle_step(same: &[&ResourceFault]) -> Diagnostic {
    let id = &same[0].resource;
    let step = STEPS.iter().find(|(_, moment)| *moment == same[0].moment).map_or("", |(kind, _)| kind);
    let (written, what) = match (same, same[0].moment) {
        ([_, _, ..], _) => (id.clone(), "made or changed"),
        (_, FaultPoint::Create) => (format!("{id}:{step}"), "made"),
        (_, FaultPoint::Update) => (format!("{id}:{step}"), "changed"),
        (_, FaultPoint::Restore) => (format!("{id}:{step}"), "put back"),
        (_, FaultPoint::Delete) => (format!("{id}:{step}"), "deleted"),
    };
    idle(&written).note(format!("`{id}` was not {what}"))
}

fn idle_service(fault: &ServiceFault) -> Diagnostic {
    let id = &fault.service;
    let problem = idle(&format!("{id}:{}", fault.trouble));
    let problem = problem.note(format!("no task of `{id}` was started with a task definition that is not proven yet"));
    match fault.trouble {
        TaskFault::Unhealthy(_) | TaskFault::Silent | TaskFault::RolledBackByEcs => problem,
        _ => problem.help(
            Hint::from(format!("it affects a deployment that changes the tasks of `{id}`, and "))
                .command(CommandName::RunTask.of(id)),
        ),
    }
}

/// As the user writes it.
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
            TaskFault::NoCapacity => f.write_str("no-capacity"),
            TaskFault::RolledBackByEcs => f.write_str("rolled-back-by-ecs"),
        }
    }
}
