//! The durations of steps: observed ones if some were published, else plausible ones, with a random spread.
//!
//! Observed: published deployment logs of load balancers, NAT gateways, roles, policies, security groups, routes and
//! services. The rest, updates and deletions above all, is inferred from the conditions that AWS documents.

use std::time::Duration;

use crate::cfn::type_names::{BUCKET, LOAD_BALANCER, NAT_GATEWAY, ROLE, SERVICE, TARGET_GROUP};
use crate::deploy::api::DeploymentMode;
use crate::rehearsal::rng::{TriangularDistribution, seconds};

/// The times of the parts of a step, from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StepDurations {
    /// The time at which the resource has its id.
    pub(super) initiated: Duration,
    /// The time at which dependents may start, if that is before the end.
    pub(super) configured: Option<Duration>,
    /// The time at which the step is finished.
    pub(super) done: Duration,
}

impl StepDurations {
    /// Returns the durations in a mode: EXPRESS ends when the configuration is applied ("Deployment modes", user guide).
    pub(super) fn of(self, mode: DeploymentMode) -> StepDurations {
        match mode {
            DeploymentMode::Express => StepDurations {
                done: self.configured.unwrap_or(self.initiated).max(self.initiated),
                configured: None,
                ..self
            },
            _ => self,
        }
    }
}

/// Returns the time between the end of the steps that a resource needs and its own start: 2 to 5 s were observed.
pub(super) fn gap(seed: u64, key: &[&str]) -> Duration {
    seconds(seed, key, (1.0, 2.0, 4.0))
}

/// Returns the time that CloudFormation takes to notice that a service is stable or deleted.
pub(super) fn notice(seed: u64, key: &[&str]) -> Duration {
    seconds(seed, key, (1.0, 3.0, 8.0))
}

/// Returns the time that CloudFormation takes to create a change set.
pub(super) fn change_set(seed: u64, key: &[&str]) -> Duration {
    seconds(seed, key, (2.0, 3.0, 6.0))
}

/// The key of the random number of a duration, and the type of the resource.
#[derive(Debug, Clone, Copy)]
pub(super) struct DurationKey<'a> {
    pub(super) seed: u64,
    pub(super) key: &'a [&'a str],
    pub(super) kind: &'a str,
}

impl DurationKey<'_> {
    /// Draws a duration.
    fn seconds(&self, spread: TriangularDistribution) -> Duration {
        seconds(self.seed, self.key, spread)
    }
}

/// Draws the durations of a creation.
pub(super) fn create(draw: &DurationKey<'_>) -> StepDurations {
    let done = draw.seconds(spread(CREATION, draw.kind, (1.0, 2.0, 5.0)));
    StepDurations {
        initiated: done.mul_f64(0.1).clamp(INSTANT, Duration::from_secs(3)),
        configured: configured(draw.kind, done),
        done,
    }
}

/// Draws the durations of an update in place.
pub(super) fn update(draw: &DurationKey<'_>) -> StepDurations {
    let done = match draw.kind {
        LOAD_BALANCER | NAT_GATEWAY => draw.seconds((3.0, 8.0, 20.0)),
        kind => draw.seconds(spread(CREATION, kind, (1.0, 2.0, 5.0))).min(Duration::from_secs(20)),
    };
    StepDurations { initiated: INSTANT, configured: None, done }
}

/// Draws the durations of a deletion.
pub(super) fn delete(draw: &DurationKey<'_>) -> StepDurations {
    let done = draw.seconds(spread(DELETION, draw.kind, (1.0, 2.0, 8.0)));
    StepDurations { initiated: INSTANT, configured: None, done }
}

/// The shortest time of a part.
const INSTANT: Duration = Duration::from_secs(1);

/// A duration for each resource type.
type Table = &'static [(&'static str, TriangularDistribution)];

