use crate::deploy::api::status::{DeploymentStatus, RolloutState};
use crate::deploy::api::{EcsDeployment, EcsService, revision};

/// The state of a service with respect to the expected task definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceState {
    /// It runs the task definition with all of its tasks.
    Stable,
    /// Its deployment is in progress.
    Deploying,
    /// ECS stopped or rolled back its deployment, with the reason.
    Failed(String),
}

/// Returns the state of a service that should run the task definition `expected` (an ARN; not compared if unknown).
///
/// ECS's circuit breaker rolls a service back by itself, and CloudFormation may still report the operation as complete. The
/// primary deployment then runs another task definition.
pub fn service_state(live: &EcsService, expected: Option<&str>) -> ServiceState {
    let Some(primary) = live.deployments.iter().find(|deployment| deployment.status == DeploymentStatus::Primary)
    else {
        return ServiceState::Deploying;
    };
    let differs = expected.is_some_and(|expected| revision(expected) != revision(&primary.task_definition));
    let rolls_back = primary.reason.as_deref().is_some_and(|reason| reason.contains("rolling back"));
    if differs || rolls_back || primary.rollout == Some(RolloutState::Failed) {
        return ServiceState::Failed(failure_reason(live, primary, expected));
    }
    let is_complete = primary.rollout.as_ref().is_none_or(|rollout| *rollout == RolloutState::Completed);
    if is_complete && primary.running >= primary.desired && primary.pending == 0 {
        ServiceState::Stable
    } else {
        ServiceState::Deploying
    }
}

fn failure_reason(live: &EcsService, primary: &EcsDeployment, expected: Option<&str>) -> String {
    let failed = live.deployments.iter().find(|deployment| deployment.rollout == Some(RolloutState::Failed));
    let reason = failed.and_then(|deployment| deployment.reason.clone());
    let runs = || {
        let expected = expected.map_or_else(String::new, |expected| format!(" and not `{}`", revision(expected)));
        format!("it runs `{}`{expected}", revision(&primary.task_definition))
    };
    reason.unwrap_or_else(runs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixtures;
    use crate::testing::fixtures::deployment;

    fn service(deployments: Vec<EcsDeployment>) -> EcsService {
        EcsService { task_definition: deployments[0].task_definition.clone(), deployments, ..fixtures::service(3) }
    }

    #[test]
    fn service_with_expected_revision_is_stable_while_a_failed_deployment_drains() {
        let live = service(vec![deployment("PRIMARY", "COMPLETED", 3), deployment("ACTIVE", "FAILED", 2)]);
        assert_eq!(service_state(&live, Some("tiles:3")), ServiceState::Stable);
        assert_eq!(service_state(&live, None), ServiceState::Stable);
    }

    #[test]
    fn service_that_ecs_rolled_back_is_failed() {
        let mut failed = deployment("INACTIVE", "FAILED", 3);
        failed.reason = Some("ECS deployment circuit breaker: tasks failed to start.".to_owned());
        let live = service(vec![deployment("PRIMARY", "COMPLETED", 2), failed]);
        let reason = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
        assert_eq!(service_state(&live, Some("tiles:3")), ServiceState::Failed(reason));
        let without_reason = service(vec![deployment("PRIMARY", "COMPLETED", 2)]);
        let ServiceState::Failed(reason) = service_state(&without_reason, Some("tiles:3")) else {
            panic!("it runs the old one")
        };
        assert_eq!(reason, "it runs `tiles:2` and not `tiles:3`");
    }

    #[test]
    fn service_without_its_tasks_is_deploying() {
        let mut starting = deployment("PRIMARY", "IN_PROGRESS", 3);
        starting.running = 1;
        assert_eq!(service_state(&service(vec![starting]), Some("tiles:3")), ServiceState::Deploying);
    }
}
