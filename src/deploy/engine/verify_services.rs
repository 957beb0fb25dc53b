//! Whether the services run what was wanted, whatever CloudFormation calls the stack.

use indexmap::IndexMap;

use super::Engine;
use super::event::DeployEventKind;
use super::poll_interval::PollInterval;
use super::service_monitor::SERVICE;
use super::watch::FinishedOperation;
use crate::cfn::{PropertyPath, Value};
use crate::deploy::api::{AwsApi, AwsError, Clock, EcsService, EventStatus, StackEvent};
use crate::deploy::diagnose::task_failure::diagnose_task_failure;
use crate::deploy::monitor::{ServiceState, service_state};
use crate::diag::{Code, Diagnostic};
use crate::synth::DesiredStack;

/// How often the services are asked for where AWS does not answer; then the deployment counts as CloudFormation says.
const TRIES: u32 = 5;

/// The services that an operation made or changed, and the task definitions that they should run.
pub(super) type ExpectedTaskDefinitions = IndexMap<String, (String, Option<String>)>;

impl<C: AwsApi, K: Clock> Engine<'_, C, K> {
    /// What is wrong with the services of an operation that CloudFormation calls a success.
    pub(super) async fn untruths(
        &self,
        cloud: &C,
        desired: &DesiredStack,
        ended: &FinishedOperation,
    ) -> Vec<Diagnostic> {
        let wanted = wanted(desired, &ended.progress.events);
        if wanted.is_empty() {
            return Vec::new();
        }
        let arns: Vec<_> = wanted.values().map(|(arn, _)| arn.clone()).collect();
        let live = match self.asked_for(cloud, desired, &arns).await {
            Ok(live) => live,
            Err(error) => {
                self.tell(&desired.name, DeployEventKind::MonitoringUnavailable { error });
                return Vec::new();
            }
        };
        let failed = wanted.iter().filter_map(|(name, (arn, definition))| {
            let found = live.iter().find(|service| service.arn == *arn)?;
            match service_state(found, definition.as_deref()) {
                ServiceState::Failed(words) => Some((name.as_str(), words)),
                ServiceState::Stable | ServiceState::Deploying => None,
            }
        });
        failed.flat_map(|(name, words)| untruth(desired, ended, name, &words)).collect()
    }

    async fn asked_for(&self, cloud: &C, desired: &DesiredStack, arns: &[String]) -> Result<Vec<EcsService>, AwsError> {
        let mut pace = PollInterval::of_services(self.seed(&desired.name));
        loop {
            match cloud.services(arns).await {
                Err(error) if error.is_transient() && pace.errors() < TRIES => self.clock.sleep(pace.failed()).await,
                answer => return answer,
            }
        }
    }
}

/// That ECS went back, and why as far as its tasks tell.
fn untruth(desired: &DesiredStack, ended: &FinishedOperation, name: &str, words: &str) -> Vec<Diagnostic> {
    let message =
        format!("ECS put `{name}` back to what it ran before, although CloudFormation calls the stack complete");
    let problem = Diagnostic::new(Code::ServiceRolledBack, message);
    let problem = match desired.template.resources.get(name) {
        Some(service) => problem.at(service.origin_of(&PropertyPath::property("TaskDefinition")), words),
        None => problem.at(&desired.origin, words),
    };
    let problem = problem.help("mend the cause and deploy again: the template and what runs are not the same now");
    let diagnoses = ended.services.dog.diagnoses();
    let seen = diagnoses.iter().find(|seen| seen.service == name);
    let cause = seen.map(|seen| diagnose_task_failure(seen, &desired.template, &desired.origin));
    cause.into_iter().chain([problem]).collect()
}

/// The services that the events speak of, with the ARNs of what they should run, where the events or the template tell.
pub(super) fn wanted(desired: &DesiredStack, events: &[StackEvent]) -> ExpectedTaskDefinitions {
    let mut made: IndexMap<&str, &str> = IndexMap::new();
    for event in events {
        let goes = event.status.as_str().starts_with("DELETE");
        if let (EventStatus::Resource(_), Some(id), false) = (&event.status, &event.physical_id, goes) {
            made.insert(&event.logical_id, id);
        }
    }
    let services = desired.template.resources.iter().filter(|(_, resource)| resource.kind.as_str() == SERVICE);
    let found = services.filter_map(|(id, service)| {
        let arn = made.get(id.as_str())?;
        let definition = service.properties.get("TaskDefinition");
        let literal = definition.and_then(Value::as_str).filter(|text| text.contains(':')).map(str::to_owned);
        let referred = definition.and_then(Value::as_reference).and_then(|it| made.get(it.id.as_str()));
        Some((id.to_string(), ((*arn).to_owned(), literal.or(referred.map(|arn| (*arn).to_owned())))))
    });
    found.collect()
}
