use super::*;
use crate::cfn::schema::Schema;
use crate::deploy::DeployEventKind;
use crate::deploy::api::EventStatus;
use crate::testing::fixtures;
use crate::testing::harness::stack;

/// A template with every kind of secret.
pub(in crate::deploy) const SECRETS: &str = r"
Parameters:
  Key: { Type: String, NoEcho: true, Default: given_by_default }
  Level: { Type: String, Default: info }
Resources:
  Base:
    Type: AWS::RDS::DBInstance
    Properties: { DBInstanceClass: db.t4g.micro, Engine: postgres, AllocatedStorage: '20', MasterUsername: app, MasterUserPassword: hunter2_literal }
  Held:
    Type: AWS::SecretsManager::Secret
    Properties: { SecretString: shh_string }
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: app
      ContainerDefinitions:
        - Name: app
          Image: nginx
          Environment:
            - { Name: LEVEL, Value: quiet_value }
            - { Name: DB_PASSWORD, Value: variable_literal }
";

pub(in crate::deploy) fn entry(event: DeployEvent) -> RecordEntry {
    RecordEntry::Event { time: Timestamp::from_secs(1_795_380_067), event }
}

fn redactor() -> Redactor {
    let mut app = stack("app", SECRETS);
    app.parameters.insert("Key".to_owned(), "given_by_hand".to_owned());
    Redactor::of(&[app], Some(Schema::embedded()))
}

#[test]
fn credentials_in_texts_are_hidden() {
    let redactor = redactor();
    for (text, clean) in [
        ("key AKIAABCDEFGHIJKLMNOP is not valid", "key (not shown) is not valid"),
        ("GET https://x/?X-Amz-Signature=abcdef&a=1", "GET https://x/?X-Amz-Signature=(not shown)&a=1"),
        ("Authorization: Bearer abcdefghijklmnop", "Authorization: Bearer (not shown)"),
        ("postgres://app:pw@db:5432/x", "postgres://app:(not shown)@db:5432/x"),
        ("started with DB_PASSWORD=pass1234 LEVEL=info", "started with DB_PASSWORD=(not shown) LEVEL=info"),
        ("login with hunter2_literal failed", "login with (not shown) failed"),
        (
            "Resource handler returned message: \"x\" (RequestToken: 12345678)",
            "Resource handler returned message: \"x\" (RequestToken: 12345678)",
        ),
        ("arn:aws:ecs:eu-central-1:123456789012:task/main/abc", "arn:aws:ecs:eu-central-1:123456789012:task/main/abc"),
    ] {
        assert_eq!(redactor.text(text), clean);
    }
}

#[test]
fn reason_of_an_event_loses_its_secrets_and_can_be_read() {
    let failed = EventStatus::Resource("CREATE_FAILED".into());
    let event = fixtures::event("Base", failed, "The password given_by_hand is too short");
    let line = write(
        &entry(DeployEvent {
            stack: "app".to_owned(),
            at: Timestamp::default(),
            kind: DeployEventKind::StackEvent { event },
        }),
        &redactor(),
    );
    assert!(line.contains("The password (not shown) is too short"), "{line}");
    assert!(read(&line).is_ok());
}

#[test]
fn cut_off_line_and_line_of_a_newer_version_are_errors_that_name_the_cause() {
    let started = RunStarted {
        version: "0.1.0".to_owned(),
        command: "deploy".to_owned(),
        script: "app.rhai".to_owned(),
        stacks: vec!["app".to_owned()],
        environment: None,
        seed: Some(1),
        time: Timestamp::from_secs(1),
    };
    let line = write(&RecordEntry::RunStarted(started.clone()), &Redactor::default());
    assert!(matches!(read(&line), Ok(RecordEntry::RunStarted(found)) if found == started));
    assert_eq!(read(&line[..line.len() / 2]).expect_err("half a line"), "it ends in the middle");
    let future = r#"{"record":"event","time":"1970-01-01T00:00:05Z","event":{"stack":"app","type":"beams-up"}}"#;
    assert!(read(future).expect_err("an unknown event").contains("beams-up"));
}
