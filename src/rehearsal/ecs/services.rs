//! Creates, updates and deletes services.

use super::obstacle::StartObstacle;
use super::service::{Service, Status};
use super::spec::ServiceSpec;
use super::state::EcsState;
use crate::deploy::api::{Timestamp, UpdateServiceRequest};
use crate::rehearsal::faults::TaskFault;

impl EcsState {
    /// Creates or updates a service. Returns the id of its deployment.
    pub(in crate::rehearsal) fn apply_service(
        &mut self,
        mut service_spec: ServiceSpec<'_>,
        at: Timestamp,
        seed: u64,
    ) -> String {
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

    /// Sets the reason why new tasks of a service cannot start.
    pub(in crate::rehearsal) fn set_obstacle(&mut self, arn: &str, obstacle: Option<StartObstacle>) {
        if let Some(service) = self.active(arn) {
            service.obstacle = obstacle;
        }
    }

    /// Returns the services whose new tasks cannot start.
    pub(in crate::rehearsal) fn obstructed(&self) -> Vec<String> {
        let obstructed = self.services.iter().filter(|it| it.status == Status::Active && it.obstacle.is_some());
        obstructed.map(|service| service.arn.clone()).collect()
    }

    /// Performs `UpdateService` outside CloudFormation. Returns false if the service does not exist.
    pub(in crate::rehearsal) fn update_service(
        &mut self,
        arn: &str,
        change: &UpdateServiceRequest,
        task_fault: Option<TaskFault>,
        (at, seed): (Timestamp, u64),
    ) -> bool {
        let task_definition = change.task_definition.as_ref().map(|name| self.resolve_arn(arn, name));
        let was_stable = task_definition.as_ref().is_some_and(|name| self.has_been_stable(name));
        let task_fault = task_fault.filter(|_| !was_stable);
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

    /// Performs `DeleteService`: its tasks are drained and stopped.
    pub(in crate::rehearsal) fn delete_service(&mut self, service: &str, at: Timestamp, seed: u64) {
        if let Some(service) = self.active(service) {
            service.delete_service(at, seed);
        }
    }

    /// Removes a service at once, as if it had never existed.
    pub(in crate::rehearsal) fn remove(&mut self, arn: &str) {
        self.services.retain(|service| service.arn != arn);
    }

    /// Returns a service that is not being deleted.
    pub(super) fn active(&mut self, arn: &str) -> Option<&mut Service> {
        self.services.iter_mut().find(|service| service.arn == arn && service.status == Status::Active)
    }

    /// Returns whether a task definition equals one with which a service became stable. A template that is deployed again
    /// registers a new revision of it, and may create a new service.
    fn has_been_stable(&self, task_definition: &str) -> bool {
        let Some(record) = self.definitions.get(task_definition) else { return false };
        let proven = self.services.iter().flat_map(|service| &service.proven);
        let mut stable = proven.filter_map(|before| self.definitions.get(before));
        stable.any(|before| before.equals_revision(record))
    }
}
