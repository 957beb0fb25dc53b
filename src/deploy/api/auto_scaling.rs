use serde::{Deserialize, Serialize};

use super::status::AlarmState;
use super::{AwsError, Timestamp};

/// Application Auto Scaling and CloudWatch alarms in one account and region.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait AutoScaling: Clone {
    /// Calls `DescribeScalableTargets` for the desired count of a service (`service/CLUSTER/SERVICE`). Returns nothing if
    /// the service has no scalable target.
    async fn scalable_target(&self, resource: &str) -> Result<Option<ScalableTarget>, AwsError>;

    /// Calls `RegisterScalableTarget` to change the bounds of an existing target.
    async fn set_scalable_target(&self, resource: &str, range: ScalableTarget) -> Result<(), AwsError>;

    /// Calls `DescribeAlarms` by names and by prefixes of names.
    async fn alarms(&self, names: &[String], prefixes: &[String]) -> Result<Vec<Alarm>, AwsError>;
}

/// The bounds of a desired count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ScalableTarget {
    /// The minimum number of tasks.
    pub min: u32,
    /// The maximum number of tasks.
    pub max: u32,
}

/// A CloudWatch alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Alarm {
    /// The name.
    pub name: String,
    /// The state.
    pub state: AlarmState,
    /// AWS's message about the state.
    pub reason: Option<String>,
    /// The time at which the alarm entered the state.
    pub since: Option<Timestamp>,
}
