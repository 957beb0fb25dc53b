//! Deletions of resources that others use or that are protected.

use super::{NETWORKS, reasons, refuses_deletion, template};
use crate::testing::harness::{Harness, stack};

#[test]
fn subnet_group_of_a_database_or_cache_is_not_deleted() {
    let group =
        "  Group: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: it, SubnetIds: [subnet-1]}}\n";
    let database = |id: &str| {
        format!(
            "  Db: {{Type: AWS::RDS::DBInstance, Properties: {{DBSubnetGroupName: {id}, Engine: mysql, DBInstanceClass: db.t4g.micro}}}}\n"
        )
    };
    let expected = ("InvalidDBSubnetGroupStateFault", "because at least one database instance: ");
    refuses_deletion(group, "AWS::RDS::DBSubnetGroup", database, expected);
    let group =
        "  Group: {Type: AWS::ElastiCache::SubnetGroup, Properties: {Description: it, SubnetIds: [subnet-1]}}\n";
    let cache = |id: &str| {
        format!(
            "  Cache: {{Type: AWS::ElastiCache::CacheCluster, Properties: {{CacheSubnetGroupName: {id}, Engine: redis, NumCacheNodes: 1, CacheNodeType: cache.t4g.micro}}}}\n"
        )
    };
    let expected = ("CacheSubnetGroupInUse", "is currently in use by a cache cluster.");
    refuses_deletion(group, "AWS::ElastiCache::SubnetGroup", cache, expected);
}

#[test]
fn file_system_with_mount_targets_is_not_deleted() {
    let mount = |id: &str| {
        format!(
            "  Mount: {{Type: AWS::EFS::MountTarget, Properties: {{FileSystemId: {id}, SubnetId: subnet-1, SecurityGroups: [sg-1]}}}}\n"
        )
    };
    let expected = ("FileSystemInUse", "cannot be deleted because it has mount targets.");
    refuses_deletion("  Files: {Type: AWS::EFS::FileSystem}\n", "AWS::EFS::FileSystem", mount, expected);
}

#[test]
fn security_group_and_subnet_with_interfaces_are_not_deleted() {
    let function = |subnet: &str, group: &str| {
        format!(
            "  Mount: {{Type: AWS::EFS::MountTarget, Properties: {{FileSystemId: fs-1, SubnetId: {subnet}, SecurityGroups: [{group}]}}}}\n"
        )
    };
    let group = "  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web, VpcId: vpc-1}}\n";
    let expected = ("DependencyViolation", "has a dependent object");
    refuses_deletion(group, "AWS::EC2::SecurityGroup", |id| function("subnet-1", id), expected);
    let subnet = "  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24}}\n";
    let expected = ("DependencyViolation", "has dependencies and cannot be deleted.");
    refuses_deletion(subnet, "AWS::EC2::Subnet", |id| function(id, "sg-1"), expected);
    let peer = |id: &str| {
        format!(
            "  Peer: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: web, VpcId: vpc-1, SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: 80, ToPort: 80, SourceSecurityGroupId: {id}}}]}}}}\n"
        )
    };
    refuses_deletion(group, "AWS::EC2::SecurityGroup", peer, ("DependencyViolation", "has a dependent object"));
}

#[test]
fn route_table_and_address_in_use_are_not_deleted() {
    let table = "  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: vpc-1}}\n";
    let association = |id: &str| {
        format!(
            "  It: {{Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {{SubnetId: subnet-1, RouteTableId: {id}}}}}\n"
        )
    };
    let expected = ("DependencyViolation", "The routeTable 'rtb-");
    refuses_deletion(table, "AWS::EC2::RouteTable", association, expected);
    let association =
        |id: &str| format!("  It: {{Type: AWS::EC2::EIPAssociation, Properties: {{EIP: {id}, InstanceId: i-1}}}}\n");
    let expected = ("InvalidIPAddress.InUse", "is in use.");
    refuses_deletion("  Address: {Type: AWS::EC2::EIP}\n", "AWS::EC2::EIP", association, expected);
}

