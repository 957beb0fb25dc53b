//! What resources are, beside what their stack takes them for.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::property_diff::{PropertyDiff, differences, plain, same};
use crate::cfn::schema::Schema;
use crate::deploy::api::status::ResourceStatus;
use crate::deploy::api::{
    ApiCall, AwsError, DeploymentMode, DriftDetection, DriftStatus, ErrorKind, PropertyDrift, ResourceDrift, Timestamp,
};
use crate::rehearsal::account::Account;
use crate::rehearsal::account::state::{OutOfBandChange, ResourceState, Stack, outside_key};
use crate::rehearsal::rng::uuid;

impl Account {
    /// What was done to a resource of a stack behind CloudFormation's back.
    pub(crate) fn outside(&self, stack: &Stack, id: &str) -> Option<OutOfBandChange> {
        self.done_outside(stack.resources.get(id)?).cloned()
    }

    fn done_outside(&self, held: &ResourceState) -> Option<&OutOfBandChange> {
        self.state.outside(held)
    }

    /// CloudFormation's words where it wants to change what is gone.
    pub(crate) fn gone(&self, stack: &Stack, id: &str) -> Option<String> {
        let held = stack.resources.get(id)?;
        let name = held.physical_id.as_ref().filter(|_| self.done_outside(held) == Some(&OutOfBandChange::Deleted))?;
        Some(format!(
            "Resource handler returned message: \"Resource of type '{}' with identifier '{name}' was not found.\" \
             (RequestToken: {}, HandlerErrorCode: NotFound)",
            held.kind,
            uuid(self.state.seed, &[&held.kind, name])
        ))
    }

    /// True where a resource of the stack is made anew: it never came to be, or it is gone and drift is reverted.
    pub(crate) fn is_to_be_made_again(&self, held: &ResourceState, mode: DeploymentMode) -> bool {
        held.status == ResourceStatus::CreateFailed
            || (mode == DeploymentMode::RevertDrift && self.done_outside(held) == Some(&OutOfBandChange::Deleted))
    }

