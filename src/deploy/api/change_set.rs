use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::status::ChangeSetStatus;
use super::{ClientRequestToken, ImportedResource, Timestamp};

/// The largest template that fits into a request, in bytes (CloudFormation quotas).
pub const INLINE_TEMPLATE_BYTES: usize = 51_200;

/// The ARN of a change set.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ChangeSetId(pub String);

/// Whether the change set makes a stack or changes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum ChangeSetKind {
    /// For a stack that is not there, or is in `REVIEW_IN_PROGRESS`.
    Create,
    /// For a stack that is there.
    Update,
    /// Takes resources that exist into a stack, and changes nothing else.
    Import,
}

/// Where the template is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TemplateSource {
    /// In the request, up to [`INLINE_TEMPLATE_BYTES`].
    Body(String),
    /// In S3.
    Url(String),
}

/// The value of a parameter in a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ParameterValue {
    /// This one.
    Given(String),
    /// The one that the stack has (`UsePreviousValue`).
    Previous,
}

/// What a template must be allowed to do (`Capabilities`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Capability {
    /// Make IAM resources.
    #[serde(rename = "CAPABILITY_IAM")]
    Iam,
    /// Make IAM resources with names of their own.
    #[serde(rename = "CAPABILITY_NAMED_IAM")]
    NamedIam,
    /// Run macros and transforms.
    #[serde(rename = "CAPABILITY_AUTO_EXPAND")]
    AutoExpand,
}

impl Capability {
    /// The name as AWS writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Iam => "CAPABILITY_IAM",
            Self::NamedIam => "CAPABILITY_NAMED_IAM",
            Self::AutoExpand => "CAPABILITY_AUTO_EXPAND",
        }
    }
}

/// How a change set is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeploymentMode {
    /// Each resource is waited for (`DeploymentConfig` mode `STANDARD`).
    #[default]
    Standard,
    /// It is over when every configuration is applied; nothing is waited for (`DeploymentConfig` mode `EXPRESS`).
    Express,
    /// Resources that were changed outside of CloudFormation become what the template says (`DeploymentMode`
    /// `REVERT_DRIFT`).
    RevertDrift,
}

/// What `CreateChangeSet` is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetRequest {
    /// The stack's name.
    pub stack: String,
    /// The change set's name, unique in the stack: letters, digits and hyphens, at most 128.
    pub name: String,
    /// Create or update.
    pub kind: ChangeSetKind,
    /// The template.
    pub template: TemplateSource,
    /// Values of parameters.
    pub parameters: IndexMap<String, ParameterValue>,
    /// Tags of the stack.
    pub tags: IndexMap<String, String>,
    /// What the template must be allowed to do.
    pub capabilities: Vec<Capability>,
    /// How the change set is carried out.
    pub mode: DeploymentMode,
    /// With [`ChangeSetKind::Import`], what is taken in.
    pub import: Vec<ImportedResource>,
    /// Makes a repeated request harmless.
    pub token: ClientRequestToken,
}

/// What happens to a resource (`Action`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// It is made.
    Add,
    /// It is changed, or replaced.
    Modify,
    /// It is deleted.
    Remove,
    /// It is taken into the stack.
    Import,
    /// Only known while it runs (macros, nested stacks), or an action that is newer than this program.
    Dynamic,
}

/// Whether a resource is replaced (`Replacement`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Replacement {
    /// It is changed where it stands.
    False,
    /// It depends on values that are only known while it runs.
    Conditional,
    /// A new one is made and the old one deleted.
    True,
}

/// Whether the change of one property replaces the resource (`RequiresRecreation`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum RequiresRecreation {
    /// It does not.
    Never,
    /// Depending on other properties.
    Conditionally,
    /// It does.
    Always,
}

/// One reason for the change of a resource (`ResourceChangeDetail`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeDetail {
    /// `Properties`, `Tags`, `Metadata`, `DeletionPolicy`, `UpdatePolicy`, ...
    pub attribute: String,
    /// The property's name, where the attribute is `Properties`.
    pub name: Option<String>,
    /// The way to the value: `/Properties/ContainerDefinitions/0/Image`.
    pub path: Option<String>,
    /// Whether that replaces the resource.
    pub recreation: RequiresRecreation,
    /// `Static` (known now) or `Dynamic` (known while it runs).
    pub evaluation: Option<String>,
    /// `DirectModification`, `ResourceReference`, `ResourceAttribute`, `ParameterReference`, `Automatic`.
    pub source: Option<String>,
    /// What made it change: `Alb.DNSName`, a parameter's name.
    pub cause: Option<String>,
    /// The value before.
    pub before: Option<String>,
    /// The value after.
    pub after: Option<String>,
}

/// What a change set does to one resource (`ResourceChange`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResourceChange {
    /// What happens.
    pub action: Action,
    /// Its name in the template.
    pub logical_id: String,
    /// Its name or ARN in AWS, where it is there.
    pub physical_id: Option<String>,
    /// Its type.
    pub kind: String,
    /// Whether it is replaced; none unless it is modified.
    pub replacement: Option<Replacement>,
    /// Which attributes change (`Scope`).
    pub scope: Vec<String>,
    /// Why.
    pub details: Vec<ChangeDetail>,
}

/// A change set as `DescribeChangeSet` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeSet {
    /// Its ARN.
    pub id: ChangeSetId,
    /// Its name.
    pub name: String,
    /// The id of its stack.
    pub stack_id: String,
    /// Whether its creation is done.
    pub status: ChangeSetStatus,
    /// AWS's words about the status; with `FAILED` the reason.
    pub reason: Option<String>,
    /// What it would do, in AWS's order.
    pub changes: Vec<ResourceChange>,
}

/// A change set as `ListChangeSets` tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeSetSummary {
    /// Its ARN.
    pub id: ChangeSetId,
    /// Its name.
    pub name: String,
    /// Whether its creation is done.
    pub status: ChangeSetStatus,
    /// When it was asked for.
    pub created: Option<Timestamp>,
}

impl fmt::Display for ChangeSetId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}
