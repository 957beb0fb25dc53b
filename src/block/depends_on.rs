//! `.depends_on(x)` of blocks and resources.

use super::Block;
use crate::cfn::{PropertyPath, Resource};
use crate::diag::WithOrigin;

/// Adds to a resource the dependencies that the script sets. A block that exists already needs none.
pub(super) fn apply(before: &[WithOrigin<Block>], mut resource: Resource) -> Resource {
    for first in before {
        if let Some(id) = first.value.logical_ids().into_iter().next() {
            resource = resource.after(id);
            resource.add_origin(PropertyPath::attribute("DependsOn"), &first.origin);
        }
    }
    resource
}
