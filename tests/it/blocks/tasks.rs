//! Tasks: every property that Fargate knows, the log router, and roles of one's own.

use std::collections::BTreeSet;

use rtiler::cfn::schema::{Node, Schema};
use rtiler::cfn::{Resource, Value};

use crate::scripted::{property, service, stack};

const SCRIPT: &str = include_str!("../../cases/ok/task-properties.rhai");
const KIND: &str = "AWS::ECS::TaskDefinition";

/// The properties that a task on Fargate cannot have, or that need no setter, each with the reason and its source.
const WITHOUT_A_SETTER: [(&str, &str); 25] = [
    ("TaskDefinitionArn", "AWS sets it"),
    ("IpcMode", DIFFERENCES),
    ("PlacementConstraints", DIFFERENCES),
    (
        "InferenceAccelerators",
        "Elastic Inference is closed (\"Amazon Elastic Inference\", end of support in April 2024)",
    ),
    ("ProxyConfiguration", APP_MESH),
    ("ContainerDefinitions.DisableNetworking", DIFFERENCES),
    ("ContainerDefinitions.DnsSearchDomains", DIFFERENCES),
    ("ContainerDefinitions.DnsServers", DIFFERENCES),
    ("ContainerDefinitions.DockerSecurityOptions", DIFFERENCES),
    ("ContainerDefinitions.ExtraHosts", DIFFERENCES),
    ("ContainerDefinitions.Hostname", "`hostname` of `ContainerDefinition`: not with the network mode `awsvpc`"),
    ("ContainerDefinitions.Links", DIFFERENCES),
    ("ContainerDefinitions.LinuxParameters.Devices", DIFFERENCES),
    ("ContainerDefinitions.LinuxParameters.MaxSwap", DIFFERENCES),
    ("ContainerDefinitions.LinuxParameters.SharedMemorySize", DIFFERENCES),
    ("ContainerDefinitions.LinuxParameters.Swappiness", DIFFERENCES),
    ("ContainerDefinitions.LinuxParameters.Tmpfs", DIFFERENCES),
    ("ContainerDefinitions.PortMappings.HostPort", "`hostPort` of `PortMapping`: the container port with `awsvpc`"),
    ("ContainerDefinitions.Privileged", DIFFERENCES),
    (
        "ContainerDefinitions.ResourceRequirements",
        "the types are `GPU` and `InferenceAccelerator`, and Fargate has neither",
    ),
    ("Volumes.ConfiguredAtLaunch", OF_THE_VOLUME),
    ("Volumes.DockerVolumeConfiguration", DIFFERENCES),
    ("Volumes.FSxWindowsFileServerVolumeConfiguration", "`Volume`, ECS API: not on Fargate"),
    ("Volumes.Host", DIFFERENCES),
    ("Volumes.S3FilesVolumeConfiguration", OF_THE_VOLUME),
];
const DIFFERENCES: &str = "\"Amazon ECS task definition differences for Fargate\", ECS developer guide";
const APP_MESH: &str = "App Mesh is closed (\"AWS App Mesh\", end of support in September 2026)";
const OF_THE_VOLUME: &str = "`.volume(name, properties)` takes it; another kind of volume than those of the script";

/// Adds the paths of the properties of a value, without the positions of lists.
fn paths_of(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::List(items) => items.iter().for_each(|item| paths_of(item, path, found)),
        Value::Map(map) => {
            for (key, value) in map {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                found.insert(path.clone());
                paths_of(value, &path, found);
            }
        }
        _ => {}
    }
}

/// Adds the paths of the properties that the schema knows.
fn known_paths(node: Node<'_>, path: &str, found: &mut Vec<String>) {
    if let Some(item) = node.items() {
        return known_paths(item, path, found);
    }
    for (name, inside) in node.properties() {
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        found.push(path.clone());
        known_paths(inside, &path, found);
    }
}

