//! Roles that are passed to a service: `iam:PassRole`, for these roles and for this service only.
//!
//! Source: "Grant a user permissions to pass a role to an AWS service" of the IAM user guide.

use std::collections::BTreeSet;

use super::grants::{ALL, Condition, Grants};
use super::resource_names::Place;
use crate::cfn::type_names::{ROLE, TASK_DEFINITION};
use crate::cfn::{Resource, Value};

/// Resource types (by their start) with the service that gets the roles of their properties.
const SERVICES: &[(&str, &str)] = &[
    (TASK_DEFINITION, "ecs-tasks.amazonaws.com"),
    ("AWS::ECS::", "ecs.amazonaws.com"),
    ("AWS::Events::", "events.amazonaws.com"),
    ("AWS::Lambda::", "lambda.amazonaws.com"),
    ("AWS::Scheduler::", "scheduler.amazonaws.com"),
    ("AWS::StepFunctions::", "states.amazonaws.com"),
    ("AWS::EC2::FlowLog", "vpc-flow-logs.amazonaws.com"),
];

/// A role, and the services to which it is passed.
type PassedRole = (String, BTreeSet<String>);

/// Allows the roles of a resource to be passed.
pub(super) fn grant(place: Place<'_>, resource: &Resource, grants: &mut Grants) {
    roles(place, resource).into_iter().for_each(|(role, services)| pass(&role, services, grants));
}

/// Returns the ARN of each role in the properties of a resource; `*` for one that only AWS knows.
pub(super) fn roles(place: Place<'_>, resource: &Resource) -> Vec<PassedRole> {
    let mut found = Vec::new();
    resource.properties.iter().for_each(|(name, value)| visit(place, resource, (name, value), &mut found));
    found
}

fn visit(place: Place<'_>, resource: &Resource, (name, value): (&str, &Value), found: &mut Vec<PassedRole>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| visit(place, resource, (name, item), found)),
        Value::Map(map) => map.iter().for_each(|(name, item)| visit(place, resource, (name, item), found)),
        Value::Text(_) | Value::Call(_) => found.extend(passed(place, resource, name, value)),
        _ => {}
    }
}

/// Returns the ARN of the role in a property, and the services to which it is passed.
fn passed(place: Place<'_>, resource: &Resource, name: &str, value: &Value) -> Option<PassedRole> {
    let of_type = || {
        let service = SERVICES.iter().find(|(start, _)| resource.kind.as_str().starts_with(start));
        service.map(|(_, service)| (*service).to_owned()).into_iter().collect()
    };
    if let Some(reference) = value.as_reference() {
        let id = reference.id.as_str();
        if let Some(role) = place.stack.template.resources.get(id).filter(|role| role.kind.as_str() == ROLE) {
            let trusted = trusted_services(role);
            return Some((place.role(id)?, if trusted.is_empty() { of_type() } else { trusted }));
        }
    }
    if let Some(text) = value.as_str() {
        return (text.starts_with("arn:") && text.contains(":role/")).then(|| (text.to_owned(), of_type()));
    }
    let holds_role = name.ends_with("Role") || name.ends_with("RoleArn") || name.ends_with("RoleARN");
    let service_linked = name.starts_with("Service") && resource.kind.as_str().contains("AutoScaling");
    (holds_role && !service_linked).then(|| (ALL.to_owned(), of_type()))
}

/// Allows a role to be passed to services; to every service if they are not known.
pub(super) fn pass(role: &str, services: BTreeSet<String>, grants: &mut Grants) {
    if services.is_empty() {
        grants.allow("iam:PassRole", role);
    } else {
        grants.allow_if(Condition { key: "iam:PassedToService", values: services }, "iam:PassRole", role);
    }
}

/// Returns the services that may assume a role.
fn trusted_services(role: &Resource) -> BTreeSet<String> {
    let document = role.properties.get("AssumeRolePolicyDocument");
    let statements = document.and_then(|document| document.get("Statement"));
    let statements = match statements {
        Some(Value::List(statements)) => statements.iter().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    let services = statements.into_iter().filter_map(|statement| statement.get("Principal")?.get("Service"));
    let names = services.flat_map(|service| match service {
        Value::List(names) => names.iter().collect(),
        one => vec![one],
    });
    names.filter_map(Value::as_str).map(str::to_owned).collect()
}
