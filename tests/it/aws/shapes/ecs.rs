//! Services, tasks and task definitions.

use rtiler::deploy::api::status::RolloutState;
use rtiler::deploy::api::{
    ContainerOverride, Ecs, ErrorKind, LoadBalancing, LogQuery, Logs, RunTaskRequest, TaskFilter, TaskNetwork,
    Timestamp, UpdateServiceRequest,
};
use serde_json::{Value, json};

use super::{Account, DEFINITION, SERVICE, TASK, wait};
use crate::harness::Fault;

#[test]
fn service_has_its_target_groups_network_circuit_breaker_and_deployments() {
    let service = json!({ "services": [{
        "serviceArn": SERVICE, "serviceName": "web", "status": "ACTIVE",
        "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/titiler",
        "desiredCount": 2, "runningCount": 1, "pendingCount": 1, "taskDefinition": DEFINITION,
        "launchType": "FARGATE", "enableExecuteCommand": true, "schedulingStrategy": "REPLICA",
        "loadBalancers": [
            { "targetGroupArn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1",
              "containerName": "web", "containerPort": 8000 },
            { "loadBalancerName": "classic", "containerName": "web", "containerPort": 8000 }
        ],
        "networkConfiguration": { "awsvpcConfiguration": {
            "subnets": ["subnet-1", "subnet-2"], "securityGroups": ["sg-1"], "assignPublicIp": "ENABLED"
        } },
        "deploymentConfiguration": {
            "deploymentCircuitBreaker": { "enable": true, "rollback": true }, "maximumPercent": 200,
            "minimumHealthyPercent": 100
        },
        "deployments": [
            { "id": "ecs-svc/2", "status": "PRIMARY", "taskDefinition": DEFINITION, "desiredCount": 2,
              "pendingCount": 1, "runningCount": 0, "failedTasks": 3, "createdAt": 1_763_856_000.123,
              "updatedAt": 1_763_856_060.0, "rolloutState": "IN_PROGRESS", "rolloutStateReason": "" },
            { "id": "ecs-svc/1", "status": "ACTIVE", "desiredCount": 1, "runningCount": 1,
              "rolloutState": "SOMETHING_NEW" }
        ],
        "events": [{ "id": "e2", "createdAt": 1_763_856_050.5, "message": "(service web) has started 1 tasks." }]
    }], "failures": [{ "arn": "arn:aws:ecs:us-east-1:123456789012:service/titiler/gone", "reason": "MISSING" }] });
    let account = Account::answering("DescribeServices", &[service]);
    let services = wait(account.aws.services(&[SERVICE.to_owned()])).unwrap();
    let service = &services[0];
    assert_eq!((service.desired, service.running, service.pending, service.exec), (2, 1, 1, true));
    assert_eq!(service.target_groups.len(), 1, "a classic load balancer has no target group");
    assert_eq!((&*service.target_groups[0].container, service.target_groups[0].port), ("web", 8000));
    let network = service.network.as_ref().unwrap();
    assert_eq!(
        (network.subnets.len(), &network.security_groups[..], network.public_ip),
        (2, &["sg-1".to_owned()][..], true)
    );
    assert!(service.circuit_breaker.as_ref().is_some_and(|breaker| breaker.enable && breaker.rollback));
    let new = &service.deployments[0];
    assert_eq!((new.failed, new.created), (3, Some(Timestamp(1_763_856_000_123))));
    assert_eq!((new.rollout.as_ref().map(RolloutState::as_str), new.reason.as_deref()), (Some("IN_PROGRESS"), None));
    assert_eq!(service.deployments[1].rollout, Some("SOMETHING_NEW".into()), "a newer AWS is quoted");
    assert_eq!(service.events[0].time, Timestamp(1_763_856_050_500));
    assert_eq!(account.sent("DescribeServices")[0]["cluster"], "titiler");
}