/// The durations of creations.
const CREATION: Table = &[
    (LOAD_BALANCER, (90.0, 125.0, 200.0)),
    (NAT_GATEWAY, (90.0, 110.0, 150.0)),
    ("AWS::ECS::Cluster", (1.0, 3.0, 12.0)),
    (TARGET_GROUP, (1.0, 2.0, 16.0)),
    ("AWS::EC2::SecurityGroup", (3.0, 8.0, 10.0)),
    (ROLE, (12.0, 18.0, 25.0)),
    ("AWS::IAM::Policy", (11.0, 16.0, 20.0)),
    ("AWS::IAM::ManagedPolicy", (11.0, 16.0, 20.0)),
    ("AWS::IAM::InstanceProfile", (100.0, 120.0, 130.0)),
    ("AWS::EC2::Route", (1.0, 15.0, 16.0)),
    ("AWS::EC2::SubnetRouteTableAssociation", (1.0, 16.0, 17.0)),
    ("AWS::EC2::Instance", (15.0, 25.0, 45.0)),
    ("AWS::EC2::VPC", (11.0, 14.0, 18.0)),
    ("AWS::EC2::EIP", (11.0, 14.0, 18.0)),
    ("AWS::EC2::InternetGateway", (5.0, 12.0, 17.0)),
    ("AWS::EC2::RouteTable", (5.0, 12.0, 17.0)),
    ("AWS::EC2::Subnet", (5.0, 12.0, 17.0)),
    ("AWS::EC2::VPCEndpoint", (15.0, 45.0, 90.0)),
    ("AWS::Route53::RecordSet", (32.0, 38.0, 60.0)),
    ("AWS::CertificateManager::Certificate", (60.0, 150.0, 400.0)),
    (BUCKET, (14.0, 20.0, 25.0)),
    ("AWS::EFS::MountTarget", (70.0, 85.0, 110.0)),
    ("AWS::RDS::DBInstance", (240.0, 400.0, 700.0)),
    ("AWS::RDS::DBCluster", (40.0, 60.0, 90.0)),
    // A service takes as long as its tasks (`ecs`); a requested failure uses this duration.
    (SERVICE, (40.0, 60.0, 90.0)),
    ("AWS::CloudFront::Distribution", (150.0, 210.0, 330.0)),
    ("AWS::Lambda::Function", (4.0, 7.0, 15.0)),
    ("AWS::ServiceDiscovery::PrivateDnsNamespace", (35.0, 45.0, 60.0)),
];

/// The durations of deletions.
const DELETION: Table = &[
    (NAT_GATEWAY, (40.0, 55.0, 90.0)),
    (LOAD_BALANCER, (5.0, 12.0, 30.0)),
    ("AWS::EC2::VPCEndpoint", (30.0, 60.0, 120.0)),
    ("AWS::RDS::DBInstance", (180.0, 300.0, 600.0)),
    ("AWS::RDS::DBCluster", (180.0, 300.0, 600.0)),
    ("AWS::CloudFront::Distribution", (120.0, 200.0, 300.0)),
    (SERVICE, (20.0, 35.0, 60.0)),
];

/// The resource types whose dependents start before the eventual consistency check is finished ("Understand CloudFormation
/// stack creation events").
const CONFIGURED_EARLY: &[&str] = &[
    ROLE,
    "AWS::EC2::VPC",
    "AWS::EC2::Subnet",
    "AWS::EC2::RouteTable",
    "AWS::EC2::InternetGateway",
    "AWS::ECS::Cluster",
    "AWS::Logs::LogGroup",
    BUCKET,
];

/// Returns the duration of a resource type, or another one.
fn spread(table: Table, kind: &str, other: TriangularDistribution) -> TriangularDistribution {
    table.iter().find(|(name, _)| *name == kind).map_or(other, |(_, spread)| *spread)
}

/// Returns the time at which dependents may start, if that is before the end.
fn configured(kind: &str, done: Duration) -> Option<Duration> {
    let early = CONFIGURED_EARLY.contains(&kind) && done > Duration::from_secs(4);
    early.then(|| done.mul_f64(0.35))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_stay_within_their_table_and_depend_on_the_seed_alone() {
        let draw = |seed, kind| create(&DurationKey { seed, key: &["It"], kind });
        for seed in 0..200 {
            let time = draw(seed, LOAD_BALANCER).done;
            assert!((90.0..=200.0).contains(&time.as_secs_f64()), "{time:?}");
        }
        let nat = |seed| draw(seed, NAT_GATEWAY);
        assert_eq!(nat(7), nat(7));
        assert_ne!(nat(7), nat(8));
    }
}
