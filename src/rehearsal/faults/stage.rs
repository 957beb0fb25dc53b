//! The lifecycle stages of a deployment that shifts traffic.

use serde::{Deserialize, Serialize};

/// A stage of a deployment (`lifecycleStage` of `ServiceDeployment`, ECS API).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DeploymentStage {
    /// Tasks of a deployment that was not finished are stopped.
    ReconcileService,
    /// The new tasks are not started yet.
    PreScaleUp,
    /// The new tasks start.
    ScaleUp,
    /// The new tasks are healthy.
    PostScaleUp,
    /// Test traffic is shifted to the new tasks.
    TestTrafficShift,
    /// The new tasks get all test traffic.
    PostTestTrafficShift,
    /// A part of the traffic is about to be shifted.
    PreProductionTrafficShift,
    /// A part of the traffic is shifted.
    ProductionTrafficShift,
    /// The new tasks get all traffic.
    PostProductionTrafficShift,
    /// The old tasks still run.
    BakeTime,
    /// The old tasks are stopped.
    CleanUp,
}

impl DeploymentStage {
    /// Every stage, in order.
    pub(in crate::rehearsal) const ALL: [DeploymentStage; 11] = [
        Self::ReconcileService,
        Self::PreScaleUp,
        Self::ScaleUp,
        Self::PostScaleUp,
        Self::TestTrafficShift,
        Self::PostTestTrafficShift,
        Self::PreProductionTrafficShift,
        Self::ProductionTrafficShift,
        Self::PostProductionTrafficShift,
        Self::BakeTime,
        Self::CleanUp,
    ];

    /// Returns the name as AWS writes it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ReconcileService => "RECONCILE_SERVICE",
            Self::PreScaleUp => "PRE_SCALE_UP",
            Self::ScaleUp => "SCALE_UP",
            Self::PostScaleUp => "POST_SCALE_UP",
            Self::TestTrafficShift => "TEST_TRAFFIC_SHIFT",
            Self::PostTestTrafficShift => "POST_TEST_TRAFFIC_SHIFT",
            Self::PreProductionTrafficShift => "PRE_PRODUCTION_TRAFFIC_SHIFT",
            Self::ProductionTrafficShift => "PRODUCTION_TRAFFIC_SHIFT",
            Self::PostProductionTrafficShift => "POST_PRODUCTION_TRAFFIC_SHIFT",
            Self::BakeTime => "BAKE_TIME",
            Self::CleanUp => "CLEAN_UP",
        }
    }

    /// Returns the stage of a name, in capitals or not.
    pub(in crate::rehearsal) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name().eq_ignore_ascii_case(name))
    }
}
