//! The services at the end of an operation that CloudFormation calls complete.
//!
//! In the mode `EXPRESS`, CloudFormation has applied every configuration and waited for nothing. In the other modes, it
//! has waited for services, but ECS counts a task without a health check as healthy as soon as it runs. The services are
//! watched here until they are stable, and the previous configuration is restored if they do not become stable.

use std::time::Duration;

use super::StackTask;
use super::abort::Abort;
use super::change_set::ChangeSetPurpose;
use super::event::DeployEventKind;
use super::finished::FinishedOperation;
use super::health_checks::has_health_check;
use super::operation_failure::diagnose;
use super::partial_failure::{not_reverted, stopped};
use super::progress::{OperationGoal, OperationResult};
use super::stabilization::Stabilized;
use super::stop::StopRequest;
use super::verify_services::{ExpectedTaskDefinitions, expected_task_definitions};
use super::watch::Operation;
use crate::cfn::type_names::is_service;
use crate::cfn::{Template, TemplateDocument};
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{AwsApi, Clock, DeploymentMode};
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::plan::DeployedStack;
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// The time for which services without a health check are watched, if tasks of theirs fail and no other limit is set.
const TRIAL_LIMIT: Duration = Duration::from_mins(10);

/// The time limit of services that CloudFormation did not wait for, if none is set.
const EXPRESS_LIMIT: Duration = Duration::from_hours(1);

const APPLIED: &str = "CloudFormation had applied everything (`--express`), and the services did not become stable";

/// The template and parameters that were deployed before an operation.
pub(super) struct RevertPoint {
    deployed: DeployedStack,
    body: String,
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Reads the deployed template and parameters before an operation that may have to be reverted here.
    pub(super) async fn capture_revert_point(
        &self,
        deployed: Option<&DeployedStack>,
    ) -> Result<Option<RevertPoint>, Abort> {
        let is_watched = self.is_express() || has_unchecked_service(&self.stack.template);
        match deployed.filter(|_| is_watched) {
            Some(deployed) => Ok(Some(self.revert_point(deployed).await?)),
            None => Ok(None),
        }
    }

    /// Reads the deployed template and parameters.
    pub(super) async fn revert_point(&self, deployed: &DeployedStack) -> Result<RevertPoint, Abort> {
        let body = self.retry(async || self.api.template(&deployed.stack.id).await).await?;
        Ok(RevertPoint { deployed: deployed.clone(), body })
    }

    fn is_express(&self) -> bool {
        self.options().mode == DeploymentMode::Express
    }

    /// Watches the services of a finished operation that CloudFormation did not wait for until they are stable. If they do
    /// not become stable, reverts the operation, and returns why.
    pub(super) async fn await_services(
        &self,
        revert_point: Option<RevertPoint>,
        finished: &mut FinishedOperation,
    ) -> Result<Vec<Diagnostic>, Abort> {
        let mut expected = expected_task_definitions(self.stack, &finished.progress.events);
        expected.retain(|_, service| self.is_express() || !service.has_health_check);
        if expected.is_empty() {
            return Ok(Vec::new());
        }
        if self.is_express() {
            self.emit(DeployEventKind::StabilizationStarted { services: expected.keys().cloned().collect() });
        }
        for (name, service) in &expected {
            finished.services.add(name, &service.arn);
        }
        let limit = self.options().timeout.unwrap_or(if self.is_express() { EXPRESS_LIMIT } else { TRIAL_LIMIT });
        let stabilized = self.await_stable(&expected, &mut finished.services, limit).await?;
        finished.diagnoses = finished.services.diagnoses();
        let Stabilized::Failed(failure) = stabilized else { return Ok(Vec::new()) };
        if !self.is_express() && failure.is_timeout() && !expected.keys().any(|name| finished.diagnosis(name).is_some())
        {
            // No task failed: auto scaling may keep the service busy.
            return Ok(Vec::new());
        }
        let mut problems = failure.problems(self.stack, &finished.diagnoses);
        if let Some(first) = problems.first_mut() {
            first.notes.push(if self.is_express() {
                APPLIED.to_owned()
            } else {
                unnoticed(&finished.status, &expected)
            });
            if !self.reverts {
                let command = if revert_point.is_some() { CommandName::Rollback } else { CommandName::Destroy };
                let hint = Hint::from("it was left as it is (`--no-rollback`); revert it with ");
                first.hints.push(hint.command(command.of(&self.stack.name)));
            }
        }
        match self.revert(revert_point, finished, None).await {
            Ok(more) => problems.extend(more),
            Err(abort) => return Err(Abort::RevertAborted { problems, abort: Box::new(abort) }),
        }
        Ok(problems)
    }

