//! One mistake at a time in a web service that is right: what each rule about services is for.

use serde_json::{Value as Json, json};

use crate::cfn::check::*;

/// A Fargate service behind a load balancer, with its VPC, roles, logs and scaling.
const GOOD: &str = include_str!("../../../../tests/data/conformance/authored/base-good.json");

/// Returns the codes of what is wrong if `value` is at the path (`Task.NetworkMode`); null removes it.
fn after(changes: &[(&str, Json)]) -> Vec<&'static str> {
    let mut template: Json = serde_json::from_str(GOOD).expect("JSON");
    for (path, value) in changes {
        let (id, path) = path.split_once('.').unwrap_or((path, ""));
        let mut at = &mut template["Resources"][id];
        if !path.is_empty() && path != "DependsOn" {
            at = &mut at["Properties"];
        }
        for step in path.split('.').filter(|step| !step.is_empty()) {
            at = match step.parse::<usize>() {
                Ok(index) => &mut at[index],
                Err(_) => &mut at[step],
            };
        }
        *at = value.clone();
    }
    without_nulls(&mut template);
    let mut codes: Vec<_> =
        file("t.json", &template.to_string(), Schema::embedded()).iter().map(|it| it.code.as_str()).collect();
    codes.dedup();
    codes
}

fn without_nulls(json: &mut Json) {
    match json {
        Json::Object(entries) => {
            entries.retain(|_, value| !value.is_null());
            entries.values_mut().for_each(without_nulls);
        }
        Json::Array(items) => items.iter_mut().for_each(without_nulls),
        _ => {}
    }
}

fn each_is(cases: &[(&str, Json, &str)]) {
    for (path, value, code) in cases {
        // One mistake may have a second consequence, which is reported too.
        let found = after(&[(path, value.clone())]);
        assert!(found.contains(code) && found.len() <= 2, "{path} = {value}: {found:?}");
    }
}

#[test]
fn valid_service_has_no_problem() {
    assert_eq!(after(&[]), Vec::<&str>::new());
}

