//! Updates services to other task definitions without CloudFormation, and waits until they are stable.

use std::time::Duration;

use super::StackTask;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::health_checks::has_health_check;
use super::partial_failure::{hotswap_not_rolled_back, stopped};
use super::retry::CallError;
use super::service_monitor::ServiceMonitor;
use super::stabilization::Stabilized;
use super::stop::StopRequest;
use super::verify_services::{ExpectedService, ExpectedTaskDefinitions};
use crate::deploy::api::{AwsApi, Clock, UpdateServiceRequest, revision};
use crate::deploy::diagnose::stack_failure::refused;
use crate::diag::Diagnostic;

/// The time limit if none is set.
const LIMIT: Duration = Duration::from_hours(1);

/// A service and its old and new task definition.
#[derive(Debug, Clone)]
pub(super) struct TaskDefinitionSwap {
    /// The service's name in the template.
    pub(super) service: String,
    /// Its ARN.
    pub(super) arn: String,
    /// The ARN of the task definition that it runs.
    pub(super) from: String,
    /// The ARN of the new task definition.
    pub(super) to: String,
}

/// The result of swaps.
pub(super) enum SwapResult {
    /// Every service is stable with its new task definition.
    Done,
    /// One was not: all run their old task definition again.
    RolledBack(Vec<Diagnostic>),
    /// One was not, and not all run their old task definition.
    Failed(Vec<Diagnostic>),
}

/// The result of swaps in one direction.
enum Applied {
    /// Every service is stable.
    Stable,
    /// One is not.
    Failed(Vec<Diagnostic>),
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Swaps task definitions and waits; swaps back if a service does not become stable. An abort with a refusal means
    /// that nothing was changed.
    pub(super) async fn swap(&self, swaps: &[TaskDefinitionSwap]) -> Result<SwapResult, Abort> {
        let Applied::Failed(mut problems) = self.apply_swaps(swaps, self.options().max_task_failures).await? else {
            return Ok(SwapResult::Done);
        };
        if self.options().disable_rollback {
            return Ok(SwapResult::Failed(problems));
        }
        self.emit(DeployEventKind::RevertStarted { deletes_stack: false, job: None });
        // A request to cancel is obeyed by the revert itself, and the revert does not fail for failing tasks.
        let task = self.guarded(StopRequest::CancelAndRollBack);
        let reversed: Vec<_> = swaps.iter().map(TaskDefinitionSwap::reversed).collect();
        problems.extend(match task.apply_swaps(&reversed, 0).await {
            Ok(Applied::Stable) => return Ok(SwapResult::RolledBack(problems)),
            Ok(Applied::Failed(more)) => more,
            Err(Abort::Rejected(error)) => vec![hotswap_not_rolled_back(self.stack, refused(self.stack, &error))],
            Err(Abort::Stopped(_)) => vec![hotswap_not_rolled_back(self.stack, stopped(self.stack))],
            Err(abort) => return Err(Abort::RevertAborted { problems, abort: Box::new(abort) }),
        });
        Ok(SwapResult::Failed(problems))
    }

    /// Updates the services and waits until they are stable.
    async fn apply_swaps(&self, swaps: &[TaskDefinitionSwap], max_task_failures: u32) -> Result<Applied, Abort> {
        let mut services = ServiceMonitor::new(max_task_failures, self.seed());
        services.started(self.now());
        let mut expected = ExpectedTaskDefinitions::new();
        for swap in swaps {
            if let Err(error) = self.update_service(swap).await {
                if expected.is_empty() {
                    return Err(error.into());
                }
                return Ok(Applied::Failed(vec![refused(self.stack, &error.into_api_error())]));
            }
            services.add(&swap.service, &swap.arn);
            let (arn, task_definition) = (swap.arn.clone(), Some(swap.to.clone()));
            let resource = self.stack.template.resources.get(swap.service.as_str());
            let has_health_check = resource.is_some_and(|it| has_health_check(&self.stack.template, it));
            expected.insert(swap.service.clone(), ExpectedService { arn, task_definition, has_health_check });
        }
        self.emit(DeployEventKind::StabilizationStarted { services: expected.keys().cloned().collect() });
        if self.options().detach {
            return Err(Abort::Detached(None));
        }
        let limit = self.options().timeout.unwrap_or(LIMIT);
        Ok(match self.await_stable(&expected, &mut services, limit).await? {
            Stabilized::Stable => Applied::Stable,
            Stabilized::Failed(failure) => Applied::Failed(failure.problems(self.stack, &services.diagnoses())),
        })
    }

    async fn update_service(&self, swap: &TaskDefinitionSwap) -> Result<(), CallError> {
        let request =
            UpdateServiceRequest { task_definition: Some(swap.to.clone()), ..UpdateServiceRequest::default() };
        self.retry(async || self.api.update_service(&swap.arn, &request).await).await?;
        self.emit(DeployEventKind::TaskDefinitionUpdated {
            service: swap.service.clone(),
            from: revision(&swap.from).to_owned(),
            to: revision(&swap.to).to_owned(),
            time: self.now(),
        });
        Ok(())
    }
}

impl TaskDefinitionSwap {
    fn reversed(&self) -> TaskDefinitionSwap {
        TaskDefinitionSwap { from: self.to.clone(), to: self.from.clone(), ..self.clone() }
    }
}
