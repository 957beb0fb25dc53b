//! The permission to create service-linked roles (`cfn::service_linked_roles`).

use std::collections::BTreeSet;

use super::grants::{Condition, Grants};
use super::resource_names::Place;

/// Allows the creation of the roles of these services.
pub(super) fn grant(place: Place<'_>, services: &BTreeSet<String>, grants: &mut Grants) {
    if services.is_empty() {
        return;
    }
    let condition = Condition { key: "iam:AWSServiceName", values: services.clone() };
    grants.allow_if(condition, "iam:CreateServiceLinkedRole", place.arn("iam::*:role/aws-service-role/*"));
}
