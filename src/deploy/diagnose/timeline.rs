//! The timeline of an operation: its events as spans, and the critical path that decided its length.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::cfn::graph::Graph;
use crate::cfn::{LogicalId, Template};
use crate::deploy::api::status::ResourceStatus;
use crate::deploy::api::{EventStatus, StackEvent, Timestamp};

/// The work on one resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Span {
    /// The resource.
    pub logical_id: String,
    /// Its type.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// The kind of work.
    pub work: SpanKind,
    /// The time at which it started.
    pub from: Timestamp,
    /// The time at which the resources that depend on it could start.
    pub released: Timestamp,
    /// The time at which it ended.
    pub to: Timestamp,
}

/// The kind of work on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SpanKind {
    /// Creation.
    Create,
    /// Update, replacement or rollback.
    Update,
    /// Deletion.
    Delete,
    /// The task of a job, between two steps of a deployment.
    Run,
}

/// An operation as spans.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Timeline {
    /// From the first event to the last.
    #[serde(rename = "total_seconds", with = "crate::deploy::api::seconds")]
    #[cfg_attr(test, schemars(with = "f64"))]
    pub total: Duration,
    /// The spans, sorted by start.
    pub spans: Vec<Span>,
    /// The critical path as positions in `spans`, first to last: each span waited for the one before it.
    pub critical: Vec<usize>,
}

impl Span {
    /// Returns the duration.
    pub fn duration(&self) -> Duration {
        self.to.since(self.from)
    }
}

impl Timeline {
    /// The type of the span of a job.
    const TASK: &str = "AWS::ECS::Task";

    /// Creates the timeline of a job: one span.
    pub(crate) fn of_job(name: &str, from: Timestamp, to: Timestamp) -> Self {
        let (logical_id, kind) = (name.to_owned(), Self::TASK.to_owned());
        let span = Span { logical_id, kind, work: SpanKind::Run, from, released: to, to };
        Self { total: to.since(from), spans: vec![span], critical: vec![0] }
    }

    /// Returns the steps of a deployment as one timeline: each step waited for the one before it. None if there is no step.
    pub(crate) fn of_steps(steps: impl IntoIterator<Item = Self>) -> Option<Self> {
        let mut steps = steps.into_iter();
        let mut whole = steps.next()?;
        for step in steps {
            let first = whole.spans.len();
            let end = step.spans.iter().map(|span| span.to).max();
            let begin = whole.spans.iter().map(|span| span.from).min();
            let length = begin.zip(end).map_or(Duration::ZERO, |(begin, end)| end.since(begin));
            whole.total = length.max(whole.total + step.total);
            whole.critical.extend(step.critical.iter().map(|at| at + first));
            whole.spans.extend(step.spans);
        }
        Some(whole)
    }
}

/// Returns the spans of an operation's events (oldest first), and the critical path that follows from the dependencies in
/// the template.
///
/// The path is that of creations and updates if there are any, else that of deletions.
pub fn timeline(events: &[StackEvent], template: &Template) -> Timeline {
    let mut spans: Vec<Span> = Vec::new();
    for event in events {
        if let EventStatus::Resource(status) = &event.status {
            add(&mut spans, event, status);
        }
    }
    let total = match (events.first(), events.last()) {
        (Some(first), Some(last)) => last.time.since(first.time),
        _ => Duration::ZERO,
    };
    let critical = critical(&spans, template);
    Timeline { total, spans, critical }
}

fn add(spans: &mut Vec<Span>, event: &StackEvent, status: &ResourceStatus) {
    let Some(work) = work(status) else { return };
    let open = spans.iter_mut().rev().find(|span| span.logical_id == event.logical_id && span.work == work);
    match open {
        Some(span) if !status.is_settled() && event.detail.as_deref() == Some("CONFIGURATION_COMPLETE") => {
            (span.released, span.to) = (event.time, event.time);
        }
        Some(span) => {
            span.released = if span.released == span.from { event.time } else { span.released };
            span.to = event.time;
            if !status.is_settled() {
                span.released = span.from;
            }
        }
        None => spans.push(Span {
            logical_id: event.logical_id.clone(),
            kind: event.kind.clone(),
            work,
            from: event.time,
            released: event.time,
            to: event.time,
        }),
    }
}

fn work(status: &ResourceStatus) -> Option<SpanKind> {
    match status.as_str().split('_').next() {
        Some("CREATE" | "IMPORT") => Some(SpanKind::Create),
        Some("UPDATE") => Some(SpanKind::Update),
        Some("DELETE") => Some(SpanKind::Delete),
        _ => None,
    }
}

fn critical(spans: &[Span], template: &Template) -> Vec<usize> {
    let graph = Graph::of(template);
    let forward = spans.iter().any(|span| span.work != SpanKind::Delete);
    let counts = |span: &Span| (span.work != SpanKind::Delete) == forward;
    let leads = |before: &Span, after: &Span| {
        let (user, needed) = if forward { (after, before) } else { (before, after) };
        let id = LogicalId::new(user.logical_id.as_str());
        let needs = graph.needs(&id).any(|(need, _)| need.as_str() == needed.logical_id);
        needs && counts(before) && before.released <= after.from
    };
    let last = (0..spans.len()).filter(|at| counts(&spans[*at])).max_by_key(|at| spans[*at].to);
    let mut path = Vec::from_iter(last);
    while let Some(after) = path.last().copied() {
        let before = (0..spans.len()).filter(|at| !path.contains(at) && leads(&spans[*at], &spans[after]));
        match before.max_by_key(|at| spans[*at].released) {
            Some(at) => path.push(at),
            None => break,
        }
    }
    path.reverse();
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_a_deployment_are_one_timeline_with_the_job_between_them() {
        let at = Timestamp::from_secs;
        let step = |id: &str, from, to| Timeline {
            total: Duration::from_secs(u64::try_from(to - from).expect("seconds")) + Duration::from_secs(2),
            ..Timeline::of_job(id, at(from), at(to))
        };
        let steps = [step("Database", 100, 400), Timeline::of_job("Migrate", at(410), at(450)), step("Web", 460, 600)];
        let whole = Timeline::of_steps(steps).expect("steps");
        assert_eq!((whole.total.as_secs(), &*whole.critical), (500, &[0, 1, 2][..]));
        assert_eq!((whole.spans[1].logical_id.as_str(), whole.spans[1].work), ("Migrate", SpanKind::Run));
        assert_eq!(Timeline::of_steps([]), None);
    }
}
