use super::*;
use crate::cfn;
use crate::cfn::{Function, Output, Ref, Resource, TemplateString, Value};
use crate::diag::Origin;

fn sample() -> Template {
    let url = TemplateString::from("http://").with(Ref::attribute("Alb", "DNSName"));
    let service = Resource::new("AWS::ECS::Service", Origin::unknown())
        .with("Cluster", Ref::to("Cluster"))
        .with("DesiredCount", 2_i64)
        .with("Account", "012345678901")
        .with("Zone", Value::call(Function::Select, cfn!([0_i64, Value::call(Function::GetAzs, "")])))
        .with("Zones", Value::call(Function::GetAzs, Ref::to("AWS::Region")))
        .with("Tags", cfn!([cfn!({ "Key": "Stack", "Value": "yes" }), cfn!({ "Key": "Url", "Value": &url })]))
        .with("Command", cfn!([cfn!(["a", "b"]), Value::List(vec![]), cfn!({})]))
        .with("Script", "set -e\n\necho 'hello: world'\n")
        .after("Listener")
        .after("Rule");
    let mut template = Template { description: Some("A web service".into()), ..Template::default() };
    template.resources.insert("Service".into(), service);
    let output = Output {
        value: url.into(),
        description: None,
        export: Some(Value::Text(TemplateString::from(Ref::to("AWS::StackName")).with("-url"))),
        condition: None,
        origin: Origin::unknown(),
    };
    template.outputs.insert("Endpoint".into(), output);
    template
}

#[test]
fn yaml_has_short_forms_two_spaces_and_the_usual_order() {
    let expected = r#"AWSTemplateFormatVersion: "2010-09-09"
Description: A web service
Resources:
  Service:
    Type: AWS::ECS::Service
    DependsOn:
      - Listener
      - Rule
    Properties:
      Cluster: !Ref Cluster
      DesiredCount: 2
      Account: "012345678901"
      Zone: !Select
        - 0
        - !GetAZs ""
      Zones:
        Fn::GetAZs: !Ref AWS::Region
      Tags:
        - Key: Stack
          Value: "yes"
        - Key: Url
          Value: !Sub http://${Alb.DNSName}
      Command:
        - - a
          - b
        - []
        - {}
      Script: |
        set -e

        echo 'hello: world'
Outputs:
  Endpoint:
    Value: !Sub http://${Alb.DNSName}
    Export:
      Name: !Sub ${AWS::StackName}-url
"#;
    assert_eq!(yaml(&sample()), expected);
}

#[test]
fn json_has_long_forms_in_the_same_order() {
    let text = json(&sample());
    let tree: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let keys: Vec<&String> = tree.as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["AWSTemplateFormatVersion", "Description", "Resources", "Outputs"]);
    let properties = &tree["Resources"]["Service"]["Properties"];
    assert_eq!(properties["Zone"]["Fn::Select"][1]["Fn::GetAZs"], "");
    assert_eq!(properties["Tags"][1]["Value"]["Fn::Sub"], "http://${Alb.DNSName}");
    assert!(text.ends_with("}\n"));
}

#[test]
fn string_with_a_function_inside_is_joined() {
    let import = crate::cfn::Intrinsic::new(Function::ImportValue, "shared-bucket");
    let arn = TemplateString::from("arn:aws:s3:::").with(crate::cfn::Segment::Call(Box::new(import))).with("/*");
    let mut template = sample();
    template.resources[0] = Resource::new("AWS::S3::Bucket", Origin::unknown()).with("Arn", arn);
    let expected = "      Arn: !Join\n        - \"\"\n        - - \"arn:aws:s3:::\"\n          - !ImportValue shared-bucket\n          - /*\n";
    assert!(yaml(&template).contains(expected), "{}", yaml(&template));
}

#[test]
fn literal_dollar_brace_next_to_a_reference_is_escaped() {
    let text = TemplateString::from("echo ${HOME} ").with(Ref::to("AWS::Region"));
    assert_eq!(json::compact(&text.into()), r#"{"Fn::Sub":"echo ${!HOME} ${AWS::Region}"}"#);
}

#[test]
fn dollar_brace_without_an_escape_is_joined() {
    let written = |before: &str, after: &str| {
        json::compact(&TemplateString::from(before).with(Ref::to("AWS::Region")).with(after).into())
    };
    assert_eq!(written("${ZONE:-", "}"), r#"{"Fn::Join":["",["${ZONE:-",{"Ref":"AWS::Region"},"}"]]}"#);
    assert_eq!(written("${!ZONE} ", ""), r#"{"Fn::Join":["",["${!ZONE} ",{"Ref":"AWS::Region"}]]}"#);
    assert_eq!(written("${A:-${B}} ", ""), r#"{"Fn::Join":["",["${A:-${B}} ",{"Ref":"AWS::Region"}]]}"#);
    assert_eq!(written("${A} $ {", " } ${B}"), r#"{"Fn::Sub":"${!A} $ {${AWS::Region} } ${!B}"}"#);
}
