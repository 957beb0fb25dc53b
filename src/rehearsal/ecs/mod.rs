//! Amazon ECS: services with their deployments, tasks and their lifecycle, targets in target groups, the bounds of scaling,
//! and container logs.
//!
//! `spec`, `task_definition` and `property_access` read resources, `service` is a service, `scheduler` and
//! `circuit_breaker` are ECS's, `task` is a task with its planned events and `task_lifecycle` applies them,
//! `standalone_tasks` are tasks without a service, `log_store` and `container_logs` are logs, `messages` are AWS's texts,
//! and `api_responses` answers API calls.
//!
//! May import `rng` and `faults` of the rehearsal, and the API's plain data.
//!
//! *Invariant*: changes with time by `next_event` and `advance` alone, so its history does not depend on when it is read,
//! and it continues where it was saved.

mod api_responses;
mod circuit_breaker;
mod container_logs;
mod log_store;
mod messages;
mod property_access;
mod scheduler;
mod service;
mod spec;
mod standalone_tasks;
mod task;
mod task_definition;
mod task_lifecycle;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::time::Duration;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::faults::TaskFault;
use crate::deploy::api::{ScalableTarget, Timestamp, UpdateServiceRequest};
use log_store::LogStore;
pub(super) use service::Health;
use service::Service;
pub(super) use spec::Spec;
use task::SimulatedTask;
use task_definition::TaskDefinitionRecord;

/// How long AWS lists stopped tasks: about an hour ("Viewing Amazon ECS stopped task errors").
const MEMORY: Duration = Duration::from_hours(1);

/// Everything that ECS runs.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct EcsState {
    services: Vec<Service>,
    /// Tasks without a service.
    standalone: Vec<SimulatedTask>,
    /// By ARN.
    definitions: IndexMap<String, TaskDefinitionRecord>,
    /// The latest revision of each family, by region and name; AWS never uses a number twice.
    revisions: BTreeMap<String, u32>,
    /// By region and resource id.
    scaling: BTreeMap<String, ScalableTarget>,
    logs: LogStore,
    runs: u64,
}

/// What a simulated task or service may use.
struct SimulationContext<'a> {
    seed: u64,
    definitions: &'a IndexMap<String, TaskDefinitionRecord>,
    logs: &'a mut LogStore,
}

/// A service as its resource declares it.
pub(super) struct ServiceSpec<'a> {
    pub(super) arn: &'a str,
    pub(super) logical_id: &'a str,
    pub(super) spec: Spec,
    /// The fault of its next deployment, unless it runs the task definition that completed last.
    pub(super) task_fault: Option<TaskFault>,
}

impl EcsState {
    /// Returns the time of the next event.
    pub(super) fn next_event(&self) -> Option<Timestamp> {
        let of_services = self.services.iter().filter_map(Service::next_event);
        let of_loose = self.standalone.iter().filter_map(SimulatedTask::next_event);
        of_services.chain(of_loose).min()
    }

    /// Applies all events up to a time that `next_event` returned.
    pub(super) fn advance(&mut self, at: Timestamp, seed: u64) {
        let mut context = SimulationContext { seed, definitions: &self.definitions, logs: &mut self.logs };
        for service in &mut self.services {
            service.advance(at, &mut context);
        }
        standalone_tasks::advance(&mut self.standalone, at, &mut context);
        self.services.retain(|service| !service.is_forgotten(at));
    }

    /// Creates or updates a service. Returns the id of its deployment.
    pub(super) fn apply_service(&mut self, mut service_spec: ServiceSpec<'_>, at: Timestamp, seed: u64) -> String {
        service_spec.spec.task_definition = self.resolve_arn(service_spec.arn, &service_spec.spec.task_definition);
        service_spec.task_fault =
            service_spec.task_fault.filter(|_| !self.has_been_stable(&service_spec.spec.task_definition));
        if let Some(service) = self.active(service_spec.arn) {
            service.update(service_spec.spec, service_spec.task_fault, at, seed);
            return service.primary().id.clone();
        }
        // A name can be used again after its service was deleted.
        self.services.retain(|service| service.arn != service_spec.arn);
        let service = Service::new(service_spec, at, seed);
        let deployment = service.primary().id.clone();
        self.services.push(service);
        deployment
    }

    /// Removes a service at once, as if it had never existed.
    pub(super) fn remove(&mut self, arn: &str) {
        self.services.retain(|service| service.arn != arn);
    }

    /// Returns whether a task definition equals one with which a service became stable: a template that is deployed again
    /// registers a new revision of it, and perhaps creates a new service.
    fn has_been_stable(&self, task_definition: &str) -> bool {
        let Some(now) = self.definitions.get(task_definition) else { return false };
        let completed = self.services.iter().filter_map(|service| service.completed.as_ref());
        let mut proven = completed.filter_map(|(_, before)| self.definitions.get(before));
        proven.any(|before| before.equals_revision(now))
    }

    /// Performs `UpdateService` outside CloudFormation. Returns false if the service does not exist.
    pub(super) fn update_service(
        &mut self,
        arn: &str,
        change: &UpdateServiceRequest,
        task_fault: Option<TaskFault>,
        (at, seed): (Timestamp, u64),
    ) -> bool {
        let task_definition = change.task_definition.as_ref().map(|name| self.resolve_arn(arn, name));
        let again = task_definition.as_ref().is_some_and(|name| self.has_been_stable(name));
        let task_fault = task_fault.filter(|_| !again);
        let Some(service) = self.active(arn) else { return false };
        let mut spec = service.spec.clone();
        spec.desired = change.desired;
        spec.task_definition = task_definition.unwrap_or(spec.task_definition);
        service.update(spec, task_fault, at, seed);
        if change.force && service.primary().created != at {
            service.redeploy(task_fault, at, seed);
        }
        true
    }
}