#[test]
fn cluster_with_services_is_not_deleted() {
    let service = |id: &str| {
        format!(
            "
  Task: {{Type: AWS::ECS::TaskDefinition, Properties: {{Family: it, ContainerDefinitions: [{{Name: it, Image: 'nginx:1', Memory: 128}}]}}}}
  Service: {{Type: AWS::ECS::Service, Properties: {{Cluster: {id}, TaskDefinition: !Ref Task, DesiredCount: 0}}}}
"
        )
    };
    let expected = ("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.");
    refuses_deletion("  Cluster: {Type: AWS::ECS::Cluster}\n", "AWS::ECS::Cluster", service, expected);
}

#[test]
fn namespace_with_services_is_not_deleted() {
    let service = |id: &str| {
        format!(
            "  It: {{Type: AWS::ServiceDiscovery::Service, Properties: {{Name: api, NamespaceId: {id}, Type: HTTP}}}}\n"
        )
    };
    let namespace = "  Apps: {Type: AWS::ServiceDiscovery::HttpNamespace, Properties: {Name: apps}}\n";
    let expected = ("ResourceInUse", "Namespace has associated services; delete the services before");
    refuses_deletion(namespace, "AWS::ServiceDiscovery::HttpNamespace", service, expected);
}

#[test]
fn attached_policy_and_role_in_a_profile_are_not_deleted() {
    const TRUST: &str = "AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: 'sts:AssumeRole'}]}";
    let policy = "  Policy: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [{Effect: Allow, Action: 's3:*', Resource: '*'}]}}}\n";
    let role = |arn: &str| {
        format!("  Role: {{Type: AWS::IAM::Role, Properties: {{ManagedPolicyArns: ['{arn}'], {TRUST}}}}}\n")
    };
    let expected = ("DeleteConflict", "Cannot delete a policy attached to entities.");
    refuses_deletion(policy, "AWS::IAM::ManagedPolicy", role, expected);
    let role = format!("  Role: {{Type: AWS::IAM::Role, Properties: {{{TRUST}}}}}\n");
    let profile =
        |name: &str| format!("  Profile: {{Type: AWS::IAM::InstanceProfile, Properties: {{Roles: [{name}]}}}}\n");
    let expected = ("DeleteConflict", "must remove roles from instance profile first.");
    refuses_deletion(&role, "AWS::IAM::Role", profile, expected);
}

#[test]
fn certificate_and_target_group_of_a_listener_are_not_deleted() {
    let listener = |rest: &str| {
        format!(
            "
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: arn:aws:elasticloadbalancing:eu-central-1:123456789012:loadbalancer/app/shared/50dc6c495c0c9188
      Port: 443
      Protocol: HTTPS
      {rest}
"
        )
    };
    let certificate =
        "  Certificate: {Type: AWS::CertificateManager::Certificate, Properties: {DomainName: example.com}}\n";
    let with_certificate = |arn: &str| {
        listener(&format!(
            "Certificates: [{{CertificateArn: '{arn}'}}]\n      DefaultActions: [{{Type: fixed-response, FixedResponseConfig: {{StatusCode: '404'}}}}]"
        ))
    };
    let expected = ("ResourceInUseException", "in account 123456789012 is in use.");
    refuses_deletion(certificate, "AWS::CertificateManager::Certificate", with_certificate, expected);
    let group = "  Group: {Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: {VpcId: vpc-1, Port: 80, Protocol: HTTP, TargetType: ip}}\n";
    let with_group = |arn: &str| {
        listener(&format!(
            "Certificates: [{{CertificateArn: 'arn:aws:acm:eu-central-1:123456789012:certificate/1'}}]\n      DefaultActions: [{{Type: forward, TargetGroupArn: '{arn}'}}]"
        ))
    };
    let expected = ("ResourceInUse", "is currently in use by a listener or a rule");
    refuses_deletion(group, "AWS::ElasticLoadBalancingV2::TargetGroup", with_group, expected);
}

