//! The order in which a load balancer evaluates its rules.

use std::collections::HashSet;

use super::Route;
use super::earlier_routes::{Conflict, EarlierRoutes};
use super::routed_service::{RoutePriority, RoutedService};
use super::specificity;
use crate::diag::{Code, Diagnostic, Sink};

/// The last priority of a rule (Elastic Load Balancing API, `CreateRule`), for requests that match no other rule.
const LAST: i64 = 50_000;

/// Assigns the priorities of the routes of one load balancer.
pub(crate) fn assign(services: &mut [RoutedService], problems: &mut Sink) {
    report_second_default(services, problems);
    problems.extend(services.iter().flat_map(RoutedService::wrong_paths));
    for routed in &mut *services {
        routed.priority = match (routed.route(), routed.explicit_priority()) {
            (None, _) if routed.has_last_rule() => RoutePriority::Rule(LAST),
            (None, _) => RoutePriority::Default,
            (Some(_), Some((priority, _))) => RoutePriority::Rule(priority),
            (Some(route), None) => RoutePriority::Rule(specificity::priority(&routed.owner().stem(), route)),
        };
    }
    let reported = report_conflicts(services, problems);
    for at in reported {
        services[at].has_priority_of_another = true;
    }
}

fn report_second_default(services: &[RoutedService], problems: &mut Sink) {
    let mut defaults = services.iter().filter(|routed| routed.takes_everything());
    let Some(first) = defaults.next() else { return };
    problems.extend(defaults.map(|second| {
        if first.same_owner(second) {
            return Diagnostic::new(Code::SetterCalledTwice, "`.behind` is called twice with the same load balancer")
                .at(second.origin(), "the second call")
                .at(first.origin(), "the first call")
                .help("remove one of the two calls, or give one a route: `.behind(alb, \"/api/*\")`");
        }
        Diagnostic::new(
            Code::TwoDefaultRoutes,
            format!("`{}` and `{}` are both default targets of this load balancer", first.owner(), second.owner()),
        )
        .at(second.origin(), "receives all other requests too")
        .at(first.origin(), "receives all other requests")
        .help("give one of them a route: `.behind(alb, \"/api/*\")`")
    }));
}

/// Reports routes that AWS would refuse, or whose order nothing decides, each with one of the routes before it. Returns the
/// positions of the routes with the priority of another one.
fn report_conflicts(services: &[RoutedService], problems: &mut Sink) -> Vec<usize> {
    let mut same = Vec::new();
    let taken: HashSet<i64> = services.iter().filter_map(RoutedService::rule_priority).collect();
    let mut before = EarlierRoutes::default();
    for (at, second) in services.iter().enumerate() {
        let Some(route) = second.route() else { continue };
        match before.add(second, route) {
            // A repeated route of one service is reported by the service itself.
            Some(Conflict::SameRoute(first)) if first.same_owner(second) => {}
            Some(Conflict::SameRoute(first)) => problems.push(shadowed(first, second)),
            Some(Conflict::SamePriority(first)) => {
                same.push(at);
                problems.push(same_priority(first, second, route, &taken));
            }
            Some(Conflict::Unordered(first)) => problems.push(unordered(first, second, route, &taken)),
            None => {}
        }
    }
    same
}

fn shadowed(first: &RoutedService, second: &RoutedService) -> Diagnostic {
    Diagnostic::new(Code::ShadowedRoute, format!("`{}` never gets a request", second.owner()))
        .at(second.origin(), "the same route again")
        .at(first.origin(), format!("`{}` takes these requests", first.owner()))
        .help("let the two routes differ in path, host or header")
}

fn same_priority(first: &RoutedService, second: &RoutedService, route: &Route, taken: &HashSet<i64>) -> Diagnostic {
    let priority = second.rule_priority().unwrap_or(LAST);
    let place =
        |routed: &RoutedService| routed.explicit_priority().map_or(routed.origin(), |(_, origin)| origin).clone();
    Diagnostic::new(Code::DuplicateRoutePriority, format!("two routes have the priority {priority}"))
        .at(&place(second), "the same priority again")
        .at(&place(first), "the first route")
        .help_if(
            free_priority(route, priority, taken).map(|free| format!("set another one: `.priority({free})` is free")),
        )
}

fn unordered(first: &RoutedService, second: &RoutedService, route: &Route, taken: &HashSet<i64>) -> Diagnostic {
    let names = (&second.owner(), &first.owner());
    let message =
        format!("some requests match a route of `{}` and one of `{}`, and neither is more specific", names.0, names.1);
    let free = free_priority(route, first.rule_priority().unwrap_or(LAST), taken);
    Diagnostic::new(Code::AmbiguousRouteOrder, message)
        .at(second.origin(), "this route")
        .at(first.origin(), "and this one")
        .help_if(free.map(|free| {
            format!("decide the order with `.priority(n)` on one of them: {free} is free; the lowest wins")
        }))
}

/// Returns the next number of the class of a route that no other route has.
fn free_priority(route: &Route, after: i64, taken: &HashSet<i64>) -> Option<i64> {
    specificity::others(route, after).find(|priority| (1..LAST).contains(priority) && !taken.contains(priority))
}
