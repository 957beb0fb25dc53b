//! How long things take: seen figures where there are some, plausible ones elsewhere, spread by chance.
//!
//! Seen: published deployment logs of load balancers, NAT gateways, roles, policies, security groups, routes and
//! services. The rest, updates and deletes above all, is inferred from what AWS says that it waits for.

use std::time::Duration;

use indexmap::IndexMap;
use serde_json::Value as Json;

use super::chance::part;
use super::state::Held;

/// Seconds: at least, mostly, at most.
type Spread = (f64, f64, f64);

/// When the parts of a step happen, counted from its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Times {
    /// The resource has its id.
    pub(super) initiated: Duration,
    /// What depends on it may start, where that is before its end.
    pub(super) configured: Option<Duration>,
    /// It is over.
    pub(super) done: Duration,
}

/// The pause between the end of what a resource needs and its own beginning: 2 to 5 s were seen.
pub(super) fn gap(seed: u64, words: &[&str]) -> Duration {
    seconds(seed, words, (1.0, 2.0, 4.0))
}

/// How long CloudFormation takes to write a change set.
pub(super) fn change_set(seed: u64, words: &[&str]) -> Duration {
    seconds(seed, words, (2.0, 3.0, 6.0))
}

/// The making of a resource.
pub(super) fn create(
    seed: u64,
    words: &[&str],
    kind: &str,
    properties: &Json,
    others: &IndexMap<String, Held>,
) -> Times {
    let done = match kind {
        "AWS::ECS::Service" => seconds(seed, words, (25.0, 35.0, 60.0)) + health(properties, others),
        _ => seconds(seed, words, making(kind)),
    };
    Times {
        initiated: done.mul_f64(0.1).clamp(INSTANT, Duration::from_secs(3)),
        configured: configured(kind, done),
        done,
    }
}

/// The change of a resource where it stands.
pub(super) fn update(
    seed: u64,
    words: &[&str],
    kind: &str,
    properties: &Json,
    others: &IndexMap<String, Held>,
) -> Times {
    let done = match kind {
        "AWS::ECS::Service" => {
            let start = seconds(seed, words, (25.0, 35.0, 60.0)) + health(properties, others);
            (start + draining(properties, others)) * batches(properties)
        }
        "AWS::ElasticLoadBalancingV2::LoadBalancer" | "AWS::EC2::NatGateway" => seconds(seed, words, (3.0, 8.0, 20.0)),
        _ => seconds(seed, words, making(kind)).min(Duration::from_secs(20)),
    };
    Times { initiated: INSTANT, configured: None, done }
}

/// The end of a resource.
pub(super) fn delete(
    seed: u64,
    words: &[&str],
    kind: &str,
    properties: &Json,
    others: &IndexMap<String, Held>,
) -> Times {
    let done = match kind {
        "AWS::ECS::Service" => seconds(seed, words, (10.0, 20.0, 40.0)) + draining(properties, others),
        "AWS::EC2::NatGateway" => seconds(seed, words, (40.0, 55.0, 90.0)),
        "AWS::ElasticLoadBalancingV2::LoadBalancer" => seconds(seed, words, (5.0, 12.0, 30.0)),
        "AWS::EC2::VPCEndpoint" => seconds(seed, words, (30.0, 60.0, 120.0)),
        "AWS::RDS::DBInstance" | "AWS::RDS::DBCluster" => seconds(seed, words, (180.0, 300.0, 600.0)),
        "AWS::CloudFront::Distribution" => seconds(seed, words, (120.0, 200.0, 300.0)),
        _ => seconds(seed, words, (1.0, 2.0, 8.0)),
    };
    Times { initiated: INSTANT, configured: None, done }
}

const INSTANT: Duration = Duration::from_secs(1);

