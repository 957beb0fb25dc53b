use std::collections::BTreeSet;

use wildmatch::WildMatch;

use super::*;
use crate::cfn::TemplateDocument;
use crate::cfn::iam_actions::ActionList;
use crate::diag::Origin;

fn stack(name: &str, resources: &serde_json::Value) -> DesiredStack {
    let body = serde_json::json!({ "Resources": resources }).to_string();
    let template = TemplateDocument::parse("t.json", body).value.expect("a template");
    DesiredStack::new(name, template, Origin::unknown())
}

fn web() -> DesiredStack {
    let trust = |service: &str| {
        serde_json::json!({ "Statement": [{ "Effect": "Allow", "Action": "sts:AssumeRole",
        "Principal": { "Service": service } }] })
    };
    stack(
        "web",
        &serde_json::json!({
            "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": trust("ecs-tasks.amazonaws.com") } },
            "Cluster": { "Type": "AWS::ECS::Cluster" },
            "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": {
                "TaskRoleArn": { "Fn::GetAtt": ["Role", "Arn"] },
                "ExecutionRoleArn": "arn:aws:iam::123456789012:role/shared",
                "ContainerDefinitions": [{ "Name": "web", "Image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/web:1" }]
            } },
            "Service": { "Type": "AWS::ECS::Service", "Properties": { "Cluster": { "Ref": "Cluster" },
                "TaskDefinition": { "Ref": "Task" } } },
            "Network": { "Type": "AWS::EC2::VPC" },
            "Bucket": { "Type": "AWS::S3::Bucket" }
        }),
    )
}

/// Returns the resources on which the policies allow an action, each with its conditions.
fn allowed(policies: &[PolicyDocument], action: &str) -> Vec<String> {
    let statements = policies.iter().flat_map(|policy| &policy.statement);
    let fitting = statements.filter(|statement| statement.action.iter().any(|known| known == action));
    let mut found: Vec<String> = fitting
        .flat_map(|statement| {
            let condition =
                statement.condition.as_ref().map(|condition| format!(" if {condition:?}")).unwrap_or_default();
            statement.resource.iter().map(move |resource| format!("{resource}{condition}"))
        })
        .collect();
    found.sort();
    found
}

#[test]
fn resources_with_generated_names_are_limited_to_those_of_the_stack() {
    let found = permissions(&[web()], PolicyScope { region: Some("eu-west-1"), ..PolicyScope::default() });
    let execution = |action: &str| allowed(&found.execution, action);
    assert_eq!(execution("iam:CreateRole"), ["arn:aws:iam::*:role/web-Role-*"]);
    assert_eq!(execution("ecs:CreateService"), ["arn:aws:ecs:eu-west-1:*:service/web-Cluster-*/web-Service-*"]);
    assert_eq!(execution("s3:CreateBucket"), ["arn:aws:s3:::web-bucket-*"]);
    assert_eq!(execution("ec2:CreateVpc"), ["*"]);
    assert!(found.not_limited.contains("ec2:CreateVpc") && !found.not_limited.contains("ec2:DescribeVpcs"));
}

#[test]
fn roles_are_passed_to_their_services_only() {
    let found = permissions(&[web()], PolicyScope::default());
    let to = |service: &str| format!(" if {{\"StringEquals\": {{\"iam:PassedToService\": [\"{service}\"]}}}}");
    let tasks = ["arn:aws:iam::123456789012:role/shared", "arn:aws:iam::*:role/web-Role-*"];
    let tasks: Vec<String> = tasks.iter().map(|role| format!("{role}{}", to("ecs-tasks.amazonaws.com"))).collect();
    let sorted = |mut list: Vec<String>| {
        list.sort();
        list
    };
    assert_eq!(allowed(&found.execution, "iam:PassRole"), sorted(tasks.clone()));
    let own = format!("arn:aws:iam::*:role/rtiler-execution{}", to("cloudformation.amazonaws.com"));
    assert_eq!(allowed(&found.deployer, "iam:PassRole"), sorted([tasks, vec![own]].concat()));
}

