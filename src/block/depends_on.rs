//! `.depends_on(x)` of blocks and resources.

use super::Block;
use super::lowering::LoweredBlock;
use crate::cfn::{LogicalId, PropertyPath, Resource};
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

/// Adds to the own resource of a block, the first of its ids, the dependencies that the script sets.
pub(super) fn add(before: &[WithOrigin<Block>], ids: &[LogicalId], lowered: &mut LoweredBlock) {
    if before.is_empty() {
        return;
    }
    if let Some(own) = ids.first().and_then(|id| lowered.resources.get_mut(id)) {
        *own = apply(before, own.clone());
    }
}
