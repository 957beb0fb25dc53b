//! Groups of logs.

use crate::cfn::Resource;
use crate::cfn::type_names::LOG_GROUP;
use crate::diag::Origin;

/// Returns a log group that keeps its logs for some days and is deleted with the stack: logs of what is deleted cost
/// money without a benefit.
pub(crate) fn with_retention(days: i64, origin: &Origin) -> Resource {
    let mut group = Resource::new(LOG_GROUP, origin.clone()).with("RetentionInDays", days);
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        group.attributes.insert(policy.to_owned(), "Delete".into());
    }
    group
}
