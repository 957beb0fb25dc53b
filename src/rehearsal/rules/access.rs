//! The permissions of a role, as far as they are known.

use std::sync::LazyLock;

use serde_json::{Value as Json, json};

use super::policy::{allows, matches, statements, texts};
use super::view::{AccountView, Existing};
use crate::rehearsal::property_access::{list, strings};

const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";

/// The name of the policy of AWS that execution roles usually have, after its prefix.
const EXECUTION_ROLE: &str = ":iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy";

/// The document of that policy ("`AmazonECSTaskExecutionRolePolicy`", AWS managed policy reference).
static EXECUTION_ROLE_POLICY: LazyLock<Json> = LazyLock::new(|| {
    json!({ "Statement": [{
        "Effect": "Allow",
        "Action": [
            "ecr:GetAuthorizationToken",
            "ecr:BatchCheckLayerAvailability",
            "ecr:GetDownloadUrlForLayer",
            "ecr:BatchGetImage",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
        ],
        "Resource": "*",
    }] })
});

/// Returns whether the policies of a role allow an action on a resource; `None` if that is not known.
pub(super) fn role_allows(view: &AccountView<'_>, role: &Existing<'_>, action: &str, resource: &str) -> Option<bool> {
    if role.properties.get("PermissionsBoundary").is_some() {
        return None;
    }
    let documents = documents(view, role)?;
    let mut allowed = false;
    for statement in documents.into_iter().flat_map(statements) {
        match (applies(statement, action, resource)?, allows(statement)) {
            (true, true) => allowed = true,
            (true, false) => return Some(false),
            (false, _) => {}
        }
    }
    Some(allowed)
}

/// Returns whether a statement is about an action on a resource; `None` if that depends on its conditions or variables.
fn applies(statement: &Json, action: &str, resource: &str) -> Option<bool> {
    if ["NotAction", "NotResource"].iter().any(|name| statement.get(name).is_some()) {
        return None;
    }
    let actions = texts(statement, "Action");
    if !actions.iter().any(|pattern| matches(&pattern.to_lowercase(), &action.to_lowercase())) {
        return Some(false);
    }
    let resources = texts(statement, "Resource");
    if resources.iter().any(|pattern| pattern.contains("${")) {
        return None;
    }
    let fits = resources.iter().any(|pattern| matches(pattern, resource));
    (!fits || statement.get("Condition").is_none()).then_some(fits)
}

/// Returns the policies of a role; `None` if one of them is not known.
fn documents<'a>(view: &AccountView<'a>, role: &Existing<'a>) -> Option<Vec<&'a Json>> {
    let name = role.physical_id?;
    let inline = list(role.properties, "Policies").filter_map(|policy| policy.get("PolicyDocument"));
    let mut documents: Vec<&'a Json> = inline.collect();
    for kind in ["AWS::IAM::Policy", "AWS::IAM::RolePolicy", MANAGED_POLICY] {
        let of_role = |policy: &&Existing<'a>| {
            policy.has("RoleName", name) || strings(policy.properties, "Roles").iter().any(|role| role == name)
        };
        let own = view.in_all_regions(kind).filter(of_role);
        documents.extend(own.filter_map(|policy| policy.properties.get("PolicyDocument")));
    }
    for arn in strings(role.properties, "ManagedPolicyArns") {
        if arn.ends_with(EXECUTION_ROLE) {
            documents.push(&EXECUTION_ROLE_POLICY);
            continue;
        }
        let mut policies = view.in_all_regions(MANAGED_POLICY);
        let policy = policies.find(|policy| policy.physical_id == Some(arn.as_str()))?;
        documents.push(policy.properties.get("PolicyDocument")?);
    }
    Some(documents)
}
