//! Auto scaling of a service, as a script sets it.

pub(crate) mod metric;
mod steps;

use std::ops::RangeInclusive;

pub use metric::{Metric, QueueBacklog, TrackedMetric};
pub use steps::{Change, Side, Step, StepPolicy};

use crate::block::{Flag, Name};
use crate::diag::WithOrigin;

/// The range of tasks of a service, and the policies that change their number. Times are seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Scaling {
    /// The least and the most tasks.
    pub tasks: WithOrigin<RangeInclusive<i64>>,
    /// The average CPU utilisation to keep, in percent.
    pub cpu: Option<WithOrigin<i64>>,
    /// The average memory utilisation to keep, in percent.
    pub memory: Option<WithOrigin<i64>>,
    /// The requests a minute for each task to keep, as AWS counts them.
    pub requests_per_target: Option<WithOrigin<i64>>,
    /// The queues whose messages for each task are kept.
    pub queue: Vec<WithOrigin<QueueBacklog>>,
    /// Other metrics whose values are kept.
    pub metric: Vec<WithOrigin<TrackedMetric>>,
    /// Changes of the number of tasks by the value of a metric.
    pub steps: Vec<WithOrigin<StepPolicy>>,
    /// Seconds between two scale-outs.
    pub scale_out_after: Option<WithOrigin<i64>>,
    /// Seconds between two scale-ins.
    pub scale_in_after: Option<WithOrigin<i64>>,
    /// Whether tasks are only ever added.
    pub no_scale_in: Flag,
    /// Ranges of tasks set at certain times.
    pub schedule: Vec<WithOrigin<Schedule>>,
}

/// A range of tasks set at a certain time.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    /// The name of the action.
    pub name: Name,
    /// `cron(0 8 * * ? *)`, `rate(..)` or `at(2026-12-24T18:00:00)`.
    pub when: String,
    /// The least and the most tasks from then on.
    pub tasks: RangeInclusive<i64>,
    /// The time zone of `when`, such as `Europe/Zurich`; UTC unless set.
    pub time_zone: Option<String>,
}

impl Scaling {
    /// Creates a range of tasks, without anything that changes their number yet.
    pub fn new(tasks: WithOrigin<RangeInclusive<i64>>) -> Self {
        Self {
            tasks,
            cpu: None,
            memory: None,
            requests_per_target: None,
            queue: Vec::new(),
            metric: Vec::new(),
            steps: Vec::new(),
            scale_out_after: None,
            scale_in_after: None,
            no_scale_in: None,
            schedule: Vec::new(),
        }
    }
}

impl Scaling {
    /// Returns whether the range, or that of a schedule, lets a service have no task.
    pub(crate) fn reaches_zero(&self) -> bool {
        let ranges = std::iter::once(&self.tasks.value).chain(self.schedule.iter().map(|action| &action.value.tasks));
        ranges.into_iter().any(|tasks| *tasks.start() == 0)
    }
}
