use std::rc::Rc;

use super::FargateService;
use crate::block::lowering_context::LoweringContext;
use crate::diag::{Code, Diagnostic, Origin};

/// Seconds that a stopping task finishes its requests, and that it may take to stop, unless set.
const DRAIN: i64 = crate::block::target::DEREGISTRATION_DELAY;
const STOP_TIMEOUT: i64 = 30;
const LONGEST_STOP_TIMEOUT: i64 = 120;
/// The longest deregistration delay in seconds (`TargetGroupAttribute`, Elastic Load Balancing API).
const LONGEST_DRAIN: i64 = 3600;
const GRACE_PERIOD: i64 = 60;
/// The idle timeout of a load balancer that sets none (`LoadBalancerAttribute`, Elastic Load Balancing API).
const IDLE_TIMEOUT: i64 = 60;

/// Reports timeouts that contradict each other.
pub(super) fn all(service: &Rc<FargateService>, context: &LoweringContext) -> Vec<Diagnostic> {
    cut_off(service, context).into_iter().chain(slow_start(service)).collect()
}

/// A limit of the duration of a request, with the place that sets it.
struct Limit<'a> {
    seconds: i64,
    origin: &'a Origin,
    what: &'static str,
}

/// Reports requests that may take longer than a stopping task waits for them. ECS deregisters a task, waits for the
/// deregistration delay, sends SIGTERM, and SIGKILL after the stop timeout ("Deregistration delay" of the Elastic Load
/// Balancing guide; `stopTimeout` of the ECS API).
fn cut_off(service: &Rc<FargateService>, context: &LoweringContext) -> Option<Diagnostic> {
    let limit = limits(service).into_iter().max_by_key(|limit| limit.seconds)?;
    let seconds = limit.seconds;
    if service.behind.is_empty() {
        return worker_killed(service, &limit, context);
    }
    let drain = service.target.drain.as_ref().map_or(DRAIN, |drain| drain.value);
    if seconds <= drain {
        return None;
    }
    let message =
        format!("a request may take {seconds} seconds, and a stopping task finishes its requests for {drain}");
    let problem = Diagnostic::new(Code::CutOffRequests, message).at(limit.origin, limit.what);
    let problem = match &service.target.drain {
        Some(set) => problem.at(&set.origin, "the deregistration delay"),
        None => problem.at(&service.behind[0].origin, format!("the deregistration delay is {DRAIN} seconds here")),
    };
    let help = match seconds {
        _ if drain >= LONGEST_DRAIN => {
            format!("reduce the timeout to {LONGEST_DRAIN}: no deregistration delay is longer")
        }
        ..=LONGEST_DRAIN => format!("set `.drain({seconds})`, or reduce the timeout to {drain}"),
        _ => format!("set `.drain({LONGEST_DRAIN})`, the longest, and reduce the timeout to {LONGEST_DRAIN}"),
    };
    Some(
        problem
            .help(help)
            .note("a deployment and a scale-in close the requests that are open after the deregistration delay"),
    )
}

fn worker_killed(service: &Rc<FargateService>, limit: &Limit<'_>, context: &LoweringContext) -> Option<Diagnostic> {
    let stop = service.task.main.stop_timeout.as_ref().map_or(STOP_TIMEOUT, |set| set.value);
    // Without a load balancer, requests come through Service Connect, if at all.
    let has_requests = context.connects(service) || service.task.main.stop_timeout.is_some();
    if limit.seconds <= stop || !has_requests {
        return None;
    }
    let message = format!("a worker may take {} seconds, and a stopping task is killed after {stop}", limit.seconds);
    let problem = Diagnostic::new(Code::CutOffRequests, message).at(limit.origin, limit.what);
    let problem = match &service.task.main.stop_timeout {
        Some(set) => problem.at(&set.origin, "the stop timeout"),
        None => problem,
    };
    Some(problem.help(format!(
        "set `.stop_timeout({})` (the most is {LONGEST_STOP_TIMEOUT}), or reduce the timeout",
        limit.seconds.min(LONGEST_STOP_TIMEOUT)
    )))
}

fn limits(service: &FargateService) -> Vec<Limit<'_>> {
    let gunicorn = service.gunicorn.as_ref().and_then(|gunicorn| gunicorn.value.timeout.as_ref());
    let gunicorn =
        gunicorn.map(|set| Limit { seconds: set.value, origin: &set.origin, what: "the timeout of Gunicorn" });
    let idle = service.behind.iter().filter_map(|behind| behind.value.alb.idle_timeout.as_ref());
    let idle = idle.filter(|set| set.value > IDLE_TIMEOUT);
    let idle = idle.map(|set| Limit {
        seconds: set.value,
        origin: &set.origin,
        what: "the idle timeout of the load balancer",
    });
    gunicorn.into_iter().chain(command_timeout(service)).chain(idle).collect()
}

/// Returns the `--timeout` of a command that runs Gunicorn.
fn command_timeout(service: &FargateService) -> Option<Limit<'_>> {
    let command = service.task.main.command.as_ref()?;
    let lists = service.task.main.entrypoint.iter().chain([command]).flat_map(|set| &set.value);
    let words: Vec<&str> = lists.filter_map(|word| word.as_str()).flat_map(str::split_whitespace).collect();
    if !words.iter().any(|word| word.rsplit('/').next() == Some("gunicorn")) {
        return None;
    }
    let seconds = words.iter().enumerate().find_map(|(at, word)| match word.split_once('=') {
        Some(("--timeout" | "-t", value)) => value.parse().ok(),
        _ if ["--timeout", "-t"].contains(word) => words.get(at + 1)?.parse().ok(),
        _ => None,
    })?;
    Some(Limit { seconds, origin: &command.origin, what: "the timeout of Gunicorn" })
}

/// Reports a container that may take longer to start than the load balancer's health check lets it. The scheduler ignores
/// unhealthy targets and containers during the grace period only (`healthCheckGracePeriodSeconds` of the ECS API).
fn slow_start(service: &FargateService) -> Option<Diagnostic> {
    let behind = service.behind.first()?;
    let check = service.task.main.container_health_check.as_ref()?;
    let start = check.value.start_period.as_ref()?;
    let grace = service.grace_period.as_ref().map_or(GRACE_PERIOD, |set| set.value);
    if start.value <= grace {
        return None;
    }
    let message = format!(
        "the container may take {} seconds to start, and the load balancer's health check counts after {grace}",
        start.value
    );
    let problem = Diagnostic::new(Code::SlowStart, message).at(&start.origin, "the start period of the container");
    let problem = match &service.grace_period {
        Some(set) => problem.at(&set.origin, "the grace period"),
        None => problem.at(&behind.origin, format!("the grace period is {GRACE_PERIOD} seconds here")),
    };
    Some(
        problem
            .help(format!("set `.grace_period({})`", start.value))
            .note("ECS stops a task whose target is unhealthy after the grace period"),
    )
}
