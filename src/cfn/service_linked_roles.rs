//! Service-linked roles: a service creates its own with the rights of its caller, the first time in an account.

use super::type_names::SCALABLE_TARGET;
use super::{Resource, Value};

/// The service-linked role of ECS.
pub(crate) const ECS_ROLE: &str = "AWSServiceRoleForECS";

/// Resource types (by their start) with the service that creates a role for them, and the name of the role.
///
/// Source: "AWS services that work with IAM" of the IAM user guide, and the page "Service-linked roles" of each service.
const SERVICES: &[(&str, &str, &str)] = &[
    ("AWS::ECS::", "ecs.amazonaws.com", ECS_ROLE),
    (
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "elasticloadbalancing.amazonaws.com",
        "AWSServiceRoleForElasticLoadBalancing",
    ),
    ("AWS::AutoScaling::AutoScalingGroup", "autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
    ("AWS::EFS::MountTarget", "elasticfilesystem.amazonaws.com", "AWSServiceRoleForAmazonElasticFileSystem"),
    ("AWS::RDS::", "rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("AWS::ElastiCache::", "elasticache.amazonaws.com", "AWSServiceRoleForElastiCache"),
];

fn known(resource: &Resource) -> Option<&'static (&'static str, &'static str, &'static str)> {
    SERVICES.iter().find(|(start, ..)| resource.kind.as_str().starts_with(start))
}

/// Returns the namespace of a scalable target, each of which has a role of its own ("Service-linked roles for Application Auto
/// Scaling"); `*` if it is not known.
fn namespace(resource: &Resource) -> Option<&str> {
    let is_target = resource.kind.as_str() == SCALABLE_TARGET;
    is_target.then(|| resource.properties.get("ServiceNamespace").and_then(Value::as_str).unwrap_or("*"))
}

/// Returns the service whose role a resource needs.
pub(crate) fn service_with_linked_role(resource: &Resource) -> Option<String> {
    match namespace(resource) {
        Some(namespace) => Some(format!("{namespace}.application-autoscaling.amazonaws.com")),
        None => known(resource).map(|(_, service, _)| (*service).to_owned()),
    }
}

/// Returns the name of the service-linked role that a resource needs, if it is known.
pub(crate) fn service_linked_role(resource: &Resource) -> Option<String> {
    match namespace(resource) {
        Some("ecs") => Some("AWSServiceRoleForApplicationAutoScaling_ECSService".to_owned()),
        Some(_) => None,
        None => known(resource).map(|(.., role)| (*role).to_owned()),
    }
}
