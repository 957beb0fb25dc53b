//! Gives services other task definitions without CloudFormation, and sees that they become stable with them.

use super::Engine;
use super::abort::Abort;
use super::event::DeployEventKind;
use super::partial_failure::not_exchanged_back;
use super::service_monitor::ServiceMonitor;
use super::stop::StopRequest;
use super::verify_services::ExpectedTaskDefinitions;
use crate::deploy::api::{AwsApi, AwsError, Clock, UpdateServiceRequest, revision};
use crate::deploy::diagnose::stack_failure::refused;
use crate::diag::Diagnostic;
use crate::synth::DesiredStack;

/// One service and its task definitions.
#[derive(Debug, Clone)]
pub(super) struct TaskDefinitionSwap {
    /// The service's name in the template.
    pub(super) service: String,
    /// Its ARN.
    pub(super) arn: String,
    /// The ARN of what it runs.
    pub(super) from: String,
    /// The ARN of what it is to run.
    pub(super) to: String,
}

/// How an exchange ended.
pub(super) enum SwapResult {
    /// Every service is stable with what it was to run.
    Done,
    /// One was not: all are back to what they ran before.
    PutBack(Vec<Diagnostic>),
    /// One was not, and not all are back.
    Stranded(Vec<Diagnostic>),
}

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// Exchanges task definitions, watches, and goes back where a service does not become stable. Refused is only what
    /// changed nothing.
    pub(super) async fn exchange(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[TaskDefinitionSwap],
    ) -> Result<SwapResult, Abort> {
        let given = self.give(cloud, desired, exchanges, None).await?;
        let Some(mut problems) = given else { return Ok(SwapResult::Done) };
        if self.options.keep {
            return Ok(SwapResult::Stranded(problems));
        }
        self.tell(&desired.name, DeployEventKind::RevertStarted { deletes: false });
        let back: Vec<_> = exchanges.iter().map(TaskDefinitionSwap::reversed).collect();
        let more = match self.give(cloud, desired, &back, Some(StopRequest::CancelAndRollBack)).await {
            Ok(None) => return Ok(SwapResult::PutBack(problems)),
            Ok(Some(more)) => more,
            Err(Abort::Refused(error)) => vec![not_exchanged_back(desired, &error)],
            Err(halt) => return Err(Abort::RevertAborted { problems, halt: Box::new(halt) }),
        };
        problems.extend(more);
        Ok(SwapResult::Stranded(problems))
    }

    /// Hands task definitions over and watches, heeding wishes beyond what was heard; what is wrong where not every service becomes stable with its own.
    async fn give(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[TaskDefinitionSwap],
        heard: Option<StopRequest>,
    ) -> Result<Option<Vec<Diagnostic>>, Abort> {
        // Who goes back does not give up.
        let max_task_failures = if heard.is_none() { self.options.max_task_failures } else { 0 };
        let mut services = ServiceMonitor::new(max_task_failures, self.seed(&desired.name));
        services.dog.started(self.clock.now());
        let (wanted, refusal) = self.hand_over(cloud, desired, exchanges, &mut services).await;
        match refusal {
            Some(error) if wanted.is_empty() => return Err(error.into()),
            Some(error) => return Ok(Some(vec![refused(desired, &error)])),
            None => {}
        }
        self.tell(&desired.name, DeployEventKind::StabilizationStarted { services: wanted.keys().cloned().collect() });
        if self.options.detach {
            return Err(Abort::Detached(None));
        }
        let unsettled = self.until_stable(cloud, (&desired.name, heard), &wanted, &mut services).await?;
        Ok(unsettled.map(|unsettled| unsettled.problems(desired, &services)))
    }

    /// Hands over one after the other, up to the first refusal: what has got its task definition, and the refusal.
    async fn hand_over(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        exchanges: &[TaskDefinitionSwap],
        services: &mut ServiceMonitor,
    ) -> (ExpectedTaskDefinitions, Option<AwsError>) {
        let mut wanted = ExpectedTaskDefinitions::new();
        for TaskDefinitionSwap { service, arn, from, to } in exchanges {
            let change = UpdateServiceRequest { task_definition: Some(to.clone()), ..UpdateServiceRequest::default() };
            let asked = async || cloud.update_service(arn, &change).await;
            if let Err(error) = self.insist(&desired.name, asked).await {
                return (wanted, Some(error));
            }
            let (from, at) = (revision(from).to_owned(), self.clock.now());
            let fact = DeployEventKind::TaskDefinitionUpdated {
                service: service.clone(),
                from,
                to: revision(to).to_owned(),
                at,
            };
            self.tell(&desired.name, fact);
            services.arns.insert(service.clone(), arn.clone());
            wanted.insert(service.clone(), (arn.clone(), Some(to.clone())));
        }
        (wanted, None)
    }
}

impl TaskDefinitionSwap {
    fn reversed(&self) -> TaskDefinitionSwap {
        TaskDefinitionSwap { from: self.to.clone(), to: self.from.clone(), ..self.clone() }
    }
}