#[test]
fn service_that_shifts_traffic_has_both_target_groups_and_its_latest_deployment() {
    let service = json!({ "services": [{
        "serviceArn": SERVICE, "serviceName": "web", "status": "ACTIVE",
        "deploymentConfiguration": { "strategy": "CANARY", "bakeTimeInMinutes": 15 },
        "loadBalancers": [{
            "targetGroupArn": "arn:one", "containerName": "web", "containerPort": 8000,
            "advancedConfiguration": { "alternateTargetGroupArn": "arn:other", "roleArn": "arn:role" }
        }]
    }] });
    let account = Account::answering("DescribeServices", &[service]);
    let service = wait(account.aws.services(&[SERVICE.to_owned()])).unwrap().remove(0);
    assert!(service.shifts_traffic());
    assert_eq!(service.target_groups.iter().map(|it| &*it.arn).collect::<Vec<_>>(), ["arn:one", "arn:other"]);

    let brief = |arn: &str, created: f64| json!({ "serviceDeploymentArn": arn, "createdAt": created });
    account
        .answer("ListServiceDeployments", &[json!({ "serviceDeployments": [brief("old", 1.0), brief("new", 2.0)] })]);
    account.answer("DescribeServiceDeployments", &[json!({ "serviceDeployments": [{
        "serviceDeploymentArn": "new", "status": "IN_PROGRESS", "lifecycleStage": "PRODUCTION_TRAFFIC_SHIFT", "createdAt": 2.0,
        "sourceServiceRevisions": [{ "arn": "arn:before", "requestedTaskCount": 2 }],
        "targetServiceRevision": { "requestedTaskCount": 2, "requestedProductionTrafficWeight": 2.5 },
        "deploymentConfiguration": {
            "strategy": "CANARY", "bakeTimeInMinutes": 15, "canaryConfiguration": { "canaryBakeTimeInMinutes": 5 }
        },
        "alarms": { "triggeredAlarmNames": ["errors"] }
    }] })]);
    let shift = wait(account.aws.service_deployment(SERVICE)).unwrap().unwrap();
    assert_eq!(account.sent("DescribeServiceDeployments")[0]["serviceDeploymentArns"], json!(["new"]));
    assert_eq!(
        (shift.bake, shift.wait(), shift.production.unwrap().to_string()),
        (Some(900), Some(300), "2.5 %".to_owned())
    );
    assert_eq!((shift.alarms, shift.created), (vec!["errors".to_owned()], Some(Timestamp(2_000))));
    assert!(!shift.is_first, "it replaces tasks");
}

#[test]
fn services_are_requested_by_cluster_ten_at_a_time() {
    let account = Account::answering("DescribeServices", &vec![json!({ "services": [] }); 3]);
    let mut arns: Vec<String> = (0..12).map(|number| format!("{SERVICE}{number}")).collect();
    arns.push("arn:aws:ecs:us-east-1:123456789012:service/other/api".to_owned());
    wait(account.aws.services(&arns)).unwrap();
    let sent = account.sent("DescribeServices");
    let counts: Vec<_> =
        sent.iter().map(|call| (call["cluster"].clone(), call["services"].as_array().unwrap().len())).collect();
    assert_eq!(counts, [(json!("other"), 1), (json!("titiler"), 10), (json!("titiler"), 2)]);
}

#[test]
fn stopped_task_has_its_reason_exit_code_address_and_times() {
    let stopped = json!({ "tasks": [
        { "taskArn": format!("{TASK}0"), "lastStatus": "STOPPED", "desiredStatus": "STOPPED", "stoppedAt": 1_763_856_000 },
        { "taskArn": TASK, "taskDefinitionArn": DEFINITION, "lastStatus": "STOPPED", "desiredStatus": "STOPPED",
          "startedBy": "ecs-svc/2", "group": "service:web", "availabilityZone": "us-east-1b",
          "stopCode": "EssentialContainerExited", "stoppedReason": "Essential container in task exited",
          "createdAt": 1_763_856_000.5, "startedAt": 1_763_856_030, "stoppedAt": 1_763_856_040, "healthStatus": "UNKNOWN",
          "attachments": [{ "id": "a", "type": "ElasticNetworkInterface", "status": "DELETED", "details": [
            { "name": "subnetId", "value": "subnet-1" }, { "name": "privateIPv4Address", "value": "10.0.1.23" } ] }],
          "containers": [
            { "name": "web", "lastStatus": "STOPPED", "exitCode": 137, "healthStatus": "UNKNOWN",
              "reason": "OutOfMemoryError: Container killed due to memory usage" },
            { "name": "sidecar", "lastStatus": "STOPPED", "reason": "" } ] },
        { "taskArn": format!("{TASK}1"), "lastStatus": "DEACTIVATING", "desiredStatus": "STOPPED" }
    ], "failures": [] });
    let account = Account::answering("DescribeTasks", &[stopped]);
    account.answer("ListTasks", &[json!({ "taskArns": [format!("{TASK}0"), TASK, format!("{TASK}1")] })]);
    let tasks = wait(account.aws.tasks(SERVICE, TaskFilter::Stopped)).unwrap();
    assert_eq!(tasks.len(), 2, "one that is stopping has not stopped: {tasks:?}");
    let task = &tasks[0];
    assert_eq!(
        (&*task.arn, task.stopped),
        (TASK, Some(Timestamp::from_secs(1_763_856_040))),
        "the newest is the first"
    );
    assert_eq!((task.code.as_deref(), task.zone.as_deref()), (Some("EssentialContainerExited"), Some("us-east-1b")));
    assert_eq!((task.address.as_deref(), task.started_by.as_deref()), (Some("10.0.1.23"), Some("ecs-svc/2")));
    assert_eq!((task.containers[0].exit_code, task.containers[1].exit_code), (Some(137), None));
    assert_eq!(task.containers[1].reason, None, "an empty text is none");
    let sent = &account.sent("ListTasks")[0];
    assert_eq!(
        (&sent["serviceName"], &sent["desiredStatus"], &sent["cluster"]),
        (&json!("web"), &json!("STOPPED"), &json!("titiler"))
    );
}

