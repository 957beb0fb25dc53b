//! A stack with a job that runs before its service changes.

use crate::cfn::{LogicalId, Ref, StackJob, Value};
use crate::deploy::api::StackDescription;
use crate::deploy::api::status::StackStatus;
use crate::deploy::plan::DeployedStack;
use crate::diag::Origin;
use crate::synth::DesiredStack;
use crate::testing::harness::stack;

/// The template of the stack: the job uses the network of the service, a database's rule, and a task definition of its own.
pub(crate) const SHOP: &str = r#"Resources:
  Cluster:
    Type: AWS::ECS::Cluster
  Logs:
    Type: AWS::Logs::LogGroup
  Queue:
    Type: AWS::SQS::Queue
  DbGroup:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: the database, VpcId: vpc-0123456789abcdef0}
  WebGroup:
    Type: AWS::EC2::SecurityGroup
    Properties: {GroupDescription: the service, VpcId: vpc-0123456789abcdef0}
  DbIngress:
    Type: AWS::EC2::SecurityGroupIngress
    Properties:
      GroupId: !GetAtt DbGroup.GroupId
      SourceSecurityGroupId: !GetAtt WebGroup.GroupId
      IpProtocol: tcp
      FromPort: 5432
      ToPort: 5432
  MigrateTask:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: migrate
      Cpu: "256"
      Memory: "512"
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec
      ContainerDefinitions:
        - Name: migrate
          Image: 'shop:1'
          Command: [python, manage.py, migrate]
          LogConfiguration:
            LogDriver: awslogs
            Options:
              awslogs-group: !Ref Logs
              awslogs-region: eu-central-1
              awslogs-stream-prefix: migrate
  WebTask:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      Cpu: "256"
      Memory: "512"
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec
      ContainerDefinitions:
        - Name: web
          Image: 'shop:1'
          PortMappings: [{ContainerPort: 80}]
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      Protocol: HTTP
      TargetType: ip
      VpcId: vpc-0123456789abcdef0
      HealthCheckPath: /healthz
  Alb:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Alb
      Port: 80
      Protocol: HTTP
      DefaultActions: [{Type: forward, TargetGroupArn: !Ref Group}]
  Web:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref WebTask
      DesiredCount: 2
      LaunchType: FARGATE
      NetworkConfiguration:
        AwsvpcConfiguration:
          Subnets: [subnet-0123456789abcdef0]
          SecurityGroups: [!GetAtt WebGroup.GroupId]
      LoadBalancers: [{ContainerName: web, ContainerPort: 80, TargetGroupArn: !Ref Group}]
  Alarm:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/ECS
      MetricName: CPUUtilization
      Dimensions: [{Name: ServiceName, Value: !GetAtt Web.Name}]
      Statistic: Average
      Period: 60
      EvaluationPeriods: 3
      Threshold: 90
      ComparisonOperator: GreaterThanThreshold
  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      ScheduleExpression: rate(1 day)
      FlexibleTimeWindow: {Mode: 'OFF'}
      Target:
        Arn: !GetAtt Cluster.Arn
        RoleArn: arn:aws:iam::123456789012:role/scheduler
        EcsParameters: {TaskDefinitionArn: !Ref WebTask}
Outputs:
  Url:
    Value: !GetAtt Alb.DNSName
"#;

/// Returns the job of the stack.
pub(crate) fn job() -> StackJob {
    StackJob {
        name: "migrate".to_owned(),
        task_definition: LogicalId::new("MigrateTask"),
        container: "migrate".to_owned(),
        cluster: Value::from(Ref::to("Cluster")),
        subnets: Value::list(["subnet-0123456789abcdef0"]),
        security_groups: Value::List(vec![Ref::attribute("WebGroup", "GroupId").into()]),
        public_ip: false,
        timeout: 600,
        before_deploy: true,
        origin: Origin::new("shop.yaml", 24, 3),
    }
}

/// Returns the stack with an image.
pub(crate) fn shop(image: &str) -> DesiredStack {
    DesiredStack { jobs: vec![job()], ..stack("shop", &SHOP.replace("shop:1", image)) }
}

/// Returns a stack as it is deployed, in a status.
pub(crate) fn deployed(desired: &DesiredStack, status: StackStatus) -> DeployedStack {
    DeployedStack::new(StackDescription::named(&desired.name, status), &desired.body())
}
