//! Databases, caches, queues, buckets and other blocks that hold data.

use crate::scripted::{problems, property, resource, stack, stacks};

#[test]
fn database_is_private_encrypted_and_leaves_a_snapshot() {
    let shop = stack("Stack(\"shop\").add(Database(\"Shop\"))");
    let of = |path: &str| property(&shop, "ShopDatabase", path);
    assert_eq!((of("PubliclyAccessible"), of("StorageEncrypted")), ("false".to_owned(), "true".to_owned()));
    assert_eq!(of("BackupRetentionPeriod"), "7");
    let attributes = &resource(&shop, "ShopDatabase").attributes;
    assert_eq!(attributes["DeletionPolicy"].as_str(), Some("Snapshot"));
    assert_eq!(attributes["UpdateReplacePolicy"].as_str(), Some("Snapshot"));
    assert!(property(&shop, "ShopDatabaseSubnetGroup", "SubnetIds").contains("VpcPrivateSubnet1"));
    assert!(of("MasterUserPassword").contains("resolve:secretsmanager"));
}

#[test]
fn database_without_a_network_of_its_own_is_in_that_of_its_stack() {
    let net = "let net = Vpc(\"Net\").nat_gateways(1); ";
    let set = stack(&format!("{net}Stack(\"shop\").vpc(net).add(Database(\"Shop\"))"));
    assert!(property(&set, "ShopDatabaseSubnetGroup", "SubnetIds").contains("NetVpcPrivateSubnet1"));
    assert!(!set.template.resources.contains_key("Vpc"));
    assert!(!set.template.resources.contains_key("Cluster"), "a database needs no cluster");
    let own = stack(&format!("{net}Stack(\"shop\").add(Database(\"Shop\").vpc(net))"));
    assert!(!own.template.resources.contains_key("Vpc"));
}

#[test]
fn public_subnets_of_a_network_without_others_hold_a_database_without_a_public_address() {
    let shop = stack(
        "let net = Vpc::existing(\"vpc-0123456789abcdef0\")\
         .public_subnets([\"subnet-0123456789abcdef0\", \"subnet-0123456789abcdef1\"]);\n\
         Stack(\"shop\").vpc(net).add(Database(\"Shop\"))",
    );
    assert!(property(&shop, "ShopDatabaseSubnetGroup", "SubnetIds").contains("subnet-0123456789abcdef1"));
    assert_eq!(property(&shop, "ShopDatabase", "PubliclyAccessible"), "false");
}

#[test]
fn aurora_has_a_cluster_and_a_second_instance_in_another_zone() {
    let shop = stack(
        "Stack(\"shop\").add(Database(\"Shop\").engine(\"aurora-postgresql\").serverless(0.5, 4).multi_az().engine_parameter(\"a\", 1))",
    );
    assert_eq!(property(&shop, "ShopDatabaseCluster", "ServerlessV2ScalingConfiguration.MinCapacity"), "0.5");
    assert_eq!(property(&shop, "ShopDatabaseInstance2", "DBInstanceClass"), "\"db.serverless\"");
    assert_eq!(property(&shop, "ShopDatabaseParameterGroup", "Family"), "\"aurora-postgresql17\"");
    assert!(!shop.template.resources.contains_key("ShopDatabaseInstance3"));
}

#[test]
fn restored_database_has_the_user_and_encryption_of_its_snapshot() {
    let shop = stack("Stack(\"shop\").add(Database(\"Shop\").snapshot(\"before\").managed_password())");
    let database = resource(&shop, "ShopDatabase");
    for inherited in ["MasterUsername", "StorageEncrypted", "DBName", "MasterUserPassword"] {
        assert!(!database.properties.contains_key(inherited), "{inherited}");
    }
    assert!(!shop.template.resources.contains_key("ShopDatabaseSecret"));
}

#[test]
fn cache_with_replicas_fails_over_and_one_node_does_not() {
    let shop = |setters: &str| stack(&format!("Stack(\"shop\").add(Cache(\"Pages\"){setters})"));
    let failover = |setters: &str| property(&shop(setters), "PagesCache", "AutomaticFailoverEnabled");
    assert_eq!((failover(""), failover(".nodes(2)")), ("false".to_owned(), "true".to_owned()));
    let serverless = shop(".serverless(5)");
    assert_eq!(property(&serverless, "PagesServerlessCache", "ServerlessCacheName"), "\"shop-pages\"");
    assert!(!serverless.template.resources.contains_key("PagesCacheSubnetGroup"));
}

