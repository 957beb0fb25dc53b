//! A service behind a load balancer, with the priority of its route.

use std::rc::Rc;

use super::Route;
use crate::block::{Alb, FargateService, Name};
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

/// The priority of a service's route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutePriority {
    /// The requests that match no rule, by the default action of the listeners.
    Default,
    /// The requests of a rule of this priority.
    Rule(i64),
}

/// The setting that gives requests to a service, or that lets the load balancer answer them.
#[derive(Debug, Clone)]
enum RouteSource {
    /// A `behind` setting of a service, by its index.
    Service(Rc<FargateService>, usize),
    /// A route of the load balancer itself, by its index.
    Balancer(Rc<Alb>, usize),
}

/// A route of a load balancer: to a service, or one that the load balancer answers itself.
#[derive(Debug)]
pub struct RoutedService {
    source: RouteSource,
    /// The priority of its route.
    pub priority: RoutePriority,
    /// Whether an error reports that another route has its priority.
    pub(crate) has_priority_of_another: bool,
    /// Whether another stack creates the load balancer, so that its default action cannot be set.
    pub(super) in_other_stack: bool,
}

impl RoutedService {
    /// Creates the route of a `behind` setting of a service.
    pub(crate) fn new(service: Rc<FargateService>, at: usize, in_other_stack: bool) -> Self {
        Self::of(RouteSource::Service(service, at), in_other_stack)
    }

    /// Creates a route that the load balancer answers itself.
    pub(crate) fn own(alb: Rc<Alb>, at: usize) -> Self {
        Self::of(RouteSource::Balancer(alb, at), false)
    }

    fn of(source: RouteSource, in_other_stack: bool) -> Self {
        Self { source, priority: RoutePriority::Default, has_priority_of_another: false, in_other_stack }
    }

    /// Returns the service with the index of its `behind` setting; none for a route of the load balancer itself.
    pub fn service(&self) -> Option<(&Rc<FargateService>, usize)> {
        match &self.source {
            RouteSource::Service(service, at) => Some((service, *at)),
            RouteSource::Balancer(..) => None,
        }
    }

    /// Returns the index of a route of the load balancer itself.
    pub(crate) fn own_route(&self) -> Option<usize> {
        match &self.source {
            RouteSource::Service(..) => None,
            RouteSource::Balancer(_, at) => Some(*at),
        }
    }

    /// Returns the name of the block that has the setting.
    pub(super) fn owner(&self) -> &Name {
        match &self.source {
            RouteSource::Service(service, _) => &service.name.value,
            RouteSource::Balancer(alb, _) => &alb.name.value,
        }
    }

    /// Returns whether both are settings of one block.
    pub(super) fn same_owner(&self, other: &Self) -> bool {
        match (&self.source, &other.source) {
            (RouteSource::Service(one, _), RouteSource::Service(other, _)) => Rc::ptr_eq(one, other),
            (RouteSource::Balancer(..), RouteSource::Balancer(..)) => true,
            _ => false,
        }
    }

    /// Returns whether another stack creates the load balancer.
    pub(crate) fn is_in_other_stack(&self) -> bool {
        self.in_other_stack
    }

    pub(crate) fn origin(&self) -> &Origin {
        match &self.source {
            RouteSource::Service(service, at) => &service.behind[*at].origin,
            RouteSource::Balancer(alb, at) => &alb.routes[*at].origin,
        }
    }

    pub(super) fn takes_everything(&self) -> bool {
        self.route().is_none()
    }

    /// Returns whether the default action of the listeners forwards to it.
    pub(crate) fn is_default(&self) -> bool {
        self.takes_everything() && !self.in_other_stack
    }

    /// Returns whether it takes all other requests by a rule: ECS shifts the traffic of rules.
    pub(super) fn has_last_rule(&self) -> bool {
        let shifts = self.service().is_some_and(|(service, _)| service.shifts());
        self.takes_everything() && (self.in_other_stack || shifts)
    }

    pub(super) fn route(&self) -> Option<&Route> {
        match &self.source {
            RouteSource::Service(service, at) => service.behind[*at].value.route.as_ref(),
            RouteSource::Balancer(alb, at) => Some(&alb.routes[*at].value.route),
        }
    }

    /// Reports paths that no request has: a path begins with a slash (Elastic Load Balancing, "Path conditions").
    pub(super) fn wrong_paths(&self) -> Vec<Diagnostic> {
        let paths = self.route().into_iter().flat_map(|route| &route.path);
        let wrong = paths.filter(|path| !path.value.starts_with(['/', '*', '?']));
        let problem = |path: &WithOrigin<String>| {
            Diagnostic::new(Code::RoutePath, format!("no request has the path `{}`", path.value))
                .at(&path.origin, "")
                .help(format!("a path begins with a slash: `/{}`", path.value))
        };
        wrong.map(problem).collect()
    }

    pub(crate) fn rule_priority(&self) -> Option<i64> {
        match self.priority {
            RoutePriority::Default => None,
            RoutePriority::Rule(priority) => Some(priority),
        }
    }

    pub(super) fn explicit_priority(&self) -> Option<(i64, &Origin)> {
        let priority = self.route()?.priority.as_ref()?;
        Some((priority.value, &priority.origin))
    }
}
