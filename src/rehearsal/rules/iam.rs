//! AWS IAM: the documents of policies. `names` has its names.

use serde_json::Value as Json;

use super::policy::{statements, texts};
use super::view::{AccountView, Existing};
use super::{CHANGES, DELETION, Refusal, Rule, Subject};
use crate::cfn::type_names::ROLE;
use crate::rehearsal::property_access::{list, strings, text};

pub(super) const RULES: &[Rule] = &[
    Rule { kind: ROLE, intents: CHANGES, check: malformed_trust_policy },
    Rule { kind: ROLE, intents: CHANGES, check: malformed_inline_policy },
    Rule { kind: ROLE, intents: CHANGES, check: policy_of_a_service_role },
    Rule { kind: "AWS::IAM::Policy", intents: CHANGES, check: malformed_policy },
    Rule { kind: "AWS::IAM::RolePolicy", intents: CHANGES, check: malformed_policy },
    Rule { kind: MANAGED_POLICY, intents: CHANGES, check: malformed_policy },
    Rule { kind: MANAGED_POLICY, intents: CHANGES, check: managed_policy_too_long },
    Rule { kind: MANAGED_POLICY, intents: DELETION, check: policy_attached },
    Rule { kind: ROLE, intents: DELETION, check: role_in_use },
    Rule { kind: INSTANCE_PROFILE, intents: CHANGES, check: several_roles },
];

const MANAGED_POLICY: &str = "AWS::IAM::ManagedPolicy";
const INSTANCE_PROFILE: &str = "AWS::IAM::InstanceProfile";

/// Managed policies of AWS with the path `service-role/` ("AWS managed policy reference"), whose ARN is often written without it.
const SERVICE_ROLE_POLICIES: [&str; 17] = [
    "AmazonAPIGatewayPushToCloudWatchLogs",
    "AmazonEC2ContainerServiceAutoscaleRole",
    "AmazonEC2ContainerServiceEventsRole",
    "AmazonEC2ContainerServiceRole",
    "AmazonEC2ContainerServiceforEC2Role",
    "AmazonECSInfrastructureRolePolicyForVolumes",
    "AmazonECSTaskExecutionRolePolicy",
    "AmazonRDSEnhancedMonitoringRole",
    "AWSBackupServiceRolePolicyForBackup",
    "AWSGlueServiceRole",
    "AWSLambdaBasicExecutionRole",
    "AWSLambdaDynamoDBExecutionRole",
    "AWSLambdaENIManagementAccess",
    "AWSLambdaKinesisExecutionRole",
    "AWSLambdaRole",
    "AWSLambdaSQSQueueExecutionRole",
    "AWSLambdaVPCAccessExecutionRole",
];

/// Refuses the ARN of a managed policy of AWS without its path (`NoSuchEntity` of `AttachRolePolicy`, IAM API; the message is quoted in
/// aws-cdk#19830).
fn policy_of_a_service_role(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let without_path = |arn: &&String| {
        arn.split_once(":iam::aws:policy/").is_some_and(|(_, name)| SERVICE_ROLE_POLICIES.contains(&name))
    };
    let arns = strings(subject.properties, "ManagedPolicyArns");
    let arn = arns.iter().find(without_path)?;
    let text = format!("Policy {arn} does not exist or is not attachable.");
    Some(Refusal::new("Iam", "NoSuchEntity", "NotFound", text).with_status(404))
}

/// Refuses a trust policy without a principal or action, or with a resource (`MalformedPolicyDocument` of `CreateRole` and
/// `UpdateAssumeRolePolicy`, IAM API; "IAM JSON policy element reference", user guide).
fn malformed_trust_policy(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    let document = subject.properties.get("AssumeRolePolicyDocument")?;
    statements(document).into_iter().find_map(|statement| {
        if statement.get("Resource").is_some() || statement.get("NotResource").is_some() {
            return Some(malformed("Has prohibited field Resource"));
        }
        if !has_any(statement, &["Principal", "NotPrincipal"]) {
            return Some(malformed("AssumeRole policy must contain a Principal element."));
        }
        if !has_any(statement, &["Action", "NotAction"]) {
            return Some(malformed("Policy statement must contain actions."));
        }
        malformed_statement(statement)
    })
}

/// Refuses a policy in a role without a resource or action (`MalformedPolicyDocument` of `PutRolePolicy`, IAM API).
fn malformed_inline_policy(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    list(subject.properties, "Policies").find_map(|policy| identity_policy(policy.get("PolicyDocument")?))
}

/// Refuses a policy without a resource or action (`MalformedPolicyDocument` of `CreatePolicy` and `PutRolePolicy`, IAM API).
fn malformed_policy(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    identity_policy(subject.properties.get("PolicyDocument")?)
}

/// Returns the refusal of a policy of an identity ("IAM JSON policy element reference", user guide; the messages are those of IAM's
/// policy validation).
fn identity_policy(document: &Json) -> Option<Refusal> {
    sid_twice(document)
        .or_else(|| statements(document).into_iter().find_map(malformed_statement))
        .or_else(|| statements(document).into_iter().find_map(identity_statement))
}

