//! The ports that watch and operate, against emulators: they return what boto3 created.
//!
//! Where the emulators are not AWS: moto gives services no load balancers, runs no tasks of its own and does not speak the
//! CBOR in which the SDK asks CloudWatch; in ministack
//! every target is healthy.

use rtiler::deploy::api::{
    Alarm, AutoScaling, ContainerOverride, Ecs, LoadBalancing, LogQuery, Logs, RunTaskRequest, ScalableTarget,
    TaskFilter, TaskNetwork, UpdateServiceRequest,
};
use serde_json::{Value, json};

use super::{Account, wait};
use crate::harness::Emulator;

/// Creates a log group with a stream of `count` lines, two seconds apart, up to now.
fn logged(account: &Account, group: &str, stream: &str, count: i64) {
    let now = i64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    let line =
        |number: i64| json!({ "timestamp": now - (count - number) * 2000, "message": format!("line {number}\n") });
    account.boto.call("logs", "create_log_group", &json!({ "logGroupName": group }));
    account.boto.call("logs", "create_log_stream", &json!({ "logGroupName": group, "logStreamName": stream }));
    let lines: Vec<Value> = (1..=count).map(line).collect();
    let put = json!({ "logGroupName": group, "logStreamName": stream, "logEvents": lines });
    account.boto.call("logs", "put_log_events", &put);
}

#[test]
fn last_lines_of_a_stream_are_read_and_found_in_its_group() {
    for emulator in [Emulator::Moto, Emulator::Ministack] {
        let account = Account::new(emulator);
        let group = format!("/ecs/{}", account.number);
        logged(&account, &group, "web/web/1", 30);
        let tail = wait(account.aws.tail(&group, "web/web/1", 3)).unwrap();
        let texts: Vec<&str> = tail.iter().map(|line| &*line.text).collect();
        assert_eq!(texts, ["line 28", "line 29", "line 30"], "{emulator:?}");
        let whole = wait(account.aws.tail(&group, "web/web/1", 100)).unwrap();
        assert_eq!(whole.len(), 30, "{emulator:?}");
        let query = LogQuery { group: group.clone(), since: Some(tail[1].time), ..LogQuery::default() };
        let found = wait(account.aws.search(&query)).unwrap();
        assert_eq!(found.lines, tail[1..], "{emulator:?}");
        let missing = wait(async {
            let tail = account.aws.tail(&group, "web/web/2", 3).await;
            let none = account.aws.search(&LogQuery { group: "/ecs/none".to_owned(), ..LogQuery::default() }).await;
            (tail, none)
        });
        assert_eq!((missing.0, missing.1.map(|page| page.lines)), (Ok(Vec::new()), Ok(Vec::new())), "{emulator:?}");
    }
}

#[test]
fn scaling_range_is_read_and_changed_and_none_without_scaling() {
    let account = Account::new(Emulator::Moto);
    let name = format!("scaled-{}", account.number);
    account.boto.call("ecs", "create_cluster", &json!({ "clusterName": name }));
    let family = registered(&account, &name);
    let service = json!({ "cluster": name, "serviceName": "web", "taskDefinition": family, "desiredCount": 1 });
    account.boto.call("ecs", "create_service", &service);
    let resource = format!("service/{name}/web");
    let target = json!({ "ServiceNamespace": "ecs", "ResourceId": resource, "MinCapacity": 1, "MaxCapacity": 4,
        "ScalableDimension": "ecs:service:DesiredCount" });
    account.boto.call("application-autoscaling", "register_scalable_target", &target);
    let (before, after, none) = wait(async {
        let before = account.aws.scalable_target(&resource).await.unwrap();
        account.aws.set_scalable_target(&resource, ScalableTarget { min: 2, max: 8 }).await.unwrap();
        let none = account.aws.scalable_target(&format!("service/{name}/api")).await.unwrap();
        (before, account.aws.scalable_target(&resource).await.unwrap(), none)
    });
    assert_eq!((before, after), (Some(ScalableTarget { min: 1, max: 4 }), Some(ScalableTarget { min: 2, max: 8 })));
    assert_eq!(none, None);
}

#[test]
fn alarms_are_read_with_their_state_by_name_and_by_prefix() {
    let account = Account::new(Emulator::Ministack);
    let name = |tail: &str| format!("{}-{tail}", account.number);
    for tail in ["high", "low", "other"] {
        let alarm = json!({ "AlarmName": name(tail), "MetricName": "RequestCountPerTarget", "Namespace": "AWS/ApplicationELB",
            "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 3, "Threshold": 50.0,
            "ComparisonOperator": "GreaterThanThreshold" });
        account.boto.call("cloudwatch", "put_metric_alarm", &alarm);
    }
    let state = json!({ "AlarmName": name("high"), "StateValue": "ALARM", "StateReason": "too many requests" });
    account.boto.call("cloudwatch", "set_alarm_state", &state);
    let alarms = wait(account.aws.alarms(&[name("high"), name("missing")], &[name("h"), name("l")])).unwrap();
    let reported: Vec<(&str, &str)> = alarms.iter().map(|alarm: &Alarm| (&*alarm.name, alarm.state.as_str())).collect();
    assert_eq!(reported, [(&*name("high"), "ALARM"), (&*name("low"), "INSUFFICIENT_DATA")]);
    assert_eq!(alarms[0].reason.as_deref(), Some("too many requests"));
    assert!(alarms[0].since.is_some());
}

