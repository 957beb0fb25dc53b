//! Tasks that ECS cannot start.

use super::{NETWORKS, accepts_each, reasons, task, template};
use crate::deploy::api::{Ecs, RunTaskRequest, TaskNetwork};
use crate::testing::harness::{Harness, stack};

/// Returns a service with an execution role, whose task definition and role have these properties, after other resources.
fn service(resources: &str, container: &str, properties: &str, statements: &str) -> String {
    let own = format!("ExecutionRoleArn: !GetAtt Role.Arn\n      {properties}");
    let definition = task(&format!("{{Name: web, {container}}}"), &own);
    format!(
        "{resources}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {{Statement: [{{Effect: Allow, Principal: {{Service: ecs-tasks.amazonaws.com}}, Action: 'sts:AssumeRole'}}]}}
      Policies: [{{PolicyName: it, PolicyDocument: {{Statement: [{statements}]}}}}]
  Cluster: {{Type: AWS::ECS::Cluster}}
{definition}
  Web:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      NetworkConfiguration: {{AwsvpcConfiguration: {{Subnets: [!Ref One, !Ref Two]}}}}
"
    )
}

/// Returns a statement that allows an action on a resource.
fn allow(action: &str, resource: &str) -> String {
    format!("{{Effect: Allow, Action: '{action}', Resource: {resource}}}")
}

const ANY: &str = "{Effect: Allow, Action: '*', Resource: '*'}";
const IMAGE: &str = "Image: 'nginx:1'";

/// Asserts that the tasks of a service cannot start, with this message of AWS, and that the deployment fails for it.
fn refuses_start(body: &str, message: &str) {
    let harness = Harness::new(5);
    let report = harness.deploy(&[stack("web", &template(&[NETWORKS, body]))]);
    assert!(!report.outcome.is_success(), "{message}");
    let seen = report.events.iter().any(|event| format!("{event:?}").contains(message));
    assert!(seen, "{message} is not in {:#?}: {:?}", report.outcome.stacks[0].problems, reasons(&report, "web"));
}

/// Asserts that the tasks of a service start.
fn accepts_start(body: &str) {
    accepts_each(&[&format!("{NETWORKS}{body}")]);
}

#[test]
fn role_that_tasks_cannot_assume_launches_no_task() {
    let sound = service("", IMAGE, "", ANY);
    accepts_start(&sound);
    let closed = sound.replace("ecs-tasks.amazonaws.com", "ec2.amazonaws.com");
    refuses_start(&closed, "ECS was unable to assume the role 'arn:aws:iam::123456789012:role/");
}

#[test]
fn image_of_a_repository_of_the_same_stack_cannot_be_pulled_at_first() {
    let repository = "  Images: {Type: AWS::ECR::Repository, Properties: {RepositoryName: web}}\n";
    let image = "Image: !Sub '${Images.RepositoryUri}:1'";
    let body = service(repository, image, "", ANY);
    refuses_start(
        &body,
        "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref 123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1",
    );
    let harness = Harness::new(5);
    let first = stack("web", &template(&[NETWORKS, repository]));
    assert!(harness.deploy(&[first]).outcome.is_success());
    let web = stack("web", &template(&[NETWORKS, &body]));
    let report = harness.deploy(std::slice::from_ref(&web));
    assert!(report.outcome.is_success(), "an image may have been pushed since: {:?}", reasons(&report, "web"));
    let report = harness.destroy(&[web]);
    let refused = reasons(&report, "web");
    assert!(refused.iter().any(|it| it.contains("RepositoryNotEmptyException")), "{refused:?}");
    let denied = service("", "Image: '1.dkr.ecr.eu-central-1.amazonaws.com/web:1'", "", &allow("s3:*", "'*'"));
    refuses_start(&denied, "is not authorized to perform: ecr:GetAuthorizationToken on resource: *");
}

/// Returns a service that reads a secret.
fn reading(secret: &str, value: &str, statement: &str) -> String {
    service(secret, &format!("{IMAGE}, Secrets: [{{Name: KEY, ValueFrom: {value}}}]"), "", statement)
}

