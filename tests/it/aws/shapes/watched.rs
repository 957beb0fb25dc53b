//! Logs, the health of targets, scaling and alarms.

use rtiler::deploy::api::{AutoScaling, LoadBalancing, LogQuery, Logs, ScalableTarget, Timestamp};
use serde_json::{Value, json};

use super::super::cbor;
use super::{Account, wait};
use crate::harness::Fault;

#[test]
fn log_tail_is_read_from_its_end_across_empty_pages() {
    let event =
        |second: i64, text: &str| json!({ "timestamp": 1_763_856_000_000_i64 + second * 1000, "message": text });
    let account = Account::answering(
        "GetLogEvents",
        &[
            json!({ "events": [], "nextBackwardToken": "b/1", "nextForwardToken": "f/1" }),
            json!({ "events": [event(3, "three\n"), event(4, "four\r\n")], "nextBackwardToken": "b/2" }),
            json!({ "events": [event(1, "one"), event(2, "two")], "nextBackwardToken": "b/3" }),
            json!({ "events": [], "nextBackwardToken": "b/3" }),
        ],
    );
    let tail = wait(account.aws.tail("/ecs/web", "web/web/1", 3)).unwrap();
    let texts: Vec<&str> = tail.iter().map(|line| &*line.text).collect();
    assert_eq!(texts, ["two", "three", "four"]);
    assert_eq!((tail[0].time, &*tail[0].stream), (Timestamp(1_763_856_002_000), "web/web/1"));
    let sent = account.sent("GetLogEvents");
    assert_eq!(
        (&sent[0]["startFromHead"], &sent[0]["limit"], &sent[1]["nextToken"]),
        (&json!(false), &json!(3), &json!("b/1"))
    );
    assert_eq!(sent.len(), 3, "enough is enough");
}

#[test]
fn stream_shorter_than_its_tail_ends_at_the_repeated_token() {
    let account = Account::answering(
        "GetLogEvents",
        &[
            json!({ "events": [{ "timestamp": 1, "message": "only" }], "nextBackwardToken": "b/1" }),
            json!({ "events": [], "nextBackwardToken": "b/1" }),
        ],
    );
    assert_eq!(wait(account.aws.tail("/ecs/web", "web/web/1", 10)).unwrap().len(), 1);
    assert_eq!(account.proxy.count("GetLogEvents"), 2);
}

#[test]
fn log_search_sends_its_limits_and_returns_its_page() {
    let account = Account::answering(
        "FilterLogEvents",
        &[json!({
            "events": [{ "logStreamName": "web/web/1", "timestamp": 5, "message": "GET /\n", "eventId": "1" }],
            "nextToken": "more", "searchedLogStreams": []
        })],
    );
    let query = LogQuery {
        group: "/ecs/web".to_owned(),
        prefix: Some("web/".to_owned()),
        since: Some(Timestamp(4)),
        pattern: Some("\"GET\"".to_owned()),
        page: Some("now".to_owned()),
    };
    let page = wait(account.aws.search(&query)).unwrap();
    assert_eq!(
        (&*page.lines[0].stream, &*page.lines[0].text, page.next.as_deref()),
        ("web/web/1", "GET /", Some("more"))
    );
    assert_eq!(
        account.sent("FilterLogEvents")[0],
        json!({
            "logGroupName": "/ecs/web", "logStreamNamePrefix": "web/", "startTime": 4, "filterPattern": "\"GET\"",
            "nextToken": "now"
        })
    );
}

