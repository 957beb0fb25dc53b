//! Links of services by `.link`, and their alarms and dashboards.

use crate::scripted::{problems, property, resource, stack, stacks};

/// Returns the stack of a service with setters, after other statements.
fn web(before: &str, setters: &str) -> rtiler::synth::DesiredStack {
    stack(&format!(
        "{before} Stack(\"shop\").add(FargateService(\"Web\").image(\"ghcr.io/example/web:1.0.0\"){setters})"
    ))
}

/// Returns the environment and the secrets of the main container.
fn variables(shop: &rtiler::synth::DesiredStack) -> (String, String) {
    let of = |name: &str| property(shop, "WebTask", &format!("ContainerDefinitions.0.{name}"));
    (of("Environment"), of("Secrets"))
}

#[test]
fn linked_database_admits_the_tasks_and_gives_them_its_address_and_password() {
    let shop = web("", ".link(Database(\"Shop\").database(\"shop\"))");
    let rule = "WebServiceToShopDatabase";
    assert_eq!(property(&shop, rule, "FromPort"), "5432");
    assert!(property(&shop, rule, "GroupId").contains("ShopDatabaseSecurityGroup"));
    assert!(property(&shop, rule, "SourceSecurityGroupId").contains("WebServiceSecurityGroup"));
    let (env, secrets) = variables(&shop);
    for name in ["DB_HOST", "DB_PORT", "DB_NAME", "DB_USER"] {
        assert!(env.contains(name), "{env}");
    }
    assert!(secrets.contains("DB_PASSWORD") && secrets.contains(":password::"), "{secrets}");
    let waits = &resource(&shop, "WebService").depends_on;
    assert!(waits.contains(&rule.into()) && waits.contains(&"ShopDatabase".into()), "{waits:?}");
    let statements = property(&shop, "WebExecutionRole", "Policies.0.PolicyDocument.Statement");
    assert!(statements.contains("secretsmanager:GetSecretValue") && !statements.contains("ssm:"), "{statements}");
}

#[test]
fn service_waits_for_the_instance_of_a_linked_cluster() {
    let shop = web("", ".link(Database(\"Shop\").engine(\"aurora-mysql\").serverless(1..=2))");
    assert_eq!(property(&shop, "WebServiceToShopDatabase", "ToPort"), "3306");
    assert!(resource(&shop, "WebService").depends_on.contains(&"ShopDatabaseInstance1".into()));
}

#[test]
fn mode_decides_the_permissions() {
    let statements = |mode: &str| {
        let shop = web("", &format!(".link(Bucket(\"Media\"){mode})"));
        property(&shop, "WebTaskRole", "Policies.0.PolicyDocument.Statement")
    };
    let (read, write, both) = (statements(", \"read\""), statements(", \"write\""), statements(""));
    assert!(read.contains("s3:GetObject") && !read.contains("s3:PutObject"), "{read}");
    assert!(write.contains("s3:PutObject") && !write.contains("s3:GetObject"), "{write}");
    assert!(both.contains("s3:GetObject") && both.contains("s3:PutObject"), "{both}");
}

#[test]
fn given_prefix_replaces_the_usual_one() {
    let shop = web("", ".link(Queue(\"Jobs\"), \"JOBS\", \"write\").link(Queue(\"Mails\"), \"MAILS\")");
    let (env, _) = variables(&shop);
    assert!(env.contains("JOBS_URL") && env.contains("MAILS_URL") && !env.contains("QUEUE_URL"), "{env}");
}

#[test]
fn encrypted_topic_lets_its_publishers_use_the_key() {
    let shop = web("", ".link(Topic(\"Events\").encrypted())");
    let statements = property(&shop, "WebTaskRole", "Policies.0.PolicyDocument.Statement");
    assert!(statements.contains("kms:GenerateDataKey") && statements.contains("EventsTopicKey"), "{statements}");
}

#[test]
fn each_key_of_a_linked_secret_is_a_variable() {
    let shop = web("", ".link(Secret(\"Mail\").key(\"user\", \"shop\").generate(\"password\"), \"MAIL\")");
    let (_, secrets) = variables(&shop);
    assert!(secrets.contains("MAIL_USER") && secrets.contains("MAIL_PASSWORD"), "{secrets}");
}

#[test]
fn mounted_file_system_admits_the_tasks_through_its_access_point() {
    let shop = web("", ".efs(\"/data\", FileSystem(\"Files\"))");
    assert_eq!(property(&shop, "WebServiceToFilesFileSystem", "FromPort"), "2049");
    assert!(property(&shop, "WebTask", "Volumes.0").contains("FilesFileSystemAccessPoint"));
    assert!(resource(&shop, "WebService").depends_on.contains(&"FilesFileSystemMountTarget1".into()));
}

