//! Task definitions, and services that use them.

use super::{accepts_each, refuses_each, refuses_update, task, template};

#[test]
fn containers_that_cannot_start_are_refused() {
    let container = |name: &str, rest: &str| format!("{{Name: {name}, Image: 'nginx:1'{rest}}}");
    let waits = |for_name: &str, condition: &str| {
        format!(", DependsOn: [{{ContainerName: {for_name}, Condition: {condition}}}]")
    };
    let two = |first: &str, second: &str| task(&format!("{}, {}", container("a", first), container("b", second)), "");
    let client = "ClientException";
    refuses_each(&[
        (&two("", "").replace("Name: b", "Name: a"), "Task", client, "Container names must be unique"),
        (&task(&container("a", ", Essential: false"), ""), "Task", client, "at least one essential container"),
        (&two(&waits("c", "START"), ""), "Task", client, "Cannot depend on container + 'c' because it does not exist"),
        (&two(&waits("b", "START"), &waits("a", "START")), "Task", client, "Container dependsOn contains a cycle"),
        (&two(&waits("b", "SUCCESS"), ""), "Task", client, "cannot be an essential container"),
        (&two(&waits("b", "HEALTHY"), ""), "Task", client, "must have health check configured"),
        (
            &task(&container("a", ", PortMappings: [{ContainerPort: 80, HostPort: 8080}]"), ""),
            "Task",
            client,
            "the host ports and container ports in port mappings must match.",
        ),
    ]);
    accepts_each(&[
        &two(&waits("b", "SUCCESS"), ", Essential: false"),
        &two(&waits("b", "HEALTHY"), ", HealthCheck: {Command: [CMD, 'true']}"),
        &two(&waits("b", "START"), ""),
    ]);
}

#[test]
fn task_definition_that_fargate_does_not_accept_is_refused() {
    let plain = task("{Name: a, Image: 'nginx:1'}", "");
    let client = "ClientException";
    let image = |image: &str| plain.replace("nginx:1", image);
    let secret = ", Secrets: [{Name: KEY, ValueFrom: /key}]}";
    refuses_each(&[
        (&plain.replace("awsvpc", "bridge"), "Task", client, "Fargate only supports network mode"),
        (&plain.replace("'512'", "'4096'"), "Task", client, "No Fargate configuration exists for given values."),
        (
            &plain.replace("      Memory: '512'\n", ""),
            "Task",
            client,
            "requires that 'memory' be defined at the task level.",
        ),
        (
            &image("123456789012.dkr.ecr.eu-central-1.amazonaws.com/web:1"),
            "Task",
            client,
            "to have execution role ARN to support ECR images.",
        ),
        (
            &plain.replace("'nginx:1'}", &format!("'nginx:1'{secret}")),
            "Task",
            client,
            "a value for 'executionRoleArn'.",
        ),
    ]);
    accepts_each(&[&plain, &plain.replace("'512'", "'2048'"), &plain.replace("'512'", "2 GB")]);
}

/// Returns a service of that task definition.
fn service(rest: &str) -> String {
    format!(
        "{}
  Cluster: {{Type: AWS::ECS::Cluster}}
  Web:
    Type: AWS::ECS::Service
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 1
      NetworkConfiguration: {{AwsvpcConfiguration: {{Subnets: [subnet-1]}}}}
      {rest}
",
        task("{Name: a, Image: 'nginx:1', PortMappings: [{ContainerPort: 80, Name: http}]}", "")
    )
}

#[test]
fn service_that_can_never_deploy_is_refused() {
    let invalid = "InvalidParameterException";
    refuses_each(&[
        (
            &service("DeploymentConfiguration: {MinimumHealthyPercent: 100, MaximumPercent: 100}"),
            "Web",
            invalid,
            "Both maximumPercent and minimumHealthyPercent cannot be 100 as this will block deployments.",
        ),
        (
            &service("HealthCheckGracePeriodSeconds: 60"),
            "Web",
            invalid,
            "Health check grace period is only valid for services configured to use load balancers",
        ),
        (
            &service("LaunchType: FARGATE\n      CapacityProviderStrategy: [{CapacityProvider: FARGATE}]").replace(
                "{Type: AWS::ECS::Cluster}",
                "{Type: AWS::ECS::Cluster, Properties: {CapacityProviders: [FARGATE]}}",
            ),
            "Web",
            invalid,
            "Specifying both a launch type and capacity provider strategy is not supported.",
        ),
        (
            &service("LaunchType: FARGATE").replace("      RequiresCompatibilities: [FARGATE]\n      Cpu: '256'\n", ""),
            "Web",
            invalid,
            "Task definition does not support launch_type FARGATE.",
        ),
    ]);
    accepts_each(&[&service("LaunchType: FARGATE"), &service("HealthCheckGracePeriodSeconds: 0")]);
}

#[test]
fn deregistered_task_definition_is_refused() {
    let fixed = |revision: u32| {
        service("").replace(
            "TaskDefinition: !Ref Task",
            &format!("TaskDefinition: arn:aws:ecs:eu-central-1:123456789012:task-definition/web:{revision}"),
        )
    };
    let first = template(&[&service("")]);
    let harness = super::Harness::new(5);
    for body in [first.clone(), first.replace("nginx:1", "nginx:2")] {
        assert!(harness.deploy(&[super::stack("web", &body)]).outcome.is_success());
    }
    let report = harness.deploy(&[super::stack("web", &template(&[&fixed(1)]).replace("nginx:1", "nginx:2"))]);
    super::assert_refused(&report, "Web", ("ClientException", "TaskDefinition is inactive"));
}

#[test]
fn service_connect_with_an_unknown_port_or_a_name_in_use_is_refused() {
    let connect = |port: &str| {
        service(&format!("ServiceConnectConfiguration: {{Enabled: true, Namespace: apps, Services: [{port}]}}"))
    };
    let invalid = "InvalidParameterException";
    let sound = connect("{PortName: http}");
    refuses_each(&[
        (&connect("{PortName: https}"), "Web", invalid, "portName(https) does not refer to any named PortMapping"),
        (
            &connect("{PortName: http}, {PortName: http}"),
            "Web",
            invalid,
            "discoveryName(http) must be unique in the service connect configuration",
        ),
    ]);
    let second = sound[sound.find("  Web:").expect("the service")..].replace("  Web:", "  Second:");
    let both = template(&[&sound, &second]);
    refuses_update(&template(&[&sound]), &both, "Second", (invalid, "SC service is already used by apps"));
}