/// Asserts that AWS refuses to delete a stack because of one of its own resources.
fn refuses_destruction(body: &str, (code, message): (&str, &str)) {
    let harness = Harness::new(9);
    let web = stack("web", &template(&[body]));
    let report = harness.deploy(std::slice::from_ref(&web));
    assert!(report.outcome.is_success(), "{:?}", reasons(&report, "web"));
    let report = harness.destroy(&[web]);
    assert_eq!(harness.status("web").as_deref(), Some("DELETE_FAILED"));
    let refused = reasons(&report, "web");
    assert!(refused.iter().any(|it| it.contains(message) && it.contains(code)), "{code} is not in {refused:#?}");
}

/// Asserts that AWS refuses to delete the resource `It`, so that a failed creation of its stack is not rolled back. rtiler itself
/// refuses to destroy a stack with protected resources.
fn refuses_rollback(body: &str, (code, message): (&str, &str)) {
    let harness = Harness::new(9);
    let failing = "  Bucket: {DependsOn: It, Type: AWS::S3::Bucket, Properties: {BucketName: My_Bucket}}\n";
    let report = harness.deploy(&[stack("web", &template(&[body, failing]))]);
    assert_eq!(harness.status("web").as_deref(), Some("ROLLBACK_FAILED"));
    let refused = reasons(&report, "web");
    assert!(refused.iter().any(|it| it.contains(message) && it.contains(code)), "{code} is not in {refused:#?}");
}

#[test]
fn protected_resources_of_a_failed_creation_are_not_deleted() {
    refuses_rollback(
        "  It: {Type: AWS::ElasticLoadBalancingV2::LoadBalancer, Properties: {Subnets: [subnet-1, subnet-2], LoadBalancerAttributes: [{Key: deletion_protection.enabled, Value: 'true'}]}}\n",
        ("OperationNotPermitted", "cannot be deleted because deletion protection is enabled"),
    );
    refuses_rollback(
        "  It: {Type: AWS::RDS::DBInstance, Properties: {Engine: mysql, DBInstanceClass: db.t4g.micro, DeletionProtection: true}}\n",
        ("InvalidParameterCombination", "Cannot delete protected DB Instance, please disable deletion protection"),
    );
    refuses_rollback(
        "  It: {Type: AWS::RDS::DBCluster, Properties: {Engine: aurora-mysql, DeletionProtection: true}}\n",
        ("InvalidParameterCombination", "Cannot delete protected Cluster, please disable deletion protection"),
    );
    refuses_rollback(
        "  It: {Type: AWS::DynamoDB::Table, Properties: {BillingMode: PAY_PER_REQUEST, DeletionProtectionEnabled: true, AttributeDefinitions: [{AttributeName: id, AttributeType: S}], KeySchema: [{AttributeName: id, KeyType: HASH}]}}\n",
        ("ValidationException", "it is currently protected against deletion."),
    );
}

#[test]
fn bucket_with_access_logs_and_zone_with_validation_records_are_not_deleted() {
    let bucket = "
  Logs: {Type: AWS::S3::Bucket}
  Flows: {Type: AWS::EC2::FlowLog, Properties: {ResourceId: vpc-1, ResourceType: VPC, TrafficType: ALL, LogDestinationType: s3, LogDestination: !GetAtt Logs.Arn}}
";
    refuses_destruction(bucket, ("BucketNotEmpty", "The bucket you tried to delete is not empty"));
    let zone = "
  Zone: {Type: AWS::Route53::HostedZone, Properties: {Name: example.com}}
  Certificate:
    Type: AWS::CertificateManager::Certificate
    Properties:
      DomainName: example.com
      ValidationMethod: DNS
      DomainValidationOptions: [{DomainName: example.com, HostedZoneId: !Ref Zone}]
";
    refuses_destruction(zone, ("HostedZoneNotEmpty", "contains non-required resource record sets"));
}

#[test]
fn network_without_users_is_deleted() {
    let harness = Harness::new(9);
    let web = stack("web", &template(&[NETWORKS, super::GATEWAYS]));
    assert!(harness.deploy(std::slice::from_ref(&web)).outcome.is_success());
    assert!(harness.destroy(&[web]).outcome.is_success());
    assert_eq!(harness.resource_count(), 0);
}
