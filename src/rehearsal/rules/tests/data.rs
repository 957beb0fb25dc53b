//! Databases, caches, tables, file systems, repositories and buckets.

use super::{NETWORKS, accepts_each, accepts_update, refuses_creation, refuses_each, refuses_update, template};

const DATABASE: &str = "
  Group: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: it, SubnetIds: [!Ref One, !Ref Two]}}
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DBSubnetGroupName: !Ref Group
      VPCSecurityGroups: [!Ref Guard]
      Engine: postgres
      DBInstanceClass: db.t4g.micro
      AllocatedStorage: '20'
      MasterUsername: app
      MasterUserPassword: a-long-password
";

#[test]
fn database_with_an_invalid_password_user_or_network_is_refused() {
    let sound = template(&[NETWORKS, DATABASE]);
    accepts_update(&sound, &sound.replace("a-long-password", "another-password"));
    let refused = |old: &str, new: &str, code: &str, message: &str| {
        refuses_creation(&sound.replace(old, new), "Database", (code, message));
    };
    let short = "The parameter MasterUserPassword is not a valid password because it is shorter than 8 characters.";
    refused("a-long-password", "short", "InvalidParameterValue", short);
    refused("a-long-password", "with@an/address", "InvalidParameterValue", "Only printable ASCII characters besides");
    refused("Username: app", "Username: admin", "InvalidParameterValue", "MasterUsername admin cannot be used");
    let elsewhere = "The DB instance and EC2 security group are in different VPCs. The DB instance is in vpc-";
    refused("!Ref Guard", "!Ref OtherGuard", "InvalidParameterCombination", elsewhere);
}

#[test]
fn password_from_a_secret_is_accepted() {
    let body =
        template(&[NETWORKS, DATABASE]).replace("a-long-password", "'{{resolve:secretsmanager:db:SecretString:p}}'");
    accepts_update(&body, &body.replace("db.t4g.micro", "db.t4g.small"));
}

#[test]
fn database_subnets_of_another_network_are_refused() {
    let sound = template(&[NETWORKS, DATABASE]);
    let mixed = sound.replace("[!Ref One, !Ref Two]", "[!Ref One, !Ref Four]");
    refuses_creation(&mixed, "Group", ("InvalidSubnet", "The requested subnets are not all in the same VPC."));
    let moved = sound.replace("[!Ref One, !Ref Two]", "[!Ref Three, !Ref Four]");
    let message = "The new Subnets are not in the same Vpc as the existing subnet group";
    refuses_update(&sound, &moved, "Group", ("InvalidParameterValue", message));
}

#[test]
fn database_with_invalid_storage_zone_or_name_is_refused() {
    let sound = template(&[NETWORKS, DATABASE]);
    let refused = |old: &str, new: &str, code: &str, message: &str| {
        refuses_creation(&sound.replace(old, new), "Database", (code, message));
    };
    let combination = "InvalidParameterCombination";
    let size = "Invalid storage size for engine name postgres and storage type";
    refused("'20'", "'5'", combination, &format!("{size} gp2: 5"));
    refused("'20'", "'50'\n      StorageType: io2", combination, &format!("{size} io2: 50"));
    refused(
        "'20'",
        "'20'\n      MultiAZ: true\n      AvailabilityZone: eu-central-1a",
        combination,
        "a specific availability zone",
    );
    refused("'20'", "'20'\n      DBName: my-shop", "InvalidParameterValue", "DBName must begin with a letter");
    accepts_update(
        &sound.replace("'20'", "'5'\n      StorageType: standard\n      DBName: my_shop"),
        &sound.replace("'20'", "'100'\n      StorageType: standard\n      DBName: my_shop"),
    );
    let smaller = sound.replace("'20'", "'30'");
    refuses_update(&smaller, &sound, "Database", (combination, &format!("{size} gp2: 20")));
}

