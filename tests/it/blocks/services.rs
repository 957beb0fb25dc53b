use crate::scripted::{property, resource, service, stack};

#[test]
fn service_without_settings_is_private_with_one_task_a_circuit_breaker_and_retained_logs() {
    let app = service("");
    assert_eq!(property(&app, "WebService", "DesiredCount"), "1");
    let breaker = property(&app, "WebService", "DeploymentConfiguration.DeploymentCircuitBreaker");
    assert_eq!(breaker, "{\"Enable\":true,\"Rollback\":true}");
    assert_eq!(property(&app, "WebService", "DeploymentConfiguration.MinimumHealthyPercent"), "100");
    let network = "NetworkConfiguration.AwsvpcConfiguration";
    assert_eq!(property(&app, "WebService", &format!("{network}.AssignPublicIp")), "\"DISABLED\"");
    assert_eq!(property(&app, "WebLogs", "RetentionInDays"), "30");
    assert_eq!(resource(&app, "WebLogs").attributes["DeletionPolicy"].as_str(), Some("Delete"));
    assert_eq!(property(&app, "WebServiceSecurityGroup", "SecurityGroupIngress"), "nothing", "no inbound rule");
}

#[test]
fn service_without_a_load_balancer_depends_on_its_route_to_the_registry() {
    let waits = resource(&service(""), "WebService").depends_on.clone();
    assert!(waits.contains(&"VpcPrivateSubnet2DefaultRoute".into()), "{waits:?}");
}

#[test]
fn service_is_created_after_and_deleted_before_the_routes_rules_and_endpoints_of_its_tasks() {
    let app = stack(
        "let net = Vpc(\"Net\").endpoint(\"s3\").endpoint(\"logs\");\n\
         let web = FargateService(\"Web\").image(\"nginx:1\").port(80).health_check(HealthCheck(\"/\").port(81));\n\
         let queue = AWS::SQS::Queue(\"Jobs\");\n\
         Stack(\"app\").vpc(net).add(web.behind(Alb(\"Web\")).depends_on([queue, AWS::SNS::Topic(\"News\")]))",
    );
    let waits: Vec<&str> = resource(&app, "WebService").depends_on.iter().map(rtiler::cfn::LogicalId::as_str).collect();
    for id in [
        "WebListener80",
        "WebAlbToWebService",
        "WebAlbToWebServicePort81",
        "NetVpcPrivateSubnet1DefaultRoute",
        "NetVpcPrivateSubnet2RouteTableAssociation",
        "NetVpcS3Endpoint",
        "NetVpcLogsEndpoint",
        "Jobs",
        "News",
    ] {
        assert!(waits.contains(&id), "{id} in {waits:?}");
    }
}

#[test]
fn tasks_without_nat_gateways_have_public_addresses() {
    let app = service(".cluster(Cluster(\"Web\").vpc(Vpc(\"Web\").nat_gateways(0)))");
    let network = "NetworkConfiguration.AwsvpcConfiguration";
    assert_eq!(property(&app, "WebService", &format!("{network}.AssignPublicIp")), "\"ENABLED\"");
    assert_eq!(property(&app, "WebService", &format!("{network}.Subnets.0")), "{\"Ref\":\"WebVpcPublicSubnet1\"}");
}

#[test]
fn task_has_its_size_platform_and_storage() {
    let app = service(".cpu(1024).memory(4096).arm64().ephemeral_storage(50)");
    assert_eq!(property(&app, "WebTask", "Cpu"), "\"1024\"");
    assert_eq!(property(&app, "WebTask", "Memory"), "\"4096\"");
    assert_eq!(property(&app, "WebTask", "RuntimePlatform.CpuArchitecture"), "\"ARM64\"");
    assert_eq!(property(&app, "WebTask", "EphemeralStorage.SizeInGiB"), "50");
}

#[test]
fn parameter_is_accepted_for_a_number() {
    let app = service(
        ".cpu(parameter(\"Cpu\")).memory(parameter(\"Memory\")).count(parameter(\"Tasks\", #{ Type: \"Number\" }))",
    );
    assert_eq!(property(&app, "WebTask", "Cpu"), "{\"Ref\":\"Cpu\"}");
    assert_eq!(property(&app, "WebService", "DesiredCount"), "{\"Ref\":\"Tasks\"}");
    assert_eq!(app.template.parameters["Tasks"].body["Type"].as_str(), Some("Number"));
    assert_eq!(app.template.parameters["Cpu"].body["Type"].as_str(), Some("String"));
}

