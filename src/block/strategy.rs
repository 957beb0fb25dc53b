//! The way in which ECS replaces the tasks of a service: task by task, or by a shift of its traffic to new tasks.
//!
//! Sources: `DeploymentConfiguration`, `CanaryConfiguration`, `LinearConfiguration`, `DeploymentLifecycleHook` and
//! `DeploymentEarlySuccessCriteria` of the ECS API.

use crate::cfn::TemplateString;
use crate::diag::WithOrigin;

/// A deployment strategy, as a setter of a service sets it.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentStrategy {
    /// The kind.
    pub kind: StrategyKind,
    /// The settings that the strategies with a traffic shift have in common.
    pub shift: TrafficShift,
}

/// The kind of a deployment strategy (`strategy` of `DeploymentConfiguration`).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum StrategyKind {
    /// Tasks are replaced within the percentages of the service.
    Rolling,
    /// All traffic is shifted at once.
    BlueGreen,
    /// A part of the traffic is shifted first, the rest after a time.
    Canary(TrafficStep),
    /// The traffic is shifted in equal parts.
    Linear(TrafficStep),
}

/// A part of the traffic, and the time that follows its shift.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TrafficStep {
    /// The part of the traffic in percent.
    pub percent: f64,
    /// Seconds until the next part is shifted.
    pub seconds: i64,
}

/// The shift of production traffic from the tasks of the old version to those of the new one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrafficShift {
    /// Seconds for which the old tasks run after all traffic was shifted, [`TrafficShift::BAKE_SECONDS`] unless set.
    pub bake: Option<WithOrigin<i64>>,
    /// The port of the listener whose requests reach the new tasks first.
    pub test_listener: Option<WithOrigin<i64>>,
    /// The functions that judge a deployment.
    pub hook: Vec<WithOrigin<DeploymentHook>>,
    /// The stages at which a deployment waits for a person or another system.
    pub pause: Vec<WithOrigin<DeploymentPause>>,
    /// The header of calls by Service Connect that reach the new tasks first, with its value.
    pub test_header: Option<WithOrigin<(String, String)>>,
}

/// A stage at which a deployment waits until it is continued (`PAUSE` of `DeploymentLifecycleHook`).
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentPause {
    /// The stage: one of [`DeploymentHook::STAGES`].
    pub stage: String,
    /// Seconds after which ECS does `then`; 24 hours unless set.
    pub seconds: Option<i64>,
    /// The end of the pause after that time: one of [`DeploymentPause::ACTIONS`].
    pub then: Option<String>,
}

impl DeploymentPause {
    /// The ends of a pause that is not continued in time (`action` of `DeploymentLifecycleHookTimeoutConfiguration`).
    pub const ACTIONS: [&'static str; 2] = ["rollback", "continue"];
}

/// A Lambda function that ECS calls at a stage of a deployment.
#[derive(Debug, Clone, PartialEq)]
pub struct DeploymentHook {
    /// The ARN of the function, or a reference to it.
    pub function: TemplateString,
    /// The stage: one of [`DeploymentHook::STAGES`].
    pub stage: String,
}

/// The part of the new tasks with which a rolling deployment is complete.
#[derive(Debug, Clone, PartialEq)]
pub struct EarlySuccess {
    /// Healthy new tasks in percent of the desired count.
    pub percent: i64,
    /// The removal of the old tasks: one of [`EarlySuccess::CLEANUPS`].
    pub cleanup: String,
}

impl DeploymentStrategy {
    /// Creates a strategy with the usual settings.
    pub fn new(kind: StrategyKind) -> Self {
        Self { kind, shift: TrafficShift::default() }
    }