#[test]
fn instance_with_another_engine_than_its_cluster_is_refused() {
    let body = |engine: &str| {
        format!(
            "
  Cluster: {{Type: AWS::RDS::DBCluster, Properties: {{Engine: aurora-postgresql, MasterUsername: app, ManageMasterUserPassword: true}}}}
  Member: {{Type: AWS::RDS::DBInstance, Properties: {{DBClusterIdentifier: !Ref Cluster, Engine: {engine}, DBInstanceClass: db.t4g.medium}}}}
"
        )
    };
    accepts_each(&[&body("aurora-postgresql")]);
    let message = "(aurora-mysql) doesn't match the engine name of your DB cluster (aurora-postgresql)";
    refuses_each(&[(&body("aurora-mysql"), "Member", "InvalidParameterCombination", message)]);
}

#[test]
fn older_and_major_version_of_a_database_are_refused() {
    let of = |version: &str| {
        template(&[NETWORKS, DATABASE])
            .replace("Engine: postgres", &format!("Engine: postgres\n      EngineVersion: '{version}'"))
    };
    let refused = |before: &str, after: &str, message: &str| {
        refuses_update(&of(before), &of(after), "Database", ("InvalidParameterCombination", message));
    };
    refused("16.9", "16.4", "Cannot upgrade postgres from 16.9 to 16.4");
    refused("16.9", "15.13", "Cannot upgrade postgres from 16.9 to 15.13");
    // The plan refuses what the template does not allow, and a parameter is known to the deployment alone.
    let by_parameter = |version: &str| {
        let allow = "AllowMajorVersionUpgrade: !Ref Allow\n      MasterUsername";
        let parameters = "Parameters: {Allow: {Type: String, Default: 'false'}}\n";
        format!("{parameters}{}", of(version).replace("MasterUsername", allow))
    };
    let message = "The AllowMajorVersionUpgrade flag must be present";
    let expected = ("InvalidParameterCombination", message);
    refuses_update(&by_parameter("15.13"), &by_parameter("16.9"), "Database", expected);
    accepts_update(&of("16.4"), &of("16.9"));
    accepts_update(&of("16.4"), &of("16"));
    let allowed =
        |version| of(version).replace("MasterUsername", "AllowMajorVersionUpgrade: true\n      MasterUsername");
    accepts_update(&allowed("15.13"), &allowed("16.9"));
}

const CACHE: &str = "
  Group: {Type: AWS::ElastiCache::SubnetGroup, Properties: {Description: it, SubnetIds: [!Ref One, !Ref Two]}}
  Cache:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: it
      CacheSubnetGroupName: !Ref Group
      SecurityGroupIds: [!Ref Guard]
      Engine: redis
      CacheNodeType: cache.t4g.micro
      NumCacheClusters: 2
      AutomaticFailoverEnabled: true
      TransitEncryptionEnabled: true
      AuthToken: a-token-of-twenty-letters
";

#[test]
fn cache_that_elasticache_does_not_accept_is_refused() {
    let sound = template(&[NETWORKS, CACHE]);
    accepts_update(&sound, &sound.replace("cache.t4g.micro", "cache.t4g.small"));
    let refused = |old: &str, new: &str, resource: &str, code: &str, message: &str| {
        refuses_creation(&sound.replace(old, new), resource, (code, message));
    };
    let failover = "When using automatic failover, there must be at least 2 cache clusters";
    refused("NumCacheClusters: 2", "NumCacheClusters: 1", "Cache", "InvalidParameterCombination", failover);
    refused("a-token-of-twenty-letters", "short", "Cache", "InvalidParameterValue", "Invalid AuthToken provided.");
    let plain = "The AUTH token is only supported when encryption-in-transit is enabled";
    refused("TransitEncryptionEnabled: true", "Port: 6379", "Cache", "InvalidParameterCombination", plain);
    let elsewhere = "Some security groups are not in the VPC vpc-";
    refused("!Ref Guard", "!Ref OtherGuard", "Cache", "InvalidParameterValue", elsewhere);
    refused("[!Ref One, !Ref Two]", "[!Ref One, !Ref Four]", "Group", "InvalidSubnet", "are not in the same VPC.");
    let shards = |nodes: &str| sound.replace("NumCacheClusters: 2", nodes);
    let replicas = |count: u8| shards(&format!("NumNodeGroups: 1\n      ReplicasPerNodeGroup: {count}"));
    refuses_creation(&replicas(0), "Cache", ("InvalidParameterCombination", failover));
    accepts_each(&[
        &replicas(1)["Resources:\n".len()..],
        &shards("NumNodeGroups: 2\n      ReplicasPerNodeGroup: 0")["Resources:\n".len()..],
        &replicas(0)
            .replace("Engine: redis", "Engine: redis\n      CacheParameterGroupName: default.redis7.cluster.on")
            ["Resources:\n".len()..],
    ]);
    let zones = "Automatic failover must be enabled";
    let without = "AutomaticFailoverEnabled: false, MultiAZEnabled: true".replace(", ", "\n      ");
    refused("AutomaticFailoverEnabled: true", &without, "Cache", "InvalidParameterCombination", zones);
    let one = sound.replace("NumCacheClusters: 2", "NumCacheClusters: 1");
    refuses_update(&sound, &one, "Cache", ("InvalidParameterCombination", failover));
    let version =
        |number: &str| sound.replace("Engine: redis", &format!("Engine: redis\n      EngineVersion: '{number}'"));
    let older = "Cannot downgrade the engine version from 7.1 to 6.2.";
    refuses_update(&version("7.1"), &version("6.2"), "Cache", ("InvalidParameterValue", older));
    accepts_update(&version("6.2"), &version("7.1"));
}

