use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

/// A running search for drift (`StackDriftDetectionId`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DriftDetection {
    /// Whether it is over.
    pub done: bool,
    /// Why it failed, or could not look at everything.
    pub reason: Option<String>,
}

/// A resource that may differ from its template (`StackResourceDrift`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceDrift {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name or ARN in AWS.
    pub physical_id: Option<String>,
    /// Its type.
    pub kind: String,
    /// Whether it does.
    pub status: DriftStatus,
    /// What differs.
    pub differences: Vec<PropertyDrift>,
}

/// `StackResourceDriftStatus`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DriftStatus {
    /// As in the template.
    InSync,
    /// Changed outside of CloudFormation.
    Modified,
    /// Deleted outside of CloudFormation.
    Deleted,
    /// CloudFormation cannot tell for this type.
    NotChecked,
}

/// A property that was changed outside of CloudFormation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PropertyDrift {
    /// A JSON pointer: `/Tags/0/Value`.
    pub path: String,
    /// As in the template; none where it was added.
    pub expected: Option<String>,
    /// As it is; none where it was taken away.
    pub actual: Option<String>,
}

/// A resource that exists and is to be taken into a stack (`ResourceToImport`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its type.
    pub kind: String,
    /// What identifies it: `BucketName` and the like, by the schema's primary identifier.
    pub identifier: IndexMap<String, String>,
}
