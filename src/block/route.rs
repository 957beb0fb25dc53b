use crate::diag::Spanned;

/// The requests that a load balancer hands to a service: all conditions must hold, one pattern of each is enough.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Route {
    /// Patterns of the path: `/api/*`.
    pub path: Vec<Spanned<String>>,
    /// Patterns of the host: `api.example.com`.
    pub host: Vec<Spanned<String>>,
    /// Patterns of headers.
    pub header: Vec<Spanned<Header>>,
    /// The rank among the routes of a load balancer, the lowest first; by order of use unless set.
    pub priority: Option<Spanned<i64>>,
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
    /// The requests whose path matches.
    pub fn path(pattern: Spanned<String>) -> Self {
        Self { path: vec![pattern], ..Self::default() }
    }
}
