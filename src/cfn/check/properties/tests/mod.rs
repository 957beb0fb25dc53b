use serde_json::json;

use super::*;
use crate::cfn::{Parameter, Resource};
use crate::diag::{Origin, Severity};

fn template(resources: &serde_json::Value) -> Template {
    let mut template = Template::default();
    for (id, body) in resources.as_object().expect("resources by name") {
        let kind = body["Type"].as_str().expect("a type");
        let mut resource = Resource::new(kind, Origin::new("app.rhai", 1, 1));
        if let Value::Map(map) = Value::from_json(&body["Properties"]) {
            resource.properties = map;
        }
        template.resources.insert(id.as_str().into(), resource);
    }
    template
}

#[allow(clippy::needless_pass_by_value, reason = "the argument is a `json!` literal")]
fn problems(resources: serde_json::Value) -> Vec<Diagnostic> {
    check(&template(&resources), Schema::embedded())
}

/// Returns the code and message of the only problem of one resource named `It`.
#[allow(clippy::needless_pass_by_value, reason = "the argument is a `json!` literal")]
fn only(kind: &str, properties: serde_json::Value) -> (&'static str, String) {
    let found = problems(json!({ "It": { "Type": kind, "Properties": properties } }));
    assert_eq!(found.len(), 1, "{found:#?}");
    (found[0].code.as_str(), found[0].message.clone())
}

#[allow(clippy::needless_pass_by_value, reason = "the argument is a `json!` literal")]
fn none(kind: &str, properties: serde_json::Value) {
    let found = problems(json!({ "It": { "Type": kind, "Properties": properties } }));
    assert!(found.is_empty(), "{found:#?}");
}

const LOGS: &str = "AWS::Logs::LogGroup";
const SERVICE: &str = "AWS::ECS::Service";

#[test]
fn misspelt_property_gets_a_suggestion() {
    let found = problems(json!({ "It": { "Type": SERVICE, "Properties": { "LaunchTpe": "FARGATE" } } }));
    assert_eq!(found[0].code, "unknown-property");
    assert_eq!(found[0].hints, ["did you mean `LaunchType`?"]);
    let (_, message) =
        only(SERVICE, json!({ "NetworkConfiguration": { "AwsvpcConfiguration": { "AssignPublicIP": "ENABLED" } } }));
    assert_eq!(message, "`It.NetworkConfiguration.AwsvpcConfiguration` has no property `AssignPublicIP`");
}

#[test]
fn scalar_that_cloudformation_converts_is_accepted() {
    none(SERVICE, json!({ "DesiredCount": "2", "EnableExecuteCommand": "true", "Cluster": 123 }));
    for (wrong, kind) in [
        (json!({ "DesiredCount": true }), "an integer"),
        (json!({ "DesiredCount": "two" }), "an integer"),
        (json!({ "DesiredCount": 1.5 }), "an integer"),
        (json!({ "EnableExecuteCommand": "yes" }), "a boolean"),
        (json!({ "Cluster": ["a"] }), "a string"),
        (json!({ "LoadBalancers": "a" }), "a list"),
    ] {
        let (code, message) = only(SERVICE, wrong);
        assert_eq!(code, "wrong-type");
        assert!(message.contains(kind), "{message}");
    }
}

#[test]
fn tags_written_as_a_map_are_explained() {
    let found = problems(json!({ "It": { "Type": SERVICE, "Properties": { "Tags": { "Stage": "dev" } } } }));
    assert_eq!(found[0].code, "wrong-type");
    assert!(found[0].hints[0].contains("{\"Key\": \"Stage\", \"Value\": \"dev\"}"), "{:?}", found[0].hints);
}

#[test]
fn unknown_enum_value_is_an_error_for_our_services_and_a_warning_for_others() {
    assert_eq!(only(SERVICE, json!({ "LaunchType": "SERVERLESS" })).0, "not-in-enum");
    let close = problems(json!({ "It": { "Type": "AWS::S3::Bucket", "Properties": { "AccessControl": "Privat" } } }));
    assert_eq!(close[0].severity, Severity::Error);
    let far = problems(json!({ "It": { "Type": "AWS::Lambda::Function",
        "Properties": { "Role": "arn:aws:iam::123456789012:role/x", "Code": { "ImageUri": "x" }, "PackageType": "Quantum" } } }));
    assert_eq!(far[0].severity, Severity::Warning);
    assert!(far[0].notes[0].contains("2026-10-20"));
}