#[test]
fn container_runs_its_command_with_its_environment() {
    let app = service(
        ".command([\"serve\", \"--port\", \"80\"]).entrypoint([\"tini\"]).user(\"1000\").port(8080).read_only_root()\
         .stop_timeout(60).env(\"MODE\", \"slow\").env(#{ LEVEL: 3 })",
    );
    let container = |path: &str| property(&app, "WebTask", &format!("ContainerDefinitions.0.{path}"));
    assert_eq!(container("Command"), "[\"serve\",\"--port\",\"80\"]");
    assert_eq!(container("EntryPoint"), "[\"tini\"]");
    assert_eq!(container("User"), "\"1000\"");
    assert_eq!(container("ReadonlyRootFilesystem"), "true");
    assert_eq!(container("StopTimeout"), "60");
    assert_eq!(container("PortMappings.0.ContainerPort"), "8080");
    assert_eq!(
        container("Environment"),
        "[{\"Name\":\"MODE\",\"Value\":\"slow\"},{\"Name\":\"LEVEL\",\"Value\":\"3\"}]"
    );
}

#[test]
fn execution_role_may_read_the_secrets_only() {
    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf";
    let parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/token";
    let app = service(&format!(".secret(\"PASSWORD\", \"{secret}\", \"password\").secret(\"TOKEN\", \"{parameter}\")"));
    let from = |at: usize| property(&app, "WebTask", &format!("ContainerDefinitions.0.Secrets.{at}.ValueFrom"));
    assert_eq!(from(0), format!("\"{secret}:password::\""));
    assert_eq!(from(1), format!("\"{parameter}\""));
    let may = |at: usize| property(&app, "WebExecutionRole", &format!("Policies.0.PolicyDocument.Statement.{at}"));
    assert!(may(0).contains("logs:PutLogEvents"), "{}", may(0));
    assert!(may(1).contains(&format!("\"secretsmanager:GetSecretValue\",\"Resource\":\"{secret}\"")), "{}", may(1));
    assert!(may(2).contains(&format!("\"ssm:GetParameters\",\"Resource\":\"{parameter}\"")), "{}", may(2));
    assert_eq!(may(3), "nothing");
}

#[test]
fn only_ecr_images_need_pull_permissions() {
    let role = |image: &str| {
        let text = format!("Stack(\"a\").add(FargateService(\"Web\").image({image}))");
        property(&stack(&text), "WebExecutionRole", "Policies.0.PolicyDocument.Statement")
    };
    assert!(!role("\"ghcr.io/a/b:1\"").contains("ecr:"));
    let ecr = role("\"123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:1\"");
    assert!(ecr.contains("ecr:GetAuthorizationToken") && ecr.contains("repository/app"), "{ecr}");
}

#[test]
fn task_role_has_the_allowed_actions() {
    let app = service(
        ".allow(\"s3:GetObject\", \"arn:aws:s3:::tiles/*\").allow([\"sqs:SendMessage\", \"sqs:ReceiveMessage\"], \"*\")\
         .managed_policy(\"arn:aws:iam::aws:policy/ReadOnlyAccess\")",
    );
    let statement = |at: usize| property(&app, "WebTaskRole", &format!("Policies.0.PolicyDocument.Statement.{at}"));
    assert_eq!(
        statement(0),
        "{\"Effect\":\"Allow\",\"Action\":\"s3:GetObject\",\"Resource\":\"arn:aws:s3:::tiles/*\"}"
    );
    assert!(statement(1).contains("[\"sqs:SendMessage\",\"sqs:ReceiveMessage\"]"));
    assert_eq!(property(&app, "WebTaskRole", "ManagedPolicyArns.0"), "\"arn:aws:iam::aws:policy/ReadOnlyAccess\"");
}

#[test]
fn exec_setting_enables_execute_command_and_its_permissions() {
    let app = service(".exec()");
    assert_eq!(property(&app, "WebService", "EnableExecuteCommand"), "true");
    assert!(property(&app, "WebTaskRole", "Policies").contains("ssmmessages:OpenDataChannel"));
    assert_eq!(property(&app, "WebTask", "ContainerDefinitions.0.LinuxParameters.InitProcessEnabled"), "true");
}

