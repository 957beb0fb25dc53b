//! The way of one stack without CloudFormation: new revisions of its task definitions, given to its services.

use super::Run;
use super::exchange::{Exchange, Exchanged};
use super::halt::Halt;
use super::plan::busy;
use crate::deploy::desired::DesiredStack;
use crate::deploy::event::Fact;
use crate::deploy::inspect;
use crate::deploy::outcome::{Ending, StackOutcome};
use crate::deploy::plan::Live;
use crate::deploy::ports::{Clock, EcsService, LiveResource, Ports};
use crate::deploy::rollout::{RolledOut, Rollout, rollouts};
use crate::deploy::situation::{Situation, stuck};
use crate::diag::{Code, Diagnostic};

/// What runs, and what the stack has for it.
struct Running {
    resources: Vec<LiveResource>,
    services: Vec<EcsService>,
}

impl<C: Ports, K: Clock> Run<'_, C, K> {
    pub(super) async fn roll_out(
        &self,
        desired: &DesiredStack,
        ask: &impl AsyncFn(&str, &[Rollout]) -> bool,
    ) -> StackOutcome {
        let began = self.clock.now();
        let outcome = self.without_cloudformation(desired, ask).await;
        let mut outcome = outcome.unwrap_or_else(|halt| self.halted(desired, halt));
        outcome.duration = self.clock.now().since(began);
        outcome
    }

    async fn without_cloudformation(
        &self,
        desired: &DesiredStack,
        ask: &impl AsyncFn(&str, &[Rollout]) -> bool,
    ) -> Result<StackOutcome, Halt> {
        let cloud = desired.home(&self.cloud);
        let live = self.deployed(&cloud, desired).await?;
        let place = cloud.place().await?;
        let rollouts = rollouts(&live, desired, &place).map_err(Halt::Withheld)?;
        let running = running(&cloud, &live).await?;
        let mut due = Vec::new();
        for rollout in rollouts {
            if self.is_due(&cloud, &rollout, &running).await? {
                due.push(rollout);
            }
        }
        if due.is_empty() {
            self.tell(&desired.name, Fact::Unchanged);
            return Ok(StackOutcome::new(&desired.name, Ending::Unchanged));
        }
        self.tell(&desired.name, Fact::RollsOut { changes: due.iter().flat_map(Rollout::changes).collect() });
        if !self.unless_stopped(ask(&desired.name, &due)).await? {
            self.tell(&desired.name, Fact::Declined);
            return Err(Halt::Declined);
        }
        let mut exchanges = Vec::new();
        for rollout in &due {
            exchanges.extend(self.revised(&cloud, rollout, &running).await?);
        }
        let exchanged = self.exchange(&cloud, desired, &exchanges).await?;
        Ok(concluded(StackOutcome::new(&desired.name, Ending::Updated), exchanged))
    }

    async fn deployed(&self, cloud: &C, desired: &DesiredStack) -> Result<Live, Halt> {
        match self.find(cloud, desired).await? {
            (Situation::Ready, Some(stack)) => self.with_template(cloud, stack).await,
            (Situation::Busy, Some(stack)) => Err(Halt::Withheld(vec![busy(desired, stack.status.as_str())])),
            (Situation::Stuck, Some(stack)) => Err(stuck(&stack, &desired.origin).into()),
            _ => {
                let message = format!("stack `{}` is not deployed, so nothing can be rolled out", desired.name);
                let problem = Diagnostic::new(Code::HotswapNotDeployed, message).at(&desired.origin, "this stack");
                Err(Halt::Withheld(vec![problem.help(format!("`deploy {}` makes it", desired.name))]))
            }
        }
    }

    /// True where a service of a rollout does not run what the script wants.
    async fn is_due(&self, cloud: &C, rollout: &Rollout, running: &Running) -> Result<bool, Halt> {
        let Some(base) = running.physical(&rollout.task_definition) else { return Ok(false) };
        for service in running.of(rollout) {
            if service.task_definition == base {
                if !rollout.edits.is_empty() {
                    return Ok(true);
                }
                continue;
            }
            let (now, base) =
                (cloud.task_definition(&service.task_definition).await?, cloud.task_definition(base).await?);
            if !now.zip(base).is_some_and(|(now, base)| rollout.is_done_by(&now, &base)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The new revision of a rollout, for each of its services; the stack's own where nothing is edited.
    async fn revised(&self, cloud: &C, rollout: &Rollout, running: &Running) -> Result<Vec<Exchange>, Halt> {
        let Some(base) = running.physical(&rollout.task_definition) else { return Ok(Vec::new()) };
        let to = if rollout.edits.is_empty() { base.to_owned() } else { cloud.revise(base, &rollout.edits).await? };
        let exchanges = rollout.services.iter().filter_map(|id| {
            let arn = running.physical(id)?;
            let service = running.services.iter().find(|service| service.arn == arn)?;
            Some(Exchange {
                service: id.clone(),
                arn: arn.to_owned(),
                from: service.task_definition.clone(),
                to: to.clone(),
            })
        });
        Ok(exchanges.collect())
    }

    /// Gives services what their stack has for them, where an earlier rollout left them with something else.
    pub(super) async fn bring_back(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        strayed: &[RolledOut],
        outcome: StackOutcome,
    ) -> Result<StackOutcome, Halt> {
        let exchanges: Vec<_> = strayed
            .iter()
            .map(|service| Exchange {
                service: service.service.clone(),
                arn: service.arn.clone(),
                from: service.running.clone(),
                to: service.stack.clone(),
            })
            .collect();
        Ok(concluded(outcome, self.exchange(cloud, desired, &exchanges).await?))
    }
}

async fn running(cloud: &impl Ports, live: &Live) -> Result<Running, Halt> {
    let resources = cloud.resources(&live.stack.id).await?;
    let arns = inspect::services(&resources);
    let services = if arns.is_empty() { Vec::new() } else { cloud.services(&arns).await? };
    Ok(Running { resources, services })
}

impl Running {
    fn physical(&self, id: &str) -> Option<&str> {
        self.resources.iter().find(|resource| resource.logical_id == id)?.physical_id.as_deref()
    }

    fn of<'a>(&'a self, rollout: &'a Rollout) -> impl Iterator<Item = &'a EcsService> {
        let arns = rollout.services.iter().filter_map(|id| self.physical(id));
        arns.filter_map(|arn| self.services.iter().find(|service| service.arn == arn))
    }
}

fn concluded(outcome: StackOutcome, exchanged: Exchanged) -> StackOutcome {
    let (ending, problems) = match exchanged {
        Exchanged::Done => return outcome,
        Exchanged::PutBack(problems) => (Ending::RolledBack, problems),
        Exchanged::Stranded(problems) => (Ending::Failed, problems),
    };
    StackOutcome { ending, problems, ..outcome }
}