#[test]
fn target_health_has_its_reason() {
    let xml = "<TargetHealthDescriptions><member><HealthCheckPort>8000</HealthCheckPort><Target><Id>10.0.1.23</Id>\
        <Port>8000</Port><AvailabilityZone>us-east-1b</AvailabilityZone></Target><TargetHealth><State>unhealthy</State>\
        <Reason>Target.ResponseCodeMismatch</Reason><Description>Health checks failed with these codes: [500]</Description>\
        </TargetHealth></member><member><Target><Id>10.0.2.7</Id></Target><TargetHealth><State>unhealthy.draining</State>\
        </TargetHealth></member><member/></TargetHealthDescriptions>";
    let account = Account::in_xml("DescribeTargetHealth", &[xml]);
    let targets = wait(account.aws.target_health("arn:tg")).unwrap();
    assert_eq!(
        (&*targets[0].target, targets[0].port, targets[0].state.as_str()),
        ("10.0.1.23", Some(8000), "unhealthy")
    );
    assert_eq!(targets[0].reason.as_deref(), Some("Target.ResponseCodeMismatch"));
    assert!(targets[0].description.as_deref().unwrap().contains("[500]"));
    assert_eq!((targets[1].state.as_str(), &targets[1].description), ("unhealthy.draining", &None));
    assert_eq!((targets.len(), targets[2].state.as_str()), (3, ""));
}

#[test]
fn scaling_range_is_read_and_set() {
    let target = |id: &str, min: i32| {
        json!({ "ServiceNamespace": "ecs", "ResourceId": id, "MinCapacity": min,
        "ScalableDimension": "ecs:service:DesiredCount", "MaxCapacity": 10, "RoleARN": "arn:r", "CreationTime": 1.5 })
    };
    let account = Account::answering(
        "DescribeScalableTargets",
        &[json!({ "ScalableTargets": [target("service/titiler/web", 2)] }), json!({ "ScalableTargets": [] })],
    );
    account.answer("RegisterScalableTarget", &[json!({})]);
    let (found, none) = wait(async {
        let found = account.aws.scalable_target("service/titiler/web").await.unwrap();
        account.aws.set_scalable_target("service/titiler/web", ScalableTarget { min: 3, max: 6 }).await.unwrap();
        (found, account.aws.scalable_target("service/titiler/api").await.unwrap())
    });
    assert_eq!((found, none), (Some(ScalableTarget { min: 2, max: 10 }), None));
    assert_eq!(
        account.sent("RegisterScalableTarget")[0],
        json!({
            "ServiceNamespace": "ecs", "ResourceId": "service/titiler/web", "ScalableDimension": "ecs:service:DesiredCount",
            "MinCapacity": 3, "MaxCapacity": 6
        })
    );
}

#[test]
fn named_alarms_are_returned_once_across_all_pages() {
    let alarm = |name: &str, state: &str| {
        json!({ "AlarmName": name, "StateValue": state, "StateReason": "",
        "StateUpdatedTimestamp": { "tag": 1_763_856_000.5 } })
    };
    let reply = |body: Value| Fault::Answer(200, "application/cbor", cbor::encode(&body));
    let account = Account::new();
    account.proxy.spoil(
        "DescribeAlarms",
        [
            reply(json!({ "MetricAlarms": [alarm("high", "ALARM")], "NextToken": "2" })),
            reply(json!({ "MetricAlarms": [], "CompositeAlarms": [alarm("both", "INSUFFICIENT_DATA")] })),
            reply(json!({ "MetricAlarms": [alarm("high", "ALARM"), alarm("TargetTracking-web", "OK")] })),
        ],
    );
    let alarms = wait(account.aws.alarms(&["high".to_owned()], &["TargetTracking-".to_owned()])).unwrap();
    let seen: Vec<_> = alarms.iter().map(|alarm| (&*alarm.name, alarm.state.as_str())).collect();
    assert_eq!(seen, [("high", "ALARM"), ("both", "INSUFFICIENT_DATA"), ("TargetTracking-web", "OK")]);
    assert_eq!((alarms[0].since, &alarms[0].reason), (Some(Timestamp(1_763_856_000_500)), &None));
    assert_eq!(wait(account.aws.alarms(&[], &[])), Ok(Vec::new()));
    assert_eq!(account.proxy.count("DescribeAlarms"), 3, "without names AWS would return all alarms");
}
