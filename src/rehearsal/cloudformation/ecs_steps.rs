//! Resources that live on in ECS: what a step does there, and what it waits for.

use crate::cfn::type_names::{LOG_GROUP, SCALABLE_TARGET};
pub(super) use crate::cfn::type_names::{SERVICE, TASK_DEFINITION};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::durations;
use super::durations::StepDurations;
use super::{Operation, Step, StepEvent, StepState};
use crate::deploy::api::{DeploymentMode, ScalableTarget, Timestamp};
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::{ResourceState, Stack};
use crate::rehearsal::ecs::{Health, ServiceSpec, Spec};
use crate::rehearsal::rng::uuid;

/// How long CloudFormation waits for a service that does not become stable.
const LIMIT: Duration = Duration::from_hours(36);

/// Its words then.
const WAITED: &str = "Exceeded attempts to wait";

/// What a step waits for beyond its own beats.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum EcsWait {
    /// A deployment of a service; the properties are those that the resource has then.
    Stable { service: String, deployment: String, properties: Json },
    /// The end of a service.
    Gone { service: String },
}

/// Whether a service that was made or changed is waited for; EXPRESS leaves the rest to ECS.
fn waits_for_stability(mode: DeploymentMode) -> bool {
    mode != DeploymentMode::Express
}

/// True for types that ECS is told of.
fn is_told(kind: &str) -> bool {
    matches!(kind, SERVICE | TASK_DEFINITION | SCALABLE_TARGET)
}

/// The beats of a step that makes or changes such a resource: ECS is told, and a service is waited for.
pub(super) fn told(
    kind: &str,
    (at, times): (Timestamp, StepDurations),
    mode: DeploymentMode,
    mut beats: Vec<(Timestamp, StepEvent)>,
) -> Vec<(Timestamp, StepEvent)> {
    if !is_told(kind) {
        return beats;
    }
    let done = beats.iter().position(|(_, beat)| matches!(beat, StepEvent::Done(_)));
    let Some((done, (moment, StepEvent::Done(properties)))) = done.map(|done| (done, beats[done].clone())) else {
        return beats;
    };
    let first = times.initiated;
    let over = match kind {
        SERVICE if waits_for_stability(mode) => (at + LIMIT, StepEvent::Fail(gave_up(&properties))),
        SERVICE => (at + first + Duration::from_secs(2), StepEvent::Done(properties.clone())),
        _ => (moment, StepEvent::Done(properties.clone())),
    };
    beats[done] = over;
    let after = beats.iter().position(|(_, beat)| matches!(beat, StepEvent::Initiated(_))).map_or(0, |at| at + 1);
    beats.insert(after, (at + first, StepEvent::Told(properties)));
    beats
}

/// The beats of a step that deletes a resource.
pub(super) fn removed(kind: &str, at: Timestamp, done: Timestamp) -> Vec<(Timestamp, StepEvent)> {
    if kind != SERVICE {
        return vec![(done, StepEvent::Done(Json::Null))];
    }
    let limit = (at + LIMIT, StepEvent::Fail(gave_up(&Json::Null)));
    vec![(at + Duration::from_secs(1), StepEvent::Retires), limit]
}

fn handler(message: &str, code: &str, request: &str) -> String {
    format!("Resource handler returned message: \"{message}\" (RequestToken: {request}, HandlerErrorCode: {code})")
}

fn gave_up(properties: &Json) -> String {
    handler(WAITED, "NotStabilized", &uuid(0, &["limit", &properties.to_string()]))
}

impl Account {
    /// ECS is told of a resource as it is now.
    pub(super) fn tell_ecs(
        &mut self,
        stack: &Stack,
        operation: &mut Operation,
        step: usize,
        properties: &Json,
        at: Timestamp,
    ) {
        let id = operation.steps[step].id.clone();
        let Some(held) = stack.resources.get(&id) else { return };
        let Some(arn) = held.physical_id.clone() else { return };
        let seed = self.state.seed;
        match held.kind.as_str() {
            TASK_DEFINITION => self.state.fleet.register(&arn, properties),
            SCALABLE_TARGET => {
                if let Some((resource, range)) = range(properties) {
                    self.state.fleet.bound((&stack.region, &resource), range, (at, seed));
                }
            }
            _ => {
                let spec = Spec::read(properties, |group| self.properties_of(stack, group));
                let trouble = self.trouble(&id);
                let wish = ServiceSpec { arn: &arn, logical_id: &id, spec, trouble };
                let deployment = self.state.fleet.serve(wish, at, seed);
                self.see_struck(&arn, &id);
                // A service whose step is done at once, or fails on request, is not waited for.
                let limit = |(_, beat): &(Timestamp, StepEvent)| matches!(beat, StepEvent::Fail(reason) if reason.contains(WAITED));
                if operation.steps[step].beats.iter().any(limit) {
                    let properties = properties.clone();
                    operation.steps[step].awaits = Some(EcsWait::Stable { service: arn, deployment, properties });
                    self.hear_step(&mut operation.steps[step], at);
                }
            }
        }
    }

