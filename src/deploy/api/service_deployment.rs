//! A deployment of a service that shifts traffic, as `DescribeServiceDeployments` describes it.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Timestamp;
use super::status::{LifecycleStage, ServiceDeploymentStatus};

/// A deployment of a service with its stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ServiceDeployment {
    /// Its ARN.
    pub arn: String,
    /// Its status.
    pub status: ServiceDeploymentStatus,
    /// AWS's reason, of a failure for example.
    pub reason: Option<String>,
    /// The lifecycle stage.
    pub stage: Option<LifecycleStage>,
    /// The traffic of users that the new tasks get.
    pub production: Option<TrafficPercent>,
    /// The test traffic that they get.
    pub test: Option<TrafficPercent>,
    /// Seconds for which the old tasks run after all traffic was shifted.
    pub bake: Option<u64>,
    /// Seconds between two shifts of traffic.
    pub pause: Option<u64>,
    /// The alarms that went off.
    pub alarms: Vec<String>,
    /// Whether the service had no tasks before, so that it shifts traffic from none.
    pub is_first: bool,
    /// The time at which it was created.
    pub created: Option<Timestamp>,
}

impl ServiceDeployment {
    /// Returns whether it was or is being rolled back, or was stopped.
    pub fn has_failed(&self) -> bool {
        use ServiceDeploymentStatus as S;
        matches!(
            self.status,
            S::RollbackRequested
                | S::RollbackInProgress
                | S::RollbackSuccessful
                | S::RollbackFailed
                | S::StopRequested
                | S::Stopped
        )
    }

    /// Returns whether it is not over.
    pub fn is_in_progress(&self) -> bool {
        use ServiceDeploymentStatus as S;
        matches!(
            self.status,
            S::Pending | S::InProgress | S::StopRequested | S::RollbackRequested | S::RollbackInProgress
        )
    }

    /// Returns the seconds that AWS waits at its stage; none if it waits for tasks or functions.
    pub fn wait(&self) -> Option<u64> {
        let is_complete = self.production == Some(TrafficPercent::ALL);
        match self.stage {
            Some(LifecycleStage::BakeTime) => self.bake,
            Some(LifecycleStage::ProductionTrafficShift) if !is_complete => self.pause,
            _ => None,
        }
    }
}

/// A part of the traffic, in tenths of a percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct TrafficPercent(u16);

impl TrafficPercent {
    /// All traffic.
    pub const ALL: Self = Self(1000);

    /// Creates it from percent, rounded to tenths.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the number is within 0 to 1000")]
    pub fn new(percent: f64) -> Self {
        Self((percent * 10.0).round().clamp(0.0, 1000.0) as u16)
    }
}

impl fmt::Display for TrafficPercent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 % 10 {
            0 => write!(f, "{} %", self.0 / 10),
            tenths => write!(f, "{}.{tenths} %", self.0 / 10),
        }
    }
}

impl Serialize for TrafficPercent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10.0)
    }
}

impl<'de> Deserialize<'de> for TrafficPercent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        f64::deserialize(deserializer).map(Self::new)
    }
}

#[cfg(test)]
impl schemars::JsonSchema for TrafficPercent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "TrafficPercent".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 100, "description": "A part of the traffic, in percent." })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn part_of_the_traffic_is_written_with_tenths_if_it_has_some() {
        assert_eq!(TrafficPercent::new(25.0).to_string(), "25 %");
        assert_eq!(TrafficPercent::new(2.5).to_string(), "2.5 %");
        assert_eq!(serde_json::to_string(&TrafficPercent::new(0.1)).ok().as_deref(), Some("0.1"));
        assert_eq!(serde_json::from_str::<TrafficPercent>("100.0").ok(), Some(TrafficPercent::ALL));
    }
}