    /// Returns the seconds that ECS waits in a deployment, besides the start of tasks: the number of steps is that of the
    /// CloudFormation page of `LinearConfiguration`.
    pub(crate) fn waits(&self) -> i64 {
        let bake = self.shift.bake.as_ref().map_or(TrafficShift::BAKE_SECONDS, |set| set.value);
        let steps = match self.kind {
            StrategyKind::Rolling => return 0,
            StrategyKind::BlueGreen => 0,
            StrategyKind::Canary(step) => step.seconds,
            StrategyKind::Linear(step) => step.seconds.saturating_mul(step.pauses()),
        };
        bake.saturating_add(steps)
    }
}

impl StrategyKind {
    /// Returns whether traffic is shifted between two sets of tasks.
    pub(crate) fn shifts(self) -> bool {
        self != StrategyKind::Rolling
    }

    /// Returns the name in templates.
    pub(crate) fn name(self) -> &'static str {
        match self {
            StrategyKind::Rolling => "ROLLING",
            StrategyKind::BlueGreen => "BLUE_GREEN",
            StrategyKind::Canary(_) => "CANARY",
            StrategyKind::Linear(_) => "LINEAR",
        }
    }

    /// Returns the name of the setter.
    pub(crate) fn setter(self) -> &'static str {
        match self {
            StrategyKind::Rolling => "rolling",
            StrategyKind::BlueGreen => "blue_green",
            StrategyKind::Canary(_) => "canary",
            StrategyKind::Linear(_) => "linear",
        }
    }

    /// Returns the words for a deployment of this kind.
    pub(crate) fn words(self) -> &'static str {
        match self {
            StrategyKind::Rolling => "a rolling deployment",
            StrategyKind::BlueGreen => "a blue/green deployment",
            StrategyKind::Canary(_) => "a canary deployment",
            StrategyKind::Linear(_) => "a linear deployment",
        }
    }
}

impl TrafficStep {
    /// Returns the number of pauses of a linear deployment: there is none after the last part.
    #[allow(clippy::cast_possible_truncation, reason = "a percentage of at least 0.1 gives at most 1,000 parts")]
    fn pauses(self) -> i64 {
        let parts = (100.0 / self.percent.max(0.1)).clamp(1.0, 1000.0);
        if parts.fract() < 1e-9 { parts as i64 - 1 } else { parts.floor() as i64 }
    }
}

impl TrafficShift {
    /// The bake time unless set: alarms of three bad minutes in five have the time to go off.
    pub const BAKE_SECONDS: i64 = 600;
}

impl DeploymentHook {
    /// The stages with hooks, in their order (`lifecycleStages` of `DeploymentLifecycleHook`).
    pub const STAGES: [&'static str; 8] = [
        "RECONCILE_SERVICE",
        "PRE_SCALE_UP",
        "POST_SCALE_UP",
        "TEST_TRAFFIC_SHIFT",
        "POST_TEST_TRAFFIC_SHIFT",
        "PRE_PRODUCTION_TRAFFIC_SHIFT",
        "PRODUCTION_TRAFFIC_SHIFT",
        "POST_PRODUCTION_TRAFFIC_SHIFT",
    ];
}

impl EarlySuccess {
    /// The removals of old tasks: before the deployment is complete, or after it (`sourceServiceRevisionCleanup`).
    pub const CLEANUPS: [&'static str; 2] = ["blocking", "deferred"];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_deployment_pauses_after_each_part_but_the_last() {
        let pauses = |percent| TrafficStep { percent, seconds: 60 }.pauses();
        assert_eq!([10.0, 25.0, 50.0, 100.0, 11.0, 3.0].map(pauses), [9, 3, 1, 0, 9, 33]);
    }

    #[test]
    fn waits_are_the_bake_time_and_the_pauses() {
        let step = TrafficStep { percent: 25.0, seconds: 120 };
        let waits = |kind| DeploymentStrategy::new(kind).waits();
        assert_eq!(waits(StrategyKind::Rolling), 0);
        assert_eq!(waits(StrategyKind::BlueGreen), 600);
        assert_eq!(waits(StrategyKind::Canary(step)), 720);
        assert_eq!(waits(StrategyKind::Linear(step)), 960);
    }
}
