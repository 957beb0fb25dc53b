//! A resource of a stack, and the specification of a stack.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::deploy::api::Timestamp;
use crate::deploy::api::status::ResourceStatus;

/// A resource of a stack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::rehearsal) struct ResourceState {
    pub(in crate::rehearsal) kind: String,
    pub(in crate::rehearsal) physical_id: Option<String>,
    /// The resolved properties, with the stack's tags.
    pub(in crate::rehearsal) properties: Json,
    /// `DeletionPolicy`, `UpdateReplacePolicy` and similar attributes, as JSON.
    pub(in crate::rehearsal) attributes: Json,
    pub(in crate::rehearsal) status: ResourceStatus,
    pub(in crate::rehearsal) reason: Option<String>,
    pub(in crate::rehearsal) updated: Timestamp,
    /// The resources that were created before it; it is deleted before them.
    pub(in crate::rehearsal) needs: Vec<String>,
    /// The number of physical resources with this logical id that existed before it.
    #[serde(deserialize_with = "crate::rehearsal::saved_numbers::growing")]
    pub(in crate::rehearsal) generation: u64,
}

impl ResourceState {
    /// Returns the value of a policy attribute, `Delete` if it is not set.
    pub(in crate::rehearsal) fn policy(&self, name: &str) -> &str {
        self.attributes.get(name).and_then(Json::as_str).unwrap_or("Delete")
    }
}

/// A change of a resource outside CloudFormation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(in crate::rehearsal) enum OutOfBandChange {
    /// It has these properties now.
    Changed(Json),
    /// It was deleted.
    Deleted,
}

/// The specification of a stack: its template, parameters and tags.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(in crate::rehearsal) struct StackSpec {
    pub(in crate::rehearsal) body: String,
    /// The parameter values as given; those of SSM parameters are names.
    pub(in crate::rehearsal) parameters: IndexMap<String, String>,
    /// The parameter values as they are used.
    pub(in crate::rehearsal) resolved: IndexMap<String, String>,
    pub(in crate::rehearsal) tags: IndexMap<String, String>,
}
