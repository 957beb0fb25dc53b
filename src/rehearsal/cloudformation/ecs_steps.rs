//! The resources of ECS: the changes that a step makes there, and the condition that it waits for.

use serde_json::Value as Json;

use super::durations;
use super::messages::{NOT_STABILIZED, handler_error};
use crate::cfn::type_names::{EXPRESS_SERVICE, LOG_GROUP, SCALABLE_TARGET, SERVICE, TASK_DEFINITION, is_service};
use crate::deploy::api::{ScalableTarget, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::ecs::{Health, ServiceSpec, Spec, express};
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{EcsWait, Operation, ResourceState, Stack, Step, StepEvent, StepState};

impl Account {
    /// Registers, creates or updates a resource in ECS.
    pub(super) fn apply_to_ecs(
        &mut self,
        stack: &Stack,
        operation: &mut Operation,
        step: usize,
        properties: &Json,
        at: Timestamp,
    ) {
        let id = operation.steps[step].id.clone();
        let Some(existing) = stack.resources.get(&id) else { return };
        let Some(arn) = existing.physical_id.clone() else { return };
        match existing.kind.as_str() {
            TASK_DEFINITION => self.state.ecs.register(&arn, properties),
            SCALABLE_TARGET => self.set_bounds(&stack.region, properties, at),
            kind => {
                let spec = self.service_spec(stack, (kind, &arn), properties);
                let task_fault = self.task_fault(&id);
                let service = ServiceSpec { arn: &arn, logical_id: &id, spec, task_fault, is_loaded: false };
                let deployment = self.state.ecs.apply_service(service, at, self.state.seed);
                if kind == EXPRESS_SERVICE {
                    self.set_express_bounds((&stack.region, &arn), properties, at);
                }
                self.record_triggered(&arn, &id);
                self.find_obstacle(stack, operation, (kind, &arn), properties);
                // The step does not wait if it ends at once or fails on request.
                if operation.steps[step].events.iter().any(|(_, event)| is_limit(event)) {
                    let properties = properties.clone();
                    operation.steps[step].ecs_wait = Some(EcsWait::Stable { service: arn, deployment, properties });
                    self.check_ecs_wait(&mut operation.steps[step], at);
                }
            }
        }
    }

    /// Returns the specification of a service. That of Express Mode registers its task definition.
    fn service_spec(&mut self, stack: &Stack, (kind, arn): (&str, &str), properties: &Json) -> Spec {
        if kind != EXPRESS_SERVICE {
            return Spec::read(properties, |group| self.properties_of(stack, group));
        }
        let task_definition = self.state.ecs.register_express(arn, properties);
        express::spec(arn, properties, &task_definition, |id| self.properties_of(stack, id))
    }

    /// Sets the bounds of a service of Express Mode, which ECS registers itself.
    fn set_express_bounds(&mut self, (region, arn): (&str, &str), properties: &Json, at: Timestamp) {
        let (resource, bounds) = (express::scalable_resource(arn), express::bounds(properties));
        self.state.ecs.set_bounds((region, resource), bounds, (at, self.state.seed));
    }

    /// Sets the bounds of a scalable target.
    fn set_bounds(&mut self, region: &str, properties: &Json, at: Timestamp) {
        if let Some((resource, bounds)) = bounds(properties) {
            self.state.ecs.set_bounds((region, &resource), bounds, (at, self.state.seed));
        }
    }

    /// Loads a resource into ECS that was deployed before the rehearsal.
    pub(in crate::rehearsal) fn load_into_ecs(&mut self, stack: &Stack, id: &str, since: Timestamp) {
        let Some(existing) = stack.resources.get(id) else { return };
        let Some(arn) = existing.physical_id.as_deref() else { return };
        match existing.kind.as_str() {
            TASK_DEFINITION => {
                self.state.ecs.register(arn, &existing.properties);
                self.state.ecs.record_revision(&stack.region, arn);
            }
            SCALABLE_TARGET => self.set_bounds(&stack.region, &existing.properties, since),
            kind @ (SERVICE | EXPRESS_SERVICE) => {
                let spec = self.service_spec(stack, (kind, arn), &existing.properties);
                let service = ServiceSpec { arn, logical_id: id, spec, task_fault: None, is_loaded: true };
                self.state.ecs.apply_service(service, since, self.state.seed);
                if kind == EXPRESS_SERVICE {
                    self.set_express_bounds((&stack.region, arn), &existing.properties, since);
                }
            }
            _ => {}
        }
    }

    /// Removes a resource from ECS at once, as if it had never existed.
    pub(in crate::rehearsal) fn remove_from_ecs(&mut self, region: &str, existing: &ResourceState) {
        match existing.physical_id.as_deref().filter(|_| is_service(&existing.kind)) {
            Some(arn) => self.state.ecs.remove(arn),
            None => self.delete_from_ecs(region, Some(existing)),
        }
    }

    /// Deletes a service in ECS; the step waits until it is deleted.
    pub(super) fn delete_service(&mut self, stack: &Stack, operation: &mut Operation, step: usize, at: Timestamp) {
        let existing = operation.resource_to_delete(stack, &operation.steps[step].id);
        let Some(service) = existing.and_then(|existing| existing.physical_id.clone()) else { return };
        self.state.ecs.delete_service(&service, at, self.state.seed);
        operation.steps[step].ecs_wait = Some(EcsWait::Deleted { service });
        self.check_ecs_wait(&mut operation.steps[step], at);
    }

    /// Deletes the counterpart of a deleted resource in ECS.
    pub(super) fn delete_from_ecs(&mut self, region: &str, existing: Option<&ResourceState>) {
        let Some(existing) = existing else { return };
        let Some(physical_id) = existing.physical_id.as_deref() else { return };
        match existing.kind.as_str() {
            TASK_DEFINITION => self.state.ecs.deregister(physical_id),
            EXPRESS_SERVICE => self.state.ecs.remove_bounds(region, express::scalable_resource(physical_id)),
            LOG_GROUP => self.state.ecs.delete_log_group(region, physical_id),
            SCALABLE_TARGET => {
                if let Some((resource, _)) = bounds(&existing.properties) {
                    self.state.ecs.remove_bounds(region, &resource);
                }
            }
            _ => {}
        }
    }

    /// Checks the services that steps wait for.
    pub(super) fn check_ecs_waits(&mut self, at: Timestamp) {
        for stack in 0..self.state.stacks.len() {
            let Some(mut operation) = self.state.stacks[stack].operation.take() else { continue };
            for step in &mut operation.steps {
                self.check_ecs_wait(step, at);
            }
            self.state.stacks[stack].operation = Some(operation);
        }
    }

    /// Plans the end of a step if its condition holds.
    fn check_ecs_wait(&self, step: &mut Step, at: Timestamp) {
        if step.state != StepState::Running {
            return;
        }
        let ecs = &self.state.ecs;
        let event = match &step.ecs_wait {
            Some(EcsWait::Stable { service, deployment, properties }) => match ecs.health(service, deployment) {
                Some(Health::Stable) => StepEvent::Done(properties.clone()),
                Some(Health::CircuitBroken) => StepEvent::Fail(circuit_breaker_error(deployment)),
                Some(Health::Refused) => StepEvent::Fail(refused_error(ecs.failure(service, deployment), deployment)),
                Some(Health::Waiting) => return,
                None => StepEvent::Fail(handler_error("Service was INACTIVE.", "NotStabilized", &uuid(0, &[service]))),
            },
            Some(EcsWait::Deleted { service }) if ecs.health(service, "").is_none() => StepEvent::Done(Json::Null),
            _ => return,
        };
        step.ecs_wait = None;
        let notice = durations::notice(self.state.seed, &[&step.id, "notice"]);
        step.events.retain(|(time, _)| *time <= at);
        step.events.push((at + notice, event));
    }

    /// Returns the properties of the resource with a physical id, in this stack or another one.
    fn properties_of<'a>(&'a self, own: &'a Stack, physical_id: &str) -> Option<&'a Json> {
        let stacks = std::iter::once(own).chain(&self.state.stacks);
        let mut resources = stacks.flat_map(Stack::all_resources);
        let found = resources.find(|existing| existing.physical_id.as_deref() == Some(physical_id));
        found.map(|existing| &existing.properties)
    }
}

/// Returns whether an event is the limit of CloudFormation's wait for a service.
fn is_limit(event: &StepEvent) -> bool {
    matches!(event, StepEvent::Fail(reason) if reason.contains(NOT_STABILIZED))
}

/// Returns the reason of a service whose deployment the circuit breaker failed.
fn circuit_breaker_error(deployment: &str) -> String {
    let message = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.";
    handler_error(message, "GeneralServiceException", &uuid(0, &[deployment]))
}

/// Returns the reason of a service whose deployment a hook or an alarm failed. AWS documents no text: it is inferred from that of the
/// circuit breaker.
fn refused_error(failure: &str, deployment: &str) -> String {
    let message = format!("Error occurred during operation 'ECS Deployment failed: {failure}'.");
    handler_error(&message, "GeneralServiceException", &uuid(0, &[deployment]))
}

/// Returns the resource id and the bounds of a scalable target.
fn bounds(properties: &Json) -> Option<(String, ScalableTarget)> {
    let number = |name: &str| {
        let value = properties.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|number| u32::try_from(number).ok())
    };
    let resource = properties.get("ResourceId")?.as_str()?.to_owned();
    let bounds = ScalableTarget { min: number("MinCapacity").unwrap_or(1), max: number("MaxCapacity").unwrap_or(1) };
    Some((resource, bounds))
}