#[test]
fn missing_resource_is_none_and_other_refusals_have_their_kind() {
    let account = Account::new();
    let gone = |code| Fault::Refuse(400, code, "it is not there");
    account.proxy.spoil("ListTasks", [gone("ClusterNotFoundException"), gone("ServiceNotFoundException")]);
    account.proxy.spoil(
        "DescribeTaskDefinition",
        [Fault::Refuse(400, "ClientException", "Unable to describe task definition.")],
    );
    account.answer("DescribeTasks", &[json!({ "tasks": [], "failures": [{ "arn": TASK, "reason": "MISSING" }] })]);
    account.proxy.spoil("GetLogEvents", [gone("ResourceNotFoundException")]);
    account.proxy.spoil("FilterLogEvents", [gone("ResourceNotFoundException")]);
    account.proxy.spoil("DescribeTargetHealth", [gone("TargetGroupNotFound")]);
    let aws = &account.aws;
    wait(async {
        assert_eq!(aws.tasks(SERVICE, TaskFilter::Running).await, Ok(Vec::new()));
        assert_eq!(aws.tasks(SERVICE, TaskFilter::Stopped).await, Ok(Vec::new()));
        assert_eq!(aws.task_definition("titiler-web:9").await, Ok(None));
        assert_eq!(aws.task(TASK).await, Ok(None));
        assert_eq!(aws.tail("/ecs/web", "web/web/1", 10).await, Ok(Vec::new()));
        assert!(
            aws.search(&LogQuery { group: "/ecs/web".to_owned(), ..LogQuery::default() })
                .await
                .unwrap()
                .lines
                .is_empty()
        );
        assert_eq!(
            aws.target_health("arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/web/1").await,
            Ok(Vec::new())
        );
    });
    let kinds = [
        ("AccessDeniedException", ErrorKind::AccessDenied),
        ("ExpiredTokenException", ErrorKind::Expired),
        ("UnrecognizedClientException", ErrorKind::NoCredentials),
    ];
    for (code, kind) in kinds {
        account.proxy.spoil("ListTasks", [Fault::Refuse(400, code, "no")]);
        let refused = wait(aws.tasks(SERVICE, TaskFilter::Running)).unwrap_err();
        assert_eq!((refused.kind, &*refused.code, refused.call.operation()), (kind, code, "ListTasks"));
    }
    account.proxy.spoil("ListTasks", vec![Fault::Refuse(400, "ThrottlingException", "Rate exceeded"); 5]);
    let before = account.proxy.count("ListTasks");
    assert_eq!(wait(aws.tasks(SERVICE, TaskFilter::Running)).unwrap_err().kind, ErrorKind::Throttled);
    assert_eq!(account.proxy.count("ListTasks") - before, 5, "throttling is borne with");
}

