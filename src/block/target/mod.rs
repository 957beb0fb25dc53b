//! A target of a load balancer: a port of a container of a service, and how requests are sent to it.

mod attributes;

pub(crate) use attributes::{DEREGISTRATION_DELAY, attributes};

use super::{Flag, HealthCheck};
use crate::diag::WithOrigin;

/// The container and the port to which a load balancer sends the requests of a service, and the settings of their target group.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Target {
    /// The name of the container; the main one unless set.
    pub container: Option<WithOrigin<String>>,
    /// The port; that of the container unless set.
    pub port: Option<WithOrigin<TargetPort>>,
    /// The protocol of the requests: one of [`Target::PROTOCOLS`], `http` unless set.
    pub protocol: Option<WithOrigin<String>>,
    /// The health check.
    pub health_check: Option<WithOrigin<HealthCheck>>,
    /// The time that a client stays with one task.
    pub sticky: Option<WithOrigin<Stickiness>>,
    /// Seconds that a stopping task may take to finish its requests, 30 unless set.
    pub drain: Option<WithOrigin<i64>>,
    /// Seconds in which the share of requests of a new task grows.
    pub slow_start: Option<WithOrigin<i64>>,
    /// The algorithm by which the load balancer selects a task: one of [`Target::ALGORITHMS`].
    pub algorithm: Option<WithOrigin<String>>,
    /// Whether tasks that answer with errors get fewer requests.
    pub anomaly_mitigation: Flag,
}

/// A port of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetPort {
    /// Its number.
    Number(i64),
    /// Its name.
    Name(String),
}

/// Sticky sessions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stickiness {
    /// Seconds after which a client may get another task.
    pub seconds: i64,
    /// The cookie of the application; a cookie of the load balancer unless set.
    pub cookie: Option<String>,
}

impl Target {
    /// The protocols of requests to targets of an Application Load Balancer (`Protocol` and `ProtocolVersion` of
    /// `CreateTargetGroup`, Elastic Load Balancing API).
    pub const PROTOCOLS: [&'static str; 4] = ["http", "https", "http2", "grpc"];
    /// The routing algorithms (`load_balancing.algorithm.type` of `TargetGroupAttribute`, Elastic Load Balancing API).
    pub const ALGORITHMS: [&'static str; 3] = ["round_robin", "least_outstanding_requests", "weighted_random"];
}
