use super::*;
use crate::cfn::parse;
use crate::deploy::api::StackDescription;
use crate::deploy::api::status::StackStatus;
use crate::testing::harness::stack;

const WEB: &str = "Parameters:
  Version: {Type: String}
Resources:
  Bucket: {Type: AWS::S3::Bucket}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: '256'
      ContainerDefinitions:
        - Name: web
          Image: nginx:1
          Environment: [{Name: A, Value: one}, {Name: B, Value: !Ref Bucket}]
        - Name: side
          Image: !Sub '${AWS::AccountId}.dkr.ecr.${AWS::Region}.amazonaws.com/side:${Version}'
  Web:
    Type: AWS::ECS::Service
    Properties: {TaskDefinition: !Ref Task}
";

fn between(after: &str, version: &str) -> Result<Vec<TaskDefinitionChange>, Vec<String>> {
    let live = StackDescription {
        parameters: IndexMap::from([("Version".to_owned(), "7".to_owned())]),
        ..StackDescription::named("web", StackStatus::CreateComplete)
    };
    let live = DeployedStack {
        stack: live,
        hotswapped: Vec::new(),
        counts: IndexMap::new(),
        template: parse::template("web", WEB).value.expect("a template"),
    };
    let parameters = IndexMap::from([("Version".to_owned(), version.to_owned())]);
    let desired = DesiredStack { parameters, ..stack("web", after) };
    let place = AwsEnvironment { account: "1".to_owned(), region: "eu-west-1".to_owned(), partition: "aws".to_owned() };
    task_definition_changes(&live, &desired, &place)
        .map(|found| found.changes)
        .map_err(|problems| problems.into_iter().map(|problem| problem.message).collect())
}

fn edits(after: &str, version: &str) -> Vec<ContainerOverride> {
    let mut found = between(after, version).expect("a hotswap");
    assert_eq!((found.len(), found[0].services.as_slice()), (1, ["Web".to_owned()].as_slice()));
    found.remove(0).edits
}

#[test]
fn images_and_variables_are_edited_and_the_rest_is_kept() {
    assert_eq!(edits(WEB, "7"), []);
    let after = WEB.replace("nginx:1", "nginx:2").replace("{Name: A, Value: one}", "{Name: C, Value: 3}");
    let edit = &edits(&after, "7")[0];
    assert_eq!((edit.container.as_str(), edit.image.as_deref()), ("web", Some("nginx:2")));
    assert_eq!((edit.set.get("C").map(String::as_str), edit.set.len()), (Some("3"), 1));
    assert_eq!(edit.unset, ["A"]);
}

#[test]
fn parameters_are_resolved_and_attributes_are_not() {
    let edit = &edits(WEB, "8")[0];
    assert_eq!(edit.image.as_deref(), Some("1.dkr.ecr.eu-west-1.amazonaws.com/side:8"));
    let other = WEB.replace("Value: one", "Value: !GetAtt Bucket.Arn");
    assert_eq!(
        between(&other, "7").expect_err("an attribute"),
        ["the variable `A` needs `Bucket.Arn`, which only CloudFormation can resolve"]
    );
}

#[test]
fn any_other_change_is_unsupported() {
    for (from, to, what) in [
        ("Cpu: '256'", "Cpu: '512'", "`Task`"),
        ("Name: side", "Name: car", "`Task`"),
        ("{TaskDefinition: !Ref Task}", "{TaskDefinition: !Ref Task, DesiredCount: 2}", "`Web`"),
        (
            "  Bucket: {Type: AWS::S3::Bucket}",
            "  Bucket: {Type: AWS::S3::Bucket}\n  Topic: {Type: AWS::SNS::Topic}",
            "`Topic`",
        ),
    ] {
        let messages = between(&WEB.replace(from, to), "7").expect_err("more than a hotswap");
        assert!(messages.len() == 1 && messages[0].contains(what), "{messages:?}");
    }
}
