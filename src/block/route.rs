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
    /// The rank among the routes of a load balancer, the lowest first; by order of use unless set.
    pub priority: Option<WithOrigin<i64>>,
}

/// A pattern of a header's value.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// The header's name.
    pub name: String,
    /// The pattern of its value.
    pub value: String,
}

impl Route {
    /// Creates the requests whose path matches.
    pub fn path(pattern: WithOrigin<String>) -> Self {
        Self { path: vec![pattern], ..Self::default() }
    }
}
