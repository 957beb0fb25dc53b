//! The routes of a load balancer before one of them: which of them is in conflict with it.

use std::collections::HashMap;

use super::Route;
use super::overlap::{self, overlap};
use super::routed_service::RoutedService;
use super::specificity::{self, canonical};

/// The steps of all comparisons of patterns of one load balancer. A load balancer has 100 rules unless the quota is raised
/// (Elastic Load Balancing, "Quotas for your Application Load Balancers"), and a pattern 128 characters, so that only many
/// long patterns reach it.
const MOST_STEPS: usize = 20_000_000;

/// A route that is in conflict with another one, and why.
pub(super) enum Conflict<'a> {
    /// It has the same conditions.
    SameRoute(&'a RoutedService),
    /// It has the same priority.
    SamePriority(&'a RoutedService),
    /// Some requests match both, and nothing decides the order.
    Unordered(&'a RoutedService),
}

/// The routes so far.
#[derive(Default)]
pub(super) struct EarlierRoutes<'a> {
    by_conditions: HashMap<String, &'a RoutedService>,
    by_priority: HashMap<i64, &'a RoutedService>,
    /// The routes without `.priority`, by class.
    unordered: HashMap<i64, Vec<(&'a RoutedService, &'a Route)>>,
    steps: usize,
}

impl<'a> EarlierRoutes<'a> {
    /// Adds a route; returns the first conflict with one before it.
    pub(super) fn add(&mut self, routed: &'a RoutedService, route: &'a Route) -> Option<Conflict<'a>> {
        let conditions = canonical(route);
        let same = self.by_conditions.get(&conditions).map(|first| Conflict::SameRoute(first));
        let conflict = same.or_else(|| self.same_priority(routed)).or_else(|| self.unordered(routed, route));
        self.by_conditions.entry(conditions).or_insert(routed);
        if let Some(priority) = routed.rule_priority() {
            self.by_priority.entry(priority).or_insert(routed);
        }
        if routed.explicit_priority().is_none() {
            self.unordered.entry(specificity::class(route)).or_default().push((routed, route));
        }
        conflict
    }

    fn same_priority(&self, routed: &RoutedService) -> Option<Conflict<'a>> {
        let first = self.by_priority.get(&routed.rule_priority()?)?;
        Some(Conflict::SamePriority(first))
    }

    fn unordered(&mut self, routed: &RoutedService, route: &Route) -> Option<Conflict<'a>> {
        if routed.explicit_priority().is_some() {
            return None;
        }
        let others = self.unordered.get(&specificity::class(route))?;
        let of_others = others.iter().filter(|(first, _)| !first.same_owner(routed));
        for (first, other) in of_others {
            self.steps = self.steps.saturating_add(overlap::steps(route, other));
            if self.steps > MOST_STEPS {
                return None;
            }
            if overlap(route, other) {
                return Some(Conflict::Unordered(first));
            }
        }
        None
    }
}
