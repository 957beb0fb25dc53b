//! After an operation of the mode `EXPRESS`: CloudFormation has applied every configuration and waited for nothing, so the
//! services are watched here until they are stable, and put back where they do not become so.

use super::Engine;
use super::abort::Abort;
use super::change_set::ChangeSetPurpose;
use super::event::DeployEventKind;
use super::event_stream::{EventFilter, EventStream};
use super::partial_failure::not_put_back;
use super::progress::{OperationGoal, OperationResult};
use super::verify_services::wanted;
use super::watch::FinishedOperation;
use crate::cfn::TemplateDocument;
use crate::deploy::api::{AwsApi, AwsError, ChangeSetKind, Clock, DeploymentMode, ErrorKind};
use crate::deploy::diagnose::stack_failure::refused;
use crate::deploy::plan::DeployedStack;
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

const APPLIED: &str = "CloudFormation had applied everything (`--express`), and the services did not become stable";

/// What was deployed before an operation: its way back.
pub(super) struct RevertPoint {
    live: DeployedStack,
    body: String,
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// The template and parameters that are deployed, kept before an operation that may have to be taken back here.
    pub(super) async fn before(
        &self,
        cloud: &C,
        live: Option<&DeployedStack>,
    ) -> Result<Option<RevertPoint>, AwsError> {
        match live.filter(|_| self.options.mode == DeploymentMode::Express) {
            Some(live) => {
                let asked = async || cloud.template(&live.stack.id).await;
                let body = self.insist(&live.stack.name, asked).await?;
                Ok(Some(RevertPoint { live: live.clone(), body }))
            }
            None => Ok(None),
        }
    }

    /// Watches the services of a finished operation until they are stable. What is wrong where they are not, after they
    /// were put back; and how that ended.
    pub(super) async fn settle(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        before: Option<RevertPoint>,
        ended: &mut FinishedOperation,
    ) -> Result<Vec<Diagnostic>, Abort> {
        let wanted = wanted(desired, &ended.progress.events);
        if self.options.mode != DeploymentMode::Express || wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.tell(&desired.name, DeployEventKind::StabilizationStarted { services: wanted.keys().cloned().collect() });
        for (name, (arn, _)) in &wanted {
            ended.services.arns.insert(name.clone(), arn.clone());
        }
        let Some(unsettled) = self.until_stable(cloud, (&desired.name, None), &wanted, &mut ended.services).await?
        else {
            return Ok(Vec::new());
        };
        let mut problems = unsettled.problems(desired, &ended.services);
        if let Some(first) = problems.first_mut() {
            first.notes.push(APPLIED.to_owned());
            if self.options.keep {
                let back = if before.is_some() { CommandName::Rollback } else { CommandName::Destroy };
                let hint =
                    Hint::from("it stays as it is (`--no-rollback`); undo it with ").command(back.of(&desired.name));
                first.hints.push(hint);
            }
        }
        match self.put_back(cloud, desired, before, ended).await {
            Ok(more) => problems.extend(more),
            Err(halt) => return Err(Abort::RevertAborted { problems, halt: Box::new(halt) }),
        }
        Ok(problems)
    }

    /// Deploys what was there before, or takes away what was made; what remains to be said where that fails. It ends
    /// early only where AWS goes on with it: a refusal changes nothing about what was done before, and is told as that.
    async fn put_back(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        before: Option<RevertPoint>,
        ended: &mut FinishedOperation,
    ) -> Result<Vec<Diagnostic>, Abort> {
        ended.verdict = OperationResult::Failed;
        if self.options.keep {
            return Ok(Vec::new());
        }
        let made = before.is_none();
        self.tell(&desired.name, DeployEventKind::RevertStarted { deletes: made });
        let back = match before {
            Some(before) => self.redeploy(cloud, desired, &before).await,
            None => self.take_away(cloud, desired, ended).await,
        };
        let back = match back {
            Ok(back) => back,
            Err(Abort::Refused(error)) => return Ok(vec![not_put_back(desired, made, refused(desired, &error))]),
            Err(Abort::Problems(why) | Abort::Blocked(why)) => {
                return Ok(why.into_iter().map(|why| not_put_back(desired, made, why)).collect());
            }
            Err(Abort::Declined) => {
                let why = Diagnostic::new(Code::RevertFailed, "you left before AWS was asked to")
                    .at(&desired.origin, "this stack");
                return Ok(vec![not_put_back(desired, made, why)]);
            }
            Err(halt) => return Err(halt),
        };
        let is_back = matches!(
            back.verdict,
            OperationResult::Succeeded | OperationResult::SucceededWithLeftovers | OperationResult::RolledBack
        );
        ended.verdict = if is_back { OperationResult::RolledBack } else { OperationResult::Failed };
        (ended.status, ended.stack) = (back.status.clone(), back.stack.clone());
        Ok(if is_back { Vec::new() } else { crate::deploy::diagnose::operation_failure::diagnose(desired, &back) })
    }

    async fn redeploy(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        before: &RevertPoint,
    ) -> Result<FinishedOperation, Abort> {
        let (name, id) = (&desired.name, &before.live.stack.id);
        let now = self.insist(name, async || cloud.describe_stack(id).await).await?;
        let stack = now.unwrap_or_else(|| before.live.stack.clone());
        let live = DeployedStack { stack, template: desired.template.clone().into_template(), ..before.live.clone() };
        let was = before.as_desired(desired);
        let Some(set) = self.prepare_so(cloud, &was, Some(&live), ChangeSetPurpose::Revert).await? else {
            let message = "AWS sees no difference to the template and parameters of before";
            return Err(Diagnostic::new(Code::RevertFailed, message).at(&desired.origin, "this stack").into());
        };
        let token = self.token(name, "back");
        let arrived = [ErrorKind::Conflict, ErrorKind::NoSuchChangeSet];
        let asked = async || cloud.execute_change_set(&set.id, &token, false).await;
        if let Err(error) = self.insist_unless(name, &arrived, asked).await {
            // The refusal is the story; what cannot be cleared away now, the next deployment clears away.
            let _ = self.discard(cloud, desired, &set.id, ChangeSetKind::Update).await;
            return Err(error.into());
        }
        let feed = EventStream::new(&set.stack_id, EventFilter::Token(token));
        self.follow(cloud, (name, &set.stack_id), OperationGoal::Restored, feed).await
    }

    async fn take_away(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        ended: &FinishedOperation,
    ) -> Result<FinishedOperation, Abort> {
        let id = ended.stack.as_ref().map_or(&desired.name, |stack| &stack.id);
        let token = self.token(&desired.name, "back");
        self.insist(&desired.name, async || cloud.delete_stack(id, &token, &[]).await).await?;
        let feed = EventStream::new(id, EventFilter::Token(token));
        self.follow(cloud, (&desired.name, id), OperationGoal::Withdrawn, feed).await
    }
}

impl RevertPoint {
    /// What was there, as something to deploy. Parameters that are not to be seen (`NoEcho`) keep their last value.
    fn as_desired(&self, desired: &DesiredStack) -> DesiredStack {
        let stack = &self.live.stack;
        let seen = stack.parameters.iter().filter(|(_, value)| !value.chars().all(|letter| letter == '*'));
        let template = TemplateDocument::parse(&stack.name, self.body.as_str()).value.unwrap_or_default();
        DesiredStack {
            template,
            parameters: seen.map(|(name, value)| (name.clone(), value.clone())).collect(),
            tags: stack.tags.clone(),
            termination_protection: stack.termination_protection,
            ..desired.clone()
        }
    }
}