#[test]
fn new_revision_copies_the_last_one_except_for_the_edits() {
    let kept = json!({
        "family": "titiler-web", "taskRoleArn": "arn:aws:iam::123456789012:role/task",
        "executionRoleArn": "arn:aws:iam::123456789012:role/execution", "networkMode": "awsvpc", "cpu": "512",
        "memory": "1024", "requiresCompatibilities": ["FARGATE"], "pidMode": "task",
        "ephemeralStorage": { "sizeInGiB": 40 }, "enableFaultInjection": true,
        "runtimePlatform": { "cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX" },
        "volumes": [{ "name": "cache", "efsVolumeConfiguration": { "fileSystemId": "fs-1", "transitEncryption": "ENABLED" } }],
        "placementConstraints": [{ "type": "memberOf", "expression": "attribute:x == y" }],
        "proxyConfiguration": { "type": "APPMESH", "containerName": "envoy", "properties": [] },
        "containerDefinitions": [
            { "name": "web", "image": "ghcr.io/team/web:1", "cpu": 256, "memory": 512, "essential": true,
              "portMappings": [{ "containerPort": 8000, "hostPort": 8000, "protocol": "tcp", "appProtocol": "http" }],
              "environment": [{ "name": "LEVEL", "value": "info" }, { "name": "OLD", "value": "1" }],
              "secrets": [{ "name": "KEY", "valueFrom": "arn:aws:secretsmanager:us-east-1:1:secret:k" }],
              "healthCheck": { "command": ["CMD-SHELL", "true"], "interval": 30, "timeout": 5, "retries": 3 },
              "ulimits": [{ "name": "nofile", "softLimit": 1024, "hardLimit": 4096 }], "stopTimeout": 60,
              "readonlyRootFilesystem": true, "dockerLabels": { "team": "maps" },
              "linuxParameters": { "initProcessEnabled": true },
              "dependsOn": [{ "containerName": "envoy", "condition": "HEALTHY" }],
              "logConfiguration": { "logDriver": "awslogs", "options": { "awslogs-group": "/ecs/web" } } },
            { "name": "envoy", "image": "envoy:1", "cpu": 0, "essential": false }
        ]
    });
    let mut described = kept.clone();
    described["taskDefinitionArn"] = json!(DEFINITION);
    described["revision"] = json!(7);
    described["status"] = json!("ACTIVE");
    described["compatibilities"] = json!(["EC2", "FARGATE"]);
    described["registeredAt"] = json!(1_763_856_000.5);
    described["requiresAttributes"] = json!([{ "name": "com.amazonaws.ecs.capability.task-iam-role" }]);
    let tags = json!([{ "key": "team", "value": "maps" }, { "key": "aws:cloudformation:stack-name", "value": "web" }]);
    let account = Account::answering("DescribeTaskDefinition", &[json!({ "taskDefinition": described, "tags": tags })]);
    account.answer("RegisterTaskDefinition", &[json!({ "taskDefinition": { "taskDefinitionArn": "arn:new:8" } })]);
    let edit = ContainerOverride {
        container: "web".to_owned(),
        image: Some("ghcr.io/team/web:2".to_owned()),
        set: [("LEVEL".to_owned(), "debug".to_owned()), ("NEW".to_owned(), "x".to_owned())].into_iter().collect(),
        unset: vec!["OLD".to_owned()],
    };
    assert_eq!(wait(account.aws.revise(DEFINITION, &[edit])).unwrap(), "arn:new:8");
    let mut wanted = kept;
    wanted["containerDefinitions"][0]["image"] = json!("ghcr.io/team/web:2");
    wanted["containerDefinitions"][0]["environment"] =
        json!([{ "name": "LEVEL", "value": "debug" }, { "name": "NEW", "value": "x" }]);
    wanted["tags"] = json!([{ "key": "team", "value": "maps" }]);
    let sent = &account.sent("RegisterTaskDefinition")[0];
    for (field, value) in wanted.as_object().unwrap() {
        assert_eq!(&sent[field], value, "{field}");
    }
    assert_eq!(
        sent.as_object().unwrap().len(),
        wanted.as_object().unwrap().len(),
        "nothing that AWS alone sets: {sent}"
    );
}

#[test]
fn edit_of_a_missing_container_is_refused() {
    let account =
        Account::answering("DescribeTaskDefinition", &[json!({ "taskDefinition": { "containerDefinitions": [] } })]);
    let edit = ContainerOverride { container: "wbe".to_owned(), ..ContainerOverride::default() };
    let refused = wait(account.aws.revise(DEFINITION, &[edit])).unwrap_err();
    assert!(refused.message.contains("`wbe`"), "{refused}");
    assert_eq!(account.proxy.count("RegisterTaskDefinition"), 0);
}

