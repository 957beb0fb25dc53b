use serde_json::Value as Json;

use super::AwsError;

/// AWS Cloud Control API: existing resources in the form in which CloudFormation describes them.
///
/// It reads any resource, whether a stack manages it or not ("Reading a resource's current state" of the Cloud Control API user
/// guide).
#[allow(async_fn_in_trait, reason = "deployments run on one thread, so the futures need no bounds")]
pub trait CloudControl: Clone {
    /// Calls `GetResource`. `identifier` is the primary identifier of the type, its parts joined by `|`. Returns the properties;
    /// nothing if the resource does not exist.
    async fn live_resource(&self, kind: &str, identifier: &str) -> Result<Option<Json>, AwsError>;

    /// Calls `ListResources`, every page. `parent` has the properties that the type needs for a list, such as the listener of
    /// rules. Returns identifiers.
    async fn live_identifiers(&self, kind: &str, parent: &Json) -> Result<Vec<String>, AwsError>;
}