#[test]
fn file_system_is_mounted_with_transit_encryption() {
    let app = service(".efs(\"/data\", \"fs-1\", \"fsap-1\").efs(\"/cache\", \"fs-2\")");
    let volume = "EFSVolumeConfiguration";
    assert_eq!(
        property(&app, "WebTask", &format!("Volumes.0.{volume}.AuthorizationConfig.AccessPointId")),
        "\"fsap-1\""
    );
    assert_eq!(property(&app, "WebTask", &format!("Volumes.1.{volume}.TransitEncryption")), "\"ENABLED\"");
    assert_eq!(property(&app, "WebTask", "ContainerDefinitions.0.MountPoints.1.ContainerPath"), "\"/cache\"");
}

#[test]
fn spot_share_sets_capacity_providers_of_service() {
    let app = service(".spot(4)");
    let strategy = property(&app, "WebService", "CapacityProviderStrategy");
    assert_eq!(
        strategy,
        "[{\"CapacityProvider\":\"FARGATE_SPOT\",\"Weight\":4},{\"CapacityProvider\":\"FARGATE\",\"Weight\":1}]"
    );
    assert_eq!(property(&app, "WebService", "LaunchType"), "nothing");
}

#[test]
fn deployment_settings_are_emitted() {
    let app = service(
        ".healthy_percent(50..=150).circuit_breaker(5).alarm(\"errors\").count(3).security_group(\"sg-0123456789abcdef0\")",
    );
    let configuration = |path: &str| property(&app, "WebService", &format!("DeploymentConfiguration.{path}"));
    assert_eq!(configuration("MinimumHealthyPercent"), "50");
    assert_eq!(configuration("MaximumPercent"), "150");
    assert_eq!(configuration("DeploymentCircuitBreaker.ThresholdConfiguration"), "{\"Type\":\"COUNT\",\"Value\":5}");
    assert_eq!(configuration("Alarms.AlarmNames"), "[\"errors\"]");
    assert_eq!(property(&app, "WebService", "DesiredCount"), "3");
    assert_eq!(
        property(&app, "WebService", "NetworkConfiguration.AwsvpcConfiguration.SecurityGroups.1"),
        "\"sg-0123456789abcdef0\""
    );
    let off = service(".no_circuit_breaker()");
    assert_eq!(property(&off, "WebService", "DeploymentConfiguration.DeploymentCircuitBreaker.Enable"), "false");
}

#[test]
fn scaled_service_has_no_desired_count() {
    let app = service(
        ".scaling(Scaling(2..=10).cpu(60).memory(70).no_scale_in().scale_out_after(30)\
         .schedule(\"night\", \"cron(0 20 * * ? *)\", 0..=2, \"Europe/Zurich\"))",
    );
    assert_eq!(property(&app, "WebService", "DesiredCount"), "nothing");
    let policy = "TargetTrackingScalingPolicyConfiguration";
    assert_eq!(property(&app, "WebCpuScaling", &format!("{policy}.TargetValue")), "60");
    assert_eq!(property(&app, "WebMemoryScaling", &format!("{policy}.DisableScaleIn")), "true");
    assert_eq!(property(&app, "WebMemoryScaling", &format!("{policy}.ScaleOutCooldown")), "30");
    let action = property(&app, "WebScalableTarget", "ScheduledActions.0");
    assert!(action.contains("\"Timezone\":\"Europe/Zurich\"") && action.contains("\"MaxCapacity\":2"), "{action}");
}

#[test]
fn sidecar_starts_first_with_its_own_limits() {
    let app = service(
        ".cpu(512).memory(1024).sidecar(Container(\"proxy\").image(\"envoy:1\").cpu(128).memory(256).port(9901)\
         .essential(false).depends_on(\"web\", \"start\").container_health_check(\"curl -f localhost\"))",
    );
    let sidecar = |path: &str| property(&app, "WebTask", &format!("ContainerDefinitions.1.{path}"));
    assert_eq!(sidecar("Name"), "\"proxy\"");
    assert_eq!(sidecar("Essential"), "false");
    assert_eq!(sidecar("DependsOn.0"), "{\"ContainerName\":\"web\",\"Condition\":\"START\"}");
    assert_eq!(sidecar("HealthCheck.Command"), "[\"CMD-SHELL\",\"curl -f localhost\"]");
    assert_eq!(sidecar("Cpu"), "128");
}

