//! After an operation of the mode `EXPRESS`: CloudFormation has applied every configuration and waited for nothing, so the
//! services are watched here until they are stable, and put back where they do not become so.

use std::time::Duration;

use super::change_set::Manner;
use super::follow::Ended;
use super::halt::Halt;
use super::truth::{Wanted, wanted};
use super::wish::Wish;
use super::{Run, Stopped};
use crate::cfn::parse;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::{Fact, Why};
use crate::deploy::feed::{Feed, Scope};
use crate::deploy::plan::Live;
use crate::deploy::ports::{AwsError, Clock, DeploymentMode, Ports};
use crate::deploy::progress::{Goal, Verdict};
use crate::deploy::watch::{Observation, Standing, locate, standing};
use crate::diag::Diagnostic;

/// How long the services may take where nobody sets a limit.
const LIMIT: Duration = Duration::from_hours(1);

/// What was deployed before an operation: its way back.
pub(super) struct Before {
    live: Live,
    body: String,
}

/// Why the services are put back.
enum Unsettled {
    Cancelled(Why),
    /// ECS itself went back, in its words, with a service's name.
    ByEcs(String, String),
}

impl<C: Ports, K: Clock> Run<'_, C, K> {
    /// The template and parameters that are deployed, kept before an operation that may have to be taken back here.
    pub(super) async fn before(&self, cloud: &C, live: Option<&Live>) -> Result<Option<Before>, AwsError> {
        match live.filter(|_| self.options.mode == DeploymentMode::Express) {
            Some(live) => Ok(Some(Before { live: live.clone(), body: cloud.template(&live.stack.id).await? })),
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
        let Some(unsettled) = self.until_stable(cloud, desired, &wanted, ended).await? else {
            return Ok(Vec::new());
        };
        let mut problems = problems(desired, ended, &unsettled);
        problems.extend(self.put_back(cloud, desired, before, ended).await?);
        Ok(problems)
    }

    async fn until_stable(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        wanted: &Wanted,
        ended: &mut Ended,
    ) -> Result<Option<Unsettled>, Halt> {
        let began = self.clock.now();
        let limit = self.options.timeout.unwrap_or(LIMIT);
        ended.services.due = began;
        loop {
            self.look_behind(cloud, &desired.name, &mut ended.services).await;
            match judged(wanted, ended) {
                Judgement::Stable => return Ok(None),
                Judgement::Failed(unsettled) => return Ok(Some(unsettled)),
                Judgement::Moving => {}
            }
            if self.clock.now().since(began) >= limit {
                return Ok(Some(Unsettled::Cancelled(Why::TimedOut { after_s: limit.as_secs() })));
            }
            let wait = ended.services.due.since(self.clock.now()).max(Duration::from_millis(1));
            match self.wait(wait).await {
                Ok(()) => {}
                Err(Stopped(Wish::Cancel)) => return Ok(Some(Unsettled::Cancelled(Why::Asked))),
                Err(Stopped(Wish::Leave)) => return Err(Halt::LeftRunning(None)),
            }
        }
    }

    /// Deploys what was there before, or takes away what was made; what remains to be said where that fails.
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
        let back = match before {
            Some(before) => {
                self.tell(&desired.name, Fact::PutsBack { deletes: false });
                self.redeploy(cloud, desired, &before).await?
            }
            None => Some(self.take_away(cloud, desired, ended).await?),
        };
        let Some(back) = back else { return Ok(Vec::new()) };
        let is_back =
            matches!(back.verdict, Verdict::Succeeded | Verdict::SucceededWithLeftovers | Verdict::RolledBack);
        ended.verdict = if is_back { Verdict::RolledBack } else { Verdict::Failed };
        (ended.status, ended.stack) = (back.status.clone(), back.stack.clone());
        Ok(if is_back { Vec::new() } else { super::why::why(desired, &back) })
    }

    async fn redeploy(&self, cloud: &C, desired: &DesiredStack, before: &Before) -> Result<Option<Ended>, Halt> {
        let now = cloud.describe_stack(&before.live.stack.id).await?;
        let stack = now.unwrap_or_else(|| before.live.stack.clone());
        let live = Live { stack, template: desired.template.clone(), ..before.live.clone() };
        let was = before.as_desired(desired);
        let Some(set) = self.prepare_so(cloud, &was, Some(&live), Manner::Back).await? else { return Ok(None) };
        let token = self.token(&desired.name, "back");
        cloud.execute_change_set(&set.id, &token, false).await?;
        let feed = Feed::new(&set.stack_id, Scope::Token(token));
        let stack = (desired.name.as_str(), set.stack_id.as_str());
        Ok(Some(self.follow(cloud, stack, Goal::Restored, feed).await?))
    }

    async fn take_away(&self, cloud: &C, desired: &DesiredStack, ended: &Ended) -> Result<Ended, Halt> {
        let id = ended.stack.as_ref().map_or(&desired.name, |stack| &stack.id);
        let token = self.token(&desired.name, "back");
        self.tell(&desired.name, Fact::PutsBack { deletes: true });
        cloud.delete_stack(id, &token, &[]).await?;
        let feed = Feed::new(id, Scope::Token(token));
        self.follow(cloud, (&desired.name, id), Goal::Withdrawn, feed).await
    }
}

enum Judgement {
    Stable,
    Moving,
    Failed(Unsettled),
}

fn judged(wanted: &Wanted, ended: &Ended) -> Judgement {
    if let Some(diagnosis) = ended.services.dog.gives_up() {
        return Judgement::Failed(Unsettled::Cancelled(Why::GaveUp { diagnosis }));
    }
    let mut all = Judgement::Stable;
    for (name, (_, definition)) in wanted {
        let seen = ended.services.last.get(name);
        let Some((seen, live)) = seen.and_then(|seen| Some((seen, seen.live.as_ref()?))) else {
            all = Judgement::Moving;
            continue;
        };
        match standing(live, definition.as_deref()) {
            Standing::Failed(words) => return Judgement::Failed(Unsettled::ByEcs(name.clone(), words)),
            Standing::Stable if are_healthy(seen) => {}
            Standing::Stable | Standing::Moving => all = Judgement::Moving,
        }
    }
    all
}

/// True where as many targets are healthy as tasks are wanted, in each target group.
fn are_healthy(seen: &Observation) -> bool {
    let Some(live) = &seen.live else { return false };
    let healthy = seen.targets.iter().filter(|target| target.state == "healthy").count();
    healthy >= live.target_groups.len() * usize::try_from(live.desired).unwrap_or(usize::MAX)
}

fn problems(desired: &DesiredStack, ended: &Ended, unsettled: &Unsettled) -> Vec<Diagnostic> {
    let diagnoses = ended.services.dog.diagnoses();
    let note = "CloudFormation had applied everything (`--express`), and the services did not become stable";
    let mut told = match unsettled {
        Unsettled::Cancelled(why) => super::why::of_cancelled(desired, why, &diagnoses),
        Unsettled::ByEcs(name, words) => match diagnoses.iter().find(|seen| seen.service == *name) {
            Some(seen) => vec![locate(seen, &desired.template, &desired.origin)],
            None => {
                let message = format!("`{name}` did not become stable: {words}");
                vec![Diagnostic::error("service-not-stable", message).at(&desired.origin, "this stack")]
            }
        },
    };
    if let Some(first) = told.first_mut() {
        first.notes.push(note.to_owned());
    }
    told
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
