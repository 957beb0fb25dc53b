//! Resources of other regions and networks, and what tasks need before they start, in templates of any origin.

use super::codes;

/// Returns the codes of a Fargate service in a subnet of its own without a route to the internet.
fn private(endpoints: &str, container: &str) -> Vec<&'static str> {
    codes(&format!(
        "Resources:
  Net: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}}}}
  Inner: {{Type: AWS::EC2::Subnet, Properties: {{VpcId: !Ref Net, CidrBlock: 10.0.0.0/24}}}}
  Table: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref Net}}}}
  Other: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref Net}}}}
  InnerTable: {{Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {{SubnetId: !Ref Inner, RouteTableId: !Ref Table}}}}
{endpoints}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: '256'
      Memory: '512'
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      ExecutionRoleArn: arn:aws:iam::123456789012:role/web
      ContainerDefinitions: [{{Name: web, {container}}}]
  Web:
    Type: AWS::ECS::Service
    Properties:
      LaunchType: FARGATE
      TaskDefinition: !Ref Task
      NetworkConfiguration: {{AwsvpcConfiguration: {{Subnets: [!Ref Inner]}}}}
"
    ))
}

const IMAGE: &str = "Image: '123456789012.dkr.ecr.eu-west-1.amazonaws.com/web:1'";

fn gateway(table: &str) -> String {
    format!(
        "  S3: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcId: !Ref Net, RouteTableIds: [!Ref {table}], ServiceName: !Sub 'com.amazonaws.${{AWS::Region}}.s3'}}}}\n"
    )
}

fn interface(name: &str) -> String {
    let id: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    format!(
        "  E{id}: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcId: !Ref Net, VpcEndpointType: Interface, PrivateDnsEnabled: true, ServiceName: !Sub 'com.amazonaws.${{AWS::Region}}.{name}'}}}}\n"
    )
}

#[test]
fn private_task_with_every_endpoint_has_no_problem() {
    let all = [gateway("Table"), interface("ecr.api"), interface("ecr.dkr")].concat();
    assert_eq!(private(&all, IMAGE), Vec::<&str>::new());
    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-Ab1Cd2";
    let with_secret = format!("{IMAGE}, Secrets: [{{Name: A, ValueFrom: '{secret}'}}]");
    assert_eq!(private(&all, &with_secret), ["missing-endpoint"]);
    assert_eq!(private(&[all, interface("secretsmanager")].concat(), &with_secret), Vec::<&str>::new());
}

#[test]
fn missing_endpoint_is_reported_one_by_one() {
    assert_eq!(private(&[gateway("Table"), interface("ecr.api")].concat(), IMAGE), ["missing-endpoint"]);
    assert_eq!(private(&interface("ecr.api"), IMAGE), ["missing-endpoint", "missing-endpoint"]);
    // A gateway endpoint works for the route tables that it names only.
    let elsewhere = [gateway("Other"), interface("ecr.api"), interface("ecr.dkr")].concat();
    assert_eq!(private(&elsewhere, IMAGE), ["missing-endpoint"]);
    assert_eq!(private(&gateway("Table"), "Image: nginx:1.29"), ["missing-endpoint"]);
}

#[test]
fn endpoint_that_is_not_known_permits_everything() {
    let unknown = "  E: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Net, ServiceName: !ImportValue name}}\n";
    assert_eq!(private(unknown, IMAGE), Vec::<&str>::new());
}

#[test]
fn certificate_of_cloudfront_is_of_us_east_1() {
    let cdn = |region: &str| {
        codes(&format!(
            "Resources:
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        DefaultCacheBehavior: {{TargetOriginId: a, ViewerProtocolPolicy: https-only}}
        Origins: [{{Id: a, DomainName: a.example.com, CustomOriginConfig: {{OriginProtocolPolicy: https-only}}}}]
        ViewerCertificate:
          AcmCertificateArn: !Sub 'arn:aws:acm:{region}:${{AWS::AccountId}}:certificate/0a1b2c3d-1111-2222-3333-444455556666'
          SslSupportMethod: sni-only
          MinimumProtocolVersion: TLSv1.2_2021
"
        ))
    };
    assert_eq!(cdn("us-east-1"), Vec::<&str>::new());
    assert_eq!(cdn("${AWS::Region}"), Vec::<&str>::new());
    assert_eq!(cdn("eu-central-1"), ["wrong-region"]);
    assert_eq!(cdn("us-est-1"), ["unknown-region"]);
}

