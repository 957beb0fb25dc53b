//! The order in which a load balancer tries its routes.
//!
//! Automatic priorities follow the order of use. Each stack counts in a hundred of its own (an ALB takes 100 rules), so
//! that a route added in one stack changes no priority of another.

use std::rc::Rc;

use super::{FargateService, Route};
use crate::diag::{Code, Diagnostic, Origin, Sink, WithOrigin};

/// The last priority of a rule (Elastic Load Balancing API, `CreateRule`), for requests that match no other rule.
const LAST: i64 = 50_000;
const RULES_OF_A_STACK: i64 = 100;

/// The priority of a service's route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutePriority {
    /// The requests that match no rule, by the default action of the listeners.
    Default,
    /// The requests of a rule of this priority.
    Rule(i64),
}

/// A service behind a load balancer.
#[derive(Debug)]
pub struct RoutedService {
    /// The service.
    pub service: Rc<FargateService>,
    /// The index of its `behind` setting.
    pub at: usize,
    /// The priority of its route.
    pub priority: RoutePriority,
    /// The position of the service's stack in the script.
    stack: usize,
    /// Whether another stack creates the load balancer, so that its default action cannot be set.
    in_other_stack: bool,
}

impl RoutedService {
    pub(crate) fn new(service: Rc<FargateService>, at: usize, stack: usize, in_other_stack: bool) -> Self {
        Self { service, at, priority: RoutePriority::Default, stack, in_other_stack }
    }

    fn origin(&self) -> &Origin {
        &self.service.behind[self.at].origin
    }

    fn takes_everything(&self) -> bool {
        self.service.behind[self.at].value.route.is_none()
    }

    fn route(&self) -> Option<&Route> {
        self.service.behind[self.at].value.route.as_ref()
    }

    /// Reports paths that no request has: a path begins with a slash (Elastic Load Balancing, "Path conditions").
    fn wrong_paths(&self) -> Vec<Diagnostic> {
        let paths = self.route().into_iter().flat_map(|route| &route.path);
        let wrong = paths.filter(|path| !path.value.starts_with(['/', '*', '?']));
        let problem = |path: &WithOrigin<String>| {
            Diagnostic::new(Code::RoutePath, format!("no request has the path `{}`", path.value))
                .at(&path.origin, "")
                .help(format!("a path begins with a slash: `/{}`", path.value))
        };
        wrong.map(problem).collect()
    }

    fn explicit_priority(&self) -> Option<(i64, &Origin)> {
        let priority = self.service.behind[self.at].value.route.as_ref()?.priority.as_ref()?;
        Some((priority.value, &priority.origin))
    }
}

/// Assigns the priorities of the routes of one load balancer.
pub(crate) fn assign(services: &mut [RoutedService], problems: &mut Sink) {
    report_second_default(services, problems);
    problems.extend(services.iter().flat_map(RoutedService::wrong_paths));
    same_routes(services, problems);
    let explicit = explicit_priorities(services, problems);
    let mut stacks: Vec<(usize, i64)> = Vec::new();
    for routed in services {
        routed.priority = match (routed.takes_everything(), routed.in_other_stack, routed.explicit_priority()) {
            (true, false, _) => RoutePriority::Default,
            (true, true, _) => RoutePriority::Rule(LAST),
            (false, _, Some((priority, _))) => RoutePriority::Rule(priority),
            (false, _, None) => RoutePriority::Rule(next(&mut stacks, routed.stack, &explicit)),
        };
    }
}

fn next(stacks: &mut Vec<(usize, i64)>, stack: usize, explicit: &[i64]) -> i64 {
    let at = stacks.iter().position(|(known, _)| *known == stack).unwrap_or_else(|| {
        let hundreds = i64::try_from(stacks.len()).unwrap_or(i64::MAX);
        stacks.push((stack, hundreds * RULES_OF_A_STACK));
        stacks.len() - 1
    });
    let count = &mut stacks[at].1;
    *count += 1;
    while explicit.contains(count) {
        *count += 1;
    }
    *count
}

fn report_second_default(services: &[RoutedService], problems: &mut Sink) {
    let mut defaults = services.iter().filter(|routed| routed.takes_everything());
    let Some(first) = defaults.next() else { return };
    problems.extend(defaults.map(|second| {
        Diagnostic::new(
            Code::TwoDefaultRoutes,
            format!(
                "`{}` and `{}` are both default targets of this load balancer",
                first.service.name.value, second.service.name.value
            ),
        )
        .at(second.origin(), "receives all other requests too")
        .at(first.origin(), "receives all other requests")
        .help("give one of them a route: `.behind(alb, \"/api/*\")`")
    }));
}

/// Reports the second of two equal routes, which never matches.
fn same_routes(services: &[RoutedService], problems: &mut Sink) {
    let equal = |a: &Route, b: &Route| (&a.path, &a.host, &a.header) == (&b.path, &b.host, &b.header);
    for (at, second) in services.iter().enumerate() {
        let Some(route) = second.route() else { continue };
        // A repeated route of one service is reported by the service itself.
        let other = |first: &&RoutedService| !Rc::ptr_eq(&first.service, &second.service);
        let same = |first: &&RoutedService| first.route().is_some_and(|other| equal(other, route));
        let first = services[..at].iter().filter(other).find(same);
        problems.extend(first.map(|first| {
            Diagnostic::new(Code::ShadowedRoute, format!("`{}` never gets a request", second.service.name.value))
                .at(second.origin(), "the same route again")
                .at(first.origin(), format!("`{}` takes these requests", first.service.name.value))
                .help("let the two routes differ in path, host or header")
        }));
    }
}

fn explicit_priorities(services: &[RoutedService], problems: &mut Sink) -> Vec<i64> {
    let mut seen: Vec<(i64, &Origin)> = Vec::new();
    for (priority, origin) in services.iter().filter_map(RoutedService::explicit_priority) {
        match seen.iter().find(|(other, _)| *other == priority) {
            Some((_, first)) => problems.push(
                Diagnostic::new(Code::DuplicateRoutePriority, format!("two routes have the priority {priority}"))
                    .at(origin, "the same priority again")
                    .at(first, "the first route")
                    .help("give each route of a load balancer its own priority, or leave them out"),
            ),
            None => seen.push((priority, origin)),
        }
    }
    seen.into_iter().map(|(priority, _)| priority).collect()
}