#[test]
fn secret_that_the_execution_role_may_not_read_stops_tasks() {
    const PARTIAL: &str = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/db";
    let read = |resource: &str| reading("", PARTIAL, &allow("secretsmanager:GetSecretValue", resource));
    let denied = "is not authorized to perform: secretsmanager:GetSecretValue on resource: arn:aws:secretsmanager:";
    refuses_start(&read(PARTIAL), denied);
    accepts_start(&read(&format!("'{PARTIAL}-??????'")));
    accepts_start(&read(&format!("'{PARTIAL}*'")));
    let conditional =
        "{Effect: Allow, Action: '*', Resource: '*', Condition: {StringEquals: {'aws:x': y}}}".to_string();
    accepts_start(&reading("", PARTIAL, &conditional));
    let parameter = |resource: &str| reading("", "/app/key", &allow("ssm:GetParameters", resource));
    let arn = "arn:aws:ssm:eu-central-1:123456789012:parameter/app";
    accepts_start(&parameter(&format!("'{arn}/*'")));
    refuses_start(
        &parameter(&format!("'{arn}'")),
        "is not authorized to perform: ssm:GetParameters on resource: arn:aws:ssm:",
    );
}

#[test]
fn key_that_a_secret_lacks_stops_tasks() {
    let secret = |content: &str| format!("  Db: {{Type: AWS::SecretsManager::Secret, Properties: {{{content}}}}}\n");
    let read = |content: &str, key: &str| reading(&secret(content), &format!("!Sub '${{Db}}:{key}::'"), ANY);
    let generated =
        "GenerateSecretString: {SecretStringTemplate: '{\"username\":\"app\"}', GenerateStringKey: password}";
    accepts_start(&read(generated, "password"));
    accepts_start(&read(generated, "username"));
    refuses_start(&read(generated, "host"), "retrieved secret from Secrets Manager did not contain json key host");
    refuses_start(&read("SecretString: plain", "password"), "invalid character 'p' looking for beginning of value");
    accepts_start(&read("Description: filled by hand", "password"));
}

#[test]
fn secret_with_a_key_of_its_own_needs_decrypt() {
    let resources = "
  Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: 'arn:aws:iam::123456789012:root'}, Action: 'kms:*', Resource: '*'}]}}}
  Db: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: x, KmsKeyId: !Ref Key}}
";
    let secrets = allow("secretsmanager:GetSecretValue", "'*'");
    refuses_start(&reading(resources, "!Ref Db", &secrets), "Access to KMS is not allowed");
    accepts_start(&reading(resources, "!Ref Db", &format!("{secrets}, {}", allow("kms:Decrypt", "!GetAtt Key.Arn"))));
}

#[test]
fn log_group_that_the_execution_role_may_not_write_to_stops_tasks() {
    let container = format!(
        "{IMAGE}, LogConfiguration: {{LogDriver: awslogs, Options: {{awslogs-group: web, awslogs-region: eu-central-1, awslogs-stream-prefix: web}}}}"
    );
    let group = "'arn:aws:logs:eu-central-1:123456789012:log-group:web:*'";
    accepts_start(&service("", &container, "", &allow("logs:CreateLogStream", group)));
    let denied = service("", &container, "", &allow("logs:PutLogEvents", group));
    refuses_start(&denied, "failed to validate logger args: create stream has been retried 1 times");
}

