//! Deployment strategies that ECS or CloudFormation refuse, or that would not do what they say.

use std::rc::Rc;

use super::super::shifting::{self, ShiftedGroup};
use super::FargateService;
use crate::block::range_checks::{one_of, within};
use crate::block::{
    DeploymentHook, DeploymentPause, DeploymentStrategy, EarlySuccess, LoweringContext, StrategyKind, TrafficShift,
    TrafficStep,
};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// The longest bake time and pause: 24 hours (`bakeTimeInMinutes` and `canaryBakeTimeInMinutes`, ECS API).
const LONGEST_SECONDS: i64 = 86_400;
/// The longest sum of bake time and pauses (CloudFormation, "`AWS::ECS::Service` CanaryConfiguration": 33 hours).
const LONGEST_SUM: i64 = 33 * 3600;
const MINIMUM_HEALTHY_PERCENT: i64 = 100;

pub(super) fn all(service: &Rc<FargateService>, context: &LoweringContext) -> Vec<Diagnostic> {
    let mut problems: Vec<Diagnostic> = two_strategies(service).into_iter().chain(early_success(service)).collect();
    let Some(strategy) = service.shift() else { return problems };
    problems.extend(percent(strategy));
    problems.extend(times(strategy));
    problems.extend(strategy.value.shift.hook.iter().flat_map(hook));
    problems.extend(strategy.value.shift.pause.iter().flat_map(pause));
    problems.extend(test_header(service, strategy, context));
    problems.extend(percent_of_tasks(service, strategy));
    problems.extend(traffic(service, strategy, context));
    problems
}

fn problem(message: impl Into<String>, origin: &Origin) -> Diagnostic {
    Diagnostic::new(Code::DeploymentStrategy, message).at(origin, "")
}

fn two_strategies(service: &FargateService) -> Option<Diagnostic> {
    let first = service.strategy.first()?;
    let differs = |other: &&WithOrigin<DeploymentStrategy>| other.value.kind.setter() != first.value.kind.setter();
    let second = service.strategy.iter().find(differs)?;
    let (one, other) = (first.value.kind.setter(), second.value.kind.setter());
    let message = format!("a deployment goes by one strategy, not by `.{one}` and `.{other}`");
    Some(
        Diagnostic::new(Code::DeploymentStrategy, message)
            .at(&second.origin, "the second strategy")
            .at(&first.origin, "the first strategy")
            .help("leave one of the two out"),
    )
}

/// Reports a part of the traffic that ECS does not take: multiples of 0.1 from 0.1 or 3 to 100 (`CanaryConfiguration`,
/// `LinearConfiguration`).
fn percent(strategy: &WithOrigin<DeploymentStrategy>) -> Option<Diagnostic> {
    let (step, least) = match strategy.value.kind {
        StrategyKind::Canary(step) => (step, 0.1),
        StrategyKind::Linear(step) => (step, 3.0),
        StrategyKind::Rolling | StrategyKind::BlueGreen => return None,
    };
    let tenths = step.percent * 10.0;
    let setter = strategy.value.kind.setter();
    if !(least..=100.0).contains(&step.percent) {
        let message = format!("`.{setter}` cannot shift {} % of the traffic", step.percent);
        return Some(problem(message, &strategy.origin).help(format!("use {least} to 100 percent")));
    }
    let is_tenth = (tenths - tenths.round()).abs() < 1e-6;
    (!is_tenth).then(|| {
        problem(format!("`.{setter}` shifts tenths of a percent, not {} %", step.percent), &strategy.origin)
            .help(format!("write `{}`", tenths.round() / 10.0))
    })
}

fn times(strategy: &WithOrigin<DeploymentStrategy>) -> Vec<Diagnostic> {
    let bake = strategy.value.shift.bake.clone();
    let pause = match strategy.value.kind {
        StrategyKind::Canary(TrafficStep { seconds, .. }) | StrategyKind::Linear(TrafficStep { seconds, .. }) => {
            Some(WithOrigin::new(seconds, strategy.origin.clone()))
        }
        StrategyKind::Rolling | StrategyKind::BlueGreen => None,
    };
    let named = bake.into_iter().map(|set| ("a bake time", set)).chain(pause.map(|set| ("a pause", set)));
    let mut problems: Vec<Diagnostic> = named.filter_map(|(what, set)| time(what, &set)).collect();
    if problems.is_empty() && strategy.value.waits() > LONGEST_SUM {
        let hours = strategy.value.waits() / 3600;
        let message = format!("the pauses and the bake time take {hours} hours, and CloudFormation takes at most 33");
        problems.push(problem(message, &strategy.origin).help("shift larger parts, or wait less between them"));
    }
    problems
}

/// Reports a time that ECS cannot wait: it counts whole minutes.
fn time(what: &str, set: &WithOrigin<i64>) -> Option<Diagnostic> {
    within(set, 0..=LONGEST_SECONDS, Code::DeploymentStrategy, what, "seconds").or_else(|| minutes(what, set))
}

