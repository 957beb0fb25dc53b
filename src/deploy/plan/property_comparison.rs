//! The properties of a deployed resource compared with those of the script.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::cfn::Resource;
use crate::cfn::emit::json::to_json;
use crate::cfn::schema::Schema;
use crate::cfn::sensitive::{GuardedValue, KnownSecrets, masked_properties};
use crate::deploy::api::{PropertyDrift, ResourceDrift};

/// A property as deployed and as the script sets it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PropertyComparison {
    /// The path: `HealthCheckPath`, `Tags[0].Value`.
    pub path: String,
    /// The value in the deployed template, if any.
    pub deployed: Option<GuardedValue>,
    /// The value in the script's template, if any.
    pub desired: Option<GuardedValue>,
    /// The value in AWS, if it was read and differs from the deployed template.
    pub drift: Option<PropertyDrift>,
}

impl PropertyComparison {
    /// Returns whether a deployment would change it.
    pub fn differs(&self) -> bool {
        self.deployed != self.desired
    }
}

/// Compares the properties of a resource one by one: those of the script in its order, then those that are only deployed.
/// Each difference of `drift` is added to its property.
pub fn compare_properties(
    deployed: Option<&Resource>,
    desired: Option<&Resource>,
    drift: Option<&ResourceDrift>,
    known: &KnownSecrets,
) -> Vec<PropertyComparison> {
    let leaves = |resource| leaves(resource, known);
    let (before, after) = (deployed.map(leaves).unwrap_or_default(), desired.map(leaves).unwrap_or_default());
    let at = |all: &[(String, GuardedValue)], path: &str| {
        all.iter().find(|(of, _)| of == path).map(|(_, value)| value.clone())
    };
    let alone = before.iter().filter(|(path, _)| at(&after, path).is_none());
    let paths: Vec<String> = after.iter().chain(alone).map(|(path, _)| path.clone()).collect();
    let row = |path: String| {
        let (deployed, desired) = GuardedValue::changed(at(&before, &path), at(&after, &path));
        PropertyComparison { path, deployed, desired, drift: None }
    };
    let mut rows: Vec<PropertyComparison> = paths.into_iter().map(row).collect();
    drift.iter().flat_map(|drift| &drift.differences).for_each(|change| add_drift(change, &mut rows));
    rows
}

/// Adds a drift to the row of its property, or as a row of its own.
fn add_drift(change: &PropertyDrift, rows: &mut Vec<PropertyComparison>) {
    let path = path_of_pointer(&change.path);
    match rows.iter_mut().find(|row| row.path == path) {
        Some(row) => row.drift = Some(change.clone()),
        None => rows.push(PropertyComparison { path, deployed: None, desired: None, drift: Some(change.clone()) }),
    }
}

/// Converts `/Tags/0/Value` to `Tags[0].Value`.
fn path_of_pointer(pointer: &str) -> String {
    let mut path = String::new();
    for step in pointer.split('/').filter(|step| !step.is_empty()) {
        let step = step.replace("~1", "/").replace("~0", "~");
        match step.parse::<usize>() {
            Ok(index) => path.push_str(&format!("[{index}]")),
            Err(_) if path.is_empty() => path = step,
            Err(_) => path.push_str(&format!(".{step}")),
        }
    }
    path
}

/// Returns every value that is neither a map nor a list, with its path. A function call is one value.
fn leaves(resource: &Resource, known: &KnownSecrets) -> Vec<(String, GuardedValue)> {
    let (mut found, masked) = (Vec::new(), masked_properties(resource, Some(Schema::embedded()), known));
    for (key, value) in &resource.properties {
        within(key.clone(), &to_json(value), masked.get(key), &mut found);
    }
    found
}

fn within(path: String, value: &Json, masked: Option<&Json>, found: &mut Vec<(String, GuardedValue)>) {
    // A part of what is hidden is hidden.
    let part = |at: Option<&'_ Json>| match masked {
        Some(Json::String(_)) => masked.cloned(),
        _ => at.cloned(),
    };
    match value {
        Json::Object(map) if !map.is_empty() && !is_call(map) => map.iter().for_each(|(key, value)| {
            let masked = part(masked.and_then(|masked| masked.get(key)));
            within(format!("{path}.{key}"), value, masked.as_ref(), found);
        }),
        Json::Array(items) if !items.is_empty() => items.iter().enumerate().for_each(|(at, value)| {
            let masked = part(masked.and_then(|masked| masked.get(at)));
            within(format!("{path}[{at}]"), value, masked.as_ref(), found);
        }),
        _ => found.push((path, GuardedValue::masked(value.clone(), masked))),
    }
}

fn is_call(map: &serde_json::Map<String, Json>) -> bool {
    map.len() == 1 && map.keys().all(|key| key == "Ref" || key == "Condition" || key.starts_with("Fn::"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::parse;
    use crate::deploy::api::DriftStatus;

    fn resource(properties: &str) -> Resource {
        let text = format!("Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {properties}\n");
        let mut template = parse::template("test.yaml", &text).value.expect("a template");
        template.resources.swap_remove("Queue").expect("the resource")
    }

    fn summary(rows: &[PropertyComparison]) -> Vec<(String, bool)> {
        rows.iter().map(|row| (row.path.clone(), row.differs())).collect()
    }

    #[test]
    fn values_are_compared_by_path_and_a_missing_one_differs() {
        let deployed = resource("{VisibilityTimeout: 30, Tags: [{Key: a, Value: b}], DelaySeconds: 1}");
        let desired = resource("{Tags: [{Key: a, Value: c}], VisibilityTimeout: 30, KmsMasterKeyId: !Ref Key}");
        let rows = compare_properties(Some(&deployed), Some(&desired), None, &KnownSecrets::default());
        let expected = [
            ("Tags[0].Key", false),
            ("Tags[0].Value", true),
            ("VisibilityTimeout", false),
            ("KmsMasterKeyId", true),
            ("DelaySeconds", true),
        ];
        assert_eq!(summary(&rows), expected.map(|(path, differs)| (path.to_owned(), differs)));
        assert_eq!(rows[3].desired, Some(serde_json::json!({ "Ref": "Key" }).into()), "a reference is one value");
    }

    #[test]
    fn drift_is_added_to_its_property() {
        let both = resource("{Tags: [{Key: a, Value: b}]}");
        let change = |path: &str| PropertyDrift {
            path: path.to_owned(),
            expected: Some("b".to_owned()),
            actual: Some("x".to_owned()),
        };
        let drift = ResourceDrift {
            logical_id: "Queue".to_owned(),
            physical_id: None,
            kind: "AWS::SQS::Queue".to_owned(),
            status: DriftStatus::Modified,
            differences: vec![change("/Tags/0/Value"), change("/DelaySeconds")],
        };
        let rows = compare_properties(Some(&both), Some(&both), Some(&drift), &KnownSecrets::default());
        let changed: Vec<&str> = rows.iter().filter(|row| row.drift.is_some()).map(|row| row.path.as_str()).collect();
        assert_eq!(changed, ["Tags[0].Value", "DelaySeconds"]);
    }
}