    /// ECS has had a resource for long: what was deployed before the rehearsal.
    pub(in crate::rehearsal) fn stand(&mut self, stack: &Stack, id: &str, since: Timestamp) {
        let Some(held) = stack.resources.get(id) else { return };
        let Some(arn) = held.physical_id.as_deref() else { return };
        let seed = self.state.seed;
        match held.kind.as_str() {
            TASK_DEFINITION => {
                self.state.fleet.register(arn, &held.properties);
                self.state.fleet.has_given_out(&stack.region, arn);
            }
            SCALABLE_TARGET => {
                if let Some((resource, range)) = range(&held.properties) {
                    self.state.fleet.bound((&stack.region, &resource), range, (since, seed));
                }
            }
            SERVICE => {
                let spec = Spec::read(&held.properties, |group| self.properties_of(stack, group));
                let wish = ServiceSpec { arn, logical_id: id, spec, trouble: None };
                self.state.fleet.serve(wish, since, seed);
            }
            _ => {}
        }
    }

    /// What ECS has of a resource is taken away without a trace.
    pub(in crate::rehearsal) fn dismiss(&mut self, region: &str, held: &ResourceState) {
        match held.physical_id.as_deref().filter(|_| held.kind == SERVICE) {
            Some(arn) => self.state.fleet.dismiss(arn),
            None => self.forget_in_ecs(region, Some(held)),
        }
    }

    /// A service is deleted.
    pub(super) fn retire(&mut self, stack: &Stack, operation: &mut Operation, step: usize, at: Timestamp) {
        let id = operation.steps[step].id.clone();
        let Some(service) = operation.subject(stack, &id).and_then(|held| held.physical_id.clone()) else { return };
        self.state.fleet.retire(&service, at, self.state.seed);
        operation.steps[step].awaits = Some(EcsWait::Gone { service });
        self.hear_step(&mut operation.steps[step], at);
    }

    /// What goes with a resource that is deleted.
    pub(super) fn forget_in_ecs(&mut self, region: &str, held: Option<&ResourceState>) {
        let Some(held) = held else { return };
        let Some(physical_id) = held.physical_id.as_deref() else { return };
        match held.kind.as_str() {
            TASK_DEFINITION => self.state.fleet.deregister(physical_id),
            LOG_GROUP => self.state.fleet.forget_logs(region, physical_id),
            SCALABLE_TARGET => {
                if let Some((resource, _)) = range(&held.properties) {
                    self.state.fleet.unbound(region, &resource);
                }
            }
            _ => {}
        }
    }

    /// The steps that wait for services look at them.
    pub(super) fn hear(&mut self, at: Timestamp) {
        for stack in 0..self.state.stacks.len() {
            let Some(mut operation) = self.state.stacks[stack].operation.take() else { continue };
            for step in &mut operation.steps {
                self.hear_step(step, at);
            }
            self.state.stacks[stack].operation = Some(operation);
        }
    }

    fn hear_step(&self, step: &mut Step, at: Timestamp) {
        if step.stage != StepState::Running {
            return;
        }
        let fleet = &self.state.fleet;
        let beat = match &step.awaits {
            Some(EcsWait::Stable { service, deployment, properties }) => match fleet.health(service, deployment) {
                Some(Health::Stable) => StepEvent::Done(properties.clone()),
                Some(Health::Tripped) => StepEvent::Fail(tripped(deployment)),
                Some(Health::Waiting) => return,
                None => StepEvent::Fail(handler("Service was INACTIVE.", "NotStabilized", &uuid(0, &[service]))),
            },
            Some(EcsWait::Gone { service }) if fleet.health(service, "").is_none() => StepEvent::Done(Json::Null),
            _ => return,
        };
        step.awaits = None;
        let notice = durations::notice(self.state.seed, &[&step.id, &at.to_string()]);
        step.beats.retain(|(moment, _)| *moment <= at);
        step.beats.push((at + notice, beat));
    }

    /// The properties of what has a physical id, in this stack or another one.
    fn properties_of<'a>(&'a self, own: &'a Stack, physical_id: &str) -> Option<&'a Json> {
        let stacks = std::iter::once(own).chain(&self.state.stacks);
        let mut held = stacks.flat_map(Stack::held);
        held.find(|held| held.physical_id.as_deref() == Some(physical_id)).map(|held| &held.properties)
    }
}

fn tripped(deployment: &str) -> String {
    let message = "Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'.";
    handler(message, "GeneralServiceException", &uuid(0, &[deployment]))
}

/// The resource id and the bounds of a scalable target.
fn range(properties: &Json) -> Option<(String, ScalableTarget)> {
    let number = |name: &str| {
        let value = properties.get(name)?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok()).and_then(|number| u32::try_from(number).ok())
    };
    let resource = properties.get("ResourceId")?.as_str()?.to_owned();
    Some((
        resource,
        ScalableTarget { min: number("MinCapacity").unwrap_or(1), max: number("MaxCapacity").unwrap_or(1) },
    ))
}