#[test]
fn targets_are_read_with_their_port_and_none_of_a_deleted_group() {
    let account = Account::new(Emulator::Ministack);
    let vpc = account.boto.call("ec2", "create_vpc", &json!({ "CidrBlock": "10.0.0.0/16" }));
    let group = json!({ "Name": "web", "Protocol": "HTTP", "Port": 8000, "TargetType": "ip",
        "VpcId": vpc["Vpc"]["VpcId"] });
    let group = account.boto.call("elbv2", "create_target_group", &group);
    let arn = group["TargetGroups"][0]["TargetGroupArn"].as_str().unwrap().to_owned();
    let targets = json!({ "TargetGroupArn": arn, "Targets": [{ "Id": "10.0.0.7", "Port": 8000 }] });
    account.boto.call("elbv2", "register_targets", &targets);
    let reported = wait(account.aws.target_health(&arn)).unwrap();
    assert_eq!(
        (&*reported[0].target, reported[0].port, reported[0].state.as_str()),
        ("10.0.0.7", Some(8000), "healthy")
    );
    account.boto.call("elbv2", "delete_target_group", &json!({ "TargetGroupArn": arn }));
    assert_eq!(wait(account.aws.target_health(&arn)), Ok(Vec::new()));
}

/// Registers a task definition of one container and returns its `family:revision`.
fn registered(account: &Account, family: &str) -> String {
    let definition = json!({ "family": family, "networkMode": "awsvpc", "cpu": "256", "memory": "512",
        "requiresCompatibilities": ["FARGATE"], "containerDefinitions": [{
            "name": "web", "image": "ghcr.io/team/web:1", "portMappings": [{ "containerPort": 8000 }],
            "environment": [{ "name": "LEVEL", "value": "info" }],
            "logConfiguration": { "logDriver": "awslogs", "options": {
                "awslogs-group": "/ecs/web", "awslogs-stream-prefix": "web" } } }] });
    account.boto.call("ecs", "register_task_definition", &definition);
    format!("{family}:1")
}

#[test]
fn revision_rollout_and_stopped_task_are_visible_to_boto3() {
    for emulator in [Emulator::Ministack, Emulator::Moto] {
        let account = Account::new(emulator);
        let name = format!("operated-{}", account.number);
        account.boto.call("ecs", "create_cluster", &json!({ "clusterName": name }));
        let first = registered(&account, &name);
        let service = json!({ "cluster": name, "serviceName": "web", "taskDefinition": first, "desiredCount": 1 });
        let service = account.boto.call("ecs", "create_service", &service);
        let arn = service["service"]["serviceArn"].as_str().unwrap().to_owned();
        let edit = ContainerOverride {
            container: "web".to_owned(),
            image: Some("ghcr.io/team/web:2".to_owned()),
            set: [("NEW".to_owned(), "x".to_owned())].into_iter().collect(),
            unset: vec!["LEVEL".to_owned()],
        };
        let (second, definition, missing) = wait(async {
            let second = account.aws.revise(&first, &[edit]).await.unwrap();
            let change = UpdateServiceRequest { task_definition: Some(second.clone()), desired: Some(2), force: true };
            account.aws.update_service(&arn, &change).await.unwrap();
            let definition = account.aws.task_definition(&second).await.unwrap().unwrap();
            (second, definition, account.aws.task_definition(&format!("{name}:9")).await)
        });
        assert_eq!(missing, Ok(None), "{emulator:?}");
        assert!(second.ends_with(&format!("{name}:2")), "{second}");
        let container = &definition.containers[0];
        assert_eq!((&*container.image, &container.ports[..]), ("ghcr.io/team/web:2", &[8000][..]));
        assert_eq!(container.environment.keys().collect::<Vec<_>>(), ["NEW"], "{emulator:?}");
        assert_eq!(container.log.as_ref().map(|log| &*log.prefix), Some("web"));
        let live = account.boto.call("ecs", "describe_services", &json!({ "cluster": name, "services": ["web"] }));
        assert_eq!(
            (&live["services"][0]["taskDefinition"], &live["services"][0]["desiredCount"]),
            (&json!(second), &json!(2))
        );
    }
}

#[test]
fn run_task_is_found_stopped_with_its_reason() {
    let account = Account::new(Emulator::Ministack);
    account.boto.call("ecs", "create_cluster", &json!({ "clusterName": "operated" }));
    let definition = registered(&account, "once");
    let request = RunTaskRequest {
        cluster: "operated".to_owned(),
        task_definition: definition,
        network: Some(TaskNetwork { subnets: vec!["subnet-1".to_owned()], ..TaskNetwork::default() }),
        container: "web".to_owned(),
        command: vec!["migrate".to_owned()],
        propagates_tags: false,
        started_by: "rtiler".to_owned(),
        token: Some("once".to_owned()),
    };
    let (started, stopped) = wait(async {
        let started = account.aws.run_task(&request).await.unwrap();
        account.aws.stop_task(&started.arn, "enough").await.unwrap();
        let stopped = account.aws.task(&started.arn).await.unwrap().unwrap();
        (started, stopped)
    });
    assert_eq!((started.started_by.as_deref(), stopped.status.as_str()), (Some("rtiler"), "STOPPED"));
    assert_eq!((stopped.reason.as_deref(), stopped.code.as_deref()), (Some("enough"), Some("UserInitiated")));
    let seen = json!({ "cluster": "operated", "tasks": [started.arn] });
    let seen = account.boto.call("ecs", "describe_tasks", &seen);
    let overrides = &seen["tasks"][0]["overrides"]["containerOverrides"];
    assert_eq!(overrides[0]["command"], json!(["migrate"]), "{seen}");
    let unknown = format!("{}0", started.arn);
    assert_eq!(wait(account.aws.task(&unknown)), Ok(None));
    let gone = "arn:aws:ecs:us-east-1:000000000000:service/nowhere/web";
    assert_eq!(wait(account.aws.tasks(gone, TaskFilter::Running)), Ok(Vec::new()));
}
