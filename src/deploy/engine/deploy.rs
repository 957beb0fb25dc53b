//! The way of one stack.

use futures_util::future::join;

use super::abort::Abort;
use super::event::DeployEventKind;
use super::event_stream::{EventFilter, EventStream};
use super::outcome::{StackOutcome, StackResult};
use super::progress::{OperationGoal, OperationResult};
use super::watch::FinishedOperation;
use super::{Engine, partial_failure};
use crate::deploy::api::status::StackStatus;
use crate::deploy::api::{ApiCall, AwsApi, AwsError, ChangeSet, ChangeSetKind, ClientRequestToken, Clock, ErrorKind};
use crate::deploy::diagnose::operation_failure::diagnose;
use crate::deploy::diagnose::timeline::timeline;
use crate::deploy::plan::{DeployedStack, Plan, plan_stack};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    pub(super) async fn deploy_stack(&self, desired: &DesiredStack, ask: &impl AsyncFn(&Plan) -> bool) -> StackOutcome {
        let began = self.clock.now();
        let outcome = self.to_the_end(desired, ask).await;
        let mut outcome = outcome.unwrap_or_else(|halt| self.halted(desired, halt));
        outcome.duration = self.clock.now().since(began);
        outcome
    }

    pub(super) async fn to_the_end(
        &self,
        desired: &DesiredStack,
        ask: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let cloud = self.cloud.for_region(desired.region.as_deref());
        let live = self.look(&cloud, desired).await?;
        if let Some(problem) = self.outdated(desired, live.as_ref()) {
            return Err(Abort::Blocked(vec![problem]));
        }
        if let Some(live) = &live {
            self.sweep(&cloud, live).await;
        }
        let plan = plan_stack(live.as_ref(), desired, self.options.schema);
        let prepared = self.prepare(&cloud, desired, live.as_ref());
        let (prepared, ()) = join(prepared, self.tell_readiness(&cloud, desired, &plan)).await;
        let prepared = match prepared {
            Err(halt) => return Err(self.for_want_of_an_owner(&cloud, desired, halt).await),
            Ok(prepared) => prepared,
        };
        let Some(change_set) = prepared else {
            return self.unchanged(&cloud, desired, live, plan, ask).await;
        };
        let kind = plan.situation.kind();
        let plan = plan.confirmed(&change_set);
        self.tell(&desired.name, DeployEventKind::Planned { plan: plan.clone() });
        let problems = self.forbidden(desired, live.as_ref(), &plan);
        if !problems.is_empty() {
            self.discard(&cloud, desired, &change_set.id, kind).await?;
            return Err(Abort::Blocked(problems));
        }
        if self.approved(&plan, ask).await != Ok(true) {
            self.discard(&cloud, desired, &change_set.id, kind).await?;
            self.tell(&desired.name, DeployEventKind::Declined);
            return Err(Abort::Declined);
        }
        let before = match self.before(&cloud, live.as_ref()).await {
            Ok(before) => before,
            Err(error) => {
                let _ = self.discard(&cloud, desired, &change_set.id, kind).await;
                return Err(error.into());
            }
        };
        let failed = live.as_ref().map(|live| &live.stack.status).filter(|status| is_kept(status));
        if let Some(status) = failed {
            self.tell(&desired.name, DeployEventKind::UpdateResumed { status: status.clone() });
        }
        let mut ended = self.execute(&cloud, desired, &change_set, kind, failed.is_some()).await?;
        let mut problems = Vec::new();
        if is_success(ended.verdict) {
            problems = self.settle(&cloud, desired, before, &mut ended).await?;
        }
        let outcome = self.conclude(&cloud, desired, kind, ended, problems).await;
        if plan.rolled_out.is_empty() || !outcome.ending.is_good() {
            return Ok(outcome);
        }
        match self.bring_strays_back(&cloud, desired, outcome.clone()).await {
            // The stack was changed before: this is no refusal any more.
            Err(Abort::Refused(error)) => Ok(outcome.but(partial_failure::strayed(desired, &plan, &error))),
            brought => brought,
        }
    }

    /// After a deployment: services that the change set did not touch still run what a rollout left.
    async fn bring_strays_back(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        outcome: StackOutcome,
    ) -> Result<StackOutcome, Abort> {
        let gone =
            || AwsError::new(ErrorKind::NoSuchStack, ApiCall::DescribeStacks, "ValidationError", "the stack is gone");
        let stack = self.insist(&desired.name, async || cloud.describe_stack(&desired.name).await).await?;
        let live = self.with_template(cloud, stack.ok_or_else(gone)?).await?;
        if live.rolled_out.is_empty() {
            return Ok(outcome);
        }
        self.bring_back(cloud, desired, &live.rolled_out, outcome).await
    }

    /// Carries a change set out. `goes_on`: what failed before and stayed is gone on with, which AWS only does without a
    /// rollback.
    pub(super) async fn execute(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        set: &ChangeSet,
        kind: ChangeSetKind,
        goes_on: bool,
    ) -> Result<FinishedOperation, Abort> {
        let token = self.token(&desired.name, "run");
        let keep = self.options.keep || goes_on;
        // Where an answer was lost, a change set that cannot be carried out (any more) is being carried out.
        let arrived = [ErrorKind::Conflict, ErrorKind::NoSuchChangeSet];
        let asked = async || cloud.execute_change_set(&set.id, &token, keep).await;
        if let Err(error) = self.insist_unless(&desired.name, &arrived, asked).await {
            if matches!(error.kind, ErrorKind::Connection | ErrorKind::Unavailable) {
                return Err(Abort::ConnectionLost(error));
            }
            if !is_taken(cloud, &set.stack_id, &token).await {
                // The refusal is the story; what cannot be cleared away now, the next deployment clears away.
                let _ = self.discard(cloud, desired, &set.id, kind).await;
                return Err(error.into());
            }
        }
        let stack_id = set.stack_id.clone();
        self.tell(&desired.name, DeployEventKind::Started { kind, token: token.clone(), stack_id: stack_id.clone() });
        if self.options.detach {
            return Err(Abort::Detached(Some(token)));
        }
        let feed = EventStream::new(&stack_id, EventFilter::Token(token));
        let before = (kind == ChangeSetKind::Create).then_some(StackStatus::ReviewInProgress);
        self.follow_from(cloud, (&desired.name, &stack_id), OperationGoal::Deployed, feed, before).await
    }

    async fn unchanged(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        live: Option<DeployedStack>,
        plan: Plan,
        ask: &impl AsyncFn(&Plan) -> bool,
    ) -> Result<StackOutcome, Abort> {
        if !plan.rolled_out.is_empty() {
            let strayed = plan.rolled_out.clone();
            let plan = plan.without_changes();
            self.tell(&desired.name, DeployEventKind::Planned { plan: plan.clone() });
            if self.approved(&plan, ask).await != Ok(true) {
                self.tell(&desired.name, DeployEventKind::Declined);
                return Err(Abort::Declined);
            }
            let mut outcome = StackOutcome::new(&desired.name, StackResult::Updated);
            outcome.outputs = live.map(|live| live.stack.outputs).unwrap_or_default();
            return self.bring_back(cloud, desired, &strayed, outcome).await;
        }
        let mut outcome = StackOutcome::new(&desired.name, StackResult::Unchanged);
        if let Some(live) = live {
            self.protect(cloud, desired, live.stack.termination_protection).await?;
            outcome.status = Some(live.stack.status);
            outcome.outputs = live.stack.outputs;
        }
        self.tell(&desired.name, DeployEventKind::Unchanged);
        Ok(outcome)
    }

    /// What became of the stack: `problems` are those that its services have, whatever CloudFormation says.
    pub(super) async fn conclude(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        kind: ChangeSetKind,
        ended: FinishedOperation,
        mut problems: Vec<Diagnostic>,
    ) -> StackOutcome {
        let mut ending = match (ended.verdict, kind) {
            (OperationResult::Succeeded | OperationResult::SucceededWithLeftovers, ChangeSetKind::Create) => {
                StackResult::Created
            }
            (
                OperationResult::Succeeded | OperationResult::SucceededWithLeftovers,
                ChangeSetKind::Update | ChangeSetKind::Import,
            ) => StackResult::Updated,
            (OperationResult::RolledBack, _) => StackResult::RolledBack,
            (OperationResult::Failed, _) => StackResult::Failed,
        };
        if !ending.is_good() && problems.is_empty() {
            problems = diagnose(desired, &ended);
            problems.extend(Some(&ended.status).filter(|status| is_kept(status)).map(|_| kept(desired, &ended)));
        } else if ending.is_good() {
            problems = self.untruths(cloud, desired, &ended).await;
            if !problems.is_empty() {
                ending = StackResult::Failed;
            }
            let protected = ended.stack.as_ref().is_some_and(|stack| stack.termination_protection);
            if let Err(error) = self.protect(cloud, desired, protected).await {
                problems.push(partial_failure::unprotected(desired, &error));
                ending = StackResult::Failed;
            }
        }
        let mut outcome = StackOutcome { problems, ..StackOutcome::new(&desired.name, ending) };
        outcome.problems.extend(leftovers(desired, &ended.progress.leftovers));
        outcome.status = Some(ended.status);
        outcome.outputs = ended.stack.map(|stack| stack.outputs).unwrap_or_default();
        outcome.timeline = Some(timeline(&ended.progress.events, &desired.template));
        outcome.resources = ended.progress.resources;
        outcome.retained = ended.progress.retained;
        outcome
    }

    async fn protect(&self, cloud: &C, desired: &DesiredStack, protected: bool) -> Result<(), AwsError> {
        let (name, on) = (&desired.name, desired.termination_protection);
        if protected != on {
            self.insist(name, async || cloud.set_termination_protection(name, on).await).await?;
            self.tell(&desired.name, DeployEventKind::TerminationProtectionSet { on: desired.termination_protection });
        }
        Ok(())
    }
}

