use crate::cfn::Text;
use crate::diag::Spanned;

/// What a health check asks.
#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    /// A path of HTTP for a target group, a line of shell for a container.
    Text(Text),
    /// A command and its arguments, for a container.
    Command(Vec<Text>),
}

/// How a target group or ECS finds out whether a container is well. Times are seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheck {
    /// The path or the command.
    pub probe: Spanned<Probe>,
    /// Seconds between two checks.
    pub interval: Option<Spanned<i64>>,
    /// Seconds to wait for an answer.
    pub timeout: Option<Spanned<i64>>,
    /// Good answers in a row that make a target healthy.
    pub healthy: Option<Spanned<i64>>,
    /// Bad answers in a row that make it unhealthy; for a container, its retries.
    pub unhealthy: Option<Spanned<i64>>,
    /// HTTP codes of good answers: `200`, `200,204`, `200-299`.
    pub codes: Option<Spanned<String>>,
    /// The port asked, where it is not that of the traffic.
    pub port: Option<Spanned<i64>>,
    /// Seconds in which a starting container may fail.
    pub start_period: Option<Spanned<i64>>,
}

impl HealthCheck {
    /// A check with AWS's defaults.
    pub fn new(probe: Spanned<Probe>) -> Self {
        Self {
            probe,
            interval: None,
            timeout: None,
            healthy: None,
            unhealthy: None,
            codes: None,
            port: None,
            start_period: None,
        }
    }
}
