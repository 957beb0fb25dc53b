//! Change sets, rollbacks and drift.

use rtiler::deploy::api::{
    AwsEnvironment, ChangeSetKind, ChangeSetRequest, ClientRequestToken, CloudFormation, DeploymentMode,
    DriftStatus as D, Ecs, ErrorKind, ImportedResource, TemplateSource, Timestamp,
};

use super::{Account, SERVICE, has, wait};
use crate::harness::Fault;

fn request(mode: DeploymentMode) -> ChangeSetRequest {
    ChangeSetRequest {
        stack: "web".to_owned(),
        name: "rtiler-1".to_owned(),
        kind: ChangeSetKind::Import,
        template: TemplateSource::Body("{}".to_owned()),
        parameters: indexmap::IndexMap::new(),
        tags: indexmap::IndexMap::new(),
        capabilities: Vec::new(),
        mode,
        import: vec![ImportedResource {
            logical_id: "Tiles".to_owned(),
            kind: "AWS::S3::Bucket".to_owned(),
            identifier: [("BucketName".to_owned(), "tiles".to_owned())].into_iter().collect(),
        }],
        token: ClientRequestToken("t-1".to_owned()),
    }
}

#[test]
fn change_set_request_has_its_deployment_mode_and_imports() {
    let account = Account::in_xml("CreateChangeSet", &["<Id>arn:cs</Id>"; 3]);
    let form = |mode| {
        wait(account.aws.create_change_set(&request(mode))).unwrap();
        account.form("CreateChangeSet")
    };
    let express = form(DeploymentMode::Express);
    assert!(
        has(&express, "DeploymentConfig.Mode", "EXPRESS") && has(&express, "DeploymentConfig.DisableRollback", "false")
    );
    assert!(has(&express, "ChangeSetType", "IMPORT"));
    assert!(has(&express, "ResourcesToImport.member.1.LogicalResourceId", "Tiles"), "{express:?}");
    assert!(has(&express, "ResourcesToImport.member.1.ResourceType", "AWS::S3::Bucket"));
    assert!(has(&express, "ResourcesToImport.member.1.ResourceIdentifier.entry.1.key", "BucketName"));
    assert!(has(&express, "ResourcesToImport.member.1.ResourceIdentifier.entry.1.value", "tiles"));
    assert!(has(&form(DeploymentMode::RevertDrift), "DeploymentMode", "REVERT_DRIFT"));
    let standard = form(DeploymentMode::Standard);
    assert!(!standard.iter().any(|(key, _)| key.starts_with("Deployment")), "{standard:?}");
}

#[test]
fn executed_change_sets_are_not_listed() {
    let set = |name: &str, status: &str| {
        format!(
            "<member><ChangeSetId>arn:{name}</ChangeSetId><ChangeSetName>{name}</ChangeSetName>\
            <Status>CREATE_COMPLETE</Status><ExecutionStatus>{status}</ExecutionStatus>\
            <CreationTime>2026-11-22T20:41:07.900Z</CreationTime></member>"
        )
    };
    let first = format!(
        "<Summaries>{}{}</Summaries><NextToken>2</NextToken>",
        set("a", "AVAILABLE"),
        set("b", "EXECUTE_COMPLETE")
    );
    let second = format!("<Summaries>{}{}</Summaries>", set("c", "OBSOLETE"), set("d", "EXECUTE_IN_PROGRESS"));
    let account = Account::in_xml("ListChangeSets", &[&first, &second]);
    let sets = wait(account.aws.change_sets("web")).unwrap();
    let names: Vec<&str> = sets.iter().map(|set| &*set.name).collect();
    assert_eq!(names, ["a", "c"]);
    assert_eq!(sets[0].created, Some(Timestamp(1_795_380_067_900)));
    assert!(has(&account.form("ListChangeSets"), "NextToken", "2"));
}

