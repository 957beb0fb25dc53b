//! The actions with which CloudFormation creates, reads, updates and deletes the resources of a stack.

use std::collections::BTreeSet;

use super::grants::Grants;
use super::resource_names::{Place, is_for_all_resources};
use super::{PolicyScope, optional_actions, passed_roles, service_linked_roles};
use crate::cfn::Resource;
use crate::cfn::handlers::Handlers;
use crate::cfn::iam_actions::{Action, ActionList};
use crate::cfn::service_linked_roles::service_with_linked_role;
use crate::synth::DesiredStack;

/// The two actions of IAM that are granted for roles and services, not for the resource itself.
const SPECIAL: [&str; 2] = ["iam:PassRole", "iam:CreateServiceLinkedRole"];

pub(super) fn grant(
    stack: &DesiredStack,
    scope: PolicyScope<'_>,
    grants: &mut Grants,
    types_without_permissions: &mut BTreeSet<String>,
) {
    let place = Place { stack, region: stack.region.as_deref().or(scope.region) };
    let mut linked = BTreeSet::new();
    for (id, resource) in &stack.template.resources {
        linked.extend(service_with_linked_role(resource));
        match Handlers::embedded().actions(resource.kind.as_str()) {
            Some(actions) => {
                for action in actions {
                    of_handler(place, id.as_str(), resource, action, grants);
                }
            }
            None if !needs_nothing(resource) => {
                types_without_permissions.insert(resource.kind.as_str().to_owned());
            }
            None => {}
        }
    }
    service_linked_roles::grant(place, &linked, grants);
    values(place, grants);
}

/// Returns whether CloudFormation handles the type by itself.
fn needs_nothing(resource: &Resource) -> bool {
    let kind = resource.kind.as_str();
    matches!(
        kind,
        "AWS::CloudFormation::WaitConditionHandle" | "AWS::CloudFormation::WaitCondition" | "AWS::CDK::Metadata"
    )
}

fn of_handler(place: Place<'_>, id: &str, resource: &Resource, action: &str, grants: &mut Grants) {
    if action == SPECIAL[0] {
        passed_roles::grant(place, resource, grants);
    }
    if SPECIAL.contains(&action) || optional_actions::is_unused(resource, action) {
        return;
    }
    // Other types look at the roles of their properties.
    if action == "iam:GetRole" && !resource.kind.as_str().starts_with("AWS::IAM::") {
        passed_roles::roles(place, resource).into_iter().for_each(|(role, _)| grants.allow(action, role));
        return;
    }
    allow(place, (id, resource), action, grants);
}

/// Allows an action on the resource, or on every resource if IAM cannot limit the action or the name is not predictable.
fn allow(place: Place<'_>, (id, resource): (&str, &Resource), action: &str, grants: &mut Grants) {
    let known = ActionList::embedded().find(action);
    let formats = known.and_then(Action::resources).unwrap_or_default();
    match place.arns(resource, id, &formats) {
        Some(arns) if !is_for_all_resources(action) => arns.into_iter().for_each(|arn| grants.allow(action, arn)),
        _ if formats.is_empty() => grants.allow(action, super::grants::ALL),
        _ => grants.allow_unlimited(action),
    }
}

/// Allows the reading of values that CloudFormation resolves with the rights of the role: parameters of SSM, dynamic
/// references, transforms ("Dynamic references" and "SSM parameter types" of the CloudFormation user guide).
fn values(place: Place<'_>, grants: &mut Grants) {
    let template = &place.stack.template;
    let kind =
        |body: &crate::cfn::Map| body.get("Type").and_then(crate::cfn::Value::as_str).unwrap_or_default().to_owned();
    if template.parameters.values().any(|parameter| kind(&parameter.body).starts_with("AWS::SSM::Parameter::")) {
        grants.allow("ssm:GetParameters", place.arn("ssm:*:*:parameter/*"));
    }
    let body = template.body();
    for (start, action, format) in [
        ("{{resolve:ssm:", "ssm:GetParameters", "ssm:*:*:parameter/*"),
        ("{{resolve:ssm-secure:", "ssm:GetParameters", "ssm:*:*:parameter/*"),
        ("{{resolve:secretsmanager:", "secretsmanager:GetSecretValue", "secretsmanager:*:*:secret:*"),
    ] {
        for name in body.match_indices(start).map(|(at, _)| resolved_name(&body[at + start.len()..])) {
            grants.allow(action, named(place, format, name));
        }
    }
}

/// Returns the name in the rest of a dynamic reference: `db/password:SecretString:..}}`.
fn resolved_name(rest: &str) -> &str {
    let end = rest.find("}}").unwrap_or(rest.len());
    let name = &rest[..end];
    if name.starts_with("arn:") {
        name.split(":SecretString").next().unwrap_or(name)
    } else {
        name.split(':').next().unwrap_or(name)
    }
}

fn named(place: Place<'_>, format: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c));
    if !plain {
        return place.arn(format);
    }
    let name = name.trim_start_matches('/');
    // Secrets Manager appends a hyphen and six characters.
    let suffix = if format.starts_with("secretsmanager") { "-??????" } else { "" };
    place.arn(&format!("{}{name}{suffix}", format.trim_end_matches('*')))
}
