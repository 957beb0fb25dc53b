//! The deployment of a stack.

use futures_util::future::join;

use super::StackTask;
use super::abort::Abort;
use super::change_set::{ChangeSetPurpose, PendingChangeSet};
use super::event::DeployEventKind;
use super::finished::FinishedOperation;
use super::operation_failure::diagnose;
use super::outcome::{StackOutcome, StackResult};
use super::partial_failure::{hotswap_not_reverted, protection_not_set, stopped};
use super::progress::{OperationGoal, OperationResult};
use super::retry::CallError;
use super::settling::RevertPoint;
use super::watch::Operation;
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{ApiCall, AwsApi, AwsError, ChangeSetKind, ClientRequestToken, Clock, ErrorKind};
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::plan::{DeployedStack, Plan, plan_stack};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

impl<'a, A: AwsApi, K: Clock> StackTask<'_, 'a, A, K> {
    /// Creates or updates the stack.
    pub(super) async fn deploy(&self, approve: &impl AsyncFn(&Plan) -> bool) -> StackOutcome {
        self.finish(self.try_deploy(approve)).await
    }

    pub(super) async fn try_deploy(&self, approve: &impl AsyncFn(&Plan) -> bool) -> Result<StackOutcome, Abort> {
        let deployed = self.wait_until_updatable().await?;
        if let Some(problem) = self.stale_plan(deployed.as_ref()) {
            return Err(Abort::Blocked(vec![problem]));
        }
        if let Some(deployed) = &deployed {
            self.delete_orphans(deployed).await;
        }
        let plan = plan_stack(deployed.as_ref(), self.stack, self.options().schema);
        let plan = self.with_shared_ends(plan, deployed.as_ref()).await?;
        if let Some(step) = self.keeping(&plan, deployed.as_ref()) {
            // What the last step would do is refused before the first one.
            self.refuse(&plan)?;
            let task = self.with_stack(&step);
            let plan = plan_stack(deployed.as_ref(), &step, self.options().schema);
            return Box::pin(task.deploy_plan(deployed, plan, approve)).await;
        }
        // The two futures are large: both in one would need more stack than a thread of a test has.
        Box::pin(self.deploy_plan(deployed, plan, approve)).await
    }

    /// Deploys the stack as a plan says.
    pub(super) async fn deploy_plan(
        &self,
        deployed: Option<DeployedStack>,
        plan: Plan,
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let change_set = self.create_change_set(deployed.as_ref(), ChangeSetPurpose::Deploy);
        let (change_set, ()) = join(change_set, self.check_readiness(&plan)).await;
        let change_set = match change_set {
            Ok(Some(change_set)) => change_set,
            Ok(None) => return self.deploy_without_changes(deployed, plan, approve).await,
            Err(abort) => return Err(self.missing_producer(abort).await),
        };
        let plan = plan.with_change_set(change_set.change_set(), &self.stack.secrets);
        self.emit(DeployEventKind::Planned { plan: plan.clone() });
        let (change_set, revert_point) = change_set.reviewed(self.review(deployed.as_ref(), &plan, approve)).await?;
        let jobs = self.jobs_of(&plan);
        let outcome = if jobs.is_empty() {
            self.execute_and_conclude(change_set, deployed.as_ref(), revert_point).await?
        } else {
            change_set.discard().await?;
            self.deploy_with_jobs(deployed.as_ref(), &jobs).await?
        };
        if plan.hotswapped.is_empty() || !outcome.result.is_success() {
            return Ok(outcome);
        }
        match self.revert_hotswaps(outcome.clone()).await {
            // The stack is already deployed, so these are not refusals of the deployment.
            Err(Abort::Rejected(error)) => {
                Ok(outcome.failed_with(hotswap_not_reverted(self.stack, &plan, refused(self.stack, &error))))
            }
            Err(Abort::Stopped(_)) => {
                Ok(outcome.failed_with(hotswap_not_reverted(self.stack, &plan, stopped(self.stack))))
            }
            reverted => reverted,
        }
    }

    /// Decides whether a plan may be executed, and captures what a revert would need.
    async fn review(
        &self,
        deployed: Option<&DeployedStack>,
        plan: &Plan,
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<Option<RevertPoint>, Abort> {
        self.refuse(plan)?;
        self.approval(plan, approve).await?;
        self.publish_images().await?;
        self.capture_revert_point(deployed).await
    }

    async fn execute_and_conclude(
        &self,
        change_set: PendingChangeSet<'_, 'a, A, K>,
        deployed: Option<&DeployedStack>,
        revert_point: Option<RevertPoint>,
    ) -> Result<StackOutcome, Abort> {
        let kind = change_set.kind();
        let failed = deployed.map(|deployed| &deployed.stack.status).filter(|status| is_failed_update(status));
        if let Some(status) = failed {
            self.emit(DeployEventKind::UpdateResumed { status: status.clone() });
        }
        let mut finished = self.execute(change_set, failed.is_some()).await?;
        let mut problems = Vec::new();
        if finished.result.is_success() {
            problems = self.await_services(revert_point, &mut finished).await?;
        }
        Ok(self.conclude(kind, finished, problems).await)
    }

    /// Restores the services that the change set did not touch and that still run a hotswapped task definition.
    async fn revert_hotswaps(&self, outcome: StackOutcome) -> Result<StackOutcome, Abort> {
        let not_found =
            || AwsError::new(ErrorKind::NoSuchStack, ApiCall::DescribeStacks, "ValidationError", "the stack is gone");
        let stack = self.retry(async || self.api.describe_stack(&self.stack.name).await).await?;
        let deployed = self.with_template(stack.ok_or_else(not_found)?).await?;
        if deployed.hotswapped.is_empty() {
            return Ok(outcome);
        }
        self.restore_task_definitions(&deployed.hotswapped, outcome).await
    }

    /// Executes a change set and watches the operation. `resumes`: it continues a failed update, for which AWS requires
    /// that rollback is disabled.
    pub(super) async fn execute(
        &self,
        change_set: PendingChangeSet<'_, 'a, A, K>,
        resumes: bool,
    ) -> Result<FinishedOperation, Abort> {
        if self.options().detach {
            return Err(self.execute_detached(change_set, resumes).await);
        }
        self.execute_step(change_set, resumes, "run").await
    }

    /// Executes a change set without watching it; returns the end of the run.
    async fn execute_detached(&self, change_set: PendingChangeSet<'_, 'a, A, K>, resumes: bool) -> Abort {
        let token = self.token("run");
        match self.start(change_set, resumes, &token).await {
            Ok(_) => Abort::Detached(Some(token)),
            Err(abort) => abort,
        }
    }

    /// Executes a change set under the token of a step and watches the operation.
    pub(super) async fn execute_step(
        &self,
        change_set: PendingChangeSet<'_, 'a, A, K>,
        resumes: bool,
        step: &str,
    ) -> Result<FinishedOperation, Abort> {
        let token = self.token(step);
        let operation = self.start(change_set, resumes, &token).await?;
        self.watch(operation).await
    }

    /// Starts the execution of a change set.
    async fn start(
        &self,
        change_set: PendingChangeSet<'_, 'a, A, K>,
        resumes: bool,
        token: &ClientRequestToken,
    ) -> Result<Operation, Abort> {
        let (kind, stack_id) = (change_set.kind(), change_set.stack_id().to_owned());
        let id = change_set.id().clone();
        let keeps = self.options().disable_rollback || resumes;
        self.or_detached(token, change_set.execute(token, keeps)).await?;
        self.emit(DeployEventKind::OperationStarted { kind, token: token.clone(), stack_id: stack_id.clone() });
        let status_before = (kind == ChangeSetKind::Create).then_some(StackStatus::ReviewInProgress);
        let operation = Operation::new(&stack_id, OperationGoal::Deployed, token.clone());
        Ok(Operation { status_before, change_set: Some(id), ..operation })
    }

    async fn deploy_without_changes(
        &self,
        deployed: Option<DeployedStack>,
        plan: Plan,
        approve: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        if !plan.hotswapped.is_empty() {
            let hotswapped = plan.hotswapped.clone();
            let plan = plan.without_changes();
            self.emit(DeployEventKind::Planned { plan: plan.clone() });
            self.approval(&plan, approve).await?;
            let mut outcome = StackOutcome::new(&self.stack.name, StackResult::Updated);
            outcome.outputs = deployed.map(|deployed| deployed.stack.outputs).unwrap_or_default();
            return self.restore_task_definitions(&hotswapped, outcome).await;
        }
        let mut outcome = StackOutcome::new(&self.stack.name, StackResult::Unchanged);
        if let Some(DeployedStack { stack, .. }) = deployed {
            self.set_protection(stack.termination_protection).await?;
            outcome.problems = self.failing_services(&stack.id).await;
            if !outcome.problems.is_empty() {
                outcome.result = StackResult::Failed;
            }
            outcome.status = Some(stack.status);
            outcome.outputs = stack.outputs;
        }
        self.emit(DeployEventKind::Unchanged);
        Ok(outcome)
    }

    /// Returns the outcome of a finished deployment. `problems`: why its services did not become stable.
    pub(super) async fn conclude(
        &self,
        kind: ChangeSetKind,
        finished: FinishedOperation,
        mut problems: Vec<Diagnostic>,
    ) -> StackOutcome {
        let mut result = match (finished.result, kind) {
            (OperationResult::RolledBack, _) => StackResult::RolledBack,
            (OperationResult::Failed, _) => StackResult::Failed,
            (_, ChangeSetKind::Create) => StackResult::Created,
            (_, ChangeSetKind::Update) => StackResult::Updated,
            (_, ChangeSetKind::Import) => StackResult::Imported,
        };
        if result.is_success() {
            problems = self.verify_services(&finished).await;
            let protected = finished.stack.as_ref().is_some_and(|stack| stack.termination_protection);
            if let Err(error) = self.set_protection(protected).await {
                problems.push(protection_not_set(self.stack, &error.into_api_error()));
            }
            if !problems.is_empty() {
                result = StackResult::Failed;
            }
        } else if problems.is_empty() {
            problems = diagnose(self.stack, &finished);
            problems.extend(is_failed_update(&finished.status).then(|| not_rolled_back(self.stack, &finished)));
        }
        problems.extend(leftovers(self.stack, &finished.progress.leftovers));
        finished.into_outcome(self.stack, result, problems)
    }

    async fn set_protection(&self, current: bool) -> Result<(), CallError> {
        let (name, enabled) = (&self.stack.name, self.stack.termination_protection);
        if current != enabled {
            self.retry(async || self.api.set_termination_protection(name, enabled).await).await?;
            self.emit(DeployEventKind::TerminationProtectionSet { enabled });
        }
        Ok(())
    }
}

