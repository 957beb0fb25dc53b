//! The lines about jobs that run before the services change.

use std::time::Duration;

use super::format::duration;
use super::retry_text::retrying;
use super::style::{bad, bold, faint, warning};
use crate::deploy::JobEvent;
use crate::printable::{indented, one_line};

/// Returns the line of the first step.
pub(super) fn first_step(jobs: &[String]) -> String {
    let verb = if jobs.len() == 1 { "needs" } else { "need" };
    format!("first step: what {} {verb}; the services stay as they are", one_line(&jobs.join(", ")))
}

/// Returns the line of a step of a job.
pub(super) fn step(job: &str, step: &JobEvent) -> String {
    let job = one_line(job);
    match step {
        JobEvent::Found { task } => {
            faint(&format!("job {job} has succeeded in an earlier run: task {}", one_line(id(task))))
        }
        JobEvent::Started { task, revision, resumed } => {
            let verb = if *resumed { "following" } else { "running" };
            bold(&format!("{verb} job {job}: task {} of {}", one_line(id(task)), one_line(revision)))
        }
        JobEvent::Log { text, .. } => format!("{} {}", faint(&job), indented(text)),
        JobEvent::Retrying { error, unanswered_seconds } => {
            retrying(error, Duration::from_secs(*unanswered_seconds), None)
        }
        JobEvent::Stopping { reason } => warning(&format!("stopping job {job}: {}", one_line(reason))),
        JobEvent::Ended { exit_code, seconds } => {
            let time = duration(Duration::try_from_secs_f64(*seconds).unwrap_or_default());
            match exit_code {
                Some(0) => format!("job {job} succeeded after {time}"),
                Some(code) => bad(&format!("job {job} exited with code {code} after {time}")),
                None => bad(&format!("job {job} did not run ({time})")),
            }
        }
    }
}

/// Returns the id at the end of a task's ARN.
fn id(task: &str) -> &str {
    task.rsplit('/').next().unwrap_or(task)
}
