//! Services and clusters.

use super::{accepts_update, refuses_update, task, template};
use crate::diag::Code;
use crate::testing::harness::{Harness, stack};

const SERVICE: &str = "
  Cluster: {Type: AWS::ECS::Cluster, Properties: {CapacityProviders: [FARGATE]}}
  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, Port: 80, Protocol: HTTP, TargetType: ip}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Web:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}]
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
      LoadBalancers: [{TargetGroupArn: !Ref Group, ContainerName: web, ContainerPort: 80}]
";

/// Returns the template of the service, with more resources.
fn with(resources: &[&str]) -> String {
    let task = task("{Name: web, Image: 'nginx:1', PortMappings: [{ContainerPort: 80}]}", "");
    template(&[SERVICE, &task, &resources.concat()])
}

/// Returns the template of a service that AWS accepts.
fn sound() -> String {
    with(&[])
}

/// Asserts that AWS refuses to update the service after some replacements in its stack.
fn refuses(replacements: &[(&str, &str)], message: &str) {
    let first = sound();
    let second = replacements.iter().fold(first.clone(), |body, (old, new)| body.replace(old, new));
    refuses_update(&first, &second, "Web", ("InvalidParameterException", message));
}

#[test]
fn new_image_is_accepted() {
    accepts_update(&sound(), &sound().replace("nginx:1", "nginx:2"));
}

#[test]
fn renamed_container_with_a_target_group_is_refused() {
    refuses(&[("{Name: web,", "{Name: app,")], "The container web does not exist in the task definition.");
}

#[test]
fn other_container_port_than_that_of_the_load_balancer_is_refused() {
    let message = "The container web did not have a container port 80 defined.";
    refuses(&[("[{ContainerPort: 80}]", "[{ContainerPort: 8080}]")], message);
}

#[test]
fn target_group_without_listener_is_refused() {
    let group = "
  Alone: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, Port: 81, Protocol: HTTP, TargetType: ip}}
";
    let first = sound();
    let second = with(&[group])
        .replace("LoadBalancers: [{TargetGroupArn: !Ref Group", "LoadBalancers: [{TargetGroupArn: !Ref Alone");
    let message = "does not have an associated load balancer.";
    refuses_update(&first, &second, "Web", ("InvalidParameterException", message));
}

#[test]
fn target_group_of_instances_is_refused() {
    let first = sound();
    let second = first
        .replace("  Group:", "  Instances:")
        .replace("!Ref Group", "!Ref Instances")
        .replace(", TargetType: ip", "")
        .replace("Port: 80, Protocol", "Port: 82, Protocol");
    let message = "has target type instance, which is incompatible with the awsvpc network mode";
    refuses_update(&first, &second, "Web", ("InvalidParameterException", message));
}

#[test]
fn capacity_provider_that_the_cluster_lacks_is_refused() {
    let first = sound();
    let again = "
  Again:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      CapacityProviderStrategy: [{CapacityProvider: FARGATE_SPOT, Weight: 1}]
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
";
    let message = "cannot contain a capacity provider that is not associated with the cluster";
    refuses_update(&first, &with(&[again]), "Again", ("InvalidParameterException", message));
}

#[test]
fn tasks_without_subnets_are_refused() {
    let network = "      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}\n";
    refuses(&[(network, "")], "Network Configuration must be provided when networkMode 'awsvpc' is specified.");
}

/// Returns a scalable target or scaling policy of the service.
fn scaling(id: &str, kind: &str, service: &str, rest: &str) -> String {
    format!(
        "
  {id}:
    Type: AWS::ApplicationAutoScaling::{kind}
    Properties:
      ServiceNamespace: ecs
      ScalableDimension: ecs:service:DesiredCount
      ResourceId: !Sub 'service/${{Cluster}}/{service}'
      {rest}
"
    )
}

#[test]
fn scaling_of_a_missing_service_is_refused() {
    let target = |service: &str, bounds: &str| scaling("Bounds", "ScalableTarget", service, bounds);
    let first = sound();
    let missing = with(&[&target("absent", "MinCapacity: 1\n      MaxCapacity: 2")]);
    refuses_update(&first, &missing, "Bounds", ("ValidationException", "ECS service doesn't exist: service/"));
    let sound = with(&[&target("${Web.Name}", "MinCapacity: 1\n      MaxCapacity: 2")]);
    accepts_update(&first, &sound);
    let message = "Maximum capacity cannot be less than minimum capacity";
    let exchanged = sound.replace("MinCapacity: 1", "MinCapacity: 3");
    refuses_update(&sound, &exchanged, "Bounds", ("ValidationException", message));
}

#[test]
fn scaling_policy_before_its_target_is_refused() {
    let policy =
        scaling("Policy", "ScalingPolicy", "${Web.Name}", "PolicyName: it\n      PolicyType: TargetTrackingScaling");
    let message = "No scalable target registered for service namespace: ecs, resource ID: service/";
    refuses_update(&sound(), &with(&[&policy]), "Policy", ("ObjectNotFoundException", message));
}

#[test]
fn named_service_keeps_its_name_with_capacity_providers_but_not_with_another_launch_type() {
    let providers = "      CapacityProviderStrategy: [{CapacityProvider: FARGATE, Weight: 1}]\n";
    let with = |launch: &str| sound().replace(providers, &format!("{launch}      ServiceName: web\n"));
    let fargate = with("      LaunchType: FARGATE\n");
    accepts_update(&fargate, &with(providers));
    accepts_update(&fargate, &with(""));
    let harness = Harness::new(5);
    assert!(harness.deploy(&[stack("web", &fargate)]).outcome.is_success());
    let report = harness.deploy(&[stack("web", &with("      LaunchType: EC2\n"))]);
    let problems: Vec<Code> = report.outcome.stacks[0].problems.iter().map(|it| it.code).collect();
    assert_eq!(problems, [Code::FixedNameReplaced]);
}
