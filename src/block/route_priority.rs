//! The order in which a load balancer tries its routes.
//!
//! Automatic priorities follow the order of use. Each stack counts in a hundred of its own (an ALB takes 100 rules), so
//! that a route added in one stack moves none of another's.

use std::rc::Rc;

use super::{FargateService, Route};
use crate::diag::{Code, Diagnostic, Origin, Sink, WithOrigin};

/// The lowest rank of a rule (Elastic Load Balancing API, `CreateRule`): it catches what no other rule did.
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
    /// Which of its `behind` settings.
    pub at: usize,
    /// How it gets requests.
    pub rank: RoutePriority,
    /// The rank of the service's stack in the script.
    stack: usize,
    /// True where another stack makes the load balancer, whose default action is then out of reach.
    away: bool,
}

impl RoutedService {
    pub(crate) fn new(service: Rc<FargateService>, at: usize, stack: usize, away: bool) -> Self {
        Self { service, at, rank: RoutePriority::Default, stack, away }
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

    fn given(&self) -> Option<(i64, &Origin)> {
        let priority = self.service.behind[self.at].value.route.as_ref()?.priority.as_ref()?;
        Some((priority.value, &priority.origin))
    }
}

/// Ranks the uses of one load balancer.
pub(crate) fn rank(uses: &mut [RoutedService], problems: &mut Sink) {
    report_second_default(uses, problems);
    problems.extend(uses.iter().flat_map(RoutedService::wrong_paths));
    same_routes(uses, problems);
    let given = given_priorities(uses, problems);
    let mut stacks: Vec<(usize, i64)> = Vec::new();
    for used in uses {
        used.rank = match (used.takes_everything(), used.away, used.given()) {
            (true, false, _) => RoutePriority::Default,
            (true, true, _) => RoutePriority::Rule(LAST),
            (false, _, Some((priority, _))) => RoutePriority::Rule(priority),
            (false, _, None) => RoutePriority::Rule(next(&mut stacks, used.stack, &given)),
        };
    }
}

fn next(stacks: &mut Vec<(usize, i64)>, stack: usize, given: &[i64]) -> i64 {
    let at = stacks.iter().position(|(known, _)| *known == stack).unwrap_or_else(|| {
        let hundreds = i64::try_from(stacks.len()).unwrap_or(i64::MAX);
        stacks.push((stack, hundreds * RULES_OF_A_STACK));
        stacks.len() - 1
    });
    let count = &mut stacks[at].1;
    *count += 1;
    while given.contains(count) {
        *count += 1;
    }
    *count
}

fn report_second_default(uses: &[RoutedService], problems: &mut Sink) {
    let mut defaults = uses.iter().filter(|used| used.takes_everything());
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
fn same_routes(uses: &[RoutedService], problems: &mut Sink) {
    let equal = |a: &Route, b: &Route| (&a.path, &a.host, &a.header) == (&b.path, &b.host, &b.header);
    for (at, second) in uses.iter().enumerate() {
        let Some(route) = second.route() else { continue };
        // The same route twice in one service is reported by the service itself.
        let other = |first: &&RoutedService| !Rc::ptr_eq(&first.service, &second.service);
        let same = |first: &&RoutedService| first.route().is_some_and(|other| equal(other, route));
        let first = uses[..at].iter().filter(other).find(same);
        problems.extend(first.map(|first| {
            Diagnostic::new(Code::ShadowedRoute, format!("`{}` never gets a request", second.service.name.value))
                .at(second.origin(), "the same route again")
                .at(first.origin(), format!("`{}` takes these requests", first.service.name.value))
                .help("let the two routes differ in path, host or header")
        }));
    }
}

fn given_priorities(uses: &[RoutedService], problems: &mut Sink) -> Vec<i64> {
    let mut seen: Vec<(i64, &Origin)> = Vec::new();
    for (priority, origin) in uses.iter().filter_map(RoutedService::given) {
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