#[test]
fn gunicorn_settings_become_environment_variables() {
    let app = service(
        ".cpu(2048).memory(4096).gunicorn(Gunicorn().workers_per_core(0.5).max_workers(4).web_concurrency(3)\
         .timeout(60).log_level(\"info\"))",
    );
    let environment = property(&app, "WebTask", "ContainerDefinitions.0.Environment");
    for pair in [
        "WORKERS_PER_CORE\",\"Value\":\"0.5",
        "MAX_WORKERS\",\"Value\":\"4",
        "WEB_CONCURRENCY\",\"Value\":\"3",
        "TIMEOUT\",\"Value\":\"60",
    ] {
        assert!(environment.contains(pair), "{pair} in {environment}");
    }
}

#[test]
fn health_check_sets_all_properties_of_the_target_group() {
    let app = service(
        ".behind(Alb(\"Web\")).health_check(HealthCheck(\"/up\").interval(10).timeout(5).healthy(2).unhealthy(3)\
         .codes(\"200-299\").port(9000)).grace_period(90)",
    );
    let group = |path: &str| property(&app, "WebTargetGroup", path);
    assert_eq!(group("HealthCheckPath"), "\"/up\"");
    assert_eq!(group("HealthCheckIntervalSeconds"), "10");
    assert_eq!(group("UnhealthyThresholdCount"), "3");
    assert_eq!(group("Matcher.HttpCode"), "\"200-299\"");
    assert_eq!(
        property(&app, "WebServiceSecurityGroup", "SecurityGroupIngress.1.FromPort"),
        "9000",
        "checks come in too"
    );
    assert_eq!(property(&app, "WebService", "HealthCheckGracePeriodSeconds"), "90");
}

#[test]
fn override_replaces_the_value_of_the_block() {
    let app = service(
        ".override(\"AWS::ECS::Service\", #{ PropagateTags: \"SERVICE\", DeploymentConfiguration: #{ MaximumPercent: 300 } })",
    );
    assert_eq!(property(&app, "WebService", "PropagateTags"), "\"SERVICE\"");
    assert_eq!(property(&app, "WebService", "DeploymentConfiguration.MaximumPercent"), "300");
    assert_eq!(property(&app, "WebService", "DeploymentConfiguration.MinimumHealthyPercent"), "100");
}

#[test]
fn every_setting_keeps_its_line() {
    use rtiler::cfn::PropertyPath;
    let text = "Stack(\"a\").add(FargateService(\"Web\")\n.image(\"nginx:1\")\n.cpu(512)\n.memory(1024)\n.env(\"A\", \"b\")\n.behind(Alb(\"Web\")))";
    let app = stack(text);
    let line = |id: &str, path: &str| resource(&app, id).origin_of(&PropertyPath::property(path)).line;
    assert_eq!(line("WebTask", "ContainerDefinitions.0.Image"), 2);
    assert_eq!(line("WebTask", "Cpu"), 3);
    assert_eq!(line("WebTask", "ContainerDefinitions.0.Environment.0.Value"), 5);
    assert_eq!(line("WebService", "LoadBalancers.0"), 6);
    assert_eq!(line("WebService", "Cluster"), 1, "what no setter set is the block's own line");
}

#[test]
fn tasks_get_the_tags_of_the_service() {
    let app = |tags: &str, setters: &str| {
        stack(&format!("Stack(\"app\"){tags}.add(FargateService(\"Web\").image(\"nginx:1\"){setters})"))
    };
    let propagated = |tags: &str, setters: &str| {
        let app = app(tags, setters);
        ["PropagateTags", "EnableECSManagedTags"].map(|name| property(&app, "WebService", name))
    };
    let (service, nothing) = (["\"SERVICE\"", "true"], ["nothing", "nothing"]);
    assert_eq!(propagated(".tag(\"team\", \"maps\")", ""), service);
    assert_eq!(propagated("", ""), nothing, "there are no tags");
    let own = ".override(\"Service\", \"Tags\", [#{ Key: \"team\", Value: \"maps\" }])";
    assert_eq!(propagated("", own), service, "tags of its own");
    let other = ".override(\"Service\", \"PropagateTags\", \"TASK_DEFINITION\")";
    assert_eq!(propagated(".tag(\"team\", \"maps\")", other), ["\"TASK_DEFINITION\"", "nothing"]);
    let unmanaged = ".override(\"Service\", \"EnableECSManagedTags\", false)";
    assert_eq!(propagated(".tag(\"team\", \"maps\")", unmanaged), ["\"SERVICE\"", "false"]);
}