#[test]
fn role_from_a_parameter_can_be_any_role_but_goes_to_its_service() {
    let template = stack(
        "web",
        &serde_json::json!({ "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": {
            "TaskRoleArn": { "Ref": "RoleOfOthers" } } } }),
    );
    let found = allowed(&permissions(&[template], PolicyScope::default()).execution, "iam:PassRole");
    assert_eq!(found, ["* if {\"StringEquals\": {\"iam:PassedToService\": [\"ecs-tasks.amazonaws.com\"]}}"]);
}

#[test]
fn actions_of_properties_that_are_not_set_are_left_out() {
    let found = permissions(&[web()], PolicyScope::default());
    assert!(allowed(&found.execution, "s3tables:CreateTable").is_empty());
    let tables = serde_json::json!({ "Bucket": { "Type": "AWS::S3::Bucket", "Properties": {
        "MetadataConfiguration": {} } } });
    let found = permissions(&[stack("web", &tables)], PolicyScope::default());
    assert!(!allowed(&found.execution, "s3tables:CreateTable").is_empty());
}

#[test]
fn service_linked_roles_are_created_for_the_services_of_the_stack_only() {
    let found = allowed(&permissions(&[web()], PolicyScope::default()).execution, "iam:CreateServiceLinkedRole");
    let condition = "{\"StringEquals\": {\"iam:AWSServiceName\": [\"ecs.amazonaws.com\"]}}";
    assert_eq!(found, [format!("arn:aws:iam::*:role/aws-service-role/* if {condition}")]);
}

#[test]
fn deployer_may_change_its_stacks_and_look_at_their_images() {
    let found = permissions(&[web()], PolicyScope { region: Some("eu-west-1"), ..PolicyScope::default() });
    let deployer = |action: &str| allowed(&found.deployer, action);
    assert_eq!(deployer("cloudformation:CreateChangeSet"), ["arn:aws:cloudformation:eu-west-1:*:stack/web/*"]);
    assert_eq!(deployer("cloudformation:ListExports"), ["*"]);
    for action in ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"] {
        assert_eq!(deployer(action), ["arn:aws:ecr:eu-west-1:*:repository/team/web"], "{action}");
    }
    assert_eq!(deployer("ecr:GetAuthorizationToken"), ["*"]);
    assert_eq!(deployer("ecs:StopTask"), ["arn:aws:ecs:eu-west-1:*:task/web-Cluster-*/*"]);
    assert!(deployer("s3:PutObject").is_empty(), "the template is small");
    assert!(deployer("iam:CreateRole").is_empty());
}

#[test]
fn type_without_handlers_is_reported() {
    let rule = serde_json::json!({ "Extra": { "Type": "AWS::ElasticLoadBalancingV2::ListenerCertificate" } });
    let found = permissions(&[stack("web", &rule)], PolicyScope::default());
    assert_eq!(
        found.types_without_permissions,
        BTreeSet::from(["AWS::ElasticLoadBalancingV2::ListenerCertificate".to_owned()])
    );
}

#[test]
fn dynamic_references_are_read_by_the_execution_role() {
    let queue = serde_json::json!({ "Queue": { "Type": "AWS::SQS::Queue", "Properties": {
        "QueueName": "{{resolve:secretsmanager:prod/name:SecretString:queue}}" } } });
    let found = permissions(&[stack("jobs", &queue)], PolicyScope::default());
    let arn = "arn:aws:secretsmanager:*:*:secret:prod/name-??????";
    assert_eq!(allowed(&found.execution, "secretsmanager:GetSecretValue"), [arn]);
}

#[test]
fn every_action_of_the_policies_exists_in_iam() {
    let found = permissions(&[web()], PolicyScope::default());
    for action in
        found.deployer.iter().chain(&found.execution).flat_map(|policy| &policy.statement).flat_map(|s| &s.action)
    {
        let (prefix, name) = action.split_once(':').expect("an action");
        let pattern = WildMatch::new_case_insensitive(name);
        let mut known = ActionList::embedded().actions(prefix).expect("a service");
        assert!(known.any(|known| pattern.matches(known.name)), "{action}");
    }
}