#[test]
fn first_topic_of_a_queue_admits_all_of_its_topics() {
    let shop = stack(
        "let jobs = Queue(\"Jobs\");
         Stack(\"shop\").add([Topic(\"Orders\").subscribe(jobs), Topic(\"Events\").subscribe(jobs)])",
    );
    let sources = property(&shop, "JobsQueuePolicy", "PolicyDocument.Statement.0.Condition.ArnEquals");
    assert!(sources.contains("EventsTopic") && sources.contains("OrdersTopic"), "{sources}");
    assert_eq!(property(&shop, "OrdersTopicToJobs", "Protocol"), "\"sqs\"");
}

#[test]
fn topic_sends_to_a_queue_of_another_stack() {
    let all = stacks(
        "let jobs = Queue(\"Jobs\");
         [Stack(\"jobs\").add(jobs), Stack(\"shop\").add(Topic(\"Orders\").subscribe(jobs))]",
    );
    assert_eq!(all[1].after, ["jobs"]);
    assert!(all[1].template.resources.contains_key("JobsQueuePolicy"));
}

#[test]
fn encrypted_topic_admits_alarms_to_its_key() {
    let shop = stack("Stack(\"shop\").add(Topic(\"Alerts\").encrypted().email(\"ops@example.com\"))");
    assert!(property(&shop, "AlertsTopicKey", "KeyPolicy.Statement").contains("cloudwatch.amazonaws.com"));
    assert_eq!(property(&shop, "AlertsTopicToOpsExampleCom", "Protocol"), "\"email\"");
}

#[test]
fn message_that_fails_goes_to_the_dead_letter_queue_of_the_same_kind() {
    let shop = stack("Stack(\"shop\").add(Queue(\"Jobs\").fifo().dead_letter(3).retention(1))");
    assert_eq!(property(&shop, "JobsQueue", "RedrivePolicy.maxReceiveCount"), "3");
    assert_eq!(property(&shop, "JobsQueue", "MessageRetentionPeriod"), "86400");
    assert_eq!(property(&shop, "JobsDeadLetterQueue", "FifoQueue"), "true");
    let none = stack("Stack(\"shop\").add(Queue(\"Jobs\").no_dead_letter())");
    assert_eq!(none.template.resources.len(), 1);
}

#[test]
fn data_is_kept_when_its_stack_is_deleted_unless_the_script_says_otherwise() {
    let blocks = [
        ("Bucket(\"A\")", "ABucket"),
        ("Table(\"A\").partition_key(\"id\")", "ATable"),
        ("FileSystem(\"A\")", "AFileSystem"),
        ("Secret(\"A\")", "ASecret"),
        ("Repository(\"A\")", "ARepository"),
    ];
    for (block, id) in blocks {
        let policy = |script: &str| {
            let made = stack(&format!("Stack(\"a\").add({script})"));
            resource(&made, id).attributes["DeletionPolicy"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(policy(block), "RetainExceptOnCreate", "{block}");
        assert_eq!(policy(&format!("{block}.delete_with_stack()")), "Delete", "{block}");
    }
}

#[test]
fn secret_of_keys_is_json_and_generates_one_of_them() {
    let made = stack("Stack(\"a\").add(Secret(\"Mail\").key(\"user\", \"a\\\"b\").generate(\"password\"))");
    let template = property(&made, "MailSecret", "GenerateSecretString.SecretStringTemplate");
    assert_eq!(template, r#""{\"user\":\"a\\\"b\"}""#);
    let given = stack("Stack(\"a\").add(Secret(\"Mail\").key(\"user\", \"shop\"))");
    assert_eq!(property(&given, "MailSecret", "SecretString"), r#""{\"user\":\"shop\"}""#);
}

#[test]
fn file_system_has_a_mount_target_in_each_zone() {
    let made = stack("Stack(\"a\").vpc(Vpc(\"Net\").azs(3).nat_gateways(1)).add(FileSystem(\"Files\").owner(33, 34))");
    assert!(property(&made, "FilesFileSystemMountTarget3", "SubnetId").contains("NetVpcPrivateSubnet3"));
    assert_eq!(property(&made, "FilesFileSystemAccessPoint", "PosixUser.Gid"), "\"34\"");
}

#[test]
fn setting_that_aws_refuses_is_shown_at_its_line() {
    let found = problems("Stack(\"a\").add(Queue(\"Jobs\").visibility_timeout(86400))");
    assert_eq!(found.first().map(|(code, _)| *code), Some("data-setting"), "{found:?}");
}

#[test]
fn names_and_storage_of_a_snapshot_are_not_invented() {
    let restored = |setters: &str| {
        stack(&format!(
            "let db = Database(\"Shop\").snapshot(\"before\"){setters};\n\
             let web = FargateService(\"Web\").image(\"ghcr.io/example/shop:1.4.2\").link(db);\nStack(\"shop\").add(web)"
        ))
    };
    let unknown = restored("");
    let database = resource(&unknown, "ShopDatabase");
    assert!(
        !database.properties.contains_key("AllocatedStorage")
            && !database.properties.contains_key("MaxAllocatedStorage")
    );
    let variables = property(&unknown, "WebTask", "ContainerDefinitions.0.Environment");
    assert!(variables.contains("DB_HOST") && !variables.contains("DB_NAME") && !variables.contains("DB_USER"));
    assert!(!property(&unknown, "ShopDatabaseSecret", "GenerateSecretString.SecretStringTemplate").contains("app"));
    let named = restored(".database(\"store\").user(\"owner\").storage(100)");
    let variables = property(&named, "WebTask", "ContainerDefinitions.0.Environment");
    assert!(variables.contains("store") && variables.contains("owner"));
    assert_eq!(property(&named, "ShopDatabase", "AllocatedStorage"), "\"100\"");
    assert!(!resource(&named, "ShopDatabase").properties.contains_key("DBName"));
}

#[test]
fn serverless_cache_opens_both_ports_and_says_that_it_is_a_cluster() {
    let of = |setters: &str| {
        stack(&format!(
            "let web = FargateService(\"Web\").image(\"ghcr.io/example/shop:1.4.2\").link(Cache(\"Pages\"){setters});\n\
             Stack(\"shop\").add(web)"
        ))
    };
    let serverless = of(".serverless(5)");
    let ports = |shop: &_| {
        (property(shop, "WebServiceToPagesCache", "FromPort"), property(shop, "WebServiceToPagesCache", "ToPort"))
    };
    assert_eq!(ports(&serverless), ("6379".to_owned(), "6380".to_owned()));
    let variables = property(&serverless, "WebTask", "ContainerDefinitions.0.Environment");
    assert!(variables.contains("CACHE_CLUSTER_MODE") && variables.contains("CACHE_READER_PORT"));
    let nodes = of("");
    assert_eq!(ports(&nodes), ("6379".to_owned(), "6379".to_owned()));
    assert!(!property(&nodes, "WebTask", "ContainerDefinitions.0.Environment").contains("CLUSTER_MODE"));
}

#[test]
fn long_names_of_serverless_caches_are_cut_and_stay_different() {
    let shop = stack(
        "let long = \"Sessions-Of-Customers-In-The-Old-Shop-\";\n\
         Stack(\"production\").add([Cache(`${long}One`).serverless(5), Cache(`${long}Two`).serverless(5)])",
    );
    let name = |end: &str| {
        property(&shop, &format!("SessionsOfCustomersInTheOldShop{end}ServerlessCache"), "ServerlessCacheName")
    };
    assert_ne!(name("One"), name("Two"));
    assert!(name("One").len() <= 42 && name("Two").len() <= 42, "{} {}", name("One"), name("Two"));
}

#[test]
fn nodes_with_disks_enable_data_tiering() {
    let shop = stack("Stack(\"shop\").add([Cache(\"A\").node_type(\"cache.r6gd.xlarge\"), Cache(\"B\")])");
    assert_eq!(property(&shop, "ACache", "DataTieringEnabled"), "true");
    assert!(!resource(&shop, "BCache").properties.contains_key("DataTieringEnabled"));
}

#[test]
fn link_permits_the_key_that_an_override_sets() {
    let shop = stack(
        "let jobs = Queue(\"Jobs\").override(\"Queue\", \"KmsMasterKeyId\", \"1234abcd-12ab-34cd-56ef-1234567890ab\");\n\
         let web = FargateService(\"Web\").image(\"ghcr.io/example/shop:1.4.2\").link(jobs, \"read\");\n\
         Stack(\"shop\").add(web)",
    );
    let policy = property(&shop, "WebTaskRole", "Policies");
    assert!(policy.contains("key/1234abcd-12ab-34cd-56ef-1234567890ab") && policy.contains("kms:Decrypt"), "{policy}");
    assert!(!policy.contains("kms:GenerateDataKey"));
    // One kind of encryption alone is possible.
    assert!(!resource(&shop, "JobsQueue").properties.contains_key("SqsManagedSseEnabled"));
    assert_eq!(property(&shop, "JobsDeadLetterQueue", "SqsManagedSseEnabled"), "true");
}

#[test]
fn encrypted_topic_admits_events_without_a_condition() {
    let shop = stack("Stack(\"shop\").add(Topic(\"Alerts\").encrypted())");
    let statements = property(&shop, "AlertsTopicKey", "KeyPolicy.Statement");
    assert_eq!(statements.matches("aws:SourceAccount").count(), 1, "{statements}");
}
