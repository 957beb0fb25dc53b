//! The hotswap of a stack: new revisions of its task definitions for its services, without CloudFormation.

use super::StackTask;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::outcome::{StackOutcome, StackResult};
use super::plan::busy;
use super::task_definition_swap::{SwapResult, TaskDefinitionSwap};
use crate::deploy::api::queries;
use crate::deploy::api::{AwsApi, AwsError, Clock, EcsService, StackResource};
use crate::deploy::plan::DeployedStack;
use crate::deploy::plan::HotswappedService;
use crate::deploy::plan::hotswap::{TaskDefinitionChange, task_definition_changes};
use crate::deploy::plan::stack_state::{StackState, needs_recovery};
use crate::diag::{Code, CommandName, Diagnostic, Hint};

/// The resources of a stack, and its services as they run.
struct RunningServices {
    resources: Vec<StackResource>,
    services: Vec<EcsService>,
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Updates the services of the stack to the script's images and environments.
    pub(super) async fn hotswap(&self, approve: &impl AsyncFn(&str, &[TaskDefinitionChange]) -> bool) -> StackOutcome {
        self.finish(self.try_hotswap(approve)).await
    }

    async fn try_hotswap(
        &self,
        approve: &impl AsyncFn(&str, &[TaskDefinitionChange]) -> bool,
    ) -> Result<StackOutcome, Abort> {
        let name = &self.stack.name;
        let deployed = self.deployed().await?;
        let environment = self.api.environment().await?;
        let found = task_definition_changes(&deployed, self.stack, &environment).map_err(Abort::Blocked)?;
        let unreached = found.unreached.iter().map(|it| it.problem(name));
        let running = self.running_services(&deployed).await?;
        let mut changes = Vec::new();
        for change in found.changes {
            if self.is_pending(&change, &running).await? {
                changes.push(change);
            }
        }
        if changes.is_empty() {
            self.emit(DeployEventKind::Unchanged);
            let problems = unreached.collect();
            return Ok(StackOutcome { problems, ..StackOutcome::new(name, StackResult::Unchanged) });
        }
        let containers = changes.iter().flat_map(TaskDefinitionChange::changes).collect();
        self.emit(DeployEventKind::HotswapStarted { changes: containers });
        self.approved(approve(name, &changes)).await?;
        self.publish_images().await?;
        let mut swaps = Vec::new();
        for change in &changes {
            swaps.extend(self.register_revision(change, &running).await?);
        }
        let outcome = swapped(StackOutcome::new(name, StackResult::Updated), self.swap(&swaps).await?);
        Ok(if outcome.result.is_success() { outcome.with_problems(unreached) } else { outcome })
    }

    async fn deployed(&self) -> Result<DeployedStack, Abort> {
        let name = &self.stack.name;
        match self.describe().await? {
            (StackState::Updatable, Some(stack)) => self.with_template(stack).await,
            (StackState::InProgress, Some(stack)) => Err(Abort::Blocked(vec![busy(self.stack, stack.status.as_str())])),
            (StackState::NeedsRecovery, Some(stack)) => Err(needs_recovery(&stack, &self.stack.origin).into()),
            _ => {
                let message = format!("stack `{name}` is not deployed, so there is nothing to hotswap");
                let problem = Diagnostic::new(Code::HotswapNotDeployed, message).at(&self.stack.origin, "this stack");
                let hint = Hint::from("create it with ").command(CommandName::Deploy.of(name));
                Err(problem.help(hint).into())
            }
        }
    }

    async fn running_services(&self, deployed: &DeployedStack) -> Result<RunningServices, AwsError> {
        let resources = self.api.resources(&deployed.stack.id).await?;
        let arns = queries::service_arns(&resources);
        let services = if arns.is_empty() { Vec::new() } else { self.api.services(&arns).await? };
        Ok(RunningServices { resources, services })
    }

    /// Returns whether a service does not run what the script says.
    async fn is_pending(&self, change: &TaskDefinitionChange, running: &RunningServices) -> Result<bool, Abort> {
        let Some(base) = running.physical_id(&change.task_definition) else { return Ok(false) };
        for service in running.of(change) {
            if service.task_definition == base {
                if !change.edits.is_empty() {
                    return Ok(true);
                }
                continue;
            }
            let current = self.api.task_definition(&service.task_definition).await?;
            let base = self.api.task_definition(base).await?;
            if !current.zip(base).is_some_and(|(current, base)| change.is_done_by(&current, &base)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Registers the new revision of a task definition, and returns the swap of each of its services; to the stack's own
    /// revision if nothing is edited.
    async fn register_revision(
        &self,
        change: &TaskDefinitionChange,
        running: &RunningServices,
    ) -> Result<Vec<TaskDefinitionSwap>, Abort> {
        let Some(base) = running.physical_id(&change.task_definition) else { return Ok(Vec::new()) };
        let to = if change.edits.is_empty() { base.to_owned() } else { self.api.revise(base, &change.edits).await? };
        let swaps = change.services.iter().filter_map(|id| {
            let arn = running.physical_id(id)?;
            let service = running.services.iter().find(|service| service.arn == arn)?;
            let (service, from) = (id.clone(), service.task_definition.clone());
            Some(TaskDefinitionSwap { service, arn: arn.to_owned(), from, to: to.clone() })
        });
        Ok(swaps.collect())
    }

    /// Restores the stack's task definitions for services that a hotswap changed.
    pub(super) async fn restore_task_definitions(
        &self,
        hotswapped: &[HotswappedService],
        outcome: StackOutcome,
    ) -> Result<StackOutcome, Abort> {
        let swap = |service: &HotswappedService| TaskDefinitionSwap {
            service: service.service.clone(),
            arn: service.arn.clone(),
            from: service.running.clone(),
            to: service.stack.clone(),
        };
        let swaps: Vec<_> = hotswapped.iter().map(swap).collect();
        Ok(swapped(outcome, self.swap(&swaps).await?))
    }
}

impl RunningServices {
    fn physical_id(&self, id: &str) -> Option<&str> {
        self.resources.iter().find(|resource| resource.logical_id == id)?.physical_id.as_deref()
    }

    /// Returns the services of a task definition.
    fn of<'a>(&'a self, change: &'a TaskDefinitionChange) -> impl Iterator<Item = &'a EcsService> {
        let arns = change.services.iter().filter_map(|id| self.physical_id(id));
        arns.filter_map(|arn| self.services.iter().find(|service| service.arn == arn))
    }
}

fn swapped(outcome: StackOutcome, result: SwapResult) -> StackOutcome {
    let (result, problems) = match result {
        SwapResult::Done => return outcome,
        SwapResult::RolledBack(problems) => (StackResult::RolledBack, problems),
        SwapResult::Failed(problems) => (StackResult::Failed, problems),
    };
    StackOutcome { result, problems, ..outcome }
}
