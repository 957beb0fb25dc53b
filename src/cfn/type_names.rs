//! Resource types that the code knows by name.

/// `AWS::ApplicationAutoScaling::ScalableTarget`.
pub(crate) const SCALABLE_TARGET: &str = "AWS::ApplicationAutoScaling::ScalableTarget";
/// `AWS::ApplicationAutoScaling::ScalingPolicy`.
pub(crate) const SCALING_POLICY: &str = "AWS::ApplicationAutoScaling::ScalingPolicy";
/// `AWS::AutoScaling::AutoScalingGroup`.
pub(crate) const AUTO_SCALING_GROUP: &str = "AWS::AutoScaling::AutoScalingGroup";
/// `AWS::EC2::InternetGateway`.
pub(crate) const INTERNET_GATEWAY: &str = "AWS::EC2::InternetGateway";
/// `AWS::EC2::NatGateway`.
pub(crate) const NAT_GATEWAY: &str = "AWS::EC2::NatGateway";
/// `AWS::EC2::Route`.
pub(crate) const ROUTE: &str = "AWS::EC2::Route";
/// `AWS::EC2::RouteTable`.
pub(crate) const ROUTE_TABLE: &str = "AWS::EC2::RouteTable";
/// `AWS::EC2::SecurityGroup`.
pub(crate) const SECURITY_GROUP: &str = "AWS::EC2::SecurityGroup";
/// `AWS::EC2::SecurityGroupEgress`.
pub(crate) const SECURITY_GROUP_EGRESS: &str = "AWS::EC2::SecurityGroupEgress";
/// `AWS::EC2::SecurityGroupIngress`.
pub(crate) const SECURITY_GROUP_INGRESS: &str = "AWS::EC2::SecurityGroupIngress";
/// `AWS::EC2::Subnet`.
pub(crate) const SUBNET: &str = "AWS::EC2::Subnet";
/// `AWS::EC2::SubnetRouteTableAssociation`.
pub(crate) const ROUTE_TABLE_ASSOCIATION: &str = "AWS::EC2::SubnetRouteTableAssociation";
/// `AWS::EC2::VPC`.
pub(crate) const VPC: &str = "AWS::EC2::VPC";
/// `AWS::EC2::VPCEndpoint`.
pub(crate) const VPC_ENDPOINT: &str = "AWS::EC2::VPCEndpoint";
/// `AWS::EC2::VPCGatewayAttachment`.
pub(crate) const GATEWAY_ATTACHMENT: &str = "AWS::EC2::VPCGatewayAttachment";
/// `AWS::ECS::ExpressGatewayService`.
pub(crate) const EXPRESS_SERVICE: &str = "AWS::ECS::ExpressGatewayService";
/// `AWS::ECS::Cluster`.
pub(crate) const CLUSTER: &str = "AWS::ECS::Cluster";
/// `AWS::ECS::Service`.
pub(crate) const SERVICE: &str = "AWS::ECS::Service";
/// `AWS::ECS::TaskDefinition`.
pub(crate) const TASK_DEFINITION: &str = "AWS::ECS::TaskDefinition";
/// `AWS::ElasticLoadBalancingV2::Listener`.
pub(crate) const LISTENER: &str = "AWS::ElasticLoadBalancingV2::Listener";
/// `AWS::ElasticLoadBalancingV2::ListenerCertificate`.
pub(crate) const LISTENER_CERTIFICATE: &str = "AWS::ElasticLoadBalancingV2::ListenerCertificate";
/// `AWS::ElasticLoadBalancingV2::ListenerRule`.
pub(crate) const LISTENER_RULE: &str = "AWS::ElasticLoadBalancingV2::ListenerRule";
/// `AWS::ElasticLoadBalancingV2::LoadBalancer`.
pub(crate) const LOAD_BALANCER: &str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
/// `AWS::ElasticLoadBalancingV2::TargetGroup`.
pub(crate) const TARGET_GROUP: &str = "AWS::ElasticLoadBalancingV2::TargetGroup";
/// `AWS::CloudWatch::Alarm`.
pub(crate) const ALARM: &str = "AWS::CloudWatch::Alarm";
/// `AWS::IAM::Role`.
pub(crate) const ROLE: &str = "AWS::IAM::Role";
/// `AWS::Lambda::Alias`.
pub(crate) const FUNCTION_ALIAS: &str = "AWS::Lambda::Alias";
/// `AWS::Lambda::Function`.
pub(crate) const FUNCTION: &str = "AWS::Lambda::Function";
/// `AWS::Lambda::Version`.
pub(crate) const FUNCTION_VERSION: &str = "AWS::Lambda::Version";
/// `AWS::Lambda::Function`.
pub(crate) const LAMBDA_FUNCTION: &str = "AWS::Lambda::Function";
/// `AWS::Logs::LogGroup`.
pub(crate) const LOG_GROUP: &str = "AWS::Logs::LogGroup";
/// `AWS::S3::Bucket`.
pub(crate) const BUCKET: &str = "AWS::S3::Bucket";
/// `AWS::S3::BucketPolicy`.
pub(crate) const BUCKET_POLICY: &str = "AWS::S3::BucketPolicy";
/// `AWS::SQS::Queue`.
pub(crate) const QUEUE: &str = "AWS::SQS::Queue";
/// `AWS::SSM::Parameter`.
pub(crate) const SSM_PARAMETER: &str = "AWS::SSM::Parameter";
/// `AWS::EFS::FileSystem`.
pub(crate) const FILE_SYSTEM: &str = "AWS::EFS::FileSystem";
/// `AWS::EFS::MountTarget`.
pub(crate) const MOUNT_TARGET: &str = "AWS::EFS::MountTarget";
/// `AWS::EFS::AccessPoint`.
pub(crate) const ACCESS_POINT: &str = "AWS::EFS::AccessPoint";
/// `AWS::SQS::QueuePolicy`.
pub(crate) const QUEUE_POLICY: &str = "AWS::SQS::QueuePolicy";
/// `AWS::SNS::Subscription`.
pub(crate) const SUBSCRIPTION: &str = "AWS::SNS::Subscription";
/// `AWS::SNS::Topic`.
pub(crate) const TOPIC: &str = "AWS::SNS::Topic";
/// `AWS::DynamoDB::Table`.
pub(crate) const TABLE: &str = "AWS::DynamoDB::Table";
/// `AWS::SecretsManager::Secret`.
pub(crate) const SECRET: &str = "AWS::SecretsManager::Secret";
/// `AWS::ECR::Repository`.
pub(crate) const REPOSITORY: &str = "AWS::ECR::Repository";
/// `AWS::RDS::DBCluster`.
pub(crate) const DB_CLUSTER: &str = "AWS::RDS::DBCluster";
/// `AWS::RDS::DBInstance`.
pub(crate) const DB_INSTANCE: &str = "AWS::RDS::DBInstance";
/// `AWS::ElastiCache::ReplicationGroup`.
pub(crate) const REPLICATION_GROUP: &str = "AWS::ElastiCache::ReplicationGroup";
/// `AWS::ElastiCache::ServerlessCache`.
pub(crate) const SERVERLESS_CACHE: &str = "AWS::ElastiCache::ServerlessCache";

/// Returns whether resources of a type are services of ECS: those of Express Mode are services, too.
pub(crate) fn is_service(kind: &str) -> bool {
    kind == SERVICE || kind == EXPRESS_SERVICE
}