fn group(more: &str) -> Vec<&'static str> {
    codes(&format!(
        "Resources:
  Group: {{Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {{Port: 80, VpcId: vpc-0a1b2c3d4e5f60718, {more}}}}}
"
    ))
}

#[test]
fn codes_of_health_checks_follow_the_load_balancer() {
    for right in ["'200'", "200", "200-299", "'200,302'", "'200-299,302'"] {
        assert_eq!(group(&format!("Protocol: HTTP, Matcher: {{HttpCode: {right}}}")), Vec::<&str>::new(), "{right}");
    }
    for wrong in ["2xx", "abc", "399-200", "200-599", "'200,'", "'100'"] {
        assert_eq!(
            group(&format!("Protocol: HTTP, Matcher: {{HttpCode: {wrong}}}")),
            ["health-check-codes"],
            "{wrong}"
        );
    }
    assert_eq!(group("Protocol: TCP, Matcher: {HttpCode: 200-599}"), Vec::<&str>::new());
    assert_eq!(group("Protocol: HTTP, Matcher: {HttpCode: !ImportValue codes}"), Vec::<&str>::new());
    assert_eq!(group("Protocol: HTTP, ProtocolVersion: GRPC, Matcher: {GrpcCode: 0-99}"), Vec::<&str>::new());
    assert_eq!(group("Protocol: HTTP, ProtocolVersion: GRPC, Matcher: {GrpcCode: '100'}"), ["health-check-codes"]);
    assert_eq!(group("Protocol: HTTP, ProtocolVersion: GRPC, Matcher: {HttpCode: '200'}"), ["health-check-codes"]);
    assert_eq!(group("Protocol: HTTP, Matcher: {GrpcCode: '0'}"), ["health-check-codes"]);
}

/// Returns the codes of a load balancer whose access logs go to a bucket of the template.
fn logs(policy: &str, depends_on: &str) -> Vec<&'static str> {
    codes(&format!(
        "Resources:
  Logs: {{Type: AWS::S3::Bucket}}
{policy}
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
{depends_on}
    Properties:
      Subnets: [subnet-0a1b2c3d4e5f60718, subnet-1a1b2c3d4e5f60718]
      LoadBalancerAttributes:
        - {{Key: access_logs.s3.enabled, Value: 'true'}}
        - {{Key: access_logs.s3.bucket, Value: !Ref Logs}}
"
    ))
}

fn policy(principal: &str, action: &str) -> String {
    format!(
        "  Policy: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref Logs, PolicyDocument: {{Statement: [{{Effect: Allow, Principal: {principal}, Action: '{action}', Resource: !Sub '${{Logs.Arn}}/*'}}]}}}}}}\n"
    )
}

#[test]
fn bucket_of_access_logs_needs_a_policy_first() {
    const DELIVERY: &str = "{Service: logdelivery.elasticloadbalancing.amazonaws.com}";
    let after = "    DependsOn: Policy";
    assert_eq!(logs(&policy(DELIVERY, "s3:PutObject"), after), Vec::<&str>::new());
    assert_eq!(logs(&policy("{AWS: 'arn:aws:iam::054676820928:root'}", "s3:PutObject"), after), Vec::<&str>::new());
    assert_eq!(logs(&policy(DELIVERY, "s3:PutObject"), ""), ["access-logs-bucket"]);
    assert_eq!(logs(&policy(DELIVERY, "s3:GetObject"), after), ["access-logs-bucket"]);
    assert_eq!(logs(&policy("{Service: cloudtrail.amazonaws.com}", "s3:PutObject"), after), ["access-logs-bucket"]);
    assert_eq!(logs("", ""), ["access-logs-bucket"]);
}

