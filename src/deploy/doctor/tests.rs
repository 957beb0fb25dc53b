use std::future::pending;

use super::*;
use crate::cfn::TemplateDocument;
use crate::deploy::api::{AccountFacts, ApiCall, AwsError, AwsService, Caller, CountedResource, ErrorKind, Timestamp};
use crate::diag::Origin;
use crate::rehearsal::{AccountState, FaultPlan, Rehearsal, RehearsalClock};
use crate::synth::DesiredStack;

/// An account whose facts the test sets.
#[derive(Clone)]
struct Facts {
    caller: Result<(), ErrorKind>,
    skew: i64,
    silent: Option<AwsService>,
    hangs: bool,
    used: u64,
}

const GOOD: Facts = Facts { caller: Ok(()), skew: 1, silent: None, hangs: false, used: 1 };

impl AccountFacts for Facts {
    async fn caller(&self) -> Result<Caller, AwsError> {
        let error = |kind| AwsError::new(kind, ApiCall::GetCallerIdentity, "Code", "message");
        self.caller.map_err(error)?;
        Ok(Caller { account: "123456789012".into(), arn: "arn:aws:iam::123456789012:user/dev".into() })
    }

    async fn endpoint_time(&self, service: AwsService) -> Result<Option<Timestamp>, String> {
        if Some(service) == self.silent {
            return Err("connection refused".to_owned());
        }
        Ok(Some(Timestamp::from_secs(1_000 + self.skew)))
    }

    async fn has_role(&self, name: &str) -> Result<bool, AwsError> {
        if self.hangs { pending().await } else { Ok(name == "AWSServiceRoleForECS") }
    }

    async fn quota(&self, _service: &str, code: &str) -> Result<Option<f64>, AwsError> {
        Ok((code == "L-F678F1CE").then_some(2.0))
    }

    async fn count(&self, _resource: CountedResource) -> Result<u64, AwsError> {
        Ok(self.used)
    }
}

fn stack(resources: &serde_json::Value) -> DesiredStack {
    let body = serde_json::json!({ "Resources": resources }).to_string();
    let template = TemplateDocument::parse("t.json", body).value.expect("a template");
    DesiredStack::new("web", template, Origin::unknown())
}

/// Returns what is found in an empty account, in virtual time.
fn examined(facts: &Facts, stacks: &[DesiredStack]) -> Vec<Examined> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let clock = RehearsalClock::new(Timestamp::from_secs(1_000), 1.0);
        let account = Rehearsal::new(AccountState::new(1), clock, "eu-west-1", FaultPlan::default());
        examine(facts, &account, Some("eu-west-1"), stacks, || Timestamp::from_secs(1_000)).await
    })
}

fn health(found: &[Examined], check: &str) -> Option<Health> {
    found.iter().find(|examined| examined.check == check).map(|examined| examined.health)
}

#[test]
fn healthy_account_has_no_problem() {
    let found = examined(&GOOD, &[]);
    assert!(found.iter().all(|examined| examined.health == Health::Ok), "{found:#?}");
    assert!(
        ["region", "credentials", "clock", "endpoints", "service-linked roles", "bootstrap"]
            .iter()
            .all(|check| health(&found, check).is_some())
    );
}

#[test]
fn missing_region_and_credentials_are_reported_with_their_remedies() {
    let found = examined(&Facts { caller: Err(ErrorKind::NoCredentials), ..GOOD }, &[]);
    let credentials = found.iter().find(|examined| examined.check == "credentials").expect("checked");
    assert!(
        credentials.health == Health::Failed && credentials.remedy.as_ref().is_some_and(|it| it.contains("--profile"))
    );
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let clock = RehearsalClock::new(Timestamp::from_secs(1_000), 1.0);
    let account = Rehearsal::new(AccountState::new(1), clock, "eu-west-1", FaultPlan::default());
    let found = runtime.block_on(examine(&GOOD, &account, None, &[], Timestamp::default));
    assert_eq!(health(&found, "region"), Some(Health::Failed));
}

#[test]
fn clock_that_aws_refuses_fails_and_a_smaller_difference_warns() {
    let of = |skew| health(&examined(&Facts { skew, ..GOOD }, &[]), "clock");
    assert_eq!((of(-400), of(120), of(-5)), (Some(Health::Failed), Some(Health::Warning), Some(Health::Ok)));
}

#[test]
fn silent_endpoint_is_named_and_a_check_that_hangs_ends_at_its_limit() {
    let facts = Facts { silent: Some(AwsService::Ecr), hangs: true, ..GOOD };
    let found = examined(&facts, &[]);
    assert!(
        found.iter().any(|examined| examined.check == "endpoint" && examined.text.starts_with("api.ecr")),
        "{found:#?}"
    );
    assert_eq!(health(&found, "service-linked roles"), Some(Health::Warning));
    assert_eq!(health(&found, "credentials"), Some(Health::Ok));
}

#[test]
fn resources_over_the_quota_of_the_account_are_reported() {
    let vpcs = stack(&serde_json::json!({ "One": { "Type": "AWS::EC2::VPC" }, "Two": { "Type": "AWS::EC2::VPC" } }));
    let found = examined(&GOOD, std::slice::from_ref(&vpcs));
    let quota = found.iter().find(|examined| examined.check == "quota").expect("checked");
    assert_eq!(
        (quota.health, quota.text.as_str()),
        (Health::Failed, "VPCs per Region: 1 of 2 are used, and the stacks need 2 more")
    );
    let found = examined(&Facts { used: 0, ..GOOD }, &[vpcs]);
    assert_eq!((health(&found, "quota"), health(&found, "quotas")), (None, Some(Health::Ok)));
}

#[test]
fn tasks_over_the_vcpus_of_fargate_are_a_warning() {
    let service = |most: u32| {
        stack(&serde_json::json!({
            "Task": { "Type": "AWS::ECS::TaskDefinition", "Properties": { "Cpu": "1024" } },
            "Service": { "Type": "AWS::ECS::Service", "Properties": { "TaskDefinition": { "Ref": "Task" } } },
            "Scaling": { "Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": { "MaxCapacity": most,
                "ResourceId": { "Fn::GetAtt": ["Service", "Name"] } } }
        }))
    };
    assert_eq!(health(&examined(&GOOD, &[service(7)]), "quota"), Some(Health::Warning));
    assert_eq!(health(&examined(&GOOD, &[service(6)]), "quota"), None);
}
