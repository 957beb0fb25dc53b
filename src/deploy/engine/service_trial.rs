//! The trial of services without a health check.
//!
//! ECS and CloudFormation count a task without a health check as healthy as soon as it runs ("How the Amazon ECS
//! deployment circuit breaker detects failures": without health checks, only failures to reach `RUNNING` are counted). A
//! program that exits at once is restarted again and again, and the deployment is reported as complete. Such a service
//! passes its trial when one of its new tasks has run for [`TRIAL`].

use std::time::Duration;

use super::StackTask;
use super::event::DeployEventKind;
use super::service_monitor::ServiceMonitor;
use super::verify_services::ExpectedTaskDefinitions;
use crate::deploy::api::status::DeploymentStatus;
use crate::deploy::api::{AwsApi, Clock, TaskFilter, Timestamp};

/// The time for which a task has to run: the default grace period of a service with a load balancer, in which a program
/// has to answer its health check. A program that cannot start, find its settings or connect ends before it.
const TRIAL: Duration = Duration::from_mins(1);

/// The services that are on trial.
pub(super) struct ServiceTrial {
    /// The names and ARNs of those that have not passed yet.
    services: Vec<(String, String)>,
    /// Whether the trial was announced.
    announced: bool,
}

impl ServiceTrial {
    /// Creates the trial of the services without a health check.
    pub(super) fn new(expected: &ExpectedTaskDefinitions) -> Self {
        let unchecked = expected.iter().filter(|(_, service)| !service.has_health_check);
        let services = unchecked.map(|(name, service)| (name.clone(), service.arn.clone())).collect();
        Self { services, announced: false }
    }
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Returns whether every service has passed its trial. Announces the trial if a service has not.
    pub(super) async fn passes(&self, trial: &mut ServiceTrial, monitor: &ServiceMonitor) -> bool {
        let mut open = Vec::new();
        for (name, arn) in std::mem::take(&mut trial.services) {
            if !self.has_run(&name, &arn, monitor).await {
                open.push((name, arn));
            }
        }
        trial.services = open;
        if !trial.services.is_empty() && !std::mem::replace(&mut trial.announced, true) {
            let services = trial.services.iter().map(|(name, _)| name.clone()).collect();
            self.emit(DeployEventKind::TrialStarted { services, seconds: TRIAL.as_secs() });
        }
        trial.services.is_empty()
    }

    /// Returns whether a task of a service's primary deployment has run long enough. A service that should run no task, or
    /// that has no deployments of ECS, has nothing to show.
    async fn has_run(&self, name: &str, arn: &str, monitor: &ServiceMonitor) -> bool {
        let Some(live) = monitor.last(name).and_then(|seen| seen.live.as_ref()) else { return true };
        let primary = live.deployments.iter().find(|deployment| deployment.status == DeploymentStatus::Primary);
        let Some(primary) = primary.filter(|_| live.desired > 0) else { return true };
        let Ok(tasks) = self.api.tasks(arn, TaskFilter::Running).await else { return false };
        let of_primary = tasks.iter().filter(|task| task.started_by.as_ref() == Some(&primary.id));
        let started: Option<Timestamp> = of_primary.filter_map(|task| task.started).min();
        started.is_some_and(|started| self.now().since(started) >= TRIAL)
    }
}