#[test]
fn value_outside_range_length_pattern_or_count_is_reported() {
    let group = "AWS::ElasticLoadBalancingV2::TargetGroup";
    assert_eq!(only(group, json!({ "HealthCheckTimeoutSeconds": 121 })).0, "out-of-range");
    assert_eq!(
        only("AWS::IAM::Role", json!({ "AssumeRolePolicyDocument": {}, "RoleName": "my role" })).0,
        "pattern-mismatch"
    );
    assert_eq!(
        only("AWS::IAM::Role", json!({ "AssumeRolePolicyDocument": {}, "RoleName": "x".repeat(65) })).0,
        "wrong-length"
    );
    let profile = only("AWS::IAM::InstanceProfile", json!({ "Roles": ["a", "b"] }));
    assert_eq!(profile, ("wrong-count", "`It.Roles` must have at most 1 items; it has 2".to_owned()));
    assert_eq!(only("AWS::IAM::Role", json!({ "AssumeRolePolicyDocument": {}, "ManagedPolicyArns": ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/A"] })).0, "duplicate-item");
}

#[test]
fn missing_property_is_named() {
    let (code, message) = only(
        "AWS::ElasticLoadBalancingV2::Listener",
        json!({ "LoadBalancerArn": "x", "Port": 80, "Protocol": "HTTP" }),
    );
    assert_eq!((code, message.as_str()), ("missing-property", "`It` lacks the property `DefaultActions`"));
    assert_eq!(only("Custom::Widget", json!({ "Anything": 1 })).0, "missing-property");
}

#[test]
fn both_branches_of_a_condition_are_checked() {
    let condition = |yes: serde_json::Value, no: serde_json::Value| json!({ "Fn::If": ["Big", yes, no] });
    none(LOGS, json!({ "RetentionInDays": condition(json!(30), json!({ "Ref": "AWS::NoValue" })) }));
    assert_eq!(only(LOGS, json!({ "RetentionInDays": condition(json!(30), json!(31)) })).0, "not-in-enum");
    let listener = json!({ "LoadBalancerArn": "x", "DefaultActions": { "Ref": "AWS::NoValue" } });
    assert_eq!(only("AWS::ElasticLoadBalancingV2::Listener", listener).0, "missing-property");
}

#[test]
fn required_property_removed_by_a_condition_is_reported() {
    let role = |no: serde_json::Value| json!({ "AssumeRolePolicyDocument": { "Fn::If": ["Open", {}, no] } });
    none("AWS::IAM::Role", role(json!({})));
    let found =
        problems(json!({ "It": { "Type": "AWS::IAM::Role", "Properties": role(json!({ "Ref": "AWS::NoValue" })) } }));
    assert_eq!(found[0].code, "missing-property");
    assert!(found[0].notes[0].contains("if the condition `Open` is false"), "{:?}", found[0].notes);
}

#[test]
fn branches_of_one_condition_are_combined() {
    let both = |first: serde_json::Value, second: serde_json::Value| json!({ "LaunchType": { "Fn::If": ["Fargate", { "Fn::If": ["Fargate", first, second] }, "EC2"] } });
    none(SERVICE, both(json!("FARGATE"), json!("NEVER")));
    assert_eq!(only(SERVICE, both(json!("NEVER"), json!("EC2"))).0, "not-in-enum");
}

#[test]
fn nearest_alternative_has_the_type_of_the_value() {
    let found = only("AWS::Serverless::Application", json!({ "Location": { "ApplicationId": "1" } }));
    assert_eq!(found, ("missing-property", "`It.Location` lacks the property `SemanticVersion`".to_owned()));
}

#[test]
fn local_file_to_be_packaged_is_a_warning() {
    let function = json!({ "Role": "arn:aws:iam::123456789012:role/x", "Handler": "a.b", "Runtime": "python3.13", "Code": "./src" });
    let found = problems(json!({ "It": { "Type": "AWS::Lambda::Function", "Properties": function } }));
    assert_eq!((found.len(), found[0].code.as_str(), found[0].severity), (1, "unpackaged-artifact", Severity::Warning));
}

#[test]
fn retired_runtime_is_an_error() {
    let function = json!({ "Role": "arn:aws:iam::123456789012:role/x", "Handler": "a.b", "Runtime": "nodejs4.3",
        "Code": { "S3Bucket": "tiles", "S3Key": "code.zip" } });
    assert_eq!(only("AWS::Lambda::Function", function).0, "not-in-enum");
}

#[test]
fn computed_values_are_accepted_unless_their_shape_is_certainly_wrong() {
    none(LOGS, json!({ "LogGroupName": { "Fn::Join": ["-", ["a", { "Ref": "AWS::StackName" }]] } }));
    none(LOGS, json!({ "RetentionInDays": { "Fn::ImportValue": "days" } }));
    none(LOGS, json!({ "LogGroupName": "{{resolve:ssm:/name with spaces}}" }));
    let split = json!({ "LogGroupName": { "Fn::Split": [",", "a,b"] } });
    assert_eq!(
        only(LOGS, split),
        ("wrong-type", "`It.LogGroupName` must be a string, not `Fn::Split`, which gives a list".to_owned())
    );
    let joined = json!({ "LoadBalancers": { "Fn::Join": [",", ["a"]] } });
    assert_eq!(only(SERVICE, joined).0, "wrong-type");
}

#[test]
fn parameter_has_the_shape_of_its_type() {
    let mut template = template(&json!({ "It": { "Type": "AWS::ECS::Service", "Properties": {
        "NetworkConfiguration": { "AwsvpcConfiguration": { "Subnets": { "Ref": "Subnets" } } } } } }));
    for (kind, problems) in [("String", 1), ("CommaDelimitedList", 0), ("List<AWS::EC2::Subnet::Id>", 0)] {
        let body = [("Type".to_owned(), kind.into())].into_iter().collect();
        template.parameters.insert("Subnets".into(), Parameter { body, origin: Origin::unknown() });
        assert_eq!(check(&template, Schema::embedded()).len(), problems, "{kind}");
    }
}

#[test]
fn role_name_is_accepted_by_task_definitions_alone() {
    let task = |role: serde_json::Value| {
        json!({
            "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {} } },
            "Model": { "Type": "AWS::SageMaker::Model", "Properties": { "ExecutionRoleArn": role } },
        })
    };
    let found = problems(task(json!({ "Ref": "Role" })));
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].code, "wrong-reference");
    assert_eq!(found[0].hints, ["use the attribute `Arn` of `Role`"]);
    assert!(problems(task(json!({ "Fn::GetAtt": ["Role", "Arn"] }))).is_empty());
    let by_name = json!({
        "Role": { "Type": "AWS::IAM::Role", "Properties": { "AssumeRolePolicyDocument": {} } },
        "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": { "ExecutionRoleArn": { "Ref": "Role" } } },
    });
    let found = problems(by_name);
    assert_eq!(found.len(), 1);
    assert!(!found[0].is_error());
    assert_eq!(found[0].hints, ["use `!GetAtt Role.Arn`"]);
}

#[test]
fn unknown_attribute_is_reported_in_every_place() {
    let found = problems(json!({
        "Alb": { "Type": "AWS::ElasticLoadBalancingV2::LoadBalancer", "Properties": { "Subnets": { "Fn::Split": [",", "a,b"] } } },
        "It": { "Type": LOGS, "Properties": { "LogGroupName": { "Fn::Sub": "/x/${Alb.DnsName}" } } },
    }));
    assert_eq!(found[0].code, "unknown-attribute");
    assert_eq!(found[0].hints[0], "did you mean `DNSName`?");
    assert_eq!(found.len(), 1);
}

#[test]
fn unknown_type_is_an_error_only_if_a_known_type_is_near() {
    let severity = |kind: &str| problems(json!({ "It": { "Type": kind } })).first().map(|problem| problem.severity);
    assert_eq!(severity("AWS::ECSS::Cluster"), Some(Severity::Error));
    assert_eq!(severity("AWS::ECS::Clutser"), Some(Severity::Error));
    assert_eq!(severity("AWS::Brandnewservice::Widget"), Some(Severity::Warning));
    assert_eq!(severity("My::Own::Type"), None);
    assert_eq!(severity("My::Own::Part::MODULE"), None);
    assert_eq!(severity("Nonsense"), Some(Severity::Error));
}

#[test]
fn read_only_properties_cannot_be_set() {
    assert_eq!(only(SERVICE, json!({ "ServiceArn": "x" })).0, "read-only-property");
}

#[test]
fn rule_violation_explains_why_it_applies() {
    let group = json!({ "TargetType": "lambda", "VpcId": "vpc-12345678" });
    let found = problems(json!({ "It": { "Type": "AWS::ElasticLoadBalancingV2::TargetGroup", "Properties": group } }));
    assert_eq!(found.len(), 1, "{found:#?}");
    assert_eq!(found[0].code, "property-not-allowed");
    assert_eq!(found[0].notes, ["the rule applies because `TargetType` is `lambda`"]);
}

#[test]
fn problem_is_shown_where_the_property_was_set() {
    let line = Origin::new("app.rhai", 7, 9);
    let mut template = template(&json!({ "It": { "Type": SERVICE, "Properties": { "DesiredCount": "two" } } }));
    let resource = template.resources.get_mut("It").expect("it is there");
    *resource = resource.clone().record_origin("DesiredCount", &line);
    assert_eq!(check(&template, Schema::embedded())[0].origin(), Some(&line));
}

mod any_value {
    use proptest::prelude::*;

    use super::*;

    fn value() -> impl Strategy<Value = serde_json::Value> {
        let names = prop_oneof![
            "[A-Z][a-z]{0,3}",
            Just("Fn::If".to_owned()),
            Just("Ref".to_owned()),
            Just("Tags".to_owned()),
            Just("ContainerDefinitions".to_owned()),
            Just("Fn::Transform".to_owned()),
        ];
        let leaf = prop_oneof![
            Just(json!(null)),
            any::<bool>().prop_map(|boolean| json!(boolean)),
            any::<i64>().prop_map(|number| json!(number)),
            any::<f64>().prop_map(|number| json!(number)),
            ".{0,12}".prop_map(|text| json!(text)),
        ];
        leaf.prop_recursive(5, 48, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(|items| json!(items)),
                prop::collection::hash_map(names.clone(), inner, 0..5).prop_map(|map| json!(map)),
            ]
        })
    }

    proptest! {
        #![proptest_config(crate::testing::property_tests())]

        #[test]
        fn arbitrary_value_is_checked_without_panic_and_deterministically(properties in value(), task in value()) {
            let resources = json!({
                "Bucket": { "Type": "AWS::S3::Bucket", "Properties": properties },
                "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": { "ContainerDefinitions": task, "Tags": properties } },
            });
            prop_assert_eq!(problems(resources.clone()), problems(resources));
        }
    }
}
