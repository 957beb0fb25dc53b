//! The specification of a service: the properties of its resource and of its target groups.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::addresses::TaskSubnet;
use super::strategy::{EarlySuccess, ShiftSpec};
use crate::deploy::api::{ServiceTargetGroup, TaskNetwork};
use crate::rehearsal::faults::TaskFault;
use crate::rehearsal::property_access::{boolean, list, number, seconds, strings, text};

/// The specification of a service.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::rehearsal) struct Spec {
    pub(super) task_definition: String,
    pub(super) desired: Option<u32>,
    pub(super) minimum_percent: u32,
    pub(super) maximum_percent: u32,
    pub(super) circuit_breaker: Option<CircuitBreakerConfig>,
    pub(super) grace_period: Duration,
    pub(super) target_groups: Vec<TargetGroupSpec>,
    pub(super) network: Option<TaskNetwork>,
    /// The subnets of the network.
    #[serde(default)]
    pub(super) subnets: Vec<TaskSubnet>,
    /// Whether `ExecuteCommand` is enabled.
    pub(super) exec: bool,
    /// Whether its tasks get tags. A change needs no new tasks: only later ones have the tags (`UpdateService` of the ECS API).
    #[serde(default)]
    pub(super) propagates_tags: bool,
    /// The shift of traffic in its deployments; none if they are rolling.
    #[serde(default)]
    pub(super) shift: Option<ShiftSpec>,
    /// The part of the new tasks with which a rolling deployment is complete.
    #[serde(default)]
    pub(super) early_success: Option<EarlySuccess>,
}

/// A service as its resource declares it.
pub(in crate::rehearsal) struct ServiceSpec<'a> {
    pub(in crate::rehearsal) arn: &'a str,
    pub(in crate::rehearsal) logical_id: &'a str,
    pub(in crate::rehearsal) spec: Spec,
    /// The fault of its next deployment, unless it runs a task definition that completed without one.
    pub(in crate::rehearsal) task_fault: Option<TaskFault>,
    /// Whether it existed before the rehearsal, so that its first deployment is over.
    pub(in crate::rehearsal) is_loaded: bool,
}

/// The configuration of an enabled deployment circuit breaker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct CircuitBreakerConfig {
    pub(super) rollback: bool,
    pub(super) threshold: Threshold,
    /// Whether a task that becomes healthy resets the number of failures.
    pub(super) reset_on_healthy: bool,
}

/// The number of failures that fails a deployment (`ThresholdConfiguration`, ECS API).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Threshold {
    /// A number of failures.
    Count(u32),
    /// A percentage of the desired count, from 3 to 200 failures.
    Bounded(u32),
    /// A percentage of the desired count, without bounds.
    Unbounded(u32),
}

/// A target group of a service, with its health check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct TargetGroupSpec {
    pub(super) reference: ServiceTargetGroup,
    /// The ARN of the target group with which it changes places in each deployment.
    #[serde(default)]
    pub(super) alternate: Option<String>,
    /// The path of its health check.
    pub(super) path: String,
    /// The time between two health checks.
    pub(super) interval: Duration,
    /// The number of failed checks after which a target is unhealthy.
    pub(super) unhealthy: u32,
    /// The number of passed checks after which an unhealthy target is healthy.
    #[serde(default = "default_healthy")]
    pub(super) healthy: u32,
    pub(super) deregistration_delay: Duration,
}