#[test]
fn task_definition_has_its_log_destination_and_defaults() {
    let container = |log: Value| {
        json!({ "name": "web", "image": "i", "logConfiguration": log,
        "portMappings": [{ "containerPort": 8000 }, {}], "environment": [{ "name": "A", "value": "" }] })
    };
    let awslogs = json!({ "logDriver": "awslogs", "options": { "awslogs-group": "g", "awslogs-stream-prefix": "p" } });
    let splunk = json!({ "logDriver": "splunk", "options": { "awslogs-group": "g", "awslogs-stream-prefix": "p" } });
    let reply = json!({ "taskDefinition": { "taskDefinitionArn": DEFINITION, "status": "INACTIVE", "cpu": "256",
        "containerDefinitions": [container(awslogs), container(splunk)] } });
    let account = Account::answering("DescribeTaskDefinition", &[reply]);
    let definition = wait(account.aws.task_definition(DEFINITION)).unwrap().unwrap();
    assert_eq!((&*definition.status, definition.cpu.as_deref(), definition.memory), ("INACTIVE", Some("256"), None));
    let [first, second] = &definition.containers[..] else { panic!("{:?}", definition.containers) };
    assert!(first.essential, "a container is essential unless it says otherwise");
    assert_eq!((&first.ports[..], &*first.environment["A"]), (&[8000][..], ""));
    assert_eq!(first.log.as_ref().map(|log| (&*log.group, &*log.prefix)), Some(("g", "p")));
    assert_eq!(second.log, None);
}

#[test]
fn service_update_and_task_calls_send_the_names_that_were_given() {
    let account = Account::answering("UpdateService", &[json!({ "service": {} })]);
    account.answer("RunTask", &[json!({ "tasks": [{ "taskArn": TASK, "lastStatus": "PROVISIONING" }], "failures": [] }),
        json!({ "tasks": [], "failures": [{ "arn": "arn:x", "reason": "RESOURCE:ENI", "detail": "no interface is free" }] })]);
    account.answer("StopTask", &[json!({ "task": { "taskArn": TASK } })]);
    account.answer(
        "DescribeTasks",
        &[json!({ "tasks": [{ "taskArn": TASK, "containers": [
        { "name": "envoy", "runtimeId": "r-0" }, { "name": "web", "runtimeId": "0c4f-1" } ] }] })],
    );
    account.answer(
        "ExecuteCommand",
        &[json!({ "session": { "sessionId": "s", "streamUrl": "wss://x", "tokenValue": "t" } })],
    );
    let request = RunTaskRequest {
        cluster: "titiler".to_owned(),
        task_definition: DEFINITION.to_owned(),
        network: Some(TaskNetwork {
            subnets: vec!["subnet-1".to_owned()],
            security_groups: vec!["sg-1".to_owned()],
            public_ip: true,
        }),
        container: "web".to_owned(),
        command: vec!["python".to_owned(), "-V".to_owned()],
        propagates_tags: true,
        started_by: "rtiler".to_owned(),
        token: Some("run-1".to_owned()),
    };
    let (task, refused, session) = wait(async {
        let aws = &account.aws;
        let change = UpdateServiceRequest { desired: Some(3), ..UpdateServiceRequest::default() };
        aws.update_service(SERVICE, &change).await.unwrap();
        let task = aws.run_task(&request).await.unwrap();
        let refused = aws.run_task(&request).await.unwrap_err();
        aws.stop_task(TASK, "enough").await.unwrap();
        (task, refused, aws.execute_command(TASK, "web", "/bin/sh").await.unwrap())
    });
    assert_eq!((&*task.arn, task.status.as_str()), (TASK, "PROVISIONING"));
    assert_eq!((&*refused.code, &*refused.message), ("RESOURCE:ENI", "arn:x: no interface is free"));
    assert_eq!(account.sent("UpdateService")[0], json!({ "cluster": "titiler", "service": "web", "desiredCount": 3 }));
    let run = &account.sent("RunTask")[0];
    assert_eq!(
        (&run["launchType"], &run["count"], &run["startedBy"]),
        (&json!("FARGATE"), &json!(1), &json!("rtiler"))
    );
    assert_eq!(run["clientToken"], "run-1", "a repeated request starts no second task");
    assert_eq!(run["networkConfiguration"]["awsvpcConfiguration"]["assignPublicIp"], "ENABLED");
    assert_eq!((&run["propagateTags"], &run["enableECSManagedTags"]), (&json!("TASK_DEFINITION"), &json!(true)));
    assert_eq!(run["overrides"]["containerOverrides"], json!([{ "name": "web", "command": ["python", "-V"] }]));
    assert_eq!(account.sent("StopTask")[0]["reason"], "enough");
    assert_eq!(account.sent("ExecuteCommand")[0]["interactive"], true);
    let id = task.id();
    assert_eq!((session.target, &*session.token), (format!("ecs:titiler_{id}_0c4f-1"), "t"));
}
