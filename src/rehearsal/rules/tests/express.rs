//! Services of Express Mode.

use super::{GATEWAYS, NETWORKS, accepts_each, refuses_creation, template};

const SOUND: &str = "
  Cluster: {Type: AWS::ECS::Cluster, Properties: {CapacityProviders: [FARGATE]}}
  Infrastructure:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ecs.amazonaws.com}, Action: 'sts:AssumeRole'}]}
  Execution:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ecs-tasks.amazonaws.com}, Action: 'sts:AssumeRole'}]}
  Web:
    Type: AWS::ECS::ExpressGatewayService
    Properties:
      Cluster: !Ref Cluster
      InfrastructureRoleArn: !GetAtt Infrastructure.Arn
      ExecutionRoleArn: !GetAtt Execution.Arn
      PrimaryContainer: {Image: 'nginx:1'}
      NetworkConfiguration: {Subnets: [!Ref One, !Ref Two]}
";

#[test]
fn express_service_needs_its_roles_two_zones_and_the_capacity_provider() {
    accepts_each(&[&[NETWORKS, GATEWAYS, SOUND].concat()]);
    for (old, new, message) in [
        ("Service: ecs.amazonaws.com", "Service: ec2.amazonaws.com", "Unable to assume the role"),
        ("Service: ecs-tasks.amazonaws.com", "Service: ecs.amazonaws.com", "Unable to assume the role"),
        (
            "[!Ref One, !Ref Two]",
            "[!Ref One]",
            "At least two subnets in two different Availability Zones must be specified",
        ),
        ("CapacityProviders: [FARGATE]", "CapacityProviders: [FARGATE_SPOT]", "not associated with the cluster"),
    ] {
        let wrong = SOUND.replacen(old, new, 1);
        assert_ne!(wrong, SOUND, "{old}");
        let body = template(&[NETWORKS, GATEWAYS, &wrong]);
        refuses_creation(&body, "Web", ("InvalidParameterException", message));
    }
}