/// Reports seconds that are not whole minutes.
fn minutes(what: &str, set: &WithOrigin<i64>) -> Option<Diagnostic> {
    let (below, above) = (set.value / 60 * 60, (set.value / 60 + 1) * 60);
    let message = format!("{what} is counted in whole minutes, and {} seconds are none", set.value);
    (set.value % 60 != 0).then(|| problem(message, &set.origin).help(format!("write `{below}` or `{above}`")))
}

fn stage(written: &str, origin: &Origin) -> Option<Diagnostic> {
    let stage = WithOrigin::new(written.to_uppercase(), origin.clone());
    let unknown = one_of(&stage, &DeploymentHook::STAGES, "a stage with hooks", Code::DeploymentStrategy);
    unknown.or_else(|| {
        (stage.value != written).then(|| {
            problem(format!("stages are written in capitals: `{}`", stage.value), origin)
                .help(format!("write `\"{}\"`", stage.value))
        })
    })
}

/// Reports a pause that ECS refuses (`DeploymentLifecycleHookTimeoutConfiguration`, ECS API).
fn pause(pause: &WithOrigin<DeploymentPause>) -> Vec<Diagnostic> {
    const LONGEST: i64 = 20_160 * 60;
    let DeploymentPause { stage: name, seconds, then } = &pause.value;
    let seconds = seconds.map(|seconds| WithOrigin::new(seconds, pause.origin.clone()));
    let time = seconds.and_then(|set| {
        let refused = within(&set, 60..=LONGEST, Code::DeploymentStrategy, "the time of a pause", "seconds");
        refused.or_else(|| minutes("the time of a pause", &set))
    });
    let then = then.as_ref().map(|then| WithOrigin::new(then.clone(), pause.origin.clone()));
    let then =
        then.and_then(|set| one_of(&set, &DeploymentPause::ACTIONS, "an end of a pause", Code::DeploymentStrategy));
    stage(name, &pause.origin).into_iter().chain(time).chain(then).collect()
}

/// Reports a header for tests of a service that others do not call by Service Connect.
fn test_header(
    service: &Rc<FargateService>,
    strategy: &WithOrigin<DeploymentStrategy>,
    context: &LoweringContext,
) -> Option<Diagnostic> {
    let set = strategy.value.shift.test_header.as_ref()?;
    let message =
        format!("no calls by Service Connect reach `{}`, whose header could be looked at", service.name.value);
    (!context.connects(service)).then(|| {
        problem(message, &set.origin)
            .help("let others reach it by name: `Cluster(..).namespace(name)`")
            .help("or test it through its load balancer: `.test_listener(9000)`")
    })
}

fn hook(hook: &WithOrigin<DeploymentHook>) -> Vec<Diagnostic> {
    let name = hook.value.function.as_str().filter(|function| !function.starts_with("arn:"));
    let not_an_arn = name.map(|name| {
        problem(format!("`{name}` is not the ARN of a Lambda function"), &hook.origin)
            .help(format!("write `arn:aws:lambda:REGION:ACCOUNT:function:{name}`"))
    });
    stage(&hook.value.stage, &hook.origin).into_iter().chain(not_an_arn).collect()
}

/// Reports limits that are those of rolling deployments alone (`minimumHealthyPercent` of `DeploymentConfiguration`).
fn percent_of_tasks(service: &FargateService, strategy: &WithOrigin<DeploymentStrategy>) -> Option<Diagnostic> {
    let set = service.healthy_percent.as_ref()?;
    let message = format!("`.healthy_percent` has no effect on {}", strategy.value.kind.words());
    Some(
        problem(message, &set.origin)
            .at(&strategy.origin, "starts all new tasks next to the old ones")
            .help("leave it out"),
    )
}

/// Reports criteria that ECS refuses (`DeploymentEarlySuccessCriteria`).
fn early_success(service: &FargateService) -> Vec<Diagnostic> {
    let Some(set) = &service.early_success else { return Vec::new() };
    let cleanup = WithOrigin::new(set.value.cleanup.clone(), set.origin.clone());
    let percent = WithOrigin::new(set.value.percent, set.origin.clone());
    let mut problems: Vec<Diagnostic> =
        one_of(&cleanup, &EarlySuccess::CLEANUPS, "a removal of old tasks", Code::DeploymentStrategy)
            .into_iter()
            .chain(within(&percent, 0..=100, Code::DeploymentStrategy, "a part of the tasks", "percent"))
            .collect();
    if let Some(strategy) = service.shift() {
        let message = format!("`.early_success` is for rolling deployments, not for {}", strategy.value.kind.words());
        problems
            .push(problem(message, &set.origin).at(&strategy.origin, "the strategy").help("leave one of the two out"));
    }
    let minimum = service.healthy_percent.as_ref();
    let least = minimum.map_or(MINIMUM_HEALTHY_PERCENT, |set| *set.value.start());
    if problems.is_empty() && set.value.percent < least {
        let message =
            format!("a deployment is not complete with {} % of its tasks when {least} % must run", set.value.percent);
        let refused = problem(message, &set.origin);
        let refused = minimum.iter().fold(refused, |it, minimum| it.at(&minimum.origin, "the minimum"));
        problems.push(refused.help(format!(
            "lower the minimum: `.healthy_percent({}..=200)`, or complete later: `.early_success({least})`",
            set.value.percent
        )));
    }
    problems
}