/// Whether a refused execution runs all the same: where the answer to the first request was lost, the next one, which the
/// transport sends by itself, may be told that the change set is executed already. The events know whose it is.
async fn is_taken(cloud: &impl AwsApi, stack: &str, token: &ClientRequestToken) -> bool {
    let page = cloud.events(stack, None).await.unwrap_or_default();
    page.events.iter().any(|event| event.token.as_ref() == Some(token))
}

fn is_success(verdict: OperationResult) -> bool {
    matches!(verdict, OperationResult::Succeeded | OperationResult::SucceededWithLeftovers)
}

/// True where an operation failed and was not undone.
fn is_kept(status: &StackStatus) -> bool {
    matches!(status, StackStatus::CreateFailed | StackStatus::UpdateFailed)
}

/// What stays of an operation that failed and was not undone, and the two ways on.
fn kept(desired: &DesiredStack, ended: &FinishedOperation) -> Diagnostic {
    let resources = ended.progress.resources.iter().filter(|(id, _)| **id != desired.name);
    let done = resources.filter(|(_, progress)| progress.status.is_settled() && !progress.status.is_failed());
    let done: Vec<_> = done.map(|(id, _)| format!("`{id}`")).collect();
    let what = match done.len() {
        0 => "nothing".to_owned(),
        1..=6 => done.join(", "),
        many => format!("{many} resources"),
    };
    let message = format!("stack `{}` stays in {}; what was done: {what}", desired.name, ended.status);
    Diagnostic::new(Code::RollbackDisabled, message)
        .at(&desired.origin, "this stack")
        .help(
            Hint::from("fix the cause, then run ")
                .command(CommandName::Deploy.of(&desired.name))
                .text(" again: it continues from this state"),
        )
        .help(Hint::from("or undo it with ").command(CommandName::Rollback.of(&desired.name)))
}

fn leftovers(desired: &DesiredStack, ids: &[String]) -> Option<Diagnostic> {
    let names: Vec<_> = ids.iter().map(|id| format!("`{id}`")).collect();
    let message = format!("stack `{}` has let go of {}, which could not be deleted", desired.name, names.join(", "));
    let problem = Diagnostic::new(Code::LeftoverResources, message).at(&desired.origin, "this stack");
    (!ids.is_empty()).then(|| problem.help("delete what is left by hand: CloudFormation does not try again"))
}
