use crate::deploy::api::{EcsDeployment, EcsService, revision};

/// Whether a service runs what was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceState {
    /// It does, with all of its tasks.
    Stable,
    /// It is on the way.
    Moving,
    /// ECS gave up on it or went back, and why.
    Failed(String),
}

/// How a service stands that should run the task definition `wanted` (its ARN; not asked where it is not known).
///
/// ECS's circuit breaker puts a service back by itself, and CloudFormation may call the operation complete all the same:
/// then the primary deployment runs another task definition.
pub fn service_state(live: &EcsService, wanted: Option<&str>) -> ServiceState {
    let Some(primary) = live.deployments.iter().find(|deployment| deployment.status == "PRIMARY") else {
        return ServiceState::Moving;
    };
    let other = wanted.is_some_and(|wanted| revision(wanted) != revision(&primary.task_definition));
    let goes_back = primary.reason.as_deref().is_some_and(|reason| reason.contains("rolling back"));
    if other || goes_back || primary.rollout.as_deref() == Some("FAILED") {
        return ServiceState::Failed(words(live, primary, wanted));
    }
    let judged = primary.rollout.as_deref().is_none_or(|rollout| rollout == "COMPLETED");
    if judged && primary.running >= primary.desired && primary.pending == 0 {
        ServiceState::Stable
    } else {
        ServiceState::Moving
    }
}

fn words(live: &EcsService, primary: &EcsDeployment, wanted: Option<&str>) -> String {
    let failed = live.deployments.iter().find(|deployment| deployment.rollout.as_deref() == Some("FAILED"));
    let said = failed.and_then(|deployment| deployment.reason.clone());
    let runs = || {
        let wanted = wanted.map_or_else(String::new, |wanted| format!(" and not `{}`", revision(wanted)));
        format!("it runs `{}`{wanted}", revision(&primary.task_definition))
    };
    said.unwrap_or_else(runs)
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
    fn a_service_that_runs_what_was_wanted_is_stable_even_while_a_failed_one_goes() {
        let live = service(vec![deployment("PRIMARY", "COMPLETED", 3), deployment("ACTIVE", "FAILED", 2)]);
        assert_eq!(service_state(&live, Some("tiles:3")), ServiceState::Stable);
        assert_eq!(service_state(&live, None), ServiceState::Stable);
    }

    #[test]
    fn a_service_that_ecs_put_back_is_a_failure_although_all_is_complete() {
        let mut failed = deployment("INACTIVE", "FAILED", 3);
        failed.reason = Some("ECS deployment circuit breaker: tasks failed to start.".to_owned());
        let live = service(vec![deployment("PRIMARY", "COMPLETED", 2), failed]);
        let why = "ECS deployment circuit breaker: tasks failed to start.".to_owned();
        assert_eq!(service_state(&live, Some("tiles:3")), ServiceState::Failed(why));
        let silent = service(vec![deployment("PRIMARY", "COMPLETED", 2)]);
        let ServiceState::Failed(words) = service_state(&silent, Some("tiles:3")) else {
            panic!("it runs the old one")
        };
        assert_eq!(words, "it runs `tiles:2` and not `tiles:3`");
    }

    #[test]
    fn a_service_without_its_tasks_is_on_the_way() {
        let mut starting = deployment("PRIMARY", "IN_PROGRESS", 3);
        starting.running = 1;
        assert_eq!(service_state(&service(vec![starting]), Some("tiles:3")), ServiceState::Moving);
    }
}
