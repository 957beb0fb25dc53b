use super::*;
use crate::deploy::api::{LogLine, Timestamp};
use crate::deploy::monitor::{TaskFailure, TaskFailureKind as Kind};

const STACK: &str = r#"Resources:
  Web:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      LaunchType: FARGATE
      NetworkConfiguration:
        AwsvpcConfiguration:
          Subnets: [subnet-1]
      LoadBalancers:
        - ContainerName: web
          ContainerPort: 80
          TargetGroupArn: !Ref Group
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: "256"
      Memory: "512"
      ExecutionRoleArn: arn:aws:iam::123456789012:role/exec
      ContainerDefinitions:
        - Name: web
          Image: ghcr.io/developmentseed/titiler:latst
          PortMappings:
            - ContainerPort: 80
          Secrets:
            - Name: A
              ValueFrom: /one
            - Name: B
              ValueFrom: /two
          LogConfiguration:
            LogDriver: awslogs
        - Name: helper
          Image: helper:1
          Command: [run]
          HealthCheck:
            Command: [CMD, check]
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      HealthCheckPath: /healthz
"#;

fn diagnosed(kind: Kind, container: Option<&str>, message: &str, code: Option<i32>) -> Diagnostic {
    let template = crate::cfn::parse::template("web.yaml", STACK).value.expect("a template");
    let cause = TaskFailure { kind, message: message.to_owned(), container: container.map(str::to_owned), code };
    let log =
        vec![LogLine { stream: "web".to_owned(), time: Timestamp::default(), text: "KeyError: 'TOKEN'".to_owned() }];
    let (first, at) = (Timestamp::default(), Timestamp::default());
    let diagnosis = Diagnosis { service: "Web".to_owned(), cause, times: 3, log, first, at };
    diagnose_task_failure(&diagnosis, &template, &Origin::new("web.yaml", 1, 1))
}

fn line(kind: Kind, container: Option<&str>, message: &str) -> String {
    let problem = diagnosed(kind, container, message, None);
    let line = problem.origin().expect("a place").line;
    STACK.lines().nth(line as usize - 1).expect("a line of the template").trim().to_owned()
}

#[test]
fn label_is_at_the_line_that_set_what_failed() {
    for (kind, container, message, expected) in [
        (Kind::ImageNotFound, None, "x", "Image: ghcr.io/developmentseed/titiler:latst"),
        (Kind::ImageNotFound, None, "failed to resolve helper:1", "Image: helper:1"),
        (Kind::ImageDenied, Some("helper"), "x", "Image: helper:1"),
        (Kind::SecretUnreadable, None, "invalid ssm parameters: /two", "- Name: B"),
        (Kind::SecretUnreadable, None, "x", "Secrets:"),
        (Kind::OutOfMemory, Some("web"), "x", "Memory: \"512\""),
        (Kind::Exited, Some("web"), "x", "Image: ghcr.io/developmentseed/titiler:latst"),
        (Kind::Exited, Some("helper"), "x", "Command: [run]"),
        (Kind::PortRefused, Some("web"), "x", "- ContainerPort: 80"),
        (Kind::LogsUnwritable, None, "x", "LogConfiguration:"),
        (Kind::RoleUnusable, None, "x", "ExecutionRoleArn: arn:aws:iam::123456789012:role/exec"),
        (Kind::TargetUnhealthy, None, "x", "HealthCheckPath: /healthz"),
        (Kind::ContainerUnhealthy, Some("helper"), "x", "HealthCheck:"),
        (Kind::NoRoute, None, "x", "Subnets: [subnet-1]"),
        (Kind::NoCapacity, None, "x", "LaunchType: FARGATE"),
    ] {
        let found = line(kind, container, message);
        let same = found == expected || expected.starts_with('-') && found.contains(&expected[2..]);
        assert!(same || expected.contains(&found), "{kind:?}: {found} and not {expected}");
    }
}

#[test]
fn diagnostic_has_the_count_the_message_the_log_and_what_to_do() {
    let message = "CannotPullContainerError: manifest unknown";
    let problem = diagnosed(Kind::ImageNotFound, None, message, None);
    assert_eq!(
        (problem.code.as_str(), problem.message.as_str()),
        ("task-image-not-found", "the image of `Web` does not exist")
    );
    assert_eq!(problem.labels[0].message, "3 tasks stopped: CannotPullContainerError: manifest unknown");
    assert!(problem.hints[0].contains("no tag `latst` in `ghcr.io/developmentseed/titiler`"), "{:?}", problem.hints);
    assert_eq!(problem.notes, ["last log lines:\nKeyError: 'TOKEN'"]);
}

#[test]
fn failed_health_check_names_the_http_status() {
    let problem = diagnosed(Kind::TargetUnhealthy, None, "Health checks failed with these codes: [404]", Some(404));
    assert_eq!(problem.message, "`Web` answers its health check with 404");
    assert_eq!(problem.hints[0], "set a path that the program answers with 200");
    let failing = diagnosed(Kind::TargetUnhealthy, None, "Health checks failed with these codes: [500]", Some(500));
    assert!(failing.hints[0].to_string().ends_with("answers 500: `logs Web --previous`"), "{:?}", failing.hints);
    let silent = diagnosed(Kind::TargetUnhealthy, None, "Request timed out", None);
    assert!(silent.hints[0].contains("0.0.0.0"), "{:?}", silent.hints);
}

#[test]
fn every_kind_has_a_code_of_its_own_and_help() {
    let mut codes: Vec<&str> = Vec::new();
    for kind in Kind::ALL {
        let problem = diagnosed(kind, None, "x", None);
        assert!(!problem.hints.is_empty(), "{kind:?}");
        assert!(!problem.message.contains('{') && problem.message.contains("`Web`"), "{}", problem.message);
        codes.push(problem.code.as_str());
    }
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), Kind::ALL.len());
}

#[test]
fn service_that_exits_with_0_is_advised_to_use_run_task() {
    let problem = diagnosed(Kind::Exited, None, "the container exited with code 0", Some(0));
    assert_eq!(problem.hints, ["a service must keep running; for a one-off command use `run-task Web -- COMMAND`"]);
}
