//! The progress of a deployment that shifts traffic, in words.

use crate::deploy::api::ServiceDeployment;
use crate::deploy::api::status::{LifecycleStage, ServiceDeploymentStatus as Status};

/// Returns the progress of a deployment: `shifting 25 % of the traffic, then waiting 2 min`.
pub(super) fn progress(shift: &ServiceDeployment) -> String {
    if shift.has_failed() {
        return failure(shift);
    }
    match &shift.status {
        Status::Successful if shift.is_first => return "its tasks get all traffic".to_owned(),
        Status::Successful => return "the new tasks have replaced the old ones".to_owned(),
        Status::Pending => return "the deployment is about to start".to_owned(),
        _ => {}
    }
    let wait = shift.wait().filter(|seconds| *seconds > 0).map(minutes);
    stage(shift, wait)
}

/// Returns a time, which ECS counts in minutes.
fn minutes(seconds: u64) -> String {
    format!("{} min", seconds / 60)
}

fn stage(shift: &ServiceDeployment, wait: Option<String>) -> String {
    use LifecycleStage as S;
    let Some(stage) = &shift.stage else { return "the deployment is in progress".to_owned() };
    let text = match stage {
        S::ReconcileService => "stopping the tasks of an unfinished deployment",
        S::PreScaleUp => "about to start the new tasks",
        S::ScaleUp if shift.is_first => "starting the tasks",
        S::ScaleUp => "starting the new tasks next to the old ones",
        S::PostScaleUp => "the new tasks are healthy and get no traffic yet",
        S::TestTrafficShift if shift.test.is_some() => "shifting the test traffic to the new tasks",
        S::PostTestTrafficShift if shift.test.is_some() => "the new tasks get all test traffic",
        S::TestTrafficShift | S::PostTestTrafficShift => {
            "the new tasks get no test traffic, as no listener is for tests"
        }
        S::PreProductionTrafficShift => "about to shift traffic to the new tasks",
        S::ProductionTrafficShift => {
            let part = shift.production.map_or_else(|| "a part".to_owned(), |part| part.to_string());
            let then = wait.map_or_else(String::new, |wait| format!(", then waiting {wait}"));
            return format!("the new tasks get {part} of the traffic{then}");
        }
        S::PostProductionTrafficShift => "the new tasks get all traffic",
        S::BakeTime => {
            let wait = wait.map_or_else(String::new, |wait| format!(" of {wait}"));
            let old = if shift.is_first { "" } else { ": the old tasks still run, and get no traffic" };
            return format!("bake time{wait}{old}");
        }
        S::CleanUp if shift.is_first => "completing the deployment",
        S::CleanUp => "stopping the old tasks",
        S::Other(other) => return format!("the deployment is at the stage {other}"),
    };
    text.to_owned()
}

fn failure(shift: &ServiceDeployment) -> String {
    let what = match &shift.status {
        Status::RollbackRequested | Status::RollbackInProgress => "rolling back, the old tasks get all traffic",
        Status::RollbackSuccessful => "rolled back, the old tasks get all traffic",
        Status::RollbackFailed => "the rollback failed",
        _ => "the deployment was stopped",
    };
    shift.reason.as_ref().map_or_else(|| what.to_owned(), |reason| format!("{what}: {reason}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::api::TrafficPercent;

    fn at(stage: &str, percent: f64) -> ServiceDeployment {
        ServiceDeployment {
            arn: String::new(),
            status: Status::InProgress,
            reason: None,
            stage: Some(stage.into()),
            production: Some(TrafficPercent::new(percent)),
            test: None,
            bake: Some(900),
            pause: Some(120),
            alarms: Vec::new(),
            is_first: false,
            created: None,
        }
    }

    #[test]
    fn part_of_the_traffic_and_the_pause_after_it_are_named() {
        assert_eq!(
            progress(&at("PRODUCTION_TRAFFIC_SHIFT", 25.0)),
            "the new tasks get 25 % of the traffic, then waiting 2 min"
        );
        assert_eq!(progress(&at("PRODUCTION_TRAFFIC_SHIFT", 100.0)), "the new tasks get 100 % of the traffic");
        assert_eq!(
            progress(&at("BAKE_TIME", 100.0)),
            "bake time of 15 min: the old tasks still run, and get no traffic"
        );
    }

    #[test]
    fn first_deployment_replaces_no_tasks() {
        let first = |stage: &str| progress(&ServiceDeployment { is_first: true, ..at(stage, 100.0) });
        assert_eq!(first("BAKE_TIME"), "bake time of 15 min");
        assert_eq!(first("SCALE_UP"), "starting the tasks");
    }

    #[test]
    fn rollback_has_its_reason() {
        let failed = ServiceDeployment {
            status: Status::RollbackInProgress,
            reason: Some("a hook failed".to_owned()),
            ..at("POST_TEST_TRAFFIC_SHIFT", 0.0)
        };
        assert_eq!(progress(&failed), "rolling back, the old tasks get all traffic: a hook failed");
    }
}