#[test]
fn file_system_without_a_mount_target_in_each_zone_stops_tasks() {
    let mount = |id: &str, subnet: &str| {
        format!(
            "  {id}: {{Type: AWS::EFS::MountTarget, Properties: {{FileSystemId: !Ref Files, SubnetId: !Ref {subnet}, SecurityGroups: [!Ref Guard]}}}}\n"
        )
    };
    let volume =
        |rest: &str| format!("Volumes: [{{Name: files, EFSVolumeConfiguration: {{FilesystemId: !Ref Files{rest}}}}}]");
    let with = |mounts: &str, rest: &str| {
        let files = format!("  Files: {{Type: AWS::EFS::FileSystem}}\n{mounts}");
        service(&files, IMAGE, &volume(rest), ANY).replace(
            "  Web:\n    Type: AWS::ECS::Service\n",
            "  Web:\n    DependsOn: [WAIT]\n    Type: AWS::ECS::Service\n",
        )
    };
    let unresolved = "ensure that the VPC has an EFS mount target for this file system ID.";
    refuses_start(&with("", "").replace("[WAIT]", "[Files]"), unresolved);
    refuses_start(&with(&mount("A", "One"), "").replace("[WAIT]", "[A]"), unresolved);
    let both = format!("{}{}", mount("A", "One"), mount("B", "Two"));
    accepts_start(&with(&both, "").replace("[WAIT]", "[A, B]"));
    let folder = with(&both, ", RootDirectory: /uploads").replace("[WAIT]", "[A, B]");
    refuses_start(&folder, ":/uploads failed, reason given by server: No such file or directory");
    let point = |creation: &str| {
        let root = format!("{{Path: /uploads{creation}}}");
        let point = format!(
            "{both}  Uploads: {{Type: AWS::EFS::AccessPoint, Properties: {{FileSystemId: !Ref Files, RootDirectory: {root}}}}}\n"
        );
        with(&point, ", TransitEncryption: ENABLED, AuthorizationConfig: {AccessPointId: !Ref Uploads}")
            .replace("[WAIT]", "[A, B]")
    };
    refuses_start(&point(""), "mount.nfs4: access denied by server while mounting");
    accepts_start(&point(", CreationInfo: {OwnerUid: '1', OwnerGid: '1', Permissions: '755'}"));
}

#[test]
fn service_that_starts_before_its_mount_target_recovers() {
    let files = "
  Files: {Type: AWS::EFS::FileSystem}
  A: {Type: AWS::EFS::MountTarget, Properties: {FileSystemId: !Ref Files, SubnetId: !Ref One, SecurityGroups: [!Ref Guard]}}
  B: {Type: AWS::EFS::MountTarget, Properties: {FileSystemId: !Ref Files, SubnetId: !Ref Two, SecurityGroups: [!Ref Guard]}}
";
    let volume = "Volumes: [{Name: files, EFSVolumeConfiguration: {FilesystemId: !Ref Files}}]";
    let harness = Harness::new(5);
    harness.options.borrow_mut().max_task_failures = 0;
    let report = harness.deploy(&[stack("web", &template(&[NETWORKS, &service(files, IMAGE, volume, ANY)]))]);
    assert!(report.outcome.is_success(), "{:?}", reasons(&report, "web"));
    let failed = report.events.iter().any(|event| format!("{event:?}").contains("failed to invoke EFS utils commands"));
    assert!(failed, "the first tasks could not mount it");
}

#[test]
fn standalone_task_cannot_start_either() {
    let harness = Harness::new(5);
    let body = service("", IMAGE, "", ANY).replace("DesiredCount: 1", "DesiredCount: 0");
    let closed = body.replace("ecs-tasks.amazonaws.com", "ec2.amazonaws.com");
    assert!(harness.deploy(&[stack("web", &template(&[NETWORKS, &closed]))]).outcome.is_success());
    let error = harness.with_api(async |cloud| {
        let network =
            TaskNetwork { subnets: vec!["subnet-1".to_owned()], security_groups: Vec::new(), public_ip: false };
        let request = RunTaskRequest {
            cluster: "default".to_owned(),
            task_definition: "web".to_owned(),
            network: Some(network),
            container: "web".to_owned(),
            command: Vec::new(),
            propagates_tags: false,
            started_by: "test".to_owned(),
            token: None,
        };
        cloud.run_task(&request).await.expect_err("the role is closed")
    });
    assert!(error.message.starts_with("ECS was unable to assume the role"), "{}", error.message);
}

