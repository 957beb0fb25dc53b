//! A service behind a load balancer, with the priority of its route.

use std::rc::Rc;

use super::Route;
use crate::block::FargateService;
use crate::diag::{Code, Diagnostic, Origin, WithOrigin};

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
    /// Whether an error reports that another route has its priority.
    pub(crate) has_priority_of_another: bool,
    /// Whether another stack creates the load balancer, so that its default action cannot be set.
    pub(super) in_other_stack: bool,
}

impl RoutedService {
    pub(crate) fn new(service: Rc<FargateService>, at: usize, in_other_stack: bool) -> Self {
        Self { service, at, priority: RoutePriority::Default, has_priority_of_another: false, in_other_stack }
    }

    /// Returns whether another stack creates the load balancer.
    pub(crate) fn is_in_other_stack(&self) -> bool {
        self.in_other_stack
    }

    pub(super) fn origin(&self) -> &Origin {
        &self.service.behind[self.at].origin
    }

    pub(super) fn takes_everything(&self) -> bool {
        self.service.behind[self.at].value.route.is_none()
    }

    pub(super) fn route(&self) -> Option<&Route> {
        self.service.behind[self.at].value.route.as_ref()
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

    pub(super) fn rule_priority(&self) -> Option<i64> {
        match self.priority {
            RoutePriority::Default => None,
            RoutePriority::Rule(priority) => Some(priority),
        }
    }

    pub(super) fn explicit_priority(&self) -> Option<(i64, &Origin)> {
        let priority = self.service.behind[self.at].value.route.as_ref()?.priority.as_ref()?;
        Some((priority.value, &priority.origin))
    }
}