/// Returns whether an operation failed and was not rolled back.
pub(super) fn is_failed_update(status: &StackStatus) -> bool {
    matches!(status, StackStatus::CreateFailed | StackStatus::UpdateFailed)
}

/// Reports what is left of an operation that failed and was not rolled back, and the two ways to continue.
fn not_rolled_back(stack: &DesiredStack, finished: &FinishedOperation) -> Diagnostic {
    let resources = finished.progress.resources.iter().filter(|(id, _)| **id != stack.name);
    let done = resources.filter(|(_, progress)| progress.status.is_settled() && !progress.status.is_failed());
    let done: Vec<_> = done.map(|(id, _)| format!("`{id}`")).collect();
    let list = match done.len() {
        0 => "none".to_owned(),
        1..=6 => done.join(", "),
        many => many.to_string(),
    };
    let message = format!("stack `{}` was left in {}; completed resources: {list}", stack.name, finished.status);
    Diagnostic::new(Code::RollbackDisabled, message)
        .at(&stack.origin, "this stack")
        .help(
            Hint::from("fix the cause, then run ")
                .command(CommandName::Deploy.of(&stack.name))
                .text(" again: it continues from this state"),
        )
        .help(Hint::from("or roll it back with ").command(CommandName::Rollback.of(&stack.name)))
}

fn leftovers(stack: &DesiredStack, ids: &[String]) -> Option<Diagnostic> {
    let names: Vec<_> = ids.iter().map(|id| format!("`{id}`")).collect();
    let message = format!("stack `{}` no longer manages {}, which could not be deleted", stack.name, names.join(", "));
    let problem = Diagnostic::new(Code::LeftoverResources, message).at(&stack.origin, "this stack");
    (!ids.is_empty()).then(|| problem.help("delete what is left by hand: CloudFormation does not try again"))
}