fn tasks(script: &str) -> Vec<Resource> {
    let made = stack(script);
    made.template.resources.values().filter(|resource| resource.kind.as_str() == KIND).cloned().collect()
}

#[test]
fn setters_reach_every_property_of_tasks_and_containers_that_fargate_knows() {
    let mut reached = BTreeSet::new();
    for task in tasks(SCRIPT) {
        paths_of(&Value::Map(task.properties), "", &mut reached);
    }
    let mut known = Vec::new();
    known_paths(Schema::embedded().get(KIND).expect("a type").properties(), "", &mut known);
    assert!(known.len() > 90, "{}", known.len());
    let without = |path: &&String| {
        let is_in = |known: &str| path.as_str() == known || path.starts_with(&format!("{known}."));
        WITHOUT_A_SETTER.iter().any(|(known, _)| is_in(known))
    };
    let missing: Vec<&String> = known.iter().filter(|path| !reached.contains(*path) && !without(path)).collect();
    assert!(missing.is_empty(), "no setter reaches {missing:#?}");
    for (path, reason) in WITHOUT_A_SETTER {
        assert!(!reached.contains(path), "{path} has a setter, and the list says: {reason}");
    }
}

#[test]
fn task_with_fire_lens_gets_a_log_router_that_starts_first_with_the_permissions_of_its_plugin() {
    let app = service(".fire_lens(#{ Name: \"kinesis_firehose\", delivery_stream: \"web\", region: \"eu-west-1\" })");
    let container = |at: usize, path: &str| property(&app, "WebTask", &format!("ContainerDefinitions.{at}.{path}"));
    assert_eq!(container(0, "LogConfiguration.LogDriver"), "\"awsfirelens\"");
    assert_eq!(container(0, "DependsOn"), "[{\"ContainerName\":\"log-router\",\"Condition\":\"START\"}]");
    assert_eq!(container(1, "FirelensConfiguration.Type"), "\"fluentbit\"");
    assert_eq!(container(1, "LogConfiguration.LogDriver"), "\"awslogs\"");
    let may = property(&app, "WebTaskRole", "Policies.0.PolicyDocument.Statement.0");
    assert!(may.contains("firehose:PutRecordBatch") && may.contains(":firehose:eu-west-1:"), "{may}");
    assert!(may.contains("deliverystream/web"), "{may}");
}

#[test]
fn log_router_may_write_where_its_plugin_writes_and_nowhere_else() {
    let may = |options: &str| {
        property(
            &service(&format!(".fire_lens(#{{ {options} }})")),
            "WebTaskRole",
            "Policies.0.PolicyDocument.Statement",
        )
    };
    let logs = may("Name: \"cloudwatch\", log_group_name: \"/apps/$(ecs_cluster)\", auto_create_group: true");
    assert!(logs.contains("logs:CreateLogGroup") && logs.contains("log-group:/apps/*"), "{logs}");
    let logs = may("Name: \"cloudwatch_logs\", log_group_name: \"web\"");
    assert!(!logs.contains("logs:CreateLogGroup") && logs.contains("log-group:web"), "{logs}");
    assert!(may("Name: \"kinesis\", stream: \"web\"").contains("kinesis:PutRecords"));
    assert!(may("Name: \"s3\", bucket: \"acme-logs\"").contains(":s3:::acme-logs/*"));
    assert_eq!(may("Name: \"datadog\", Host: \"http-intake.logs.datadoghq.eu\""), "nothing");
}

#[test]
fn log_router_of_the_script_is_the_only_one() {
    let app = service(
        ".fire_lens(#{ Name: \"null\" })\
         .sidecar(Container(\"router\").image(\"fluent/fluent-bit:3.2\").log_router(\"fluentbit\"))",
    );
    let depends = property(&app, "WebTask", "ContainerDefinitions.0.DependsOn");
    assert_eq!(depends, "[{\"ContainerName\":\"router\",\"Condition\":\"START\"}]");
    assert_eq!(property(&app, "WebTask", "ContainerDefinitions.2"), "nothing");
}

