//! The whole stack of `scripts/app.rhai`, with its NAT gateways and scaling, against moto, which takes those.
//!
//! Where moto is not AWS: it writes no events and returns no outputs after a change set, so the engine learns of the end
//! from the stack itself; and its CloudFormation passes over scaling, which therefore goes to the scaling's own API.

use rtiler::cfn::emit;
use rtiler::deploy::StackResult;
use serde_json::{Value, json};

use super::Account;
use super::world::{deploy, stack};
use crate::harness::{Boto, Emulator};
use crate::scripted;

#[test]
fn titiler_stack_is_created_with_its_scaling() {
    let account = Account::new(Emulator::Moto);
    let stack_of = || {
        let script = std::fs::read_to_string("scripts/app.rhai").unwrap();
        emit::json(&scripted::stack(&script).template)
    };
    let template: Value = serde_json::from_str(&scripted::deep(stack_of)).unwrap();
    let report = deploy(&account.aws, &[stack("titiler-ecs-production", &template)]);
    assert_eq!((&report.only().result, &report.only().problems), (&StackResult::Created, &Vec::new()));
    let live =
        account.boto.call("cloudformation", "describe_stacks", &json!({ "StackName": "titiler-ecs-production" }));
    assert_eq!(live["Stacks"][0]["StackStatus"], "CREATE_COMPLETE");
    let balancers = account.boto.call("elbv2", "describe_load_balancers", &json!({}));
    assert_eq!(balancers["LoadBalancers"].as_array().map(Vec::len), Some(1), "{balancers}");
    let policy = scaled(&account.boto, &template["Resources"]);
    let tracked = &policy["TargetTrackingScalingPolicyConfiguration"];
    assert_eq!((&tracked["TargetValue"], &tracked["ScaleOutCooldown"]), (&json!(50), &json!(30)), "{policy}");
}

/// Puts the scaling policy by AWS's own API: boto3 checks the names and types of its parts, and moto the rest.
fn scaled(boto: &Boto, resources: &Value) -> Value {
    let properties = |kind: &str| {
        let found = resources.as_object().unwrap().values().find(|resource| resource["Type"] == kind);
        found.unwrap_or_else(|| panic!("the template has no {kind}"))["Properties"].clone()
    };
    let clusters = boto.call("ecs", "list_clusters", &json!({}));
    let services = boto.call("ecs", "list_services", &json!({ "cluster": clusters["clusterArns"][0] }));
    let service = services["serviceArns"][0].as_str().unwrap().rsplit_once(":service/").unwrap().1;
    let of_service = json!({
        "ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount",
        "ResourceId": format!("service/{service}")
    });
    let target = properties("AWS::ApplicationAutoScaling::ScalableTarget");
    let mut request = of_service.clone();
    for name in ["MinCapacity", "MaxCapacity"] {
        request[name] = target[name].clone();
    }
    assert_eq!(
        (&target["ServiceNamespace"], &target["ScalableDimension"]),
        (&json!("ecs"), &request["ScalableDimension"])
    );
    boto.call("application-autoscaling", "register_scalable_target", &request);
    let policy = properties("AWS::ApplicationAutoScaling::ScalingPolicy");
    let mut request = of_service.clone();
    // CloudFormation names a policy that has no name of its own.
    request["PolicyName"] = json!("requests");
    for name in ["PolicyType", "TargetTrackingScalingPolicyConfiguration"] {
        request[name] = policy[name].clone();
    }
    let label = "app/web/50dc6c495c0c9188/targetgroup/web/943f017f100becff";
    request["TargetTrackingScalingPolicyConfiguration"]["PredefinedMetricSpecification"]["ResourceLabel"] =
        json!(label);
    boto.call("application-autoscaling", "put_scaling_policy", &request);
    let stored =
        boto.call("application-autoscaling", "describe_scaling_policies", &json!({ "ServiceNamespace": "ecs" }));
    stored["ScalingPolicies"][0].clone()
}