#[test]
fn invalid_task_definition_is_reported() {
    let second = |more: Json| {
        let mut container = json!({ "Name": "proxy", "Image": "public.ecr.aws/nginx/nginx:1.27" });
        container.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        container
    };
    each_is(&[
        ("Task.Memory", json!("4097"), "fargate-size"),
        ("Task.Memory", json!("9 GB"), "fargate-size"),
        ("Task.Cpu", json!(null), "fargate-size"),
        ("Task.NetworkMode", json!("host"), "fargate-network-mode"),
        ("Task.RuntimePlatform.OperatingSystemFamily", json!("WINDOWS_SERVER_2022_CORE"), "fargate-size"),
        ("Task.EphemeralStorage.SizeInGiB", json!(10), "ephemeral-storage"),
        ("Task.ExecutionRoleArn", json!(null), "missing-execution-role"),
        ("Task.ContainerDefinitions.0.Essential", json!(false), "no-essential-container"),
        ("Task.ContainerDefinitions.0.Privileged", json!(true), "fargate-unsupported"),
        ("Task.ContainerDefinitions.0.StopTimeout", json!(300), "stop-timeout"),
        ("Task.ContainerDefinitions.0.Cpu", json!(1024), "container-size"),
        ("Task.ContainerDefinitions.0.Memory", json!(2048), "container-size"),
        (
            "Task.ContainerDefinitions.0.MountPoints",
            json!([{ "SourceVolume": "data", "ContainerPath": "/d" }]),
            "undefined-volume",
        ),
        ("Task.ContainerDefinitions.0.PortMappings.0.HostPort", json!(80), "host-port"),
        ("Task.ContainerDefinitions.0.HealthCheck.Command", json!(["curl", "x"]), "container-health-check"),
        ("Task.ContainerDefinitions.0.LogConfiguration.Options.awslogs-stream-prefix", json!(null), "log-options"),
        (
            "Task.ContainerDefinitions.0.DependsOn",
            json!([{ "ContainerName": "wbe", "Condition": "START" }]),
            "container-dependency",
        ),
    ]);
    let mut template: Json = serde_json::from_str(GOOD).expect("JSON");
    let first = template["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0].take();
    let with = |more: Json| after(&[("Task.ContainerDefinitions", json!([first, second(more)]))]);
    assert_eq!(with(json!({})), Vec::<&str>::new());
    assert_eq!(with(json!({ "Name": "web" })), ["duplicate-container"]);
    assert_eq!(with(json!({ "PortMappings": [{ "ContainerPort": 8080 }] })), ["duplicate-port"]);
    let secret = json!({
        "Environment": [{ "Name": "A", "Value": "1" }],
        "Secrets": [{ "Name": "A", "ValueFrom": "arn:aws:ssm:us-east-1:123456789012:parameter/a" }],
    });
    assert_eq!(with(secret), ["duplicate-variable"]);
}

#[test]
fn service_inconsistent_with_task_or_load_balancer_is_reported() {
    each_is(&[
        ("Service.LaunchType", json!("EC2"), "launch-type"),
        ("Service.SchedulingStrategy", json!("DAEMON"), "launch-type"),
        (
            "Service.CapacityProviderStrategy",
            json!([{ "CapacityProvider": "FARGATE_SPOT", "Weight": 1 }]),
            "launch-type",
        ),
        ("Service.NetworkConfiguration", json!(null), "network-configuration"),
        ("Service.LoadBalancers", json!(null), "grace-period"),
        ("Service.LoadBalancers.0.ContainerName", json!("wbe"), "undefined-container"),
        ("Service.LoadBalancers.0.ContainerPort", json!(8081), "undefined-container-port"),
        ("Service.DeploymentConfiguration.MaximumPercent", json!(100), "deployment-percent"),
        ("Service.DeploymentController", json!({ "Type": "CODE_DEPLOY" }), "deployment-controller"),
        ("Service.DesiredCount", json!(20), "desired-count-outside-scaling"),
        ("Service.DependsOn", json!(null), "listener-dependency"),
        ("Tg.TargetType", json!("instance"), "target-type"),
        ("ExecRole.AssumeRolePolicyDocument.Statement.0.Principal.Service", json!("ec2.amazonaws.com"), "role-trust"),
    ]);
}

#[test]
fn task_open_to_more_than_its_load_balancer_is_reported() {
    each_is(&[
        ("AppFromAlb.ToPort", json!(8079), "port-range"),
        ("AppFromAlb.IpProtocol", json!("udp"), "unreachable-service"),
        ("AppFromAlb.SourceSecurityGroupId", json!({ "Ref": "AppSg" }), "unreachable-service"),
        ("AppFromAlb", json!(null), "unreachable-service"),
    ]);
    let moved = [("AppFromAlb.FromPort", json!(80)), ("AppFromAlb.ToPort", json!(80))];
    assert_eq!(after(&moved), ["unreachable-service"]);
    assert!(
        after(&[("AppFromAlb.SourceSecurityGroupId", json!(null)), ("AppFromAlb.CidrIp", json!("10.0.0.0/16"))])
            .is_empty()
    );
    let inline = json!([{ "IpProtocol": -1, "SourceSecurityGroupId": { "Ref": "AlbSg" } }]);
    assert!(after(&[("AppFromAlb", json!(null)), ("AppSg.SecurityGroupIngress", inline)]).is_empty());
}

#[test]
fn invalid_subnets_and_routes_are_reported() {
    each_is(&[
        ("PublicB.CidrBlock", json!("10.0.0.128/25"), "subnet-overlap"),
        ("PublicB.CidrBlock", json!("10.1.0.0/24"), "subnet-outside-vpc"),
        ("Vpc.CidrBlock", json!("10.0.0.0/8"), "cidr"),
        ("PublicB.AvailabilityZone", json!({ "Fn::Select": [0, { "Fn::GetAZs": "" }] }), "alb-zones"),
        ("Alb.Subnets", json!([{ "Ref": "PublicA" }]), "alb-zones"),
        ("PrivateDefault", json!(null), "no-internet-route"),
        ("PublicBRt.SubnetId", json!({ "Ref": "PublicA" }), "subnet-route-table"),
        ("PublicDefault.RouteTableId", json!({ "Ref": "PrivateRt" }), "duplicate-route"),
        ("PublicDefault.DependsOn", json!(null), "gateway-attachment"),
        ("Nat.AllocationId", json!(null), "nat-gateway"),
    ]);
    let public = json!([{ "Ref": "PublicA" }, { "Ref": "PublicB" }]);
    let path = "Service.NetworkConfiguration.AwsvpcConfiguration.Subnets";
    assert_eq!(after(&[(path, public.clone())]), ["no-internet-route"]);
    let ip = "Service.NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp";
    assert!(after(&[(path, public), (ip, json!("ENABLED"))]).is_empty());
}

#[test]
fn invalid_load_balancer_is_reported() {
    each_is(&[
        ("Alb.Name", json!("-web"), "physical-name"),
        ("Tg.Name", json!("x".repeat(33)), "physical-name"),
        ("Tg.HealthCheckTimeoutSeconds", json!(15), "health-check-timeout"),
        ("Tg.HealthCheckPath", json!("health"), "health-check-path"),
        ("Tg.TargetGroupAttributes.0.Value", json!("3601"), "attribute-range"),
        ("Http.Protocol", json!("TCP"), "listener-protocol"),
        ("Rule.Actions", json!([{ "Type": "forward" }]), "listener-action"),
        ("Rule.Conditions.0.PathPatternConfig.Values", json!(["/1", "/2", "/3", "/4", "/5", "/6"]), "rule-conditions"),
        (
            "Rule.Actions",
            json!([{ "Type": "redirect", "RedirectConfig": { "StatusCode": "HTTP_301" } }]),
            "redirect-loop",
        ),
    ]);
    let mut template: Json = serde_json::from_str(GOOD).expect("JSON");
    let (rule, http) = (template["Resources"]["Rule"].take(), template["Resources"]["Http"].take());
    assert_eq!(after(&[("Other", rule)]), ["duplicate-route-priority"]);
    assert_eq!(after(&[("Other", http)]), ["duplicate-listener-port"]);
}

#[test]
fn invalid_policy_is_reported() {
    const STATEMENT: &str = "TaskRole.Policies.0.PolicyDocument.Statement";
    let good = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::tiles/*" });
    let with = |name: &str, value: Json| {
        let mut statement = good.clone();
        statement[name] = value;
        after(&[(STATEMENT, json!([statement]))])
    };
    assert!(after(&[(STATEMENT, good.clone())]).is_empty());
    for (name, value) in [
        ("Effect", json!("allow")),
        ("Action", json!(null)),
        ("Action", json!([])),
        ("Action", json!({ "a": "b" })),
        ("NotAction", json!("s3:*")),
        ("Resource", json!("tiles/*")),
        ("Resource", json!(null)),
        ("Principal", json!("*")),
        ("Resorce", json!("*")),
    ] {
        assert_eq!(with(name, value.clone()), ["policy-document"], "{name} = {value}");
    }
    assert_eq!(with("Action", json!("GetObject")), ["policy-action"]);
}

#[test]
fn invalid_scaling_or_schedule_is_reported() {
    each_is(&[
        ("ScalableTarget.ScalableDimension", json!("dynamodb:table:ReadCapacityUnits"), "scaling-dimension"),
        ("ScalableTarget.ResourceId", json!("web"), "scaling-resource"),
        ("CpuScaling.PolicyType", json!("StepScaling"), "scaling-policy"),
        (
            "RpsScaling.TargetTrackingScalingPolicyConfiguration.PredefinedMetricSpecification.ResourceLabel",
            json!(null),
            "scaling-policy",
        ),
    ]);
    assert_eq!(
        after(&[("ScalableTarget.MinCapacity", json!(11)), ("Service.DesiredCount", json!(null))]),
        ["scaling-range"]
    );
    let schedule = |text: &str| {
        let action = json!([{ "ScheduledActionName": "night", "Schedule": text, "ScalableTargetAction": { "MinCapacity": 0, "MaxCapacity": 1 } }]);
        after(&[("ScalableTarget.ScheduledActions", action)])
    };
    assert!(schedule("cron(0 22 * * ? *)").is_empty());
    assert_eq!(schedule("cron(0 22 * * *)"), ["schedule-expression"]);
    assert_eq!(schedule("rate(1 hours)"), ["schedule-expression"]);
}

#[test]
fn containers_that_wait_for_each_other_or_for_the_end_of_the_task_are_found() {
    let waits = |name: &str, condition: &str| json!([{ "ContainerName": name, "Condition": condition }]);
    let container = |name: &str, essential: Json, waits: Json| json!({ "Name": name, "Image": "redis:7.4", "Essential": essential, "DependsOn": waits });
    let template: Json = serde_json::from_str(GOOD).expect("JSON");
    let found = |web: Json, others: &[Json]| {
        let mut first = template["Resources"]["Task"]["Properties"]["ContainerDefinitions"][0].clone();
        first["DependsOn"] = web;
        let all: Vec<Json> = std::iter::once(first).chain(others.iter().cloned()).collect();
        after(&[("Task.ContainerDefinitions", json!(all))])
    };
    let (no, wrong) = (json!(false), ["container-dependency"]);
    let init = |essential: &Json| [container("init", essential.clone(), Json::Null)];
    assert_eq!(found(waits("init", "SUCCESS"), &init(&no)), [""; 0]);
    assert_eq!(found(waits("init", "SUCCESS"), &init(&Json::Null)), wrong, "essential by default");
    assert_eq!(found(waits("init", "START"), &init(&Json::Null)), [""; 0]);
    assert_eq!(found(waits("init", "COMPLETE"), &init(&json!({ "Ref": "AWS::StackName" }))), [""; 0], "not known");
    let circle = [container("a", no.clone(), waits("b", "START")), container("b", no.clone(), waits("a", "START"))];
    assert_eq!(found(waits("a", "START"), &circle), wrong, "a circle of two, for which a third one waits");
    let chain = [container("a", no.clone(), waits("b", "START")), container("b", no, Json::Null)];
    assert_eq!(found(waits("a", "START"), &chain), [""; 0]);
}
