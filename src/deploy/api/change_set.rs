use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::status::ChangeSetStatus;
use super::{ClientRequestToken, ImportedResource, Timestamp};

/// The largest template that fits into a request, in bytes (CloudFormation quotas).
pub const INLINE_TEMPLATE_BYTES: usize = 51_200;

/// The ARN of a change set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChangeSetId(pub String);

/// The kind of a change set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeSetKind {
    /// Creates a stack that does not exist, or is in `REVIEW_IN_PROGRESS`.
    Create,
    /// Updates an existing stack.
    Update,
    /// Imports existing resources into a stack, and changes nothing else.
    Import,
}

/// The source of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// In the request, up to [`INLINE_TEMPLATE_BYTES`].
    Body(String),
    /// In S3.
    Url(String),
}

/// The value of a parameter in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ParameterValue {
    /// A new value.
    Given(String),
    /// The stack's current value (`UsePreviousValue`).
    Previous,
}

/// A capability that a template needs (`Capabilities`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Capability {
    /// Create IAM resources.
    #[serde(rename = "CAPABILITY_IAM")]
    Iam,
    /// Create IAM resources with custom names.
    #[serde(rename = "CAPABILITY_NAMED_IAM")]
    NamedIam,
    /// Run macros and transforms.
    #[serde(rename = "CAPABILITY_AUTO_EXPAND")]
    AutoExpand,
}

impl Capability {
    /// Returns the name as AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Iam => "CAPABILITY_IAM",
            Self::NamedIam => "CAPABILITY_NAMED_IAM",
            Self::AutoExpand => "CAPABILITY_AUTO_EXPAND",
        }
    }
}

/// The mode in which a change set is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentMode {
    /// CloudFormation waits for each resource (`DeploymentConfig` mode `STANDARD`).
    #[default]
    Standard,
    /// CloudFormation is done when every configuration is applied, and waits for nothing (`DeploymentConfig` mode `EXPRESS`).
    Express,
    /// Resources that were changed outside of CloudFormation are reset to the template (`DeploymentMode`
    /// `REVERT_DRIFT`).
    RevertDrift,
}

/// The request of `CreateChangeSet`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// The stack's name.
    pub stack: String,
    /// The change set's name, unique in the stack: letters, digits and hyphens, at most 128.
    pub name: String,
    /// The kind.
    pub kind: ChangeSetKind,
    /// The template.
    pub template: TemplateSource,
    /// Values of parameters.
    pub parameters: IndexMap<String, ParameterValue>,
    /// Tags of the stack.
    pub tags: IndexMap<String, String>,
    /// The capabilities of the template.
    pub capabilities: Vec<Capability>,
    /// The mode of the execution.
    pub mode: DeploymentMode,
    /// The resources to import, with [`ChangeSetKind::Import`].
    pub import: Vec<ImportedResource>,
    /// The token that makes a repeated request harmless.
    pub token: ClientRequestToken,
}

/// The action on a resource (`Action`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Action {
    /// It is created.
    Add,
    /// It is changed, or replaced.
    Modify,
    /// It is deleted.
    Remove,
    /// It is imported into the stack.
    Import,
    /// Not known until deployment (macros, nested stacks), or an action that is newer than this program.
    Dynamic,
}

/// Whether a resource is replaced (`Replacement`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum Replacement {
    /// It is updated in place.
    False,
    /// It depends on values that are not known until deployment.
    Conditional,
    /// A new one is created and the old one deleted.
    True,
}

/// Whether the change of one property replaces the resource (`RequiresRecreation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum RequiresRecreation {
    /// Never.
    Never,
    /// Depending on other properties.
    Conditionally,
    /// Always.
    Always,
}

/// One reason for the change of a resource (`ResourceChangeDetail`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChangeDetail {
    /// `Properties`, `Tags`, `Metadata`, `DeletionPolicy`, `UpdatePolicy`, ...
    pub attribute: String,
    /// The property's name, if the attribute is `Properties`.
    pub name: Option<String>,
    /// The path of the value: `/Properties/ContainerDefinitions/0/Image`.
    pub path: Option<String>,
    /// Whether that replaces the resource.
    pub recreation: RequiresRecreation,
    /// `Static` (known now) or `Dynamic` (not known until deployment).
    pub evaluation: Option<String>,
    /// `DirectModification`, `ResourceReference`, `ResourceAttribute`, `ParameterReference`, `Automatic`.
    pub source: Option<String>,
    /// The cause of the change: `Alb.DNSName`, a parameter's name.
    pub cause: Option<String>,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// The change of one resource (`ResourceChange`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ResourceChange {
    /// The action.
    pub action: Action,
    /// Its name in the template.
    pub logical_id: String,
    /// Its name or ARN in AWS, if it exists.
    pub physical_id: Option<String>,
    /// Its type.
    pub kind: String,
    /// Whether it is replaced; none unless it is modified.
    pub replacement: Option<Replacement>,
    /// The attributes that change (`Scope`).
    pub scope: Vec<String>,
    /// The reasons.
    pub details: Vec<ChangeDetail>,
}

/// A change set as `DescribeChangeSet` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ChangeSet {
    /// Its ARN.
    pub id: ChangeSetId,
    /// Its name.
    pub name: String,
    /// The id of its stack.
    pub stack_id: String,
    /// The status of its creation.
    pub status: ChangeSetStatus,
    /// AWS's message about the status; with `FAILED` the reason.
    pub reason: Option<String>,
    /// The changes, in AWS's order.
    pub changes: Vec<ResourceChange>,
    /// Whether it was executed to its end (`ExecutionStatus`, `EXECUTE_COMPLETE`).
    #[serde(default)]
    pub is_executed: bool,
}

/// A change set as `ListChangeSets` describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetSummary {
    /// Its ARN.
    pub id: ChangeSetId,
    /// Its name.
    pub name: String,
    /// The status of its creation.
    pub status: ChangeSetStatus,
    /// The time at which it was created.
    pub created: Option<Timestamp>,
}

impl fmt::Display for ChangeSetId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
