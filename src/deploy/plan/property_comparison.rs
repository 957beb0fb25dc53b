//! A resource as it is deployed, beside the same as the script wants it.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::cfn::emit::json::to_json;
use crate::cfn::{Map, Resource};
use crate::deploy::api::{PropertyDrift, ResourceDrift};

/// A property as it is deployed, beside the same as it is wanted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PropertyComparison {
    /// Where it stands: `HealthCheckPath`, `Tags[0].Value`.
    pub path: String,
    /// As the deployed template says; none where it has nothing there.
    pub deployed: Option<Json>,
    /// As the script says; none where it has nothing there.
    pub wanted: Option<Json>,
    /// What it is in AWS, where that was looked at and is something else than the deployed template says.
    pub changed: Option<PropertyDrift>,
}

impl PropertyComparison {
    /// True where a deployment would change it.
    pub fn differs(&self) -> bool {
        self.deployed != self.wanted
    }
}

/// The properties of a resource, one by one: those of the script in its order, then what is deployed only. What `drift`
/// found goes with the property that it is about.
pub fn compare_properties(
    deployed: Option<&Resource>,
    wanted: Option<&Resource>,
    drift: Option<&ResourceDrift>,
) -> Vec<PropertyComparison> {
    let (there, here) = (deployed.map(leaves).unwrap_or_default(), wanted.map(leaves).unwrap_or_default());
    let at = |all: &[(String, Json)], path: &str| all.iter().find(|(of, _)| of == path).map(|(_, value)| value.clone());
    let alone = there.iter().filter(|(path, _)| at(&here, path).is_none());
    let paths: Vec<String> = here.iter().chain(alone).map(|(path, _)| path.clone()).collect();
    let row = |path: String| {
        let (deployed, wanted) = (at(&there, &path), at(&here, &path));
        PropertyComparison { path, deployed, wanted, changed: None }
    };
    let mut rows: Vec<PropertyComparison> = paths.into_iter().map(row).collect();
    drift.iter().flat_map(|drift| &drift.differences).for_each(|change| put(change, &mut rows));
    rows
}

/// Puts a change of somebody's beside its property: the one of its path, or the one that it is in.
fn put(change: &PropertyDrift, rows: &mut Vec<PropertyComparison>) {
    let path = of_pointer(&change.path);
    match rows.iter_mut().find(|row| row.path == path) {
        Some(row) => row.changed = Some(change.clone()),
        None => rows.push(PropertyComparison { path, deployed: None, wanted: None, changed: Some(change.clone()) }),
    }
}

/// `/Tags/0/Value` as `Tags[0].Value`.
fn of_pointer(pointer: &str) -> String {
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

/// Every value that is no map and no list, with its path; a call of a function is one value.
fn leaves(resource: &Resource) -> Vec<(String, Json)> {
    let mut found = Vec::new();
    of_map(&resource.properties, &mut found);
    found
}

fn of_map(map: &Map, found: &mut Vec<(String, Json)>) {
    map.iter().for_each(|(key, value)| within(key.clone(), &to_json(value), found));
}

fn within(path: String, value: &Json, found: &mut Vec<(String, Json)>) {
    match value {
        Json::Object(map) if !map.is_empty() && !is_call(map) => {
            map.iter().for_each(|(key, value)| within(format!("{path}.{key}"), value, found));
        }
        Json::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(at, value)| within(format!("{path}[{at}]"), value, found));
        }
        _ => found.push((path, value.clone())),
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

    fn told(rows: &[PropertyComparison]) -> Vec<(String, bool)> {
        rows.iter().map(|row| (row.path.clone(), row.differs())).collect()
    }

    #[test]
    fn each_value_stands_beside_its_own_and_what_one_side_lacks_differs() {
        let deployed = resource("{VisibilityTimeout: 30, Tags: [{Key: a, Value: b}], DelaySeconds: 1}");
        let wanted = resource("{Tags: [{Key: a, Value: c}], VisibilityTimeout: 30, KmsMasterKeyId: !Ref Key}");
        let rows = compare_properties(Some(&deployed), Some(&wanted), None);
        let expected = [
            ("Tags[0].Key", false),
            ("Tags[0].Value", true),
            ("VisibilityTimeout", false),
            ("KmsMasterKeyId", true),
            ("DelaySeconds", true),
        ];
        assert_eq!(told(&rows), expected.map(|(path, differs)| (path.to_owned(), differs)));
        assert_eq!(rows[3].wanted, Some(serde_json::json!({ "Ref": "Key" })), "a reference is one value");
    }

    #[test]
    fn what_somebody_changed_stands_at_its_property() {
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
        let rows = compare_properties(Some(&both), Some(&both), Some(&drift));
        let changed: Vec<&str> = rows.iter().filter(|row| row.changed.is_some()).map(|row| row.path.as_str()).collect();
        assert_eq!(changed, ["Tags[0].Value", "DelaySeconds"]);
    }
}