    /// Deploys the previous template, or deletes a new stack; returns the problems if that fails. It ends early only if
    /// CloudFormation continues: a refusal does not change what was done before, and is reported as a problem.
    pub(super) async fn revert(
        &self,
        revert_point: Option<RevertPoint>,
        finished: &mut FinishedOperation,
        job: Option<&str>,
    ) -> Result<Vec<Diagnostic>, Abort> {
        finished.result = OperationResult::Failed;
        if !self.reverts {
            return Ok(Vec::new());
        }
        let created = revert_point.is_none();
        self.emit(DeployEventKind::RevertStarted { deletes_stack: created, job: job.map(str::to_owned) });
        // A request to cancel is obeyed by the revert itself.
        let task = self.guarded(StopRequest::CancelAndRollBack);
        let reverted = match &revert_point {
            Some(revert_point) => task.redeploy(revert_point).await,
            None => task.delete_new_stack(finished).await,
        };
        let reverted = match reverted {
            Ok(reverted) => reverted,
            Err(abort) => {
                let causes = self.revert_refusal(abort)?;
                return Ok(causes.into_iter().map(|cause| not_reverted(self.stack, created, cause)).collect());
            }
        };
        let is_reverted = reverted.result.is_success() || reverted.result == OperationResult::RolledBack;
        finished.result = if is_reverted { OperationResult::RolledBack } else { OperationResult::Failed };
        (finished.status, finished.stack) = (reverted.status.clone(), reverted.stack.clone());
        Ok(if is_reverted { Vec::new() } else { diagnose(self.stack, &reverted) })
    }

    /// Returns why a revert did not start; an error if it may be running.
    fn revert_refusal(&self, abort: Abort) -> Result<Vec<Diagnostic>, Abort> {
        match abort {
            Abort::Rejected(error) => Ok(vec![refused(self.stack, &error)]),
            Abort::RejectedWith(problems) | Abort::Blocked(problems) => Ok(problems),
            Abort::Declined | Abort::Stopped(_) => Ok(vec![stopped(self.stack)]),
            abort => Err(abort),
        }
    }

    async fn redeploy(&self, revert_point: &RevertPoint) -> Result<FinishedOperation, Abort> {
        let id = &revert_point.deployed.stack.id;
        let current = self.retry(async || self.api.describe_stack(id).await).await?;
        let stack = current.unwrap_or_else(|| revert_point.deployed.stack.clone());
        let deployed = DeployedStack {
            stack,
            template: self.stack.template.clone().into_template(),
            ..revert_point.deployed.clone()
        };
        let previous = revert_point.as_desired(self.stack);
        let task = self.with_stack(&previous);
        let Some(change_set) = task.create_change_set(Some(&deployed), ChangeSetPurpose::Revert).await? else {
            let message = "CloudFormation sees no difference to the previous template and parameters";
            return Err(Diagnostic::new(Code::RevertFailed, message).at(&self.stack.origin, "this stack").into());
        };
        let (stack_id, id, token) = (change_set.stack_id().to_owned(), change_set.id().clone(), self.token("back"));
        change_set.execute(&token, false).await.map_err(not_started)?;
        let operation = Operation::new(&stack_id, OperationGoal::Restored, token);
        self.watch(Operation { change_set: Some(id), ..operation }).await
    }

    async fn delete_new_stack(&self, finished: &FinishedOperation) -> Result<FinishedOperation, Abort> {
        let id = finished.stack.as_ref().map_or(&self.stack.name, |stack| &stack.id);
        let token = self.token("back");
        self.retry(async || self.api.delete_stack(id, &token, &[]).await).await?;
        self.watch(Operation::new(id, OperationGoal::Withdrawn, token)).await
    }
}

/// Returns whether a template has a service without a health check.
fn has_unchecked_service(template: &Template) -> bool {
    let mut services = template.resources.values().filter(|resource| is_service(resource.kind.as_str()));
    services.any(|service| !has_health_check(template, service))
}

/// Returns why CloudFormation reported a success although tasks fail ("How the Amazon ECS deployment circuit breaker
/// detects failures": without health checks only failures to reach `RUNNING` are counted).
fn unnoticed(status: &StackStatus, expected: &ExpectedTaskDefinitions) -> String {
    let names: Vec<_> = expected.keys().map(|name| format!("`{name}`")).collect();
    let have = if names.len() == 1 { "has" } else { "have" };
    format!(
        "CloudFormation reported {status}: {} {have} no health check, so ECS counts a task as healthy as soon as it runs",
        names.join(", ")
    )
}

/// Returns a revert whose start is unknown as one that was refused: its stack is reported as not reverted.
fn not_started(abort: Abort) -> Abort {
    match abort {
        Abort::ConnectionLost(error) => Abort::Rejected(error),
        abort => abort,
    }
}

impl RevertPoint {
    /// Returns the previous configuration as a stack to deploy. Parameters that AWS does not show (`NoEcho`) keep their
    /// last value.
    fn as_desired(&self, current: &DesiredStack) -> DesiredStack {
        let stack = &self.deployed.stack;
        let visible = stack.parameters.iter().filter(|(_, value)| !value.chars().all(|letter| letter == '*'));
        let template = TemplateDocument::parse(&stack.name, self.body.as_str()).value.unwrap_or_default();
        DesiredStack {
            template,
            parameters: visible.map(|(name, value)| (name.clone(), value.clone())).collect(),
            tags: stack.tags.clone(),
            termination_protection: stack.termination_protection,
            ..current.clone()
        }
    }
}