#[test]
fn execution_role_may_read_files_credentials_and_secret_options() {
    let app = service(
        ".env_file(\"arn:aws:s3:::config/apps/web.env\")\
         .registry_credentials(\"arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-Ab1Cd2\")\
         .log_driver(\"splunk\", #{ \"splunk-url\": \"https://splunk.example.com\" })\
         .log_secret(\"splunk-token\", \"arn:aws:ssm:eu-west-1:123456789012:parameter/splunk\")",
    );
    let may = property(&app, "WebExecutionRole", "Policies.0.PolicyDocument.Statement");
    for allowed in [
        "\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::config/apps/web.env\"",
        "\"s3:GetBucketLocation\",\"Resource\":\"arn:aws:s3:::config\"",
        "\"secretsmanager:GetSecretValue\",\"Resource\":\"arn:aws:secretsmanager:eu-west-1:123456789012:secret:registry-Ab1Cd2\"",
        "\"ssm:GetParameters\",\"Resource\":\"arn:aws:ssm:eu-west-1:123456789012:parameter/splunk\"",
    ] {
        assert!(may.contains(allowed), "{allowed} in {may}");
    }
}

#[test]
fn two_mounts_of_one_access_point_share_a_volume() {
    let app = service(
        ".efs(\"/data\", \"fs-0a1b2c3d\")\
         .sidecar(Container(\"agent\").image(\"agent:1\").efs(\"/files\", \"fs-0a1b2c3d\").efs(\"/own\", \"fs-1a2b3c4d\"))",
    );
    let volume = |container: usize, mount: usize| {
        property(&app, "WebTask", &format!("ContainerDefinitions.{container}.MountPoints.{mount}.SourceVolume"))
    };
    assert_eq!((volume(0, 0), volume(1, 0)), ("\"efs-1\"".to_owned(), "\"efs-1\"".to_owned()));
    assert_eq!(volume(1, 1), "\"efs-2\"");
    assert_eq!(property(&app, "WebTask", "Volumes.2"), "nothing");
}

#[test]
fn role_of_ones_own_is_used_and_none_is_made() {
    let (task, execution) = ("arn:aws:iam::123456789012:role/task", "arn:aws:iam::123456789012:role/execution");
    let app = service(&format!(".task_role(\"{task}\").execution_role(\"{execution}\")"));
    assert_eq!(property(&app, "WebTask", "TaskRoleArn"), format!("\"{task}\""));
    assert_eq!(property(&app, "WebTask", "ExecutionRoleArn"), format!("\"{execution}\""));
    let roles = app.template.resources.values().filter(|resource| resource.kind.as_str() == "AWS::IAM::Role");
    assert_eq!(roles.count(), 0);
}

#[test]
fn roles_of_a_stack_have_its_boundary_and_path_unless_they_set_their_own() {
    let app = stack(
        "let own = AWS::IAM::Role(\"Own\", #{ Path: \"/own/\", AssumeRolePolicyDocument: #{ Version: \"2012-10-17\", Statement: [\
         #{ Effect: \"Allow\", Principal: #{ Service: \"lambda.amazonaws.com\" }, Action: \"sts:AssumeRole\" }] } });\n\
         Stack(\"app\").permission_boundary(\"arn:aws:iam::123456789012:policy/boundary\").role_path(\"/apps/\")\
         .add([FargateService(\"Web\").image(\"nginx:1\"), own])",
    );
    for (role, path) in [("WebTaskRole", "/apps/"), ("WebExecutionRole", "/apps/"), ("Own", "/own/")] {
        assert_eq!(property(&app, role, "Path"), format!("\"{path}\""), "{role}");
        let boundary = property(&app, role, "PermissionsBoundary");
        assert_eq!(boundary, "\"arn:aws:iam::123456789012:policy/boundary\"", "{role}");
    }
}
