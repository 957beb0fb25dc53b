//! Drift: the differences of resources from their stack's template.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::messages::handler_error;
use super::property_diff::{PropertyDiff, differences, plain, same};
use crate::cfn::schema::Schema;
use crate::deploy::api::status::ResourceStatus;
use crate::deploy::api::{
    ApiCall, AwsError, DeploymentMode, DriftDetection, DriftStatus, ErrorKind, PropertyDrift, ResourceDrift, Timestamp,
};
use crate::rehearsal::account::Account;
use crate::rehearsal::rng::uuid;
use crate::rehearsal::state::{OutOfBandChange, ResourceState, Stack, resource_key};

impl Account {
    /// Returns whether a resource was deleted out of band.
    fn is_deleted_out_of_band(&self, existing: &ResourceState) -> bool {
        self.state.out_of_band_change(existing) == Some(&OutOfBandChange::Deleted)
    }

    /// Returns CloudFormation's error for an update of a resource that was deleted out of band.
    pub(super) fn deleted_out_of_band(&self, stack: &Stack, id: &str) -> Option<String> {
        let existing = stack.resources.get(id).filter(|existing| self.is_deleted_out_of_band(existing))?;
        let name = existing.physical_id.as_ref()?;
        let message = format!("Resource of type '{}' with identifier '{name}' was not found.", existing.kind);
        Some(handler_error(&message, "NotFound", &uuid(self.state.seed, &[&existing.kind, name])))
    }

    /// Returns whether a resource must be created again: its creation failed, or it was deleted and drift is reverted.
    pub(super) fn must_be_recreated(&self, existing: &ResourceState, mode: DeploymentMode) -> bool {
        existing.status == ResourceStatus::CreateFailed
            || (mode == DeploymentMode::RevertDrift && self.is_deleted_out_of_band(existing))
    }

    /// Returns a resource as a deployment mode compares it: with the properties of the template, or with the actual ones.
    pub(super) fn as_compared<'r>(&self, existing: &'r ResourceState, mode: DeploymentMode) -> Cow<'r, ResourceState> {
        match self.state.out_of_band_change(existing) {
            Some(OutOfBandChange::Changed(actual)) if mode == DeploymentMode::RevertDrift => {
                Cow::Owned(ResourceState { properties: actual.clone(), ..existing.clone() })
            }
            _ => Cow::Borrowed(existing),
        }
    }

    /// Sets the new properties of a resource. Out-of-band changes of other properties stay, unless drift is reverted.
    pub(super) fn apply_properties(&mut self, stack: &mut Stack, id: &str, properties: Json, mode: DeploymentMode) {
        let Some(existing) = stack.resources.get_mut(id) else { return };
        let before = std::mem::replace(&mut existing.properties, properties);
        let Some(physical_id) = &existing.physical_id else { return };
        let key = resource_key(&existing.kind, physical_id);
        let Some(OutOfBandChange::Changed(actual)) = self.state.out_of_band.get_mut(&key) else { return };
        for PropertyDiff { property, .. } in differences(&existing.kind, &before, &existing.properties) {
            match existing.properties.get(&property) {
                Some(value) => actual[property.as_str()] = value.clone(),
                None => drop(actual.as_object_mut().and_then(|actual| actual.shift_remove(&property))),
            }
        }
        if mode == DeploymentMode::RevertDrift || same(Some(actual), Some(&existing.properties)) {
            self.state.out_of_band.remove(&key);
        }
    }

    /// Removes the out-of-band change of a deleted resource.
    pub(super) fn remove_out_of_band(&mut self, existing: Option<&ResourceState>) {
        if let Some(existing) = existing
            && let Some(physical_id) = &existing.physical_id
        {
            self.state.out_of_band.remove(&resource_key(&existing.kind, physical_id));
        }
    }

    /// Performs `DetectStackDrift`.
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
            let detection = uuid(account.state.seed, &[&stack.id, "drift", &account.state.counter.to_string()]);
            let existing = stack.resources.iter().filter(|(_, existing)| existing.physical_id.is_some());
            stack.drifts = existing.map(|(id, existing)| account.drift(id, existing)).collect();
            let duration =
                std::time::Duration::from_secs(2) + std::time::Duration::from_millis(500) * len(&stack.drifts);
            account.state.drift_detections.insert(detection.clone(), (stack.id.clone(), now + duration));
            Ok(detection)
        })
    }

    /// Performs `DescribeStackDriftDetectionStatus`.
    pub(crate) fn drift_detection(&self, detection: &str, now: Timestamp) -> Result<DriftDetection, AwsError> {
        match self.state.drift_detections.get(detection) {
            Some((_, ready)) => Ok(DriftDetection { done: now >= *ready, reason: None }),
            None => {
                let message = format!("Stack drift detection [{detection}] does not exist");
                let call = ApiCall::DescribeStackDriftDetectionStatus;
                Err(AwsError::new(ErrorKind::Validation, call, "ValidationError", message))
            }
        }
    }

    /// Returns the drift of a resource.
    fn drift(&self, id: &str, existing: &ResourceState) -> ResourceDrift {
        let (status, found) = match self.state.out_of_band_change(existing) {
            _ if !Schema::embedded().contains(&existing.kind) => (DriftStatus::NotChecked, Vec::new()),
            Some(OutOfBandChange::Deleted) => (DriftStatus::Deleted, Vec::new()),
            Some(OutOfBandChange::Changed(actual)) => (DriftStatus::Modified, drifted(&existing.properties, actual)),
            None => (DriftStatus::InSync, Vec::new()),
        };
        ResourceDrift {
            logical_id: id.to_owned(),
            physical_id: existing.physical_id.clone(),
            kind: existing.kind.clone(),
            status,
            differences: found,
        }
    }

    /// Changes or deletes a resource out of band.
    #[cfg(test)]
    pub(crate) fn change_out_of_band(&mut self, stack: &str, id: &str, properties: Option<Json>) {
        let stack = self.state.stacks.iter().find(|it| it.name == stack).expect("the stack exists");
        let existing = &stack.resources[id];
        let key = resource_key(&existing.kind, existing.physical_id.as_deref().expect("the resource exists"));
        let mut actual = existing.properties.clone();
        let change = match properties {
            Some(changed) => {
                for (name, value) in changed.as_object().expect("properties by name") {
                    actual[name.as_str()] = value.clone();
                }
                OutOfBandChange::Changed(actual)
            }
            None => OutOfBandChange::Deleted,
        };
        self.state.out_of_band.insert(key, change);
    }
}

/// Returns the number of resources.
fn len(drifts: &[ResourceDrift]) -> u32 {
    u32::try_from(drifts.len()).unwrap_or(u32::MAX)
}

/// Returns the scalar values that differ, by JSON pointers.
fn drifted(expected: &Json, actual: &Json) -> Vec<PropertyDrift> {
    let mut found = Vec::new();
    compare("", Some(expected), Some(actual), &mut found);
    found
}

/// Collects the scalar values that differ.
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
