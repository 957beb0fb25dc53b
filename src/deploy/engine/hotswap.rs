//! The way of one stack without CloudFormation: new revisions of its task definitions, given to its services.

use super::Engine;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::outcome::{StackOutcome, StackResult};
use super::plan::busy;
use super::task_definition_swap::{SwapResult, TaskDefinitionSwap};
use crate::deploy::api::{AwsApi, Clock, EcsService, StackResource};
use crate::deploy::plan::DeployedStack;
use crate::deploy::plan::hotswap::{HotswappedService, TaskDefinitionChange, task_definition_changes};
use crate::deploy::plan::queries;
use crate::deploy::plan::stack_state::{StackState, stuck};
use crate::diag::{Code, CommandName, Diagnostic, Hint};
use crate::synth::DesiredStack;

/// What runs, and what the stack has for it.
struct RunningServices {
    resources: Vec<StackResource>,
    services: Vec<EcsService>,
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    pub(super) async fn roll_out(
        &self,
        desired: &DesiredStack,
        ask: &impl AsyncFn(&str, &[TaskDefinitionChange]) -> bool,
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
        ask: &impl AsyncFn(&str, &[TaskDefinitionChange]) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let cloud = self.cloud.for_region(desired.region.as_deref());
        let live = self.deployed(&cloud, desired).await?;
        let place = cloud.place().await?;
        let rollouts = task_definition_changes(&live, desired, &place).map_err(Abort::Blocked)?;
        let running = running(&cloud, &live).await?;
        let mut due = Vec::new();
        for rollout in rollouts {
            if self.is_due(&cloud, &rollout, &running).await? {
                due.push(rollout);
            }
        }
        if due.is_empty() {
            self.tell(&desired.name, DeployEventKind::Unchanged);
            return Ok(StackOutcome::new(&desired.name, StackResult::Unchanged));
        }
        self.tell(
            &desired.name,
            DeployEventKind::HotswapStarted { changes: due.iter().flat_map(TaskDefinitionChange::changes).collect() },
        );
        if !self.unless_stopped(ask(&desired.name, &due)).await? {
            self.tell(&desired.name, DeployEventKind::Declined);
            return Err(Abort::Declined);
        }
        let mut exchanges = Vec::new();
        for rollout in &due {
            exchanges.extend(self.revised(&cloud, rollout, &running).await?);
        }
        let exchanged = self.exchange(&cloud, desired, &exchanges).await?;
        Ok(concluded(StackOutcome::new(&desired.name, StackResult::Updated), exchanged))
    }

    async fn deployed(&self, cloud: &C, desired: &DesiredStack) -> Result<DeployedStack, Abort> {
        match self.find(cloud, desired).await? {
            (StackState::Updatable, Some(stack)) => self.with_template(cloud, stack).await,
            (StackState::InProgress, Some(stack)) => Err(Abort::Blocked(vec![busy(desired, stack.status.as_str())])),
            (StackState::NeedsRecovery, Some(stack)) => Err(stuck(&stack, &desired.origin).into()),
            _ => {
                let message = format!("stack `{}` is not deployed, so there is nothing to hotswap", desired.name);
                let problem = Diagnostic::new(Code::HotswapNotDeployed, message).at(&desired.origin, "this stack");
                Err(Abort::Blocked(vec![
                    problem.help(Hint::from("create it with ").command(CommandName::Deploy.of(&desired.name))),
                ]))
            }
        }
    }

    /// True where a service of a rollout does not run what the script wants.
    async fn is_due(
        &self,
        cloud: &C,
        rollout: &TaskDefinitionChange,
        running: &RunningServices,
    ) -> Result<bool, Abort> {
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
    async fn revised(
        &self,
        cloud: &C,
        rollout: &TaskDefinitionChange,
        running: &RunningServices,
    ) -> Result<Vec<TaskDefinitionSwap>, Abort> {
        let Some(base) = running.physical(&rollout.task_definition) else { return Ok(Vec::new()) };
        let to = if rollout.edits.is_empty() { base.to_owned() } else { cloud.revise(base, &rollout.edits).await? };
        let exchanges = rollout.services.iter().filter_map(|id| {
            let arn = running.physical(id)?;
            let service = running.services.iter().find(|service| service.arn == arn)?;
            Some(TaskDefinitionSwap {
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
        strayed: &[HotswappedService],
        outcome: StackOutcome,
    ) -> Result<StackOutcome, Abort> {
        let exchanges: Vec<_> = strayed
            .iter()
            .map(|service| TaskDefinitionSwap {
                service: service.service.clone(),
                arn: service.arn.clone(),
                from: service.running.clone(),
                to: service.stack.clone(),
            })
            .collect();
        Ok(concluded(outcome, self.exchange(cloud, desired, &exchanges).await?))
    }
}

async fn running(cloud: &impl AwsApi, live: &DeployedStack) -> Result<RunningServices, Abort> {
    let resources = cloud.resources(&live.stack.id).await?;
    let arns = queries::services(&resources);
    let services = if arns.is_empty() { Vec::new() } else { cloud.services(&arns).await? };
    Ok(RunningServices { resources, services })
}

impl RunningServices {
    fn physical(&self, id: &str) -> Option<&str> {
        self.resources.iter().find(|resource| resource.logical_id == id)?.physical_id.as_deref()
    }

    fn of<'a>(&'a self, rollout: &'a TaskDefinitionChange) -> impl Iterator<Item = &'a EcsService> {
        let arns = rollout.services.iter().filter_map(|id| self.physical(id));
        arns.filter_map(|arn| self.services.iter().find(|service| service.arn == arn))
    }
}

fn concluded(outcome: StackOutcome, exchanged: SwapResult) -> StackOutcome {
    let (ending, problems) = match exchanged {
        SwapResult::Done => return outcome,
        SwapResult::PutBack(problems) => (StackResult::RolledBack, problems),
        SwapResult::Stranded(problems) => (StackResult::Failed, problems),
    };
    StackOutcome { ending, problems, ..outcome }
}