#[test]
fn table_whose_keys_differ_from_its_attributes_is_refused() {
    let table = |attributes: &str, rest: &str| {
        format!(
            "
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{attributes}]
      KeySchema: [{{AttributeName: id, KeyType: HASH}}]
      {rest}
"
        )
    };
    let id = "{AttributeName: id, AttributeType: S}";
    let owner = "{AttributeName: owner, AttributeType: S}";
    let index = |name: &str| {
        format!(
            "{{IndexName: {name}, KeySchema: [{{AttributeName: owner, KeyType: HASH}}], Projection: {{ProjectionType: ALL}}}}"
        )
    };
    let indexes = |names: &[&str]| {
        format!("GlobalSecondaryIndexes: [{}]", names.iter().map(|name| index(name)).collect::<Vec<_>>().join(", "))
    };
    let both = format!("{id}, {owner}");
    accepts_each(&[&table(id, ""), &table(&both, &indexes(&["one", "two"]))]);
    let invalid = "ValidationException";
    refuses_each(&[
        (
            &table(owner, ""),
            "Table",
            invalid,
            "Some index key attributes are not defined in AttributeDefinitions. Keys: [id]",
        ),
        (&table(&both, ""), "Table", invalid, "Number of attributes in KeySchema does not exactly match"),
        (&table(id, &indexes(&["one"])), "Table", invalid, "Keys: [owner], AttributeDefinitions: [id]"),
        (
            &table(id, "ProvisionedThroughput: {ReadCapacityUnits: 1, WriteCapacityUnits: 1}"),
            "Table",
            invalid,
            "can be specified when BillingMode is PAY_PER_REQUEST",
        ),
        (
            &table(id, "").replace("BillingMode: PAY_PER_REQUEST", "BillingMode: PROVISIONED"),
            "Table",
            invalid,
            "must both be specified when BillingMode is PROVISIONED",
        ),
    ]);
    let (one, three) = (table(&both, &indexes(&["one"])), table(&both, &indexes(&["one", "two", "three"])));
    let message = "Cannot perform more than one GSI creation or deletion in a single update";
    refuses_update(&template(&[&one]), &template(&[&three]), "Table", (invalid, message));
    accepts_update(&template(&[&one]), &template(&[&table(&both, &indexes(&["one", "two"]))]));
}

