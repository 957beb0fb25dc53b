use std::ops::RangeInclusive;

use super::FargateService;
use crate::block::range_checks::within;
use crate::block::repeated::repeated;
use crate::block::{Scaling, Schedule};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// Tasks of a service ("Amazon ECS service quotas"; not adjustable).
const MOST_TASKS: i64 = 5000;
const SECONDS_OF_A_MINUTE: i64 = 60;

pub(super) fn all(service: &FargateService) -> Vec<Diagnostic> {
    let Some(scaling) = &service.scaling else { return Vec::new() };
    let Scaling { tasks, cpu, memory, schedule, .. } = &scaling.value;
    let mut problems: Vec<Diagnostic> = range(&tasks.value, &tasks.origin).into_iter().collect();
    problems.extend(schedule.iter().filter_map(|action| range(&action.value.tasks, &action.origin)));
    problems.extend(schedule.iter().filter_map(|action| when(&action.value.when, &action.origin)));
    problems.extend(
        [cpu, memory]
            .into_iter()
            .flatten()
            .filter_map(|percent| within(percent, 1..=100, Code::ScalingPercent, "a utilisation to keep", "percent")),
    );
    let times = [&scaling.value.scale_out_after, &scaling.value.scale_in_after];
    problems.extend(times.into_iter().flatten().filter_map(|seconds| {
        within(seconds, 0..=i64::from(i32::MAX), Code::ScalingCooldown, "a cooldown", "seconds")
    }));
    problems.extend(count_too(service, scaling));
    problems.extend(few_requests(&scaling.value));
    problems.extend(named_twice(schedule));
    problems.extend(targets(&scaling.value));
    problems.extend(policies_of_one_name(&scaling.value));
    problems
}

fn range(tasks: &RangeInclusive<i64>, origin: &Origin) -> Option<Diagnostic> {
    let (least, most) = (*tasks.start(), *tasks.end());
    let problem = |message: String| Diagnostic::new(Code::ScalingRange, message).at(origin, "");
    if least < 0 {
        return Some(problem(format!("a service cannot run {least} tasks")).help("begin at 0 or more"));
    }
    if most > MOST_TASKS {
        return Some(
            problem(format!("a service cannot run {most} tasks"))
                .help(format!("end at {MOST_TASKS} or below, as ECS does")),
        );
    }
    (least > most).then(|| {
        problem(format!("the least number of tasks, {least}, is over the most, {most}"))
            .help(format!("did you mean `{most}..={least}`?"))
    })
}

/// Checks the form of a schedule (Application Auto Scaling API, `PutScheduledAction`).
fn when(when: &str, origin: &Origin) -> Option<Diagnostic> {
    let known = ["cron(", "rate(", "at("].iter().any(|form| when.starts_with(form)) && when.ends_with(')');
    (!known).then(|| {
        Diagnostic::new(Code::ScalingSchedule, format!("`{when}` is not a schedule"))
            .at(origin, "")
            .help("write `cron(0 8 ? * MON-FRI *)`, `rate(2 hours)` or `at(2026-12-24T18:00:00)`")
    })
}

/// Reports two scheduled actions of one name, which would be one resource.
fn named_twice(schedule: &[WithOrigin<Schedule>]) -> Vec<Diagnostic> {
    let repeats = repeated(schedule, |action| action.value.name.stem()).into_iter().map(|(action, first)| {
        Diagnostic::new(Code::DuplicateScalingName, format!("two schedules are named `{}`", action.value.name))
            .at(&action.origin, "the same name again")
            .at(&first.origin, "the first schedule of this name")
            .help("give each schedule a name of its own")
    });
    repeats.collect()
}

fn count_too(service: &FargateService, scaling: &WithOrigin<Scaling>) -> Option<Diagnostic> {
    let count = service.count.as_ref()?;
    Some(
        Diagnostic::new(Code::CountWithScaling, "`.count` has no effect: scaling sets the number of tasks")
            .at(&count.origin, "has no effect")
            .at(&scaling.origin, "scaling is set here")
            .help("leave `.count` out; a deployment starts the minimum of `Scaling`"),
    )
}

/// Warns about a low number of requests: AWS counts them per minute, and users may mean per second.
fn few_requests(scaling: &Scaling) -> Option<Diagnostic> {
    let requests = scaling.requests_per_target.as_ref()?;
    if requests.value < 1 {
        return within(requests, 1..=i64::from(i32::MAX), Code::RequestsPerTarget, "a number of requests", "a minute");
    }
    if requests.value >= SECONDS_OF_A_MINUTE {
        return None;
    }
    let most = *scaling.tasks.value.end();
    let second = |minute: i64| {
        let hundredths = minute.saturating_mul(100).saturating_add(SECONDS_OF_A_MINUTE / 2) / SECONDS_OF_A_MINUTE;
        format!("{}.{:02}", hundredths / 100, hundredths % 100)
    };
    let message = format!("{} requests a minute for each task are {} a second", requests.value, second(requests.value));
    let all = second(requests.value.saturating_mul(most));
    Some(
        Diagnostic::new(Code::LowRequestTarget, message)
            .at(&requests.origin, "per minute, as AWS counts")
            .help(format!(
                "for {} requests a second write `.requests_per_target({})`",
                requests.value,
                requests.value.saturating_mul(60)
            ))
            .note(format!("all {most} tasks run at {all} requests a second ({} x {most} / 60)", requests.value)),
    )
}

fn targets(scaling: &Scaling) -> Vec<Diagnostic> {
    let problem = |message: String, origin: &Origin| {
        Diagnostic::new(Code::ScalingTarget, message).at(origin, "").help("use a number above 0")
    };
    let queues = scaling.queue.iter().filter(|queue| queue.value.messages_per_task < 1).map(|queue| {
        problem(format!("a task cannot have {} messages waiting", queue.value.messages_per_task), &queue.origin)
    });
    let metrics =
        scaling.metric.iter().filter(|tracked| tracked.value.target <= 0.0 || !tracked.value.target.is_finite());
    let metrics =
        metrics.map(|tracked| problem(format!("the target cannot be {}", tracked.value.target), &tracked.origin));
    queues.chain(metrics).collect()
}

/// Reports two policies of one name, which would be one resource.
fn policies_of_one_name(scaling: &Scaling) -> Vec<Diagnostic> {
    const NAMED: &str = "give one a name of its own as its first argument, as in `.metric(\"Mails\", metric, 20)`";
    let queues = scaling.queue.iter().map(|it| ((".queue", it.value.stem.clone()), &it.origin));
    let metrics = scaling.metric.iter().map(|it| ((".metric", it.value.metric.stem()), &it.origin));
    let steps = scaling.steps.iter().map(|it| ((".steps", it.value.metric.stem()), &it.origin));
    let policies: Vec<((&str, String), &Origin)> = queues.chain(metrics).chain(steps).collect();
    let repeats = repeated(&policies, |(key, _)| key).into_iter().map(|(((setter, name), again), (_, first))| {
        Diagnostic::new(Code::DuplicateScalingName, format!("two calls of `{setter}` follow `{name}`"))
            .at(again, "the same name again")
            .at(first, "the first one")
            .help(if *setter == ".queue" { "follow each queue once" } else { NAMED })
    });
    repeats.collect()
}