#[test]
fn queue_is_followed_by_its_messages_for_each_running_task() {
    let app = stack(
        "let jobs = AWS::SQS::Queue(\"Jobs\", #{});\n\
         Stack(\"app\").add(FargateService(\"Work\").image(\"work:1\").scaling(Scaling(1..=9).queue(jobs, 100)))",
    );
    let tracking = |path: &str| {
        property(&app, "WorkJobsBacklogScaling", &format!("TargetTrackingScalingPolicyConfiguration.{path}"))
    };
    assert_eq!(tracking("TargetValue"), "100");
    let metrics = "CustomizedMetricSpecification.Metrics";
    let queue = "MetricStat.Metric.Dimensions.0.Value";
    assert_eq!(tracking(&format!("{metrics}.0.{queue}")), "{\"Fn::GetAtt\":[\"Jobs\",\"QueueName\"]}");
    assert_eq!(tracking(&format!("{metrics}.1.MetricStat.Stat")), "\"SampleCount\"");
    assert!(tracking(&format!("{metrics}.2.Expression")).contains("messages / "));
    let ids: Vec<&str> = app.template.resources.keys().map(rtiler::cfn::LogicalId::as_str).collect();
    assert!(!ids.contains(&"WorkJobsFirstTaskAlarm"), "one task always runs: {ids:?}");
}

#[test]
fn service_that_may_have_no_task_gets_an_alarm_that_starts_the_first() {
    let scaled = |scaling: &str| service(&format!(".scaling({scaling}.queue(\"jobs\", 10))"));
    for scaling in ["Scaling(0..=9)", "Scaling(1..=9).schedule(\"Night\", \"cron(0 22 ? * * *)\", 0..=1)"] {
        let app = scaled(scaling);
        assert_eq!(property(&app, "WebJobsFirstTaskAlarm", "AlarmActions.0"), "{\"Ref\":\"WebJobsFirstTask\"}");
        let step = "StepScalingPolicyConfiguration.StepAdjustments.0.ScalingAdjustment";
        assert_eq!(property(&app, "WebJobsFirstTask", step), "1");
    }
}

#[test]
fn steps_are_differences_from_the_threshold_of_the_alarm_of_their_side() {
    let metric = "#{ Namespace: \"App\", MetricName: \"Depth\" }";
    let steps = "#{ \">= 500\": 5, \">= 100\": 1, \"<= 10\": -1, \"<= 0\": -3 }";
    let app = service(&format!(".scaling(Scaling(1..=9).steps({metric}, {steps}).scale_in_after(600))"));
    let configuration = |id: &str, path: &str| property(&app, id, &format!("StepScalingPolicyConfiguration.{path}"));
    let up = "[{\"MetricIntervalLowerBound\":0,\"MetricIntervalUpperBound\":400,\"ScalingAdjustment\":1},\
              {\"MetricIntervalLowerBound\":400,\"ScalingAdjustment\":5}]";
    assert_eq!(configuration("WebDepthAbove", "StepAdjustments"), up);
    assert_eq!(property(&app, "WebDepthAboveAlarm", "Threshold"), "100");
    let down = "[{\"MetricIntervalUpperBound\":0,\"MetricIntervalLowerBound\":-10,\"ScalingAdjustment\":-1},\
                {\"MetricIntervalUpperBound\":-10,\"ScalingAdjustment\":-3}]";
    assert_eq!(configuration("WebDepthBelow", "StepAdjustments"), down);
    assert_eq!(property(&app, "WebDepthBelowAlarm", "ComparisonOperator"), "\"LessThanOrEqualToThreshold\"");
    assert_eq!(configuration("WebDepthBelow", "Cooldown"), "600");
    assert_eq!(configuration("WebDepthAbove", "Cooldown"), "nothing");
}