#[test]
fn second_mount_target_in_a_zone_is_refused() {
    let mount = |id: &str, subnet: &str, guard: &str| {
        format!(
            "
  {id}:
    Type: AWS::EFS::MountTarget
    Properties: {{FileSystemId: !Ref Files, SubnetId: !Ref {subnet}, SecurityGroups: [!Ref {guard}]}}
"
        )
    };
    let files = "  Files: {Type: AWS::EFS::FileSystem}\n";
    let first = template(&[NETWORKS, files, &mount("First", "One", "Guard")]);
    let with = |other: String| template(&[NETWORKS, files, &mount("First", "One", "Guard"), &other]);
    accepts_update(&first, &with(mount("Second", "Two", "Guard")));
    let conflict = ("MountTargetConflict", "mount target already exists in this AZ");
    refuses_update(&first, &with(mount("Second", "One", "Guard")), "Second", conflict);
    let elsewhere = ("MountTargetConflict", "is not in the same VPC as existing mount targets");
    refuses_update(&first, &with(mount("Second", "Four", "OtherGuard")), "Second", elsewhere);
    let group = ("SecurityGroupNotFound", "does not exist in the subnet's VPC");
    refuses_update(&first, &with(mount("Second", "Two", "OtherGuard")), "Second", group);
}

#[test]
fn bucket_with_an_invalid_name_or_access_list_is_refused() {
    let bucket = |properties: &str| format!("  Bucket: {{Type: AWS::S3::Bucket, Properties: {{{properties}}}}}\n");
    let acl = "InvalidBucketAclWithObjectOwnership";
    refuses_each(&[
        (&bucket("BucketName: my_bucket"), "Bucket", "InvalidBucketName", "Bucket name should not contain '_'"),
        (&bucket("BucketName: MyBucket"), "Bucket", "InvalidBucketName", "should not contain uppercase characters"),
        (&bucket("BucketName: ab"), "Bucket", "InvalidBucketName", "should be between 3 and 63 characters long"),
        (
            &bucket("AccessControl: LogDeliveryWrite"),
            "Bucket",
            acl,
            "Bucket cannot have ACLs set with ObjectOwnership's",
        ),
    ]);
    accepts_each(&[
        &bucket("AccessControl: LogDeliveryWrite, OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}"),
        &bucket("BucketName: logs.example.com-2026"),
    ]);
}

#[test]
fn bucket_whose_events_nothing_may_receive_is_refused() {
    let body = |policy: &str| {
        format!(
            "
  Jobs: {{Type: AWS::SQS::Queue}}
  {policy}
  Bucket:
    Type: AWS::S3::Bucket
    Properties: {{NotificationConfiguration: {{QueueConfigurations: [{{Event: 's3:ObjectCreated:*', Queue: !GetAtt Jobs.Arn}}]}}}}
"
        )
    };
    let policy = |principal: &str| {
        format!(
            "Policy: {{Type: AWS::SQS::QueuePolicy, Properties: {{Queues: [!Ref Jobs], PolicyDocument: {{Statement: [{{Effect: Allow, Principal: {principal}, Action: 'sqs:SendMessage', Resource: '*'}}]}}}}}}"
        )
    };
    let waiting = |body: String| body.replace("Type: AWS::S3::Bucket", "Type: AWS::S3::Bucket\n    DependsOn: Policy");
    accepts_each(&[&waiting(body(&policy("{Service: s3.amazonaws.com}")))]);
    let message = "Unable to validate the following destination configurations";
    refuses_each(&[
        (&body(""), "Bucket", "InvalidArgument", message),
        (&waiting(body(&policy("{Service: events.amazonaws.com}"))), "Bucket", "InvalidArgument", message),
    ]);
}

#[test]
fn parameter_group_of_another_family_is_refused_and_one_in_use_is_kept() {
    let parameters = "
  Parameters: {Type: AWS::RDS::DBParameterGroup, Properties: {Description: it, Family: postgres17}}
";
    let with = |version: &str| {
        let group =
            format!("Engine: postgres\n      EngineVersion: '{version}'\n      DBParameterGroupName: !Ref Parameters");
        template(&[NETWORKS, DATABASE, parameters]).replace("Engine: postgres", &group)
    };
    accepts_update(&with("17.5"), &with("17.6"));
    let message = "with DBParameterGroupFamily postgres17 can't be used for this instance";
    refuses_creation(&with("16.9"), "Database", ("InvalidParameterCombination", message));
}
