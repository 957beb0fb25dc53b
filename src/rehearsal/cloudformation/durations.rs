//! How long things take: seen figures where there are some, plausible ones elsewhere, spread by chance.
//!
//! Seen: published deployment logs of load balancers, NAT gateways, roles, policies, security groups, routes and
//! services. The rest, updates and deletes above all, is inferred from what AWS says that it waits for.

use std::time::Duration;

use crate::deploy::api::DeploymentMode;
use crate::rehearsal::rng::part;

/// Seconds: at least, mostly, at most.
type TriangularDistribution = (f64, f64, f64);

/// When the parts of a step happen, counted from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepDurations {
    /// The resource has its id.
    pub(crate) initiated: Duration,
    /// What depends on it may start, where that is before its end.
    pub(crate) configured: Option<Duration>,
    /// It is over.
    pub(crate) done: Duration,
}

impl StepDurations {
    /// The same as a mode has it: EXPRESS is done when the configuration is applied ("Deployment modes", user guide).
    pub(crate) fn of(self, mode: DeploymentMode) -> StepDurations {
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

/// The pause between the end of what a resource needs and its own beginning: 2 to 5 s were seen.
pub(crate) fn gap(seed: u64, words: &[&str]) -> Duration {
    seconds(seed, words, (1.0, 2.0, 4.0))
}

/// How long CloudFormation takes to notice that a service has become stable, or is gone.
pub(crate) fn notice(seed: u64, words: &[&str]) -> Duration {
    seconds(seed, words, (1.0, 3.0, 8.0))
}

/// How long CloudFormation takes to write a change set.
pub(crate) fn change_set(seed: u64, words: &[&str]) -> Duration {
    seconds(seed, words, (2.0, 3.0, 6.0))
}

/// Whose time is drawn: the words of the question, and the resource's type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct DurationKey<'a> {
    pub(crate) seed: u64,
    pub(crate) words: &'a [&'a str],
    pub(crate) kind: &'a str,
}

impl DurationKey<'_> {
    fn seconds(&self, spread: TriangularDistribution) -> Duration {
        seconds(self.seed, self.words, spread)
    }
}

/// The making of a resource.
pub(crate) fn create(draw: &DurationKey<'_>) -> StepDurations {
    let done = draw.seconds(making(draw.kind));
    StepDurations {
        initiated: done.mul_f64(0.1).clamp(INSTANT, Duration::from_secs(3)),
        configured: configured(draw.kind, done),
        done,
    }
}

/// The change of a resource where it stands.
pub(crate) fn update(draw: &DurationKey<'_>) -> StepDurations {
    let done = match draw.kind {
        "AWS::ElasticLoadBalancingV2::LoadBalancer" | "AWS::EC2::NatGateway" => draw.seconds((3.0, 8.0, 20.0)),
        kind => draw.seconds(making(kind)).min(Duration::from_secs(20)),
    };
    StepDurations { initiated: INSTANT, configured: None, done }
}

/// The end of a resource.
pub(crate) fn delete(draw: &DurationKey<'_>) -> StepDurations {
    let done = draw.seconds(match draw.kind {
        "AWS::EC2::NatGateway" => (40.0, 55.0, 90.0),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => (5.0, 12.0, 30.0),
        "AWS::EC2::VPCEndpoint" => (30.0, 60.0, 120.0),
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => (180.0, 300.0, 600.0),
        "AWS::CloudFront::Distribution" => (120.0, 200.0, 300.0),
        "AWS::ECS::Service" => (20.0, 35.0, 60.0),
        _ => (1.0, 2.0, 8.0),
    });
    StepDurations { initiated: INSTANT, configured: None, done }
}

const INSTANT: Duration = Duration::from_secs(1);