impl Spec {
    /// Reads the properties of a service. `other` returns the properties of another resource by its physical id, if they are
    /// known.
    pub(in crate::rehearsal) fn read<'a>(properties: &Json, other: impl Fn(&str) -> Option<&'a Json>) -> Self {
        let configuration = properties.get("DeploymentConfiguration").unwrap_or(&Json::Null);
        let breaker = configuration.get("DeploymentCircuitBreaker").filter(|it| boolean(it, "Enable"));
        let groups = list(properties, "LoadBalancers").filter_map(|balancer| {
            let arn = text(balancer, "TargetGroupArn")?;
            let properties = other(&arn).unwrap_or(&Json::Null);
            Some(TargetGroupSpec::read(arn, balancer, properties))
        });
        let network = properties.get("NetworkConfiguration").and_then(|it| it.get("AwsvpcConfiguration"));
        let subnets = network.map(|it| strings(it, "Subnets")).unwrap_or_default();
        Self {
            subnets: subnets.iter().map(|id| TaskSubnet::read(id, other(id))).collect(),
            task_definition: text(properties, "TaskDefinition").unwrap_or_default(),
            desired: number(properties, "DesiredCount"),
            minimum_percent: number(configuration, "MinimumHealthyPercent").unwrap_or(100),
            maximum_percent: number(configuration, "MaximumPercent").unwrap_or(200),
            circuit_breaker: breaker.map(CircuitBreakerConfig::read),
            grace_period: seconds(properties, "HealthCheckGracePeriodSeconds", 0),
            target_groups: groups.collect(),
            network: network.map(|it| TaskNetwork {
                subnets: strings(it, "Subnets"),
                security_groups: strings(it, "SecurityGroups"),
                public_ip: text(it, "AssignPublicIp").as_deref() == Some("ENABLED"),
            }),
            exec: boolean(properties, "EnableExecuteCommand"),
            propagates_tags: text(properties, "PropagateTags").is_some_and(|tags| tags != "NONE"),
            shift: ShiftSpec::read(properties),
            early_success: EarlySuccess::read(configuration),
        }
    }

    /// Returns whether another specification needs new tasks ("Updating an Amazon ECS service").
    pub(super) fn needs_deployment(&self, next: &Self) -> bool {
        let groups = |spec: &Self| spec.target_groups.iter().map(|group| group.reference.clone()).collect::<Vec<_>>();
        self.task_definition != next.task_definition || self.network != next.network || groups(self) != groups(next)
    }

    /// Returns how long a deregistered target may finish its requests.
    pub(super) fn deregistration_delay(&self) -> Duration {
        self.target_groups.iter().map(|group| group.deregistration_delay).max().unwrap_or_default()
    }
}

impl CircuitBreakerConfig {
    /// Reads `DeploymentCircuitBreaker`.
    fn read(json: &Json) -> Self {
        let configuration = json.get("ThresholdConfiguration").unwrap_or(&Json::Null);
        let value = number(configuration, "Value");
        Self {
            rollback: boolean(json, "Rollback"),
            threshold: match text(configuration, "Type").as_deref() {
                Some("COUNT") => Threshold::Count(value.unwrap_or(3)),
                Some("UNBOUNDED_PERCENT") => Threshold::Unbounded(value.unwrap_or(50)),
                _ => Threshold::Bounded(value.unwrap_or(50)),
            },
            reset_on_healthy: text(json, "ResetOnHealthyTask").is_none_or(|it| it == "true"),
        }
    }
}

impl TargetGroupSpec {
    /// Returns the target group and the one with which it changes places.
    pub(super) fn references(&self) -> Vec<ServiceTargetGroup> {
        let alternate =
            self.alternate.iter().map(|arn| ServiceTargetGroup { arn: arn.clone(), ..self.reference.clone() });
        std::iter::once(self.reference.clone()).chain(alternate).collect()
    }

    /// Returns the ARN of the target group with which tasks of a deployment are registered.
    pub(super) fn arn(&self, alternate: bool) -> &str {
        self.alternate.as_deref().filter(|_| alternate).unwrap_or(&self.reference.arn)
    }

    /// Reads the properties of a target group. The defaults are those of Application Load Balancers ("Health checks for
    /// Application Load Balancer target groups").
    fn read(arn: String, balancer: &Json, properties: &Json) -> Self {
        const DELAY: &str = "deregistration_delay.timeout_seconds";
        let mut attributes = list(properties, "TargetGroupAttributes");
        let deregistration_delay = attributes.find(|it| text(it, "Key").as_deref() == Some(DELAY));
        Self {
            reference: ServiceTargetGroup {
                arn,
                container: text(balancer, "ContainerName").unwrap_or_default(),
                port: number(balancer, "ContainerPort").and_then(|port| u16::try_from(port).ok()).unwrap_or(80),
            },
            alternate: balancer.get("AdvancedConfiguration").and_then(|it| text(it, "AlternateTargetGroupArn")),
            path: text(properties, "HealthCheckPath").unwrap_or_else(|| "/".to_owned()),
            interval: seconds(properties, "HealthCheckIntervalSeconds", 30),
            unhealthy: number(properties, "UnhealthyThresholdCount").unwrap_or(2).max(1),
            healthy: number(properties, "HealthyThresholdCount").unwrap_or(default_healthy()),
            deregistration_delay: deregistration_delay.map_or(Duration::from_mins(5), |it| seconds(it, "Value", 300)),
        }
    }
}

/// Returns the default of `HealthyThresholdCount` ("Health checks for Application Load Balancer target groups").
fn default_healthy() -> u32 {
    5
}
