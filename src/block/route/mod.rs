//! The requests that a load balancer forwards to a service, and the order in which it evaluates its rules.

mod conditions;
mod earlier_routes;
mod overlap;
mod priority;
mod routed_service;
mod rule;
mod rule_name;
mod specificity;

pub(crate) use priority::assign;
pub use routed_service::{RoutePriority, RoutedService};
pub(crate) use rule::rule;
pub(crate) use rule_name::{rule_name, text_name};

use std::rc::Rc;

use super::{Authentication, Flag};
use crate::diag::WithOrigin;

/// The requests that a load balancer hands to a service: all conditions must hold, one pattern of each is enough.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Route {
    /// Patterns of the path: `/api/*`.
    pub path: Vec<WithOrigin<String>>,
    /// Patterns of the host: `api.example.com`.
    pub host: Vec<WithOrigin<String>>,
    /// Patterns of headers.
    pub header: Vec<WithOrigin<Header>>,
    /// Patterns of the parameters of the query.
    pub query: Vec<WithOrigin<Query>>,
    /// HTTP methods: `POST`.
    pub method: Vec<WithOrigin<String>>,
    /// Blocks of addresses of clients: `203.0.113.0/24`.
    pub source_ip: Vec<WithOrigin<String>>,
    /// The login of users before their requests reach the service; that of the load balancer unless set.
    pub authenticate: Option<WithOrigin<Rc<Authentication>>>,
    /// Whether users do not log in, although the load balancer has a login.
    pub no_authentication: Flag,
    /// The priority of the rule, the lowest first; it follows from the conditions unless set.
    pub priority: Option<WithOrigin<i64>>,
}

/// A pattern of a header's value.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The header's name.
    pub name: String,
    /// The pattern of its value.
    pub value: String,
    /// Whether the value holds a secret setting, so that nothing that is shown may follow from it.
    pub is_secret: bool,
}

/// A pattern of a parameter of the query.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// The parameter's name.
    pub name: String,
    /// The pattern of its value.
    pub value: String,
    /// Whether the value holds a secret setting, so that nothing that is shown may follow from it.
    pub is_secret: bool,
}

impl Route {
    /// Creates the requests whose path matches.
    pub fn path(pattern: WithOrigin<String>) -> Self {
        Self { path: vec![pattern], ..Self::default() }
    }
}
