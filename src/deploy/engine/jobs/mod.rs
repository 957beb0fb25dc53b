//! Deployments with jobs that run before the services change: `.before_deploy(..)`.
//!
//! A deployment has two steps. The first one is an operation of CloudFormation that gives the jobs what they need, and leaves the
//! services as they were (`plan::first_step`). Then the jobs run, one after the other, with `RunTask`. The last step is an
//! operation that deploys the whole template.
//!
//! - If a job fails, the first step is reverted: the previous template is deployed again, or the new stack is deleted. The
//!   services have not changed. The same is done if the last step fails.
//! - If the run is killed, the outputs of the first step are left in the stack. The next deployment finds them, and the task of
//!   the job by its revision: a task that has succeeded is not repeated, a running one is followed.
//!
//! Why not in one operation: CloudFormation waits for a program in the middle of an operation only through a custom resource, that
//! is a Lambda function with its code, role, log group and time limit of 15 minutes in every stack. Lifecycle hooks of ECS run a
//! Lambda function, too, once for each service and not before all of them. A task outside the stack, with a copy of the task
//! definition, has no database, secret or permission that the same deployment creates.
//!
//! *Invariant*: no service changes before every job has succeeded.

mod problems;
mod run;

use super::StackTask;
use super::abort::Abort;
use super::change_set::ChangeSetPurpose;
use super::event::DeployEventKind;
use super::finished::FinishedOperation;
use super::operation_failure::diagnose;
use super::outcome::{StackOutcome, StackResult};
use super::progress::OperationResult;
use super::settling::RevertPoint;
use crate::cfn::StackJob;
use crate::deploy::api::{ApiCall, AwsApi, AwsError, ChangeSetKind, Clock, ErrorKind, StackDescription};
use crate::deploy::diagnose::timeline::{Timeline, timeline};
use crate::deploy::plan::first_step::{JobPlacement, first_step};
use crate::deploy::plan::{DeployedStack, Plan};
use crate::diag::Diagnostic;
use run::JobEnd;

