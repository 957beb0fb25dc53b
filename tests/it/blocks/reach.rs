//! The parts of a service that others need: secrets and keys, calls between services, file systems, and logs.

use crate::scripted::{problems, property, resource, stack, stacks};

/// Returns the statements of the execution role of the service `App`.
fn execution_statements(script: &str) -> String {
    property(&stack(script), "AppExecutionRole", "Policies.0.PolicyDocument.Statement")
}

#[test]
fn key_of_a_secret_of_the_script_may_be_used_to_decrypt() {
    let script = |key: &str| {
        format!(
            "let key = AWS::KMS::Key(\"Key\", #{{ KeyPolicy: #{{}} }});
             let alias = AWS::KMS::Alias(\"Alias\", #{{ AliasName: \"alias/app\", TargetKeyId: key }});
             let secret = AWS::SecretsManager::Secret(\"Secret\", #{{ KmsKeyId: {key}, GenerateSecretString: #{{}} }});
             Stack(\"app\").add(FargateService(\"App\").image(\"app:1\").secret(\"A\", secret, \"a\"))"
        )
    };
    for key in ["key", "key.Arn", "alias"] {
        let text = script(key).replace("KeyPolicy: #{}", KEY_POLICY);
        let statements = execution_statements(&text);
        let expected = "\"Action\":\"kms:Decrypt\",\"Resource\":{\"Fn::GetAtt\":[\"Key\",\"Arn\"]}";
        assert!(statements.contains(expected), "{key}: {statements}");
    }
    let own = script("\"alias/aws/secretsmanager\"").replace("KeyPolicy: #{}", KEY_POLICY);
    assert!(!execution_statements(&own).contains("kms:"));
}

const KEY_POLICY: &str = "KeyPolicy: #{ Version: \"2012-10-17\", Statement: [#{ Effect: \"Allow\", \
    Principal: #{ AWS: `arn:aws:iam::${AWS::AccountId}:root` }, Action: \"kms:*\", Resource: \"*\" }] }";

#[test]
fn parameter_of_the_script_is_read_by_its_arn() {
    let named = |name: &str| {
        execution_statements(&format!(
            "let token = AWS::SSM::Parameter(\"Token\", #{{ Type: \"String\", Value: \"x\"{name} }});
             Stack(\"app\").add(FargateService(\"App\").image(\"app:1\").secret(\"TOKEN\", token))"
        ))
    };
    assert!(named("").contains("parameter/${Token}"), "{}", named(""));
    let rooted = named(", Name: \"/app/token\"");
    assert!(rooted.contains("parameter${Token}") && rooted.contains("ssm:GetParameters"), "{rooted}");
}

#[test]
fn caller_is_admitted_on_the_port_and_created_after_the_service() {
    let app = stack(
        "let cluster = Cluster(\"Apps\");
         let back = FargateService(\"Back\").cluster(cluster).image(\"back:1\").port(9000);
         let front = FargateService(\"Front\").cluster(cluster).image(\"front:1\").calls(back);
         Stack(\"apps\").add(front)",
    );
    let rule = "FrontServiceToBackService";
    assert_eq!(property(&app, rule, "FromPort"), "9000");
    let group = |name: &str| format!("{{\"Fn::GetAtt\":[\"{name}ServiceSecurityGroup\",\"GroupId\"]}}");
    assert_eq!(property(&app, rule, "GroupId"), group("Back"));
    assert_eq!(property(&app, rule, "SourceSecurityGroupId"), group("Front"));
    let waits = &resource(&app, "FrontService").depends_on;
    assert!(waits.contains(&"BackService".into()) && waits.contains(&rule.into()), "{waits:?}");
}

#[test]
fn service_of_another_stack_can_be_called() {
    let all = stacks(
        "let cluster = Cluster(\"Apps\");
         let back = FargateService(\"Back\").cluster(cluster).image(\"back:1\").port(9000);
         let front = FargateService(\"Front\").cluster(cluster).image(\"front:1\").calls(back);
         [Stack(\"back\").add([cluster, back]), Stack(\"front\").add(front)]",
    );
    assert_eq!(all[1].after, ["back"]);
    assert_eq!(property(&all[1], "FrontServiceToBackService", "ToPort"), "9000");
    assert!(!all[0].template.resources.contains_key("FrontServiceToBackService"));
}

#[test]
fn called_port_is_given_by_number_or_name() {
    let app = |port: &str| {
        format!(
            "let back = FargateService(\"Back\").image(\"back:1\").port(\"http\", 80).port(\"admin\", 9000);
             Stack(\"apps\").add(FargateService(\"Front\").image(\"front:1\").calls(back).calls(back, {port}))"
        )
    };
    for port in ["9000", "\"admin\""] {
        let apps = stack(&app(port));
        assert_eq!(property(&apps, "FrontServiceToBackService", "FromPort"), "80");
        assert_eq!(property(&apps, "FrontServiceToBackServicePort9000", "FromPort"), "9000", "{port}");
    }
    let words = |words: [&str; 2]| words.map(str::to_owned).to_vec();
    assert_eq!(problems(&app("\"admim\"")), [("service-call", words(["calls", "FargateService"]))]);
}

#[test]
fn job_that_calls_a_service_is_admitted_and_created_after_it() {
    let app = stack(
        "let back = FargateService(\"Back\").image(\"back:1\").port(9000);
         let clean = Job(\"Clean\").image(\"clean:1\").calls(back);
         Stack(\"apps\").add(clean)",
    );
    let rule = "CleanJobToBackService";
    assert_eq!(property(&app, rule, "FromPort"), "9000");
    let source = property(&app, rule, "SourceSecurityGroupId");
    assert_eq!(source, "{\"Fn::GetAtt\":[\"CleanJobSecurityGroup\",\"GroupId\"]}");
    let waits = &resource(&app, "CleanTask").depends_on;
    assert!(waits.contains(&"BackService".into()) && waits.contains(&rule.into()), "{waits:?}");
    let admitted = stack(
        "let clean = Job(\"Clean\").image(\"clean:1\");
         Stack(\"apps\").add([clean, FargateService(\"Back\").image(\"back:1\").port(9000).allow_from(clean)])",
    );
    assert_eq!(property(&admitted, "BackServiceFromCleanJobSecurityGroup", "FromPort"), "9000");
}

#[test]
fn services_in_the_networks_of_two_stacks_cannot_call_each_other() {
    let text = |cluster: &str| {
        format!(
            "let back = FargateService(\"Back\").image(\"back:1\").port(9000);
             let front = FargateService(\"Front\").image(\"front:1\").calls(back);
             {cluster}[Stack(\"back\").add(back), Stack(\"front\").add(front)]"
        )
    };
    let found = problems(&text(""));
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["service-call"], "{found:?}");
    let shared = "let net = Vpc(\"Net\");
         let back = FargateService(\"Back\").image(\"back:1\").port(9000);
         let front = FargateService(\"Front\").image(\"front:1\").calls(back);
         [Stack(\"net\").add(net), Stack(\"back\").vpc(net).add(back), Stack(\"front\").vpc(net).add(front)]";
    assert_eq!(problems(shared), []);
}

#[test]
fn services_that_call_each_other_are_written_at_the_second_one() {
    let app = stack(
        "let cluster = Cluster(\"Apps\").namespace(\"apps.internal\");
         let one = FargateService(\"One\").cluster(cluster).image(\"one:1\").port(9000);
         let two = FargateService(\"Two\").cluster(cluster).image(\"two:1\").port(9001).calls(one).allow_from(one);
         Stack(\"apps\").add(two)",
    );
    assert_eq!(property(&app, "TwoServiceToOneService", "FromPort"), "9000");
    assert_eq!(property(&app, "TwoServiceFromOneServiceSecurityGroup", "FromPort"), "9001");
    assert!(!resource(&app, "OneService").depends_on.contains(&"TwoService".into()));
    let name = "ServiceConnectConfiguration.Services.0.ClientAliases.0.DnsName";
    assert_eq!(property(&app, "OneService", name), "\"one\"");
}

#[test]
fn two_services_may_admit_each_other() {
    let app = stack(
        "let cluster = Cluster(\"Apps\");
         let one = FargateService(\"One\").cluster(cluster).image(\"one:1\").port(9000);
         let two = FargateService(\"Two\").cluster(cluster).image(\"two:1\").port(9001).allow_from(one);
         let group = cfn::get_att(\"TwoServiceSecurityGroup\", \"GroupId\");
         Stack(\"apps\").add([one, two]).add(AWS::EC2::SecurityGroupIngress(\"Back\", #{
             GroupId: one.security_group_id, SourceSecurityGroupId: group, IpProtocol: \"tcp\", FromPort: 9000, ToPort: 9000,
         }))",
    );
    assert_eq!(property(&app, "TwoServiceFromOneServiceSecurityGroup", "FromPort"), "9001");
}

#[test]
fn source_decides_the_kind_of_rule() {
    let app = stack(
        "let web = FargateService(\"Web\").image(\"web:1\").port(80)
            .allow_from(\"10.0.0.0/8\").allow_from(\"2001:db8::/32\").allow_from(\"sg-0a1b2c3d4e5f60718\", 8080)
            .allow_from(\"pl-0a1b2c3d4e5f60718\");
         Stack(\"app\").add(web)",
    );
    for (at, source) in ["CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourcePrefixListId"].into_iter().enumerate() {
        let rule = property(&app, "WebServiceSecurityGroup", &format!("SecurityGroupIngress.{at}.{source}"));
        assert_ne!(rule, "nothing", "{source}");
    }
}

#[test]
fn service_is_created_after_the_mount_targets_of_its_file_systems() {
    let app = stack(
        "let net = Vpc::existing(\"vpc-0a1b2c3d4e5f60718\").private_subnets([\"subnet-0a1b2c3d4e5f60718\"]);
         let files = AWS::EFS::FileSystem(\"Files\", #{ Encrypted: true });
         let web = FargateService(\"Web\").cluster(Cluster(\"Web\").vpc(net)).image(\"web:1\").efs(\"/data\", files);
         let target = AWS::EFS::MountTarget(\"Target\", #{
             FileSystemId: files, SubnetId: \"subnet-0a1b2c3d4e5f60718\", SecurityGroups: [\"sg-0a1b2c3d4e5f60718\"],
         });
         Stack(\"app\").add([web, target])",
    );
    assert!(resource(&app, "WebService").depends_on.contains(&"Target".into()));
}

#[test]
fn mount_target_that_does_not_admit_the_tasks_is_an_error() {
    let found = problems(
        "let files = AWS::EFS::FileSystem(\"Files\", #{ Encrypted: true });
         let web = FargateService(\"Web\").cluster(Cluster(\"Web\").vpc(Vpc(\"Web\"))).image(\"web:1\").efs(\"/data\", files);
         let doors = AWS::EC2::SecurityGroup(\"Doors\", #{ GroupDescription: \"closed\", VpcId: cfn::ref(\"WebVpc\") });
         let target = AWS::EFS::MountTarget(\"Target\", #{
             FileSystemId: files, SubnetId: cfn::ref(\"WebVpcPrivateSubnet1\"), SecurityGroups: [doors],
         });
         Stack(\"app\").add([web, target])",
    );
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["efs-mount-target"], "{found:?}");
}

#[test]
fn bucket_of_access_logs_is_created_with_its_policy_before_the_load_balancer() {
    let app = stack("Stack(\"app\").add(FargateService(\"Web\").image(\"web:1\").behind(Alb(\"Web\").access_logs()))");
    assert!(resource(&app, "WebAlb").depends_on.contains(&"WebAlbAccessLogsPolicy".into()));
    assert_eq!(resource(&app, "WebAlbAccessLogs").attributes["DeletionPolicy"].as_str(), Some("Retain"));
    let statement = property(&app, "WebAlbAccessLogsPolicy", "PolicyDocument.Statement.0");
    assert!(statement.contains("logdelivery.elasticloadbalancing.amazonaws.com"), "{statement}");
}

#[test]
fn policy_that_needs_the_load_balancer_does_not_wait_in_a_circle() {
    let app = stack(
        "let logs = AWS::S3::Bucket(\"Logs\");
         let alb = Alb(\"Web\").access_logs(logs);
         let policy = AWS::S3::BucketPolicy(\"Policy\", #{ Bucket: logs, PolicyDocument: #{ Version: \"2012-10-17\", Statement: [#{
             Effect: \"Allow\", Principal: #{ Service: \"logdelivery.elasticloadbalancing.amazonaws.com\" },
             Action: \"s3:PutObject\", Resource: `${logs.Arn}/*`, Condition: #{ ArnLike: #{ \"aws:SourceArn\": alb.arn } },
         }] } });
         Stack(\"app\").add([FargateService(\"Web\").image(\"web:1\").behind(alb), policy])",
    );
    assert!(!resource(&app, "WebAlb").depends_on.contains(&"Policy".into()));
}

#[test]
fn drain_is_the_deregistration_delay_of_the_target_groups() {
    let app = stack("Stack(\"app\").add(FargateService(\"Web\").image(\"web:1\").behind(Alb(\"Web\")).drain(120))");
    assert_eq!(property(&app, "WebTargetGroup", "TargetGroupAttributes.0.Value"), "\"120\"");
}
