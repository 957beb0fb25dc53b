//! The checks of a job.

use super::Job;
use super::schedules::schedule_id;
use crate::block::lowering::Lowering;
use crate::diag::{Code, Diagnostic};

/// The most retries of a start (`MaximumRetryAttempts` of `RetryPolicy`, Scheduler API reference).
const MOST_RETRIES: i64 = 185;

/// Reports the problems of a job.
pub(super) fn all(job: &Job, lowering: &mut Lowering<'_>) {
    retries(job, lowering);
    timeout(job, lowering);
    schedules_twice(job, lowering);
    without_schedule(job, lowering);
}

fn retries(job: &Job, lowering: &mut Lowering<'_>) {
    if let Some(set) = job.retries.as_ref().filter(|set| !(0..=MOST_RETRIES).contains(&set.value)) {
        let message = format!("{} is not a number of retries", set.value);
        let problem = Diagnostic::new(Code::JobSetting, message).at(&set.origin, "");
        lowering.report(problem.help(format!("use 0 to {MOST_RETRIES}")));
    }
}

fn timeout(job: &Job, lowering: &mut Lowering<'_>) {
    if let Some(set) = job.timeout.as_ref().filter(|set| set.value < 1) {
        let message = format!("a timeout of {} seconds lets no task run", set.value);
        let problem = Diagnostic::new(Code::JobSetting, message).at(&set.origin, "");
        lowering.report(problem.help("give the seconds that the job may take at most: `.timeout(3600)`"));
    }
}

/// Reports two schedules of one name: each is a resource.
fn schedules_twice(job: &Job, lowering: &mut Lowering<'_>) {
    for (at, schedule) in job.schedule.iter().enumerate() {
        let id = schedule_id(job, &schedule.value);
        let Some(first) = job.schedule[..at].iter().find(|first| schedule_id(job, &first.value) == id) else {
            continue;
        };
        let what = match &schedule.value.name {
            Some(name) => format!("two schedules of the job are named `{name}`"),
            None => "two schedules of the job have no name".to_owned(),
        };
        let problem = Diagnostic::new(Code::JobSetting, what)
            .at(&schedule.origin, "the second")
            .at(&first.origin, "the first")
            .help("name further schedules: `.schedule(\"Weekly\", \"cron(0 4 ? * SUN *)\", \"Europe/Zurich\")`");
        lowering.report(problem);
    }
}

/// Reports settings of schedules without one.
fn without_schedule(job: &Job, lowering: &mut Lowering<'_>) {
    if !job.schedule.is_empty() {
        return;
    }
    let retries = job.retries.as_ref().map(|set| (&set.origin, "retries"));
    let dead_letter = job.dead_letter.as_ref().map(|set| (&set.origin, "dead_letter"));
    for (origin, setter) in retries.into_iter().chain(dead_letter) {
        let problem = Diagnostic::new(
            Code::JobWithoutSchedule,
            format!("`.{setter}(..)` has no effect: the job has no schedule"),
        )
        .at(origin, "about the starts of a schedule")
        .help("add `.schedule(\"rate(1 day)\")`, or leave it out");
        lowering.report(problem);
    }
}
