use serde::{Deserialize, Serialize};

use super::status::{AlarmState, TargetState};
use super::{AwsError, Timestamp};

/// Elastic Load Balancing in one account and region.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait LoadBalancing: Clone {
    /// `DescribeTargetHealth` of a target group by ARN; none where it is gone.
    async fn target_health(&self, target_group: &str) -> Result<Vec<TargetHealth>, AwsError>;
}

/// The health of a target, as the load balancer sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetHealth {
    /// Its address (target type `ip`) or the instance's id.
    pub target: String,
    /// Its port.
    pub port: Option<u16>,
    /// Its health.
    pub state: TargetState,
    /// `Target.ResponseCodeMismatch`, `Target.Timeout`, `Elb.RegistrationInProgress`, ...
    pub reason: Option<String>,
    /// AWS's words: `Health checks failed with these codes: [500]`.
    pub description: Option<String>,
}

/// Application Auto Scaling and CloudWatch alarms: how many tasks a service may have, and what moves it.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait AutoScaling: Clone {
    /// `DescribeScalableTargets` of the desired count of a service (`service/CLUSTER/SERVICE`); nothing where it does not
    /// scale.
    async fn scalable_target(&self, resource: &str) -> Result<Option<ScalableTarget>, AwsError>;

    /// `RegisterScalableTarget` of one that is there: other bounds.
    async fn set_scalable_target(&self, resource: &str, range: ScalableTarget) -> Result<(), AwsError>;

    /// `DescribeAlarms` by names and by prefixes of names.
    async fn alarms(&self, names: &[String], prefixes: &[String]) -> Result<Vec<Alarm>, AwsError>;
}

/// The bounds of a desired count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScalableTarget {
    /// The fewest tasks.
    pub min: u32,
    /// The most.
    pub max: u32,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: AlarmState,
    /// AWS's words about the state.
    pub reason: Option<String>,
    /// Since when.
    pub since: Option<Timestamp>,
}

/// Registries of container images.
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so no bound on the futures is wanted")]
pub trait ImageRegistry: Clone {
    /// Whether an image is there to be pulled: by ECR's API for ECR's images, else by asking the registry for its
    /// manifest without credentials. Never an error: what cannot be found out is [`ImageStatus::Unknown`].
    async fn image(&self, reference: &str) -> ImageStatus;
}

/// What is known of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImageStatus {
    /// It is there.
    Found,
    /// The registry answers that it is not.
    Missing,
    /// It cannot be found out, and why.
    Unknown(String),
}
