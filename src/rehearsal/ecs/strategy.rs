//! The deployment strategy of a service, as its properties set it, and the progress of a deployment.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::deploy::api::Timestamp;
use crate::rehearsal::faults::DeploymentStage;
use crate::rehearsal::property_access::{list, number, seconds, strings, text};

/// The shift of traffic in a deployment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ShiftSpec {
    /// The name of the strategy.
    pub(super) strategy: String,
    /// The traffic of a step in percent.
    pub(super) percent: f64,
    /// Whether all further traffic follows the first step.
    pub(super) is_canary: bool,
    /// The time between two steps.
    pub(super) pause: Duration,
    pub(super) bake: Duration,
    /// The stages with hooks.
    pub(super) hooks: Vec<DeploymentStage>,
    /// Whether test traffic is shifted.
    pub(super) tested: bool,
    /// Whether a Network Load Balancer delays shifts.
    pub(super) is_delayed: bool,
}

/// The progress of a deployment that shifts traffic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct ShiftState {
    pub(super) stage: DeploymentStage,
    /// The end of the stage, if time ends it.
    pub(super) ends: Option<Timestamp>,
    /// The time at which a requested alarm goes off.
    pub(super) alarm: Option<Timestamp>,
    /// The percentage of the traffic of users that the new tasks get.
    pub(super) production: f64,
    /// The percentage of the test traffic that they get.
    pub(super) test: f64,
    /// Whether they are registered with the alternate target groups.
    pub(super) alternate: bool,
    /// Whether the service had no tasks before.
    #[serde(default)]
    pub(super) is_first: bool,
}

impl ShiftState {
    /// Creates the state of a deployment that starts now.
    pub(super) fn new(stage: DeploymentStage, alternate: bool, is_first: bool) -> Self {
        Self { stage, ends: None, alarm: None, production: 0.0, test: 0.0, alternate, is_first }
    }
}

/// The part of the new tasks with which a rolling deployment is complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct EarlySuccess {
    /// Healthy tasks in percent of the desired count.
    pub(super) percent: u32,
    /// Whether the old tasks must have stopped.
    pub(super) is_blocking: bool,
}

impl ShiftSpec {
    /// Reads the strategy of a service; none for a rolling one. The defaults are those of the ECS API (`CanaryConfiguration`,
    /// `LinearConfiguration`).
    pub(super) fn read(properties: &Json) -> Option<Self> {
        let configuration = properties.get("DeploymentConfiguration")?;
        let strategy = text(configuration, "Strategy").filter(|name| name != "ROLLING")?;
        let step = |name: &str| configuration.get(name).unwrap_or(&Json::Null);
        let minutes = |json: &Json, name: &str, default: u32| seconds(json, name, default).saturating_mul(60);
        let percent = |json: &Json, name: &str, default: f64| {
            text(json, name).and_then(|text| text.parse().ok()).unwrap_or(default)
        };
        let (canary, linear) = (step("CanaryConfiguration"), step("LinearConfiguration"));
        let (part, pause) = match strategy.as_str() {
            "CANARY" => (percent(canary, "CanaryPercent", 5.0), minutes(canary, "CanaryBakeTimeInMinutes", 10)),
            "LINEAR" => (percent(linear, "StepPercent", 10.0), minutes(linear, "StepBakeTimeInMinutes", 6)),
            _ => (100.0, Duration::ZERO),
        };
        let advanced = || list(properties, "LoadBalancers").filter_map(|it| it.get("AdvancedConfiguration"));
        let production = |it: &Json| text(it, "ProductionListenerRule").unwrap_or_default();
        let stages = list(configuration, "LifecycleHooks").flat_map(|hook| strings(hook, "LifecycleStages"));
        Some(Self {
            percent: part.max(0.1),
            is_canary: strategy == "CANARY",
            strategy,
            pause,
            bake: minutes(configuration, "BakeTimeInMinutes", 0),
            hooks: stages.filter_map(|stage| DeploymentStage::parse(&stage)).collect(),
            tested: advanced().any(|it| text(it, "TestListenerRule").is_some()),
            is_delayed: advanced().any(|it| production(it).contains(":listener/net/")),
        })
    }
}

impl EarlySuccess {
    /// Reads `EarlySuccessCriteria`.
    pub(super) fn read(configuration: &Json) -> Option<Self> {
        let criteria = configuration.get("EarlySuccessCriteria")?;
        let enabled = text(criteria, "Enable").is_some_and(|enable| enable == "true");
        enabled.then(|| Self {
            percent: number(criteria, "HealthyPercent").unwrap_or(100),
            is_blocking: text(criteria, "SourceServiceRevisionCleanup").is_none_or(|cleanup| cleanup == "BLOCKING"),
        })
    }
}
