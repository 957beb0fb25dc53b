//! Services whose deployments shift traffic.

use super::{accepts_update, refuses_update, task, template};

const BODY: &str = "
  Cluster: {Type: AWS::ECS::Cluster}
  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, Port: 80, Protocol: HTTP, TargetType: ip}}
  Other: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, Port: 80, Protocol: HTTP, TargetType: ip}}
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: fixed-response, FixedResponseConfig: {StatusCode: '404'}}]
  Rule:
    Type: AWS::ElasticLoadBalancingV2::ListenerRule
    Properties:
      ListenerArn: !Ref Listener
      Priority: 1
      Conditions: [{Field: path-pattern, PathPatternConfig: {Values: ['/*']}}]
      Actions:
        - Type: forward
          ForwardConfig: {TargetGroups: [{TargetGroupArn: !Ref Group, Weight: 1}, {TargetGroupArn: !Ref Other, Weight: 0}]}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: ecs.amazonaws.com}, Action: sts:AssumeRole}]
      Policies:
        - PolicyName: shifts
          PolicyDocument: {Statement: [{Effect: Allow, Action: 'elasticloadbalancing:*', Resource: '*'}]}
  Web:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      NetworkConfiguration: {AwsvpcConfiguration: {Subnets: [subnet-1]}}
      DeploymentConfiguration: {Strategy: BLUE_GREEN, BakeTimeInMinutes: 1}
      LoadBalancers:
        - TargetGroupArn: !Ref Group
          ContainerName: web
          ContainerPort: 80
          AdvancedConfiguration:
            AlternateTargetGroupArn: !Ref Other
            ProductionListenerRule: !Ref Rule
            RoleArn: !GetAtt Role.Arn
";

fn sound() -> String {
    let task = task("{Name: web, Image: 'nginx:1', PortMappings: [{ContainerPort: 80}]}", "");
    template(&[BODY, &task])
}

/// Asserts that AWS refuses to update the service after a replacement in its stack.
fn refuses((old, new): (&str, &str), message: &str) {
    let first = sound();
    assert!(first.contains(old), "{old}");
    // The service is changed last, so that the other resources are as they shall be.
    let second = first.replace(old, new).replace("nginx:1", "nginx:2");
    refuses_update(&first, &second, "Web", ("InvalidParameterException", message));
}

#[test]
fn new_image_of_a_service_that_shifts_traffic_is_accepted() {
    accepts_update(&sound(), &sound().replace("nginx:1", "nginx:2"));
}

#[test]
fn pair_of_one_target_group_is_refused() {
    let message = "targetGroupArn and alternateTargetGroupArn must not be the same";
    refuses(("AlternateTargetGroupArn: !Ref Other", "AlternateTargetGroupArn: !Ref Group"), message);
}

#[test]
fn load_balancer_without_its_rule_is_refused() {
    let message = "advancedConfiguration.productionListenerRule is required";
    refuses(("            ProductionListenerRule: !Ref Rule\n", ""), message);
}

#[test]
fn listener_of_an_application_load_balancer_is_not_a_rule() {
    let message = "Must be RuleArn for ALB or ListenerArn for NLB.";
    refuses(("ProductionListenerRule: !Ref Rule", "ProductionListenerRule: !Ref Listener"), message);
}

#[test]
fn rule_of_users_is_not_one_for_tests() {
    let message = "cannot be used as both production and test listener rules";
    refuses(
        (
            "ProductionListenerRule: !Ref Rule\n",
            "ProductionListenerRule: !Ref Rule\n            TestListenerRule: !Ref Rule\n",
        ),
        message,
    );
}

#[test]
fn alternate_target_group_that_the_rule_lacks_is_refused() {
    let message = "Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule";
    refuses((", {TargetGroupArn: !Ref Other, Weight: 0}", ""), message);
}

#[test]
fn role_that_ecs_cannot_use_is_refused() {
    refuses(("Service: ecs.amazonaws.com", "Service: ecs-tasks.amazonaws.com"), "Unable to assume the role");
    refuses(("elasticloadbalancing:*", "elasticloadbalancing:Describe*"), "not authorized to perform");
}
