use crate::cfn::TemplateString;
use crate::diag::WithOrigin;

/// The probe of a health check.
#[derive(Debug, Clone, PartialEq)]
pub enum Probe {
    /// A path of HTTP for a target group, a line of shell for a container.
    Text(TemplateString),
    /// A command and its arguments, for a container.
    Command(Vec<TemplateString>),
}

/// A health check of a target group or of a container. Times are seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheck {
    /// The path or the command.
    pub probe: WithOrigin<Probe>,
    /// Seconds between two checks.
    pub interval: Option<WithOrigin<i64>>,
    /// Seconds to wait for an answer.
    pub timeout: Option<WithOrigin<i64>>,
    /// Good answers in a row that make a target healthy.
    pub healthy: Option<WithOrigin<i64>>,
    /// Bad answers in a row that make it unhealthy; for a container, its retries.
    pub unhealthy: Option<WithOrigin<i64>>,
    /// HTTP codes of good answers: `200`, `200,204`, `200-299`.
    pub codes: Option<WithOrigin<String>>,
    /// The port of the check, if it is not that of the traffic.
    pub port: Option<WithOrigin<i64>>,
    /// Seconds in which a starting container may fail.
    pub start_period: Option<WithOrigin<i64>>,
}

impl HealthCheck {
    /// Creates a check with AWS's defaults.
    pub fn new(probe: WithOrigin<Probe>) -> Self {
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
