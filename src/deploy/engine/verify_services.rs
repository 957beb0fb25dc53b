//! Verifies that the services run the expected task definitions, even if CloudFormation reports a success.

use indexmap::IndexMap;

use super::StackTask;
use super::event::{DeployEventKind, ServiceEvent};
use super::finished::FinishedOperation;
use super::health_checks::has_health_check;
use super::retry::retry_call;
use crate::cfn::type_names::is_service;
use crate::cfn::{PropertyPath, Value};
use crate::deploy::api::poll_interval::PollInterval;
use crate::deploy::api::retry_policy::RetryPolicy;
use crate::deploy::api::{AwsApi, Clock, EventStatus, StackEvent};
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::monitor::{ServiceState, service_state};
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// The services that an operation created or changed, by name in the template.
pub(super) type ExpectedTaskDefinitions = IndexMap<String, ExpectedService>;

/// A service and the task definition that it should run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ExpectedService {
    /// Its ARN.
    pub(super) arn: String,
    /// The ARN of the task definition, if known.
    pub(super) task_definition: Option<String>,
    /// Whether ECS knows from a health check whether its tasks work.
    pub(super) has_health_check: bool,
}

impl<A: AwsApi, K: Clock> StackTask<'_, '_, A, K> {
    /// Reports the services that ECS rolled back in an operation that CloudFormation calls complete. If they cannot be
    /// read, CloudFormation is believed.
    pub(super) async fn verify_services(&self, finished: &FinishedOperation) -> Vec<Diagnostic> {
        let expected = expected_task_definitions(self.stack, &finished.progress.events);
        if expected.is_empty() {
            return Vec::new();
        }
        let arns: Vec<_> = expected.values().map(|service| service.arn.clone()).collect();
        let (clock, interval) = (self.clock(), PollInterval::of_services(self.seed()));
        let read = async || self.api.services(&arns).await;
        let report = |attempt| self.report_attempt(attempt);
        let live = match retry_call(clock, RetryPolicy::VERIFY, interval, read, report).await {
            Ok(live) => live,
            Err(error) => {
                self.emit(DeployEventKind::Service(ServiceEvent::MonitoringUnavailable { error }));
                return Vec::new();
            }
        };
        let failed = expected.iter().filter_map(|(name, service)| {
            let found = live.iter().find(|live| live.arn == service.arn)?;
            match service_state(found, service.task_definition.as_deref()) {
                ServiceState::Failed(reason) => Some((name, reason)),
                ServiceState::Stable | ServiceState::Deploying => None,
            }
        });
        failed.flat_map(|(name, reason)| rolled_back_by_ecs(self.stack, finished, name, &reason)).collect()
    }
}

/// Reports that ECS rolled a service back, and why if its tasks show it.
fn rolled_back_by_ecs(
    stack: &DesiredStack,
    finished: &FinishedOperation,
    service: &str,
    reason: &str,
) -> Vec<Diagnostic> {
    let message = format!(
        "ECS rolled `{service}` back to its previous task definition, although CloudFormation reports {}",
        finished.status
    );
    let problem = Diagnostic::new(Code::ServiceRolledBack, message);
    let problem = match stack.template.resources.get(service) {
        Some(resource) => problem.at(resource.origin_of(&PropertyPath::property("TaskDefinition")), reason),
        None => problem.at(&stack.origin, reason),
    };
    let problem = problem.help("fix the cause and deploy again: the service does not run what the template says");
    let cause = finished.diagnosis(service);
    let cause = cause.map(|cause| diagnose_task_failure(cause, &stack.template, &stack.origin));
    cause.into_iter().chain([problem]).collect()
}

/// Returns the services in the events of an operation, with the task definitions that the template or the events name.
pub(super) fn expected_task_definitions(stack: &DesiredStack, events: &[StackEvent]) -> ExpectedTaskDefinitions {
    let mut ids: IndexMap<&str, &str> = IndexMap::new();
    for event in events {
        let is_deleted = event.status.as_str().starts_with("DELETE");
        if let (EventStatus::Resource(_), Some(id), false) = (&event.status, &event.physical_id, is_deleted) {
            ids.insert(&event.logical_id, id);
        }
    }
    let services = stack.template.resources.iter().filter(|(_, resource)| is_service(resource.kind.as_str()));
    let expected = services.filter_map(|(id, service)| {
        let arn = (*ids.get(id.as_str())?).to_owned();
        let definition = service.properties.get("TaskDefinition");
        let literal = definition.and_then(Value::as_str).filter(|text| text.contains(':'));
        let referenced = || definition.and_then(Value::as_reference).and_then(|it| ids.get(it.id.as_str()).copied());
        let task_definition = literal.or_else(referenced).map(str::to_owned);
        let has_health_check = has_health_check(&stack.template, service);
        Some((id.to_string(), ExpectedService { arn, task_definition, has_health_check }))
    });
    expected.collect()
}