#[test]
fn cancel_rollback_and_continue_send_their_token() {
    let account = Account::in_xml("CancelUpdateStack", &[""]);
    let page = |action: &str| format!("<{action}Response><{action}Result/></{action}Response>");
    for action in ["RollbackStack", "ContinueUpdateRollback", "ExecuteChangeSet", "ExecuteChangeSet"] {
        account.proxy.answer(action, [page(action)]);
    }
    let token = ClientRequestToken("t-2".to_owned());
    let set = rtiler::deploy::api::ChangeSetId("arn:cs".to_owned());
    wait(async {
        let aws = &account.aws;
        aws.cancel_update("web", &token).await.unwrap();
        aws.rollback_stack("web", &token).await.unwrap();
        aws.continue_rollback("web", &token, &["Service".to_owned()]).await.unwrap();
        aws.execute_change_set(&set, &token, false).await.unwrap();
    });
    for action in ["CancelUpdateStack", "RollbackStack", "ContinueUpdateRollback", "ExecuteChangeSet"] {
        assert!(has(&account.form(action), "ClientRequestToken", "t-2"), "{action}");
    }
    assert!(has(&account.form("ContinueUpdateRollback"), "ResourcesToSkip.member.1", "Service"));
    assert!(has(&account.form("ExecuteChangeSet"), "DisableRollback", "false"), "AWS's default is documented as true");
    wait(account.aws.execute_change_set(&set, &token, true)).unwrap();
    assert!(has(&account.form("ExecuteChangeSet"), "DisableRollback", "true"));
}

#[test]
fn drift_has_the_side_of_a_property_that_only_one_side_has() {
    let difference = |kind: &str| {
        format!(
            "<member><PropertyPath>/Tags/0</PropertyPath><ExpectedValue>a</ExpectedValue><ActualValue>b</ActualValue>\
            <DifferenceType>{kind}</DifferenceType></member>"
        )
    };
    let kinds: String = ["NOT_EQUAL", "ADD", "REMOVE"].map(difference).concat();
    let drift = |status: &str, inner: &str| {
        format!(
            "<member><LogicalResourceId>Tiles</LogicalResourceId><ResourceType>AWS::S3::Bucket</ResourceType>\
            <StackResourceDriftStatus>{status}</StackResourceDriftStatus><PropertyDifferences>{inner}</PropertyDifferences></member>"
        )
    };
    let first =
        format!("<StackResourceDrifts>{}</StackResourceDrifts><NextToken>n</NextToken>", drift("MODIFIED", &kinds));
    let rest = ["IN_SYNC", "DELETED", "NOT_CHECKED", "UNSUPPORTED"].map(|status| drift(status, "")).concat();
    let second = format!("<StackResourceDrifts>{rest}</StackResourceDrifts>");
    let account = Account::in_xml("DescribeStackResourceDrifts", &[&first, &second]);
    let drifts = wait(account.aws.drifts("web")).unwrap();
    let sides: Vec<_> =
        drifts[0].differences.iter().map(|one| (one.expected.as_deref(), one.actual.as_deref())).collect();
    assert_eq!(sides, [(Some("a"), Some("b")), (None, Some("b")), (Some("a"), None)]);
    let statuses: Vec<D> = drifts.iter().map(|drift| drift.status).collect();
    assert_eq!(statuses, [D::Modified, D::InSync, D::Deleted, D::NotChecked, D::NotChecked]);
}

#[test]
fn drift_detection_ends_when_it_is_complete_or_failed() {
    let state = |status: &str| {
        format!("<DetectionStatus>{status}</DetectionStatus><DetectionStatusReason>{status}</DetectionStatusReason>")
    };
    let states = ["DETECTION_IN_PROGRESS", "DETECTION_COMPLETE", "DETECTION_FAILED"].map(state);
    let account = Account::in_xml("DescribeStackDriftDetectionStatus", &[&states[0], &states[1], &states[2]]);
    let done: Vec<bool> = (0..3).map(|_| wait(account.aws.drift_detection("d-1")).unwrap().done).collect();
    assert_eq!(done, [false, true, true]);
}

#[test]
fn invalid_reply_is_reported_as_an_error() {
    let account = Account::new();
    account
        .proxy
        .spoil("DescribeServices", vec![Fault::Answer(200, "text/html", b"<html>a proxy's login page".to_vec()); 5]);
    let refused = wait(account.aws.services(&[SERVICE.to_owned()])).unwrap_err();
    assert_ne!(refused.kind, ErrorKind::NoSuchStack, "{refused}");
    let account = Account::in_xml(
        "GetCallerIdentity",
        &["<Arn>arn:aws-cn:sts::123456789012:assumed-role/x/y</Arn><Account>123456789012</Account>"],
    );
    let place = wait(account.aws.environment()).unwrap();
    let home =
        AwsEnvironment { account: "123456789012".into(), region: "us-east-1".into(), partition: "aws-cn".into() };
    assert_eq!(place, home);
}