/// Returns the refusal of identifiers that two statements share, or that have other characters than letters and digits (`Sid`).
fn sid_twice(document: &Json) -> Option<Refusal> {
    let ids: Vec<_> = statements(document).into_iter().filter_map(|it| text(it, "Sid")).collect();
    if ids.iter().any(|id| !id.chars().all(|letter| letter.is_ascii_alphanumeric())) {
        return Some(malformed(
            "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*",
        ));
    }
    let twice = ids.iter().enumerate().any(|(at, id)| !id.is_empty() && ids[..at].contains(id));
    twice.then(|| malformed("Statement IDs (SID) in a single policy must be unique."))
}

/// Returns the refusal of a statement in any policy: its effect, or an action without its service.
fn malformed_statement(statement: &Json) -> Option<Refusal> {
    if !matches!(text(statement, "Effect").as_deref(), Some("Allow" | "Deny")) {
        return Some(malformed("Syntax errors in policy."));
    }
    let without_service = |action: &&str| *action != "*" && !action.contains(':');
    let actions = texts(statement, "Action").into_iter().chain(texts(statement, "NotAction"));
    let bare = actions.into_iter().find(without_service)?;
    (!bare.contains('$'))
        .then(|| malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc."))
}

/// Returns the refusal of a statement in a policy of an identity.
fn identity_statement(statement: &Json) -> Option<Refusal> {
    if has_any(statement, &["Principal", "NotPrincipal"]) {
        return Some(malformed("Policy document should not specify a principal."));
    }
    if !has_any(statement, &["Action", "NotAction"]) {
        return Some(malformed("Policy statement must contain actions."));
    }
    if !has_any(statement, &["Resource", "NotResource"]) {
        return Some(malformed("Policy statement must contain resources."));
    }
    let is_arn = |resource: &&str| *resource == "*" || resource.starts_with("arn:") || resource.contains(['*', '$']);
    let other = texts(statement, "Resource").into_iter().find(|resource| !is_arn(resource))?;
    Some(malformed(&format!("Resource {other} must be in ARN format or \"*\".")))
}

/// Refuses a managed policy of more than 6144 characters without white space ("IAM and AWS STS quotas", user guide;
/// `LimitExceeded` of `CreatePolicy`, IAM API).
fn managed_policy_too_long(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    const LIMIT: usize = 6144;
    let length = subject.properties.get("PolicyDocument")?.to_string().len();
    (length > LIMIT).then(|| {
        let text = format!("Cannot exceed quota for PolicySize: {LIMIT}");
        Refusal::new("Iam", "LimitExceeded", "ServiceLimitExceeded", text).with_status(409)
    })
}

/// Refuses the deletion of a managed policy that a role has (`DeleteConflict` of `DeletePolicy`, IAM API: "you must first detach the
/// policy from all users, groups, and roles").
fn policy_attached(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let arn = subject.physical_id?;
    let has = |other: &Existing<'_>| strings(other.properties, "ManagedPolicyArns").iter().any(|it| it == arn);
    view.staying().find(|other| other.kind == ROLE && has(other))?;
    let text = "Cannot delete a policy attached to entities.";
    Some(Refusal::new("Iam", "DeleteConflict", "ResourceConflict", text).with_status(409))
}

/// Refuses the deletion of a role that an instance profile contains (`DeleteConflict` of `DeleteRole`, IAM API).
fn role_in_use(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let name = subject.physical_id?;
    let has = |other: &Existing<'_>| strings(other.properties, "Roles").iter().any(|it| it == name);
    view.staying().find(|other| other.kind == INSTANCE_PROFILE && has(other))?;
    let text = "Cannot delete entity, must remove roles from instance profile first.";
    Some(Refusal::new("Iam", "DeleteConflict", "ResourceConflict", text).with_status(409))
}

/// Refuses an instance profile with several roles (`LimitExceeded` of `AddRoleToInstanceProfile`, IAM API: "an instance profile can
/// contain only one role, and this quota cannot be increased").
fn several_roles(subject: &Subject<'_>, _: &AccountView<'_>) -> Option<Refusal> {
    (strings(subject.properties, "Roles").len() > 1).then(|| {
        let text = "Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1";
        Refusal::new("Iam", "LimitExceeded", "ServiceLimitExceeded", text).with_status(409)
    })
}

/// Returns whether a statement has one of some elements that is not empty.
fn has_any(statement: &Json, names: &[&str]) -> bool {
    let empty = |value: &Json| value.as_array().is_some_and(Vec::is_empty) || value.as_str().is_some_and(str::is_empty);
    names.iter().any(|name| statement.get(name).is_some_and(|value| !empty(value)))
}

/// Returns a refusal of a policy document.
fn malformed(text: &str) -> Refusal {
    Refusal::new("Iam", "MalformedPolicyDocument", "InvalidRequest", text)
}
