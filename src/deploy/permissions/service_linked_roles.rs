//! Service-linked roles: a service creates its own with the rights of its caller, the first time in an account.

use std::collections::BTreeSet;

use super::grants::{Condition, Grants};
use crate::cfn::{Resource, Value};

/// Resource types (by their start) with the service that creates a role for them.
///
/// Source: "AWS services that work with IAM" of the IAM user guide, and the page "Service-linked roles" of each service.
const SERVICES: &[(&str, &str)] = &[
    ("AWS::ECS::", "ecs.amazonaws.com"),
    ("AWS::ElasticLoadBalancingV2::LoadBalancer", "elasticloadbalancing.amazonaws.com"),
    ("AWS::AutoScaling::AutoScalingGroup", "autoscaling.amazonaws.com"),
    ("AWS::RDS::", "rds.amazonaws.com"),
    ("AWS::ElastiCache::", "elasticache.amazonaws.com"),
];

/// Returns the service whose role a resource needs.
pub(super) fn service(resource: &Resource) -> Option<String> {
    let kind = resource.kind.as_str();
    if kind == "AWS::ApplicationAutoScaling::ScalableTarget" {
        // "Service-linked roles for Application Auto Scaling": one role for each namespace.
        let namespace = resource.properties.get("ServiceNamespace").and_then(Value::as_str).unwrap_or("*");
        return Some(format!("{namespace}.application-autoscaling.amazonaws.com"));
    }
    SERVICES.iter().find(|(start, _)| kind.starts_with(start)).map(|(_, service)| (*service).to_owned())
}

/// Allows the creation of the roles of these services.
pub(super) fn grant(services: &BTreeSet<String>, grants: &mut Grants) {
    if services.is_empty() {
        return;
    }
    let condition = Condition { key: "iam:AWSServiceName", values: services.clone() };
    grants.allow_if(
        condition,
        "iam:CreateServiceLinkedRole",
        super::resource_names::arn("iam::*:role/aws-service-role/*", None),
    );
}