fn making(kind: &str) -> TriangularDistribution {
    match kind {
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => (90.0, 125.0, 200.0),
        "AWS::EC2::NatGateway" => (90.0, 110.0, 150.0),
        "AWS::ECS::Cluster" => (1.0, 3.0, 12.0),
        "AWS::ElasticLoadBalancingV2::TargetGroup" => (1.0, 2.0, 16.0),
        "AWS::EC2::SecurityGroup" => (3.0, 8.0, 10.0),
        "AWS::IAM::Role" => (12.0, 18.0, 25.0),
        "AWS::IAM::Policy" | "AWS::IAM::ManagedPolicy" => (11.0, 16.0, 20.0),
        "AWS::IAM::InstanceProfile" => (100.0, 120.0, 130.0),
        "AWS::EC2::Route" => (1.0, 15.0, 16.0),
        "AWS::EC2::SubnetRouteTableAssociation" => (1.0, 16.0, 17.0),
        "AWS::EC2::Instance" => (15.0, 25.0, 45.0),
        "AWS::EC2::VPC" | "AWS::EC2::EIP" => (11.0, 14.0, 18.0),
        "AWS::EC2::InternetGateway" | "AWS::EC2::RouteTable" | "AWS::EC2::Subnet" => (5.0, 12.0, 17.0),
        "AWS::EC2::VPCEndpoint" => (15.0, 45.0, 90.0),
        "AWS::Route53::RecordSet" => (32.0, 38.0, 60.0),
        "AWS::CertificateManager::Certificate" => (60.0, 150.0, 400.0),
        "AWS::S3::Bucket" => (14.0, 20.0, 25.0),
        "AWS::EFS::MountTarget" => (70.0, 85.0, 110.0),
        "AWS::RDS::DBInstance" => (240.0, 400.0, 700.0),
        // The tasks of a service have a time of their own (`ecs`); this is what a failure on request goes by.
        "AWS::RDS::DBCluster" | "AWS::ECS::Service" => (40.0, 60.0, 90.0),
        "AWS::CloudFront::Distribution" => (150.0, 210.0, 330.0),
        "AWS::Lambda::Function" => (4.0, 7.0, 15.0),
        "AWS::ServiceDiscovery::PrivateDnsNamespace" => (35.0, 45.0, 60.0),
        _ => (1.0, 2.0, 5.0),
    }
}

/// Dependents start before the eventual consistency check of these types is over ("Understand CloudFormation stack
/// creation events").
fn configured(kind: &str, done: Duration) -> Option<Duration> {
    let early = matches!(
        kind,
        "AWS::IAM::Role"
            | "AWS::EC2::VPC"
            | "AWS::EC2::Subnet"
            | "AWS::EC2::RouteTable"
            | "AWS::EC2::InternetGateway"
            | "AWS::ECS::Cluster"
            | "AWS::Logs::LogGroup"
            | "AWS::S3::Bucket"
    );
    (early && done > Duration::from_secs(4)).then(|| done.mul_f64(0.35))
}

/// A time of a triangular spread, in whole tenths of a second.
pub(crate) fn seconds(seed: u64, words: &[&str], (low, mode, high): TriangularDistribution) -> Duration {
    let chance = part(seed, words);
    let bend = (mode - low) / (high - low);
    let time = if chance < bend {
        low + (chance * (high - low) * (mode - low)).sqrt()
    } else {
        high - ((1.0 - chance) * (high - low) * (high - mode)).sqrt()
    };
    Duration::from_secs_f64((time * 10.0).round() / 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chance_stays_within_what_was_seen_and_repeats_itself() {
        let made = |seed, kind| create(&DurationKey { seed, words: &["It"], kind });
        for seed in 0..200 {
            let time = made(seed, "AWS::ElasticLoadBalancingV2::LoadBalancer").done;
            assert!((90.0..=200.0).contains(&time.as_secs_f64()), "{time:?}");
        }
        let nat = |seed| made(seed, "AWS::EC2::NatGateway");
        assert_eq!(nat(7), nat(7));
        assert_ne!(nat(7), nat(8));
    }
}
