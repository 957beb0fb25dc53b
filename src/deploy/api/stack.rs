use std::fmt;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::Timestamp;
use super::status::{ResourceStatus, StackStatus};

/// An account and a region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct AwsEnvironment {
    /// The account id, twelve digits.
    pub account: String,
    /// The region: `eu-central-1`.
    pub region: String,
    /// The partition: `aws`, `aws-cn`, `aws-us-gov`.
    pub partition: String,
}

impl AwsEnvironment {
    /// Returns the end of host names in the partition (`AWS::URLSuffix`).
    pub fn url_suffix(&self) -> &'static str {
        url_suffix(&self.partition)
    }

    /// Returns the host of the registry of the account (ECR User Guide, "Amazon ECR private registry").
    pub fn ecr_host(&self) -> String {
        format!("{}.dkr.ecr.{}.{}", self.account, self.region, self.url_suffix())
    }
}

/// Returns the partition of a region (`endpoints.json` of botocore 1.43).
pub fn partition_of(region: &str) -> &'static str {
    const BY_START: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-isob-", "aws-iso-b"),
        ("us-isof-", "aws-iso-f"),
        ("us-iso-", "aws-iso"),
        ("eu-isoe-", "aws-iso-e"),
        ("eusc-", "aws-eusc"),
    ];
    BY_START.iter().find(|(start, _)| region.starts_with(start)).map_or("aws", |(_, partition)| partition)
}

/// Returns the end of host names in a partition.
pub fn url_suffix(partition: &str) -> &'static str {
    if partition == "aws-cn" { "amazonaws.com.cn" } else { "amazonaws.com" }
}

/// A client request token: marks the events of one operation, and makes a repeated request harmless.
///
/// At most 128 characters of `[a-zA-Z0-9-]`, the first a letter or digit (API reference of `ExecuteChangeSet`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct ClientRequestToken(pub String);

impl ClientRequestToken {
    /// Returns whether the token belongs to a run of rtiler.
    pub fn is_ours(&self) -> bool {
        self.0.starts_with("rtiler-")
    }

    /// Returns the name of the run of rtiler that the token belongs to: `rtiler-19a2-3f` of `rtiler-19a2-3f-jobs-shop`.
    pub fn run(&self) -> Option<&str> {
        let (end, _) = self.0.match_indices('-').nth(2)?;
        self.is_ours().then(|| &self.0[..end])
    }
}

impl fmt::Display for ClientRequestToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// A stack as `DescribeStacks` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackDescription {
    /// Its ARN, which outlives its name.
    pub id: String,
    /// Its name.
    #[serde(rename = "stack")]
    pub name: String,
    /// Its status.
    pub status: StackStatus,
    /// AWS's message about the status.
    pub status_reason: Option<String>,
    /// Parameters by name; `NoEcho` ones come as [`StackDescription::MASKED`].
    pub parameters: IndexMap<String, String>,
    /// Outputs in AWS's order.
    pub outputs: Vec<StackOutput>,
    /// Tags of the stack.
    pub tags: IndexMap<String, String>,
    /// Whether AWS refuses `DeleteStack`.
    pub termination_protection: bool,
    /// The time at which it was created.
    pub created: Option<Timestamp>,
    /// The time at which it was last updated.
    pub updated: Option<Timestamp>,
    /// The id of the last operation, if AWS returns it (`LastOperations`).
    pub last_operation: Option<String>,
}

impl StackDescription {
    /// The value that AWS returns for a parameter with `NoEcho` ("Parameters", CloudFormation's user guide).
    pub const MASKED: &str = "****";

    /// Returns the value of a parameter, unless it is masked.
    pub fn parameter(&self, name: &str) -> Option<&String> {
        self.parameters.get(name).filter(|value| !value.starts_with(Self::MASKED))
    }
}

impl StackDescription {
    /// Creates a description with a name and a status alone.
    pub fn named(name: &str, status: StackStatus) -> Self {
        Self {
            id: format!("arn:aws:cloudformation:stack/{name}"),
            name: name.to_owned(),
            status,
            status_reason: None,
            parameters: IndexMap::new(),
            outputs: Vec::new(),
            tags: IndexMap::new(),
            termination_protection: false,
            created: None,
            updated: None,
            last_operation: None,
        }
    }
}

/// An output of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackOutput {
    /// Its name.
    pub key: String,
    /// Its value.
    pub value: String,
    /// The description.
    pub description: Option<String>,
    /// The name under which other stacks import it.
    pub export: Option<String>,
}

/// A resource of a stack as `ListStackResources` describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackResource {
    /// Its name in the template.
    pub logical_id: String,
    /// Its name or ARN in AWS; none before it is created.
    pub physical_id: Option<String>,
    /// Its type.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// Its status.
    pub status: ResourceStatus,
    /// AWS's message about the status.
    pub reason: Option<String>,
    /// The time at which the status was reached.
    pub updated: Option<Timestamp>,
}

/// An export of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct Export {
    /// Its name, unique in account and region.
    pub name: String,
    /// Its value.
    pub value: String,
    /// The id of the stack that exports it.
    pub stack_id: String,
}

/// The status that an event reports: that of the stack itself, or of one of its resources.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", tag = "status_of", content = "status")]
pub enum EventStatus {
    /// The stack's own.
    Stack(StackStatus),
    /// A resource's.
    Resource(ResourceStatus),
}

impl EventStatus {
    /// Returns the status as AWS writes it.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Stack(status) => status.as_str(),
            Self::Resource(status) => status.as_str(),
        }
    }
}

/// An event of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub struct StackEvent {
    /// The id, unique among the events of all stacks.
    pub id: String,
    /// The id of the stack.
    pub stack_id: String,
    /// The resource's name in the template; for the stack's own events the stack's name.
    pub logical_id: String,
    /// The resource's name or ARN in AWS, once it has one.
    pub physical_id: Option<String>,
    /// The resource's type; `AWS::CloudFormation::Stack` for the stack's own events.
    #[serde(rename = "resource_type")]
    pub kind: String,
    /// The new status.
    #[serde(flatten)]
    pub status: EventStatus,
    /// `CONFIGURATION_COMPLETE` or `VALIDATION_FAILED` (`DetailedStatus`).
    pub detail: Option<String>,
    /// AWS's message.
    pub reason: Option<String>,
    /// The time.
    pub time: Timestamp,
    /// The token of the request that caused it.
    pub token: Option<ClientRequestToken>,
    /// The id of the operation that it belongs to.
    pub operation: Option<String>,
}

impl StackEvent {
    /// Returns the status of an event from AWS's fields: the stack's own events have the stack's id as physical id. (Those of
    /// a nested stack are events of a resource.)
    pub fn status_of(stack_id: &str, physical_id: Option<&str>, status: &str) -> EventStatus {
        if physical_id == Some(stack_id) {
            EventStatus::Stack(status.into())
        } else {
            EventStatus::Resource(status.into())
        }
    }
}

/// A page of events, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EventPage {
    /// The events, newest first.
    pub events: Vec<StackEvent>,
    /// The token of the next (older) page.
    pub next: Option<String>,
}