    /// A resource as a deployment of this mode sees it: as the template had it, or as it is.
    pub(crate) fn as_seen<'h>(&self, held: &'h ResourceState, mode: DeploymentMode) -> Cow<'h, ResourceState> {
        match self.done_outside(held) {
            Some(OutOfBandChange::Changed(actual)) if mode == DeploymentMode::RevertDrift => {
                Cow::Owned(ResourceState { properties: actual.clone(), ..held.clone() })
            }
            _ => Cow::Borrowed(held),
        }
    }

    /// A resource has these properties now: what somebody changed in others stays, unless drift is reverted.
    pub(crate) fn applied(&mut self, stack: &mut Stack, id: &str, properties: Json, mode: DeploymentMode) {
        let Some(held) = stack.resources.get_mut(id) else { return };
        let before = std::mem::replace(&mut held.properties, properties);
        let Some(physical_id) = &held.physical_id else { return };
        let key = outside_key(&held.kind, physical_id);
        let Some(OutOfBandChange::Changed(actual)) = self.state.outside.get_mut(&key) else { return };
        for PropertyDiff { property, .. } in differences(&held.kind, &before, &held.properties) {
            match held.properties.get(&property) {
                Some(value) => actual[property.as_str()] = value.clone(),
                None => drop(actual.as_object_mut().and_then(|actual| actual.shift_remove(&property))),
            }
        }
        if mode == DeploymentMode::RevertDrift || same(Some(actual), Some(&held.properties)) {
            self.state.outside.remove(&key);
        }
    }

    /// What is deleted has nothing to differ in.
    pub(crate) fn forget_outside(&mut self, held: Option<&ResourceState>) {
        if let Some(held) = held
            && let Some(physical_id) = &held.physical_id
        {
            self.state.outside.remove(&outside_key(&held.kind, physical_id));
        }
    }

    /// `DetectStackDrift`.
    pub(crate) fn detect_drift(&mut self, region: &str, stack: &str, now: Timestamp) -> Result<String, AwsError> {
        self.with_stack((ApiCall::DetectStackDrift, region, stack), |account, stack| {
            if stack.operation.is_some() {
                let message = format!("Drift detection cannot be run on stack [{}] in {}", stack.id, stack.status);
                return Err(AwsError::new(
                    ErrorKind::Validation,
                    ApiCall::DetectStackDrift,
                    "ValidationError",
                    message,
                ));
            }
            account.state.counter += 1;
            let search = uuid(account.state.seed, &[&stack.id, "drift", &account.state.counter.to_string()]);
            let there = stack.resources.iter().filter(|(_, held)| held.physical_id.is_some());
            stack.drifts = there.map(|(id, held)| account.drift(id, held)).collect();
            let takes = std::time::Duration::from_secs(2) + std::time::Duration::from_millis(500) * len(&stack.drifts);
            account.state.searches.insert(search.clone(), (stack.id.clone(), now + takes));
            Ok(search)
        })
    }

    /// `DescribeStackDriftDetectionStatus`.
    pub(crate) fn drift_detection(&self, search: &str, now: Timestamp) -> Result<DriftDetection, AwsError> {
        match self.state.searches.get(search) {
            Some((_, ready)) => Ok(DriftDetection { done: now >= *ready, reason: None }),
            None => {
                let message = format!("Stack drift detection [{search}] does not exist");
                let call = ApiCall::DescribeStackDriftDetectionStatus;
                Err(AwsError::new(ErrorKind::Validation, call, "ValidationError", message))
            }
        }
    }

    fn drift(&self, id: &str, held: &ResourceState) -> ResourceDrift {
        let (status, found) = match self.done_outside(held) {
            _ if !Schema::embedded().contains(&held.kind) => (DriftStatus::NotChecked, Vec::new()),
            Some(OutOfBandChange::Deleted) => (DriftStatus::Deleted, Vec::new()),
            Some(OutOfBandChange::Changed(actual)) => (DriftStatus::Modified, drifted(&held.properties, actual)),
            None => (DriftStatus::InSync, Vec::new()),
        };
        ResourceDrift {
            logical_id: id.to_owned(),
            physical_id: held.physical_id.clone(),
            kind: held.kind.clone(),
            status,
            differences: found,
        }
    }

    #[cfg(test)]
    pub(crate) fn meddle(&mut self, stack: &str, id: &str, properties: Option<Json>) {
        let stack = self.state.stacks.iter().find(|it| it.name == stack).expect("the stack is there");
        let held = &stack.resources[id];
        let key = outside_key(&held.kind, held.physical_id.as_deref().expect("it is there"));
        let mut actual = held.properties.clone();
        let outside = match properties {
            Some(changed) => {
                for (name, value) in changed.as_object().expect("properties by name") {
                    actual[name.as_str()] = value.clone();
                }
                OutOfBandChange::Changed(actual)
            }
            None => OutOfBandChange::Deleted,
        };
        self.state.outside.insert(key, outside);
    }
}

fn len(drifts: &[ResourceDrift]) -> u32 {
    u32::try_from(drifts.len()).unwrap_or(u32::MAX)
}

/// The single values that differ, by JSON pointers.
fn drifted(expected: &Json, actual: &Json) -> Vec<PropertyDrift> {
    let mut found = Vec::new();
    compare("", Some(expected), Some(actual), &mut found);
    found
}

fn compare(path: &str, expected: Option<&Json>, actual: Option<&Json>, found: &mut Vec<PropertyDrift>) {
    match (expected, actual) {
        _ if same(expected, actual) => {}
        (Some(Json::Object(old)), Some(Json::Object(new))) => {
            let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
            keys.for_each(|key| compare(&format!("{path}/{key}"), old.get(key), new.get(key), found));
        }
        (Some(Json::Array(old)), Some(Json::Array(new))) => (0..old.len().max(new.len()))
            .for_each(|at| compare(&format!("{path}/{at}"), old.get(at), new.get(at), found)),
        _ => found.push(PropertyDrift {
            path: path.to_owned(),
            expected: expected.map(plain),
            actual: actual.map(plain),
        }),
    }
}
