//! The settings of a stack for all its roles: the permission boundary and the path.

use crate::block::Stack;
use crate::cfn::type_names::ROLE;
use crate::cfn::{PropertyPath, Resource};

/// Sets both on a role that does not set them itself.
pub(super) fn put(stack: &Stack, resource: &mut Resource) {
    if resource.kind.as_str() != ROLE {
        return;
    }
    let boundary =
        stack.permission_boundary.as_ref().map(|set| ("PermissionsBoundary", (&set.value).into(), &set.origin));
    let path = stack.role_path.as_ref().map(|set| ("Path", set.value.as_str().into(), &set.origin));
    for (property, value, origin) in boundary.into_iter().chain(path) {
        if !resource.properties.contains_key(property) {
            resource.properties.insert(property.to_owned(), value);
            resource.add_origin(PropertyPath::property(property), origin);
        }
    }
}
