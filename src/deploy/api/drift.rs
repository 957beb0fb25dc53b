use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A drift detection (`StackDriftDetectionId`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftDetection {
    /// Whether it has ended.
    pub done: bool,
    /// The reason why it failed, or is incomplete.
    pub reason: Option<String>,
}

/// A resource that may differ from its template (`StackResourceDrift`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResourceDrift {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name or ARN in AWS.
    pub physical_id: Option<String>,
    /// Its type.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// The drift status.
    pub status: DriftStatus,
    /// The differences.
    pub differences: Vec<PropertyDrift>,
}

/// The drift status of a resource (`StackResourceDriftStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DriftStatus {
    /// As in the template.
    InSync,
    /// Changed outside of CloudFormation.
    Modified,
    /// Deleted outside of CloudFormation.
    Deleted,
    /// CloudFormation does not support this type.
    NotChecked,
}

/// A property that was changed outside of CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct PropertyDrift {
    /// A JSON pointer: `/Tags/0/Value`.
    pub path: String,
    /// The value in the template; none if it was added.
    pub expected: Option<String>,
    /// The actual value; none if it was removed.
    pub actual: Option<String>,
}

/// An existing resource to import into a stack (`ResourceToImport`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ImportedResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its type.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// The identifier, by the schema's primary identifier: `BucketName` and the like.
    pub identifier: IndexMap<String, String>,
}