/// Reports traffic that ECS cannot shift.
fn traffic(
    service: &Rc<FargateService>,
    strategy: &WithOrigin<DeploymentStrategy>,
    context: &LoweringContext,
) -> Vec<Diagnostic> {
    if !service.has_load_balancer() {
        return without_balancer(service, strategy, context).into_iter().collect();
    }
    let groups = shifting::groups(service, context);
    let mut problems: Vec<Diagnostic> = groups.iter().filter_map(|group| rules(service, group)).collect();
    problems.extend(test_listener(service, &groups));
    problems.extend(service.behind.iter().filter_map(|behind| {
        let (alb, route) = (&behind.value.alb, behind.value.route.as_ref());
        let own = route.and_then(|route| route.authenticate.as_ref()).map(|set| &set.origin);
        let login = own.or(alb.authenticate.as_ref().map(|set| &set.origin))?;
        route.is_none_or(|route| route.no_authentication.is_none()).then(|| with_login(strategy, login))
    }));
    problems
}

/// Reports a gradual shift of traffic that ECS does not manage: without a load balancer it needs Service Connect ("Required
/// resources for Amazon ECS canary deployments"). Blue/green deployments need neither.
fn without_balancer(
    service: &Rc<FargateService>,
    strategy: &WithOrigin<DeploymentStrategy>,
    context: &LoweringContext,
) -> Option<Diagnostic> {
    let TrafficShift { test_listener, .. } = &strategy.value.shift;
    if let Some(port) = test_listener {
        let message =
            format!("`{}` is behind no load balancer that could listen on port {}", service.name.value, port.value);
        return Some(
            problem(message, &port.origin).help("put it behind one: `.behind(alb)`, or leave the listener out"),
        );
    }
    if strategy.value.kind == StrategyKind::BlueGreen || context.connects(service) {
        return None;
    }
    let message = format!("nothing sends traffic to `{}` that ECS could shift in parts", service.name.value);
    Some(
        problem(message, &strategy.origin)
            .help("put it behind a load balancer: `.behind(alb)`, or let others reach it by name: `Cluster(..).namespace(name)`")
            .help("or deploy `.blue_green()`, which needs neither"),
    )
}

/// Reports a target group with other than one production rule.
fn rules(service: &FargateService, group: &ShiftedGroup<'_>) -> Option<Diagnostic> {
    let ids: Vec<String> = group.production.iter().map(|id| format!("`{id}`")).collect();
    match (ids.as_slice(), service.test_port()) {
        ([_], _) | ([], None) => None,
        ([], Some(port)) => Some(
            problem(format!("port {} is for tests, and no listener is left for users", port.value), &port.origin)
                .at(group.origin, "the load balancer")
                .help("add a listener of the same protocol to the load balancer: `.listen(80)`"),
        ),
        _ => Some(
            problem(
                format!("ECS shifts the traffic of one rule, and `{}` has {}", service.name.value, ids.len()),
                group.origin,
            )
            .note(format!("they are {}", ids.join(" and ")))
            .help("one listener: `.https(certificate).redirect_http()` in place of `.listen(80).https(certificate)`")
            .help("one route with several paths: `.behind(alb, Route().path(\"/a/*\").path(\"/b/*\"))`"),
        ),
    }
}

fn test_listener(service: &FargateService, groups: &[ShiftedGroup<'_>]) -> Option<Diagnostic> {
    let port = service.test_port()?;
    if groups.iter().any(|group| !group.test.is_empty()) {
        return None;
    }
    let message = format!("no load balancer of `{}` listens on port {}", service.name.value, port.value);
    let balancer = groups.first().map(|group| group.origin);
    let refused = problem(message, &port.origin);
    let refused = balancer.into_iter().fold(refused, |it, origin| it.at(origin, "the load balancer"));
    Some(refused.help(format!("add the listener to the load balancer: `.listen({})`", port.value)))
}

fn with_login(strategy: &WithOrigin<DeploymentStrategy>, login: &Origin) -> Diagnostic {
    Diagnostic::new(Code::ShiftWithLogin, "ECS may refuse to shift the traffic of a rule that has a login")
        .at(&strategy.origin, "shifts traffic")
        .at(login, "the login")
        .help("let the application log users in, or use `.rolling()`")
}
