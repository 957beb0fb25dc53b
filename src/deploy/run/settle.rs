//! After an operation of the mode `EXPRESS`: CloudFormation has applied every configuration and waited for nothing, so the
//! services are watched here until they are stable, and put back where they do not become so.

use super::Run;
use super::aftermath::not_put_back;
use super::change_set::Manner;
use super::follow::Ended;
use super::halt::Halt;
use super::truth::wanted;
use crate::cfn::parse;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Fact;
use crate::deploy::explain::refused;
use crate::deploy::feed::{Feed, Scope};
use crate::deploy::plan::Live;
use crate::deploy::ports::{AwsError, ChangeSetKind, Clock, DeploymentMode, ErrorKind, Ports};
use crate::deploy::progress::{Goal, Verdict};
use crate::diag::{Code, Diagnostic};

const APPLIED: &str = "CloudFormation had applied everything (`--express`), and the services did not become stable";

/// What was deployed before an operation: its way back.
pub(super) struct Before {
    live: Live,
    body: String,
}

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// The template and parameters that are deployed, kept before an operation that may have to be taken back here.
    pub(super) async fn before(&self, cloud: &C, live: Option<&Live>) -> Result<Option<Before>, AwsError> {
        match live.filter(|_| self.options.mode == DeploymentMode::Express) {
            Some(live) => {
                let asked = async || cloud.template(&live.stack.id).await;
                let body = self.insist(&live.stack.name, asked).await?;
                Ok(Some(Before { live: live.clone(), body }))
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
        before: Option<Before>,
        ended: &mut Ended,
    ) -> Result<Vec<Diagnostic>, Halt> {
        let wanted = wanted(desired, &ended.progress.events);
        if self.options.mode != DeploymentMode::Express || wanted.is_empty() {
            return Ok(Vec::new());
        }
        self.tell(&desired.name, Fact::Settles { services: wanted.keys().cloned().collect() });
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
                let back = if before.is_some() { "rollback" } else { "destroy" };
                let hint = format!("it stays as it is (`--no-rollback`); `{back} {}` takes it back", desired.name);
                first.hints.push(hint);
            }
        }
        match self.put_back(cloud, desired, before, ended).await {
            Ok(more) => problems.extend(more),
            Err(halt) => return Err(Halt::Halfway { problems, halt: Box::new(halt) }),
        }
        Ok(problems)
    }

    /// Deploys what was there before, or takes away what was made; what remains to be said where that fails. It ends
    /// early only where AWS goes on with it: a refusal changes nothing about what was done before, and is told as that.
    async fn put_back(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        before: Option<Before>,
        ended: &mut Ended,
    ) -> Result<Vec<Diagnostic>, Halt> {
        ended.verdict = Verdict::Failed;
        if self.options.keep {
            return Ok(Vec::new());
        }
        let made = before.is_none();
        self.tell(&desired.name, Fact::PutsBack { deletes: made });
        let back = match before {
            Some(before) => self.redeploy(cloud, desired, &before).await,
            None => self.take_away(cloud, desired, ended).await,
        };
        let back = match back {
            Ok(back) => back,
            Err(Halt::Refused(error)) => return Ok(vec![not_put_back(desired, made, refused(desired, &error))]),
            Err(Halt::Problems(why) | Halt::Withheld(why)) => {
                return Ok(why.into_iter().map(|why| not_put_back(desired, made, why)).collect());
            }
            Err(Halt::Declined) => {
                let why = Diagnostic::new(Code::RevertFailed, "you left before AWS was asked to")
                    .at(&desired.origin, "this stack");
                return Ok(vec![not_put_back(desired, made, why)]);
            }
            Err(halt) => return Err(halt),
        };
        let is_back =
            matches!(back.verdict, Verdict::Succeeded | Verdict::SucceededWithLeftovers | Verdict::RolledBack);
        ended.verdict = if is_back { Verdict::RolledBack } else { Verdict::Failed };
        (ended.status, ended.stack) = (back.status.clone(), back.stack.clone());
        Ok(if is_back { Vec::new() } else { super::why::why(desired, &back) })
    }

    async fn redeploy(&self, cloud: &C, desired: &DesiredStack, before: &Before) -> Result<Ended, Halt> {
        let (name, id) = (&desired.name, &before.live.stack.id);
        let now = self.insist(name, async || cloud.describe_stack(id).await).await?;
        let stack = now.unwrap_or_else(|| before.live.stack.clone());
        let live = Live { stack, template: desired.template.clone(), ..before.live.clone() };
        let was = before.as_desired(desired);
        let Some(set) = self.prepare_so(cloud, &was, Some(&live), Manner::Back).await? else {
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
        let feed = Feed::new(&set.stack_id, Scope::Token(token));
        self.follow(cloud, (name, &set.stack_id), Goal::Restored, feed).await
    }

    async fn take_away(&self, cloud: &C, desired: &DesiredStack, ended: &Ended) -> Result<Ended, Halt> {
        let id = ended.stack.as_ref().map_or(&desired.name, |stack| &stack.id);
        let token = self.token(&desired.name, "back");
        self.insist(&desired.name, async || cloud.delete_stack(id, &token, &[]).await).await?;
        let feed = Feed::new(id, Scope::Token(token));
        self.follow(cloud, (&desired.name, id), Goal::Withdrawn, feed).await
    }
}

impl Before {
    /// What was there, as something to deploy. Parameters that are not to be seen (`NoEcho`) keep their last value.
    fn as_desired(&self, desired: &DesiredStack) -> DesiredStack {
        let stack = &self.live.stack;
        let seen = stack.parameters.iter().filter(|(_, value)| !value.chars().all(|letter| letter == '*'));
        let template = parse::template(&stack.name, &self.body).value.unwrap_or_default();
        DesiredStack {
            template,
            body: self.body.clone(),
            parameters: seen.map(|(name, value)| (name.clone(), value.clone())).collect(),
            tags: stack.tags.clone(),
            termination_protection: stack.termination_protection,
            ..desired.clone()
        }
    }
}
