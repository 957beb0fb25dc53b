//! Names that are taken, and policies.

use super::{accepts_update, refuses_creation, refuses_update, template};

const TRUST: &str = "AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: 'sts:AssumeRole'}]}";

#[test]
fn name_of_another_resource_is_refused() {
    let role = format!("AWS::IAM::Role, Properties: {{RoleName: mine, {TRUST}}}");
    for (resource, code, message) in [
        (role.as_str(), "EntityAlreadyExists", "Role with name mine already exists."),
        ("AWS::S3::Bucket, Properties: {BucketName: mine}", "BucketAlreadyOwnedByYou", "mine already exists"),
        (
            "AWS::Logs::LogGroup, Properties: {LogGroupName: mine}",
            "ResourceAlreadyExistsException",
            "The specified log group already exists",
        ),
        ("AWS::SQS::Queue, Properties: {QueueName: mine}", "QueueAlreadyExists", "A queue named mine already exists"),
        (
            "AWS::ECR::Repository, Properties: {RepositoryName: mine}",
            "RepositoryAlreadyExistsException",
            "The repository with name 'mine' already exists",
        ),
        (
            "AWS::SecretsManager::Secret, Properties: {Name: mine}",
            "ResourceExistsException",
            "because the secret mine already exists.",
        ),
    ] {
        let body = format!("  First: {{Type: {resource}}}\n  Second: {{DependsOn: First, Type: {resource}}}\n");
        refuses_creation(&template(&[&body]), "Second", (code, message));
    }
}

#[test]
fn policy_without_resource_or_action_is_refused() {
    let role = |statement: &str| {
        let policy = format!("{{PolicyName: it, PolicyDocument: {{Statement: [{statement}]}}}}");
        template(&[&format!("  Role: {{Type: AWS::IAM::Role, Properties: {{{TRUST}, Policies: [{policy}]}}}}\n")])
    };
    let sound = role("{Effect: Allow, Action: 's3:GetObject', Resource: '*'}");
    let malformed = "MalformedPolicyDocument";
    let without_resource = role("{Effect: Allow, Action: 's3:GetObject'}");
    refuses_update(&sound, &without_resource, "Role", (malformed, "Policy statement must contain resources."));
    let without_action = role("{Effect: Allow, Resource: '*'}");
    refuses_update(&sound, &without_action, "Role", (malformed, "Policy statement must contain actions."));
    accepts_update(&sound, &role("{Effect: Deny, NotAction: 's3:*', Resource: '*'}"));
}

#[test]
fn trust_policy_without_principal_is_refused() {
    let trust = TRUST.replace("Principal: {Service: ecs-tasks.amazonaws.com}, ", "");
    let body = template(&[&format!("  Role: {{Type: AWS::IAM::Role, Properties: {{{trust}}}}}\n")]);
    let message = "AssumeRole policy must contain a Principal element.";
    refuses_creation(&body, "Role", ("MalformedPolicyDocument", message));
}

#[test]
fn name_that_is_unique_in_a_part_of_the_account_may_be_used_again() {
    let record = |id: &str, kind: &str, value: &str| {
        format!(
            "  {id}: {{Type: AWS::Route53::RecordSet, Properties: {{HostedZoneId: !Ref Zone, Name: a.example.com, Type: {kind}, TTL: 60, ResourceRecords: ['{value}']}}}}\n"
        )
    };
    let stage = |id: &str, api: &str| {
        format!("  {id}: {{Type: AWS::ApiGatewayV2::Stage, Properties: {{ApiId: !Ref {api}, StageName: $default}}}}\n")
    };
    let api = |id: &str| {
        format!("  {id}: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: shop, ProtocolType: HTTP}}}}\n")
    };
    let zone = "  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}\n";
    let first = [zone, &record("Four", "A", "10.0.0.1"), &api("One"), &stage("OneStage", "One")].concat();
    let more =
        [&record("Six", "AAAA", "2001:db8::1"), &api("Two"), &stage("TwoStage", "Two")].map(String::as_str).concat();
    super::accepts_update(&super::template(&[&first]), &super::template(&[&first, &more]));
}