/// The state before a deployment, to return to it.
struct Before<'d> {
    deployed: Option<&'d DeployedStack>,
    revert_point: Option<RevertPoint>,
    /// The first step, unless an earlier run has carried it out.
    first_step: Option<FinishedOperation>,
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Returns the jobs of the stack that a plan runs.
    pub(super) fn jobs_of(&self, plan: &Plan) -> Vec<&StackJob> {
        let is_planned =
            |job: &&StackJob| plan.jobs.iter().any(|planned| planned.task_definition == job.task_definition.as_str());
        self.stack.jobs.iter().filter(is_planned).collect()
    }

    /// Deploys what the jobs need, runs them, then deploys the rest.
    pub(super) async fn deploy_with_jobs(
        &self,
        deployed: Option<&DeployedStack>,
        jobs: &[&StackJob],
    ) -> Result<StackOutcome, Abort> {
        let kind = if deployed.is_some() { ChangeSetKind::Update } else { ChangeSetKind::Create };
        let revert_point = match deployed {
            Some(deployed) => Some(self.revert_point(deployed).await?),
            None => None,
        };
        self.emit(DeployEventKind::FirstStepStarted { jobs: jobs.iter().map(|job| job.name.clone()).collect() });
        let step = first_step(self.stack, deployed, jobs);
        let first_step = self.with_stack(&step).carry_out_first_step(deployed).await?;
        let first_step = match first_step {
            Some(failed) if !failed.result.is_success() => {
                return Ok(self.with_stack(&step).conclude(kind, failed, Vec::new()).await);
            }
            first_step => first_step,
        };
        let mut steps = Vec::from_iter(first_step.as_ref().map(|done| timeline(&done.progress.events, &step.template)));
        let before = Before { deployed, revert_point, first_step };
        let outcome = self.run_jobs_and_deploy_rest(kind, before, jobs, &mut steps).await?;
        steps.extend(outcome.timeline);
        Ok(StackOutcome { timeline: Timeline::of_steps(steps), ..outcome })
    }

    /// Runs the jobs, which become steps of the timeline, then deploys the rest. The timeline of the outcome is that of the last
    /// step.
    async fn run_jobs_and_deploy_rest(
        &self,
        kind: ChangeSetKind,
        before: Before<'_>,
        jobs: &[&StackJob],
        steps: &mut Vec<Timeline>,
    ) -> Result<StackOutcome, Abort> {
        let stack = self.current_stack().await?;
        for job in jobs {
            let placement = JobPlacement::of(job, &stack).ok_or_else(|| problems::no_placement(job))?;
            let from = self.now();
            let end = self.run_job(job, &placement).await?;
            steps.push(Timeline::of_job(&job.name, from, self.now()));
            if let JobEnd::Failed(problems) = end {
                return self.undo(before, &job.name, stack, problems).await;
            }
        }
        self.deploy_rest(kind, before, stack).await
    }

    /// Creates and executes the change set of the first step; none if an earlier run has done it.
    async fn carry_out_first_step(&self, deployed: Option<&DeployedStack>) -> Result<Option<FinishedOperation>, Abort> {
        let Some(change_set) = self.create_change_set(deployed, ChangeSetPurpose::FirstStep).await? else {
            return Ok(None);
        };
        let resumes = deployed.is_some_and(|deployed| super::deploy::is_failed_update(&deployed.stack.status));
        Ok(Some(self.execute_step(change_set, resumes, "jobs").await?))
    }

    async fn current_stack(&self) -> Result<StackDescription, Abort> {
        let stack = self.retry(async || self.api.describe_stack(&self.stack.name).await).await?;
        let gone =
            || AwsError::new(ErrorKind::NoSuchStack, ApiCall::DescribeStacks, "ValidationError", "the stack is gone");
        Ok(stack.ok_or_else(gone)?)
    }

    /// Deploys the whole template after the jobs.
    async fn deploy_rest(
        &self,
        kind: ChangeSetKind,
        before: Before<'_>,
        stack: StackDescription,
    ) -> Result<StackOutcome, Abort> {
        let now = self.with_template(stack.clone()).await?;
        let change_set = match self.create_change_set(Some(&now), ChangeSetPurpose::Rest).await {
            Ok(Some(change_set)) => change_set,
            Ok(None) => return self.nothing_left(kind, before).await,
            Err(Abort::RejectedWith(problems) | Abort::Blocked(problems)) => {
                return self.undo(before, "", stack, problems).await;
            }
            Err(abort) => return Err(abort),
        };
        let mut finished = self.execute(change_set, false).await?;
        if finished.result.is_success() {
            let problems = self.await_services(before.revert_point, &mut finished).await?;
            return Ok(self.conclude(kind, finished, problems).await);
        }
        if !self.reverts || finished.result != OperationResult::RolledBack {
            return Ok(self.conclude(kind, finished, Vec::new()).await);
        }
        // CloudFormation has restored the first step; the state before it is left to restore.
        let mut problems = diagnose(self.stack, &finished);
        if before.first_step.is_some() {
            problems.extend(self.revert(before.revert_point, &mut finished, Some("")).await?);
        }
        Ok(self.conclude(kind, finished, problems).await)
    }

    /// Concludes a deployment that has nothing to do after its jobs.
    async fn nothing_left(&self, kind: ChangeSetKind, before: Before<'_>) -> Result<StackOutcome, Abort> {
        match before.first_step {
            Some(finished) => Ok(StackOutcome { timeline: None, ..self.conclude(kind, finished, Vec::new()).await }),
            None => Ok(StackOutcome::new(&self.stack.name, StackResult::Updated)),
        }
    }

    /// Returns to the state before the first step after a job failed, and returns the outcome with the problems.
    async fn undo(
        &self,
        before: Before<'_>,
        job: &str,
        stack: StackDescription,
        mut problems: Vec<Diagnostic>,
    ) -> Result<StackOutcome, Abort> {
        let Some(mut finished) = before.first_step else {
            let result = if self.reverts { StackResult::RolledBack } else { StackResult::Failed };
            let mut outcome = StackOutcome::new(&self.stack.name, result).with_problems(problems);
            (outcome.status, outcome.outputs) = (Some(stack.status), stack.outputs);
            return Ok(outcome);
        };
        if !self.reverts
            && let Some(first) = problems.first_mut()
        {
            first.hints.push(problems::left_in_place(&self.stack.name, before.deployed.is_some()));
        }
        match self.revert(before.revert_point, &mut finished, Some(job)).await {
            Ok(more) => problems.extend(more),
            Err(abort) => return Err(Abort::RevertAborted { problems, abort: Box::new(abort) }),
        }
        let result = match finished.result {
            OperationResult::RolledBack => StackResult::RolledBack,
            _ => StackResult::Failed,
        };
        Ok(StackOutcome { timeline: None, ..finished.into_outcome(self.stack, result, problems) })
    }
}