#[test]
fn deployment_whose_percentages_let_no_task_be_replaced_is_cancelled_early() {
    let body = service("", IMAGE, "", ANY).replace(
        "DesiredCount: 1",
        "DesiredCount: 1\n      DeploymentConfiguration: {MinimumHealthyPercent: 100, MaximumPercent: 134}",
    );
    let first = template(&[NETWORKS, &body]);
    let harness = Harness::new(5);
    assert!(harness.deploy(&[stack("web", &first)]).outcome.is_success(), "the first task has room");
    let report = harness.deploy(&[stack("web", &first.replace("nginx:1", "nginx:2"))]);
    let problems = &report.outcome.stacks[0].problems;
    assert!(problems.iter().any(|it| it.code == "deployment-percent" && !it.labels.is_empty()), "{problems:#?}");
    let cancelled = report.events.iter().position(|event| format!("{event:?}").contains("CancelStarted"));
    assert!(cancelled.is_some(), "it is cancelled");
}

/// Returns route tables of the two subnets, and endpoints for these services with the S3 gateway for the first table only if it is among
/// them.
fn closed_subnets(endpoints: &[&str]) -> String {
    let mut body = "
  Table: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  TableOfOne: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref One, RouteTableId: !Ref Table}}
  TableOfTwo: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Two, RouteTableId: !Ref Table}}
"
    .to_owned();
    for (at, service) in endpoints.iter().enumerate() {
        let kind = match *service {
            "s3" => "VpcEndpointType: Gateway, RouteTableIds: [!Ref Table]",
            _ => {
                "VpcEndpointType: Interface, PrivateDnsEnabled: true, SubnetIds: [!Ref One], SecurityGroupIds: [!Ref Guard]"
            }
        };
        body += &format!(
            "  Way{at}: {{Type: AWS::EC2::VPCEndpoint, Properties: {{VpcId: !Ref Vpc, ServiceName: com.amazonaws.eu-central-1.{service}, {kind}}}}}\n"
        );
    }
    body
}

#[test]
fn task_without_a_way_to_ecr_secrets_or_logs_stops() {
    const ALL: [&str; 5] = ["ecr.api", "ecr.dkr", "s3", "logs", "secretsmanager"];
    let networks = NETWORKS.replace("CidrBlock: 10.0.0.0/16}", "CidrBlock: 10.0.0.0/16, EnableDnsHostnames: true}");
    let container = "Image: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1', \
                     Secrets: [{Name: KEY, ValueFrom: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:app/db-a1B2c3'}], \
                     LogConfiguration: {LogDriver: awslogs, Options: {awslogs-group: web, awslogs-region: eu-central-1, awslogs-stream-prefix: web}}";
    let deployed = |endpoints: &[&str]| {
        // The service waits for the ways: tasks that start before them fail and recover.
        let ways: Vec<String> = (0..endpoints.len())
            .map(|at| format!("Way{at}"))
            .chain(["TableOfOne", "TableOfTwo"].map(str::to_owned))
            .collect();
        let body = service(&closed_subnets(endpoints), container, "", ANY).replace(
            "    Type: AWS::ECS::Service",
            &format!("    Type: AWS::ECS::Service\n    DependsOn: [{}]", ways.join(", ")),
        );
        let harness = Harness::new(5);
        let report = harness.deploy(&[stack("web", &template(&[&networks, &body]))]);
        (report.outcome.is_success(), report.events.iter().map(|event| format!("{event:?}")).collect::<String>())
    };
    let (started, events) = deployed(&ALL);
    assert!(started, "{events}");
    for (lacking, message) in [
        ("ecr.api", "There is a connection issue between the task and Amazon ECR"),
        ("secretsmanager", "unable to retrieve secret from asm: service call has been retried 5 time(s)"),
        ("ecr.dkr", "CannotPullContainerError: pull image manifest has been retried 5 time(s)"),
        ("s3", "starport-layer-bucket"),
        ("logs", "failed to validate logger args: create stream has been retried 1 times"),
    ] {
        let others: Vec<&str> = ALL.into_iter().filter(|service| *service != lacking).collect();
        let (started, events) = deployed(&others);
        assert!(!started && events.contains(message), "{lacking}: {events}");
    }
}