#[test]
fn linked_database_is_in_the_network_of_its_service() {
    let before = "let apps = Cluster(\"Apps\").vpc(Vpc(\"Net\"));";
    let shop = web(before, ".cluster(apps).link(Database(\"Shop\"))");
    assert!(property(&shop, "ShopDatabaseSubnetGroup", "SubnetIds").contains("NetVpcPrivateSubnet1"));
    assert!(!shop.template.resources.contains_key("Vpc"));
}

#[test]
fn block_of_another_stack_can_be_linked() {
    let all = stacks(
        "let net = Vpc(\"Net\"); let db = Database(\"Shop\"); let jobs = Queue(\"Jobs\");
         let web = FargateService(\"Web\").image(\"ghcr.io/example/web:1.0.0\").link(db).link(jobs);
         [Stack(\"data\").vpc(net).add([net, db, jobs]), Stack(\"web\").vpc(net).add(web)]",
    );
    assert_eq!(all[1].after, ["data"]);
    assert_eq!(property(&all[1], "WebServiceToShopDatabase", "FromPort"), "5432");
    assert!(!all[0].template.resources.contains_key("WebServiceToShopDatabase"));
}

#[test]
fn block_in_another_network_cannot_be_linked() {
    let found = problems(
        "let db = Database(\"Shop\").vpc(Vpc(\"Other\"));
         Stack(\"shop\").add(FargateService(\"Web\").image(\"ghcr.io/example/web:1.0.0\").link(db))",
    );
    assert_eq!(found.first().map(|(code, _)| *code), Some("link"), "{found:?}");
}

#[test]
fn alarms_about_requests_and_targets_roll_a_deployment_back() {
    let shop = web(
        "let jobs = Queue(\"Jobs\");",
        ".port(80).behind(Alb(\"Web\")).link(jobs, \"read\").alarms(Topic(\"Alerts\"), #{ cpu: 95, memory: false })",
    );
    let names = property(&shop, "WebService", "DeploymentConfiguration.Alarms.AlarmNames");
    assert!(names.contains("WebErrorsAlarm") && names.contains("WebUnhealthyAlarm"), "{names}");
    assert!(!names.contains("WebCpuAlarm") && !names.contains("WebRunningAlarm"), "{names}");
    assert_eq!(property(&shop, "WebCpuAlarm", "Threshold"), "95");
    assert_eq!(property(&shop, "WebRunningAlarm", "TreatMissingData"), "\"breaching\"");
    assert_eq!(property(&shop, "WebJobsAgeAlarm", "Threshold"), "900");
    assert!(!shop.template.resources.contains_key("WebMemoryAlarm"));
}

#[test]
fn alarm_about_running_tasks_has_the_least_minimum_of_the_scaling() {
    let threshold = |scaling: &str| {
        let shop = web("", &format!(".scaling({scaling}).alarms(Topic(\"Alerts\"))"));
        shop.template.resources.contains_key("WebRunningAlarm").then(|| property(&shop, "WebRunningAlarm", "Threshold"))
    };
    assert_eq!(threshold("Scaling(3..=9).cpu(60)"), Some("3".to_owned()));
    assert_eq!(
        threshold("Scaling(3..=9).cpu(60).schedule(\"Night\", \"cron(0 20 * * ? *)\", 1..=9)"),
        Some("1".to_owned())
    );
    assert_eq!(threshold("Scaling(0..=9).cpu(60)"), None);
}

#[test]
fn dashboard_shows_the_blocks_of_its_stack() {
    let shop = stack(
        "let db = Database(\"Shop\");
         let web = FargateService(\"Web\").image(\"ghcr.io/example/web:1.0.0\").port(80).behind(Alb(\"Web\")).link(db);
         Stack(\"shop\").add([web, Queue(\"Jobs\"), Dashboard(\"Shop\")])",
    );
    let body = property(&shop, "ShopDashboard", "DashboardBody");
    for shown in ["Web: requests and errors", "Web: running tasks", "Jobs: messages", "Shop: connections"] {
        assert!(body.contains(shown), "{shown}: {body}");
    }
    let one = stack(
        "let web = FargateService(\"Web\").image(\"ghcr.io/example/web:1.0.0\");
         Stack(\"shop\").add([web, Queue(\"Jobs\"), Dashboard(\"Web\").add(web)])",
    );
    assert!(!property(&one, "WebDashboard", "DashboardBody").contains("Jobs"));
}
