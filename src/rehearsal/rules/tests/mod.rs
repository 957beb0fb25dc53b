//! Each rule: a sound stack, and a change of it that AWS refuses.

mod data;
mod deletion;
mod dns;
mod documentation;
mod ec2;
mod ecs;
mod elb;
mod events;
mod express;
mod functions;
mod messaging;
mod names;
mod networks;
mod policies;
mod task_definitions;
mod task_start;
mod traffic_shift;

use crate::deploy::engine::outcome::StackResult;
use crate::testing::harness::{Harness, RunReport, stack};

/// Two networks of two subnets each, with security groups.
const NETWORKS: &str = "
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Other: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  One: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-central-1a}}
  Two: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-central-1b}}
  Three: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Other, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-central-1a}}
  Four: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Other, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-central-1b}}
  Guard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: web, VpcId: !Ref Vpc}}
  OtherGuard: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: other, VpcId: !Ref Other}}
";

/// The internet gateways of the two networks.
const GATEWAYS: &str = "
  Gateway: {Type: AWS::EC2::InternetGateway}
  OtherGateway: {Type: AWS::EC2::InternetGateway}
  Attached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Gateway}}
  OtherAttached: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Other, InternetGatewayId: !Ref OtherGateway}}
";

/// Returns a task definition of Fargate with these containers.
fn task(containers: &str, rest: &str) -> String {
    format!(
        "
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: web
      NetworkMode: awsvpc
      RequiresCompatibilities: [FARGATE]
      Cpu: '256'
      Memory: '512'
      ContainerDefinitions: [{containers}]
      {rest}
"
    )
}

/// Returns a template with these resources.
fn template(resources: &[&str]) -> String {
    format!("Resources:\n{}", resources.concat())
}

/// Returns CloudFormation's reasons of the failed resources of a run, with the resource first.
fn reasons(report: &RunReport, name: &str) -> Vec<String> {
    let failed = report.stack_events(name).into_iter().filter(|event| event.status.as_str().ends_with("_FAILED"));
    failed.map(|event| format!("{}: {}", event.logical_id, event.reason.clone().unwrap_or_default())).collect()
}

/// Asserts that AWS accepts the first template and refuses the second: the resource fails with this error code and message, the
/// stack is rolled back, and nothing that the update created is left.
fn refuses_update(first: &str, second: &str, resource: &str, (code, message): (&str, &str)) {
    let harness = Harness::new(5);
    let report = harness.deploy(&[stack("web", first)]);
    assert!(report.outcome.is_success(), "{:?}", reasons(&report, "web"));
    let before = harness.state.borrow().existing_resources();
    let report = harness.deploy(&[stack("web", second)]);
    assert_refused(&report, resource, (code, message));
    assert_eq!(report.outcome.stacks[0].result, StackResult::RolledBack);
    assert_eq!(harness.status("web").as_deref(), Some("UPDATE_ROLLBACK_COMPLETE"));
    assert_eq!(harness.state.borrow().existing_resources(), before);
}

/// Asserts that AWS refuses to create a template.
fn refuses_creation(template: &str, resource: &str, expected: (&str, &str)) {
    let harness = Harness::new(5);
    let report = harness.deploy(&[stack("web", template)]);
    assert_refused(&report, resource, expected);
    assert_eq!(harness.resource_count(), 0);
}

/// Asserts that AWS refuses to create each template: the resource fails with this error code and message.
fn refuses_each(cases: &[(&str, &str, &str, &str)]) {
    for (resources, resource, code, message) in cases {
        refuses_creation(&template(&[resources]), resource, (code, message));
    }
}

/// Asserts that AWS accepts each template.
fn accepts_each(resources: &[&str]) {
    for resources in resources {
        let report = Harness::new(5).deploy(&[stack("web", &template(&[resources]))]);
        assert!(report.outcome.is_success(), "{resources}: {:?}", reasons(&report, "web"));
    }
}

/// Asserts that AWS refuses to delete the resource of a type in a stack as long as another stack, whose resources are given the
/// physical id, uses it; and that it can be deleted afterwards.
fn refuses_deletion(target: &str, kind: &str, user: impl Fn(&str) -> String, (code, message): (&str, &str)) {
    let harness = Harness::new(9);
    let web = stack("web", &template(&[target]));
    let report = harness.deploy(std::slice::from_ref(&web));
    assert!(report.outcome.is_success(), "{:?}", reasons(&report, "web"));
    let existing = harness.state.borrow().existing_resources();
    let (_, id) = existing.into_iter().find(|(its, _)| its == kind).expect("the resource that is used");
    let other = stack("user", &template(&[&user(&id)]));
    let report = harness.deploy(std::slice::from_ref(&other));
    assert!(report.outcome.is_success(), "{:?}", reasons(&report, "user"));
    let report = harness.destroy(std::slice::from_ref(&web));
    assert_eq!(harness.status("web").as_deref(), Some("DELETE_FAILED"));
    let refused = reasons(&report, "web");
    assert!(refused.iter().any(|it| it.contains(message) && it.contains(code)), "{code} is not in {refused:#?}");
    assert!(harness.destroy(&[other]).outcome.is_success());
    assert!(harness.destroy(&[web]).outcome.is_success(), "it can be deleted once it is free");
}

/// Asserts that AWS accepts the first template and its update to the second.
fn accepts_update(first: &str, second: &str) {
    let harness = Harness::new(5);
    for body in [first, second] {
        let report = harness.deploy(&[stack("web", body)]);
        assert!(report.outcome.is_success(), "{:?}", reasons(&report, "web"));
    }
}

/// Asserts that a resource (any if the name is empty) failed with an error code and message, and that the run's diagnostic names both.
fn assert_refused(report: &RunReport, resource: &str, (code, message): (&str, &str)) {
    let reasons = reasons(report, "web");
    let fits = |reason: &&String| {
        reason.contains(&format!("{resource}: Resource handler returned message: \""))
            && reason.contains(message)
            && reason.contains(&format!("Error Code: {code};"))
    };
    assert!(
        reasons.iter().any(|reason| fits(&reason)),
        "{code} of {resource} is not in {reasons:#?}, {:#?}",
        report.outcome
    );
    let diagnostics = &report.outcome.stacks[0].problems;
    let shown = diagnostics.iter().any(|it| it.message.contains(message) && !it.labels.is_empty());
    assert!(shown, "{diagnostics:#?}");
}
