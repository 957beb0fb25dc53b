//! The durations of steps, with a random spread: those of `duration_table`, else a few seconds.

use std::time::Duration;

use super::duration_table;
use crate::cfn::type_names::{BUCKET, EXPRESS_SERVICE, LOAD_BALANCER, NAT_GATEWAY, ROLE, SERVICE};
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
    let done = draw.seconds(duration_table::of("create", draw.kind).unwrap_or((1.0, 2.0, 5.0)));
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
        kind => {
            draw.seconds(duration_table::of("create", kind).unwrap_or((1.0, 2.0, 5.0))).min(Duration::from_secs(20))
        }
    };
    StepDurations { initiated: INSTANT, configured: None, done }
}

/// Draws the durations of a deletion.
pub(super) fn delete(draw: &DurationKey<'_>) -> StepDurations {
    let done = draw.seconds(duration_table::of("delete", draw.kind).unwrap_or((1.0, 2.0, 8.0)));
    StepDurations { initiated: INSTANT, configured: None, done }
}

/// The kind of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum StepKind {
    /// Creation, also of the new resource of a replacement.
    Create,
    /// Update in place.
    Update,
    /// Deletion.
    Delete,
}

/// The usual time between the end of the steps that a resource needs and its own start.
pub(in crate::rehearsal) const USUAL_GAP: Duration = Duration::from_secs(2);

/// Returns the usual duration of a step: the most frequent one of its table.
pub(in crate::rehearsal) fn typical(step: StepKind, kind: &str) -> Duration {
    let usual = |operation: &str| duration_table::of(operation, kind).map_or(2.0, |(_, usual, _)| usual);
    let seconds = match (step, kind) {
        (StepKind::Create, _) => usual("create"),
        (StepKind::Update, LOAD_BALANCER | NAT_GATEWAY) => 8.0,
        // New tasks start and pass their health checks before old ones drain and stop.
        (StepKind::Update, SERVICE | EXPRESS_SERVICE) => 120.0,
        (StepKind::Update, _) => usual("create").min(20.0),
        (StepKind::Delete, _) => usual("delete"),
    };
    Duration::from_secs_f64(seconds)
}

/// Returns the usual time after which the dependents of a resource may start.
pub(in crate::rehearsal) fn typical_release(step: StepKind, kind: &str, done: Duration) -> Duration {
    if step == StepKind::Create { configured(kind, done).unwrap_or(done) } else { done }
}

/// The shortest time of a part.
const INSTANT: Duration = Duration::from_secs(1);

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