#[test]
fn container_of_an_override_is_one_of_the_task() {
    let task = |rest: &str| {
        codes(&format!(
            "Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {{Memory: '512', ContainerDefinitions: [{{Name: web, Image: nginx:1.29}}]}}
{rest}"
        ))
    };
    let schedule = |input: &str| {
        task(&format!(
            "  Nightly:
    Type: AWS::Scheduler::Schedule
    Properties:
      FlexibleTimeWindow: {{Mode: 'OFF'}}
      ScheduleExpression: rate(1 day)
      Target:
        Arn: arn:aws:ecs:eu-west-1:123456789012:cluster/web
        RoleArn: arn:aws:iam::123456789012:role/schedules
        EcsParameters: {{TaskDefinitionArn: !Ref Task}}
        Input: {input}
"
        ))
    };
    assert_eq!(schedule("'{\"containerOverrides\": [{\"name\": \"web\"}]}'"), Vec::<&str>::new());
    assert_eq!(schedule("'{\"containerOverrides\": [{\"name\": \"app\"}]}'"), ["unknown-container"]);
    assert_eq!(
        schedule("!Sub '{\"containerOverrides\": [{\"name\": \"app\", \"command\": [\"${AWS::Region}\"]}]}'"),
        ["unknown-container"]
    );
    assert_eq!(schedule("'{\"containerOverrides\": ['"), ["wrong-format"]);
    let machine = |name: &str| {
        task(&format!(
            "  Machine:
    Type: AWS::StepFunctions::StateMachine
    Properties:
      RoleArn: arn:aws:iam::123456789012:role/states
      DefinitionString: !Sub '{{\"StartAt\": \"Run\", \"States\": {{\"Run\": {{\"Type\": \"Task\", \"End\": true, \"Resource\": \"arn:aws:states:::ecs:runTask.sync\", \"Parameters\": {{\"TaskDefinition\": \"${{Task}}\", \"Overrides\": {{\"ContainerOverrides\": [{{\"Name\": \"{name}\"}}]}}}}}}}}}}'
"
        ))
    };
    assert_eq!(machine("web"), Vec::<&str>::new());
    assert_eq!(machine("app"), ["unknown-container"]);
}

#[test]
fn secret_as_plain_text_is_reported_and_a_reference_is_not() {
    let database = |password: &str| {
        codes(&format!(
            "Parameters: {{Password: {{Type: String, NoEcho: true}}}}
Resources:
  Db:
    Type: AWS::RDS::DBInstance
    Properties: {{DBInstanceClass: db.t4g.micro, Engine: postgres, AllocatedStorage: '20', MasterUsername: app, MasterUserPassword: {password}}}
  Topic: {{Type: AWS::SNS::Topic, Properties: {{DisplayName: !Sub '${{Password}}'}}}}
"
        ))
    };
    assert!(database("correct-horse-battery").contains(&"plaintext-secret"));
    for right in ["!Ref Password", "'{{resolve:secretsmanager:db:SecretString:password}}'", "!Sub '${Password}'"] {
        assert!(!database(right).contains(&"plaintext-secret"), "{right}");
    }
}

#[test]
fn restored_database_has_the_user_of_its_snapshot() {
    let cluster = |other: &str| {
        codes(&format!(
            "Resources:
  Db:
    Type: AWS::RDS::DBCluster
    Properties: {{Engine: aurora-mysql, MasterUserPassword: '{{{{resolve:secretsmanager:db:SecretString:password}}}}', {other}}}
"
        ))
    };
    assert!(!cluster("SnapshotIdentifier: nightly").contains(&"missing-property"));
    assert!(cluster("BackupRetentionPeriod: 7").contains(&"missing-property"));
}