fn making(kind: &str) -> Spread {
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
        "AWS::RDS::DBCluster" => (40.0, 60.0, 90.0),
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

/// The time until the new targets of a service count as healthy: one interval of its slowest target group.
///
/// A newly registered target must pass a single check ("Health checks for Application Load Balancer target groups"); the
/// healthy threshold is for those that were unhealthy. The 62 s that were seen for a service with AWS's defaults (30 s, 5)
/// agree.
fn health(properties: &Json, others: &IndexMap<String, Held>) -> Duration {
    let slowest = groups(properties, others).map(|group| number(group, "HealthCheckIntervalSeconds", 30.0));
    Duration::from_secs_f64(slowest.fold(0.0, f64::max))
}

/// The time that old tasks are left to answer what they have begun.
fn draining(properties: &Json, others: &IndexMap<String, Held>) -> Duration {
    const DELAY: &str = "deregistration_delay.timeout_seconds";
    let slowest = groups(properties, others).map(|group| {
        let mut attributes = group.get("TargetGroupAttributes").and_then(Json::as_array).into_iter().flatten();
        let delay = attributes.rfind(|it| it.get("Key").and_then(Json::as_str) == Some(DELAY));
        delay.map_or(300.0, |it| number(it, "Value", 300.0))
    });
    Duration::from_secs_f64(slowest.fold(0.0, f64::max))
}

/// In how many parts the tasks of a service are exchanged, by its percentages.
fn batches(properties: &Json) -> u32 {
    let percent =
        |name, default| properties.get("DeploymentConfiguration").map_or(default, |it| number(it, name, default));
    let room = percent("MaximumPercent", 200.0) - percent("MinimumHealthyPercent", 100.0);
    match room {
        room if room >= 100.0 => 1,
        room if room >= 50.0 => 2,
        room if room >= 25.0 => 4,
        _ => 8,
    }
}

fn groups<'a>(properties: &'a Json, others: &'a IndexMap<String, Held>) -> impl Iterator<Item = &'a Json> {
    let balancers = properties.get("LoadBalancers").and_then(Json::as_array).into_iter().flatten();
    let arns = balancers.filter_map(|balancer| balancer.get("TargetGroupArn")?.as_str());
    arns.map(|arn| {
        let group = others.values().find(|held| held.physical_id.as_deref() == Some(arn));
        group.map_or(&Json::Null, |group| &group.properties)
    })
}

fn number(json: &Json, name: &str, default: f64) -> f64 {
    let number = match json.get(name) {
        Some(Json::String(text)) => text.parse().ok(),
        Some(other) => other.as_f64(),
        None => None,
    };
    number.filter(|number: &f64| number.is_finite()).unwrap_or(default).clamp(0.0, 86_400.0)
}

/// A time of a triangular spread, in whole tenths of a second.
fn seconds(seed: u64, words: &[&str], (low, mode, high): Spread) -> Duration {
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
    use serde_json::json;

    use super::*;

    #[test]
    fn chance_stays_within_what_was_seen_and_repeats_itself() {
        for seed in 0..200 {
            let time =
                create(seed, &["Alb"], "AWS::ElasticLoadBalancingV2::LoadBalancer", &Json::Null, &IndexMap::new()).done;
            assert!((90.0..=200.0).contains(&time.as_secs_f64()), "{time:?}");
        }
        let nat = |seed| create(seed, &["Nat"], "AWS::EC2::NatGateway", &Json::Null, &IndexMap::new());
        assert_eq!(nat(7), nat(7));
        assert_ne!(nat(7), nat(8));
    }

    #[test]
    fn a_service_waits_for_its_own_health_check_and_drains_by_its_own_delay() {
        let group = |interval: u64, delay: &str| Held {
            kind: "AWS::ElasticLoadBalancingV2::TargetGroup".to_owned(),
            physical_id: Some("arn:tg".to_owned()),
            properties: json!({
                "HealthyThresholdCount": 5, "HealthCheckIntervalSeconds": interval,
                "TargetGroupAttributes": [{ "Key": "deregistration_delay.timeout_seconds", "Value": delay }]
            }),
            attributes: Json::Null,
            status: crate::deploy::status::ResourceStatus::CreateComplete,
            reason: None,
            updated: crate::deploy::ports::Timestamp::default(),
            needs: Vec::new(),
            generation: 0,
        };
        let service = json!({ "LoadBalancers": [{ "TargetGroupArn": "arn:tg" }] });
        let with = |interval, delay| IndexMap::from([("Group".to_owned(), group(interval, delay))]);
        let made = |others: &IndexMap<String, Held>| create(1, &["S"], "AWS::ECS::Service", &service, others).done;
        assert_eq!(made(&with(30, "30")), made(&with(5, "30")) + Duration::from_secs(25));
        let changed = |others: &IndexMap<String, Held>| update(1, &["S"], "AWS::ECS::Service", &service, others).done;
        assert_eq!(changed(&with(5, "300")), changed(&with(5, "30")) + Duration::from_secs(270));
    }
}
