use proptest::prelude::*;

use super::*;
use crate::cfn::{Function, Intrinsic, LogicalId, Map, PropertyPath, Ref, Resource, TemplateString, emit};

const YAML: &str = r#"AWSTemplateFormatVersion: 2010-09-09
Description: two resources
Parameters:
  Zone: {Type: String, Default: "012"}
Resources:
  Alb:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Scheme: internet-facing
      Subnets: [!Ref One, !Select [0, !GetAZs ""]]
  Service:
    Type: AWS::ECS::Service
    DependsOn: Alb
    DeletionPolicy: Retain
    Properties:
      DesiredCount: 2
      Enabled: yes
      Url: !Sub http://${Alb.DNSName}/
      Arn: !GetAtt Alb.LoadBalancerArn
Outputs:
  Url:
    Value: !GetAtt [Alb, DNSName]
"#;

fn codes<T>(report: &Report<T>) -> Vec<&'static str> {
    report.problems.iter().map(|problem| problem.code.as_str()).collect()
}

fn service() -> Resource {
    template("app.yaml", YAML).value.expect("a template").resources.swap_remove("Service").expect("the service")
}

#[test]
fn short_forms_become_references_and_functions() {
    let service = service();
    assert_eq!(service.properties["Arn"].as_reference(), Some(&Ref::attribute("Alb", "LoadBalancerArn")));
    assert_eq!(service.properties["Enabled"], Value::Bool(true));
    assert_eq!(service.depends_on, [LogicalId::from("Alb")]);
    let url = TemplateString::from("http://").with(Ref::attribute("Alb", "DNSName")).with("/");
    assert_eq!(service.properties["Url"], Value::Text(url));
}

#[test]
fn every_value_has_its_origin() {
    let service = service();
    assert_eq!(service.origin.to_string(), "app.yaml:11:3");
    assert_eq!(service.origin_of(&PropertyPath::property("DesiredCount")).to_string(), "app.yaml:16:7");
    assert_eq!(service.origin_of(&PropertyPath::attribute("DependsOn")).to_string(), "app.yaml:13:5");
    let template = template("app.yaml", YAML).value.expect("a template");
    let subnets = template.resources["Alb"].origin_of(&PropertyPath::property("Subnets.1"));
    assert_eq!(subnets.to_string(), "app.yaml:10:27");
    assert_eq!(template.origin_of(&PropertyPath::attribute("Outputs")).to_string(), "app.yaml:20:1");
}

#[test]
fn json_and_yaml_of_a_template_parse_equal() {
    let from_yaml = template("app.yaml", YAML).value.expect("a template");
    let json = emit::json(&from_yaml);
    let from_json = template("app.json", &json).value.expect("a template");
    assert_eq!(emit::yaml(&from_json), emit::yaml(&from_yaml));
    let second_line = from_json.resources["Alb"].origin.line;
    assert!(json.lines().nth(second_line as usize - 1).expect("a line").contains("\"Alb\""));
    let tree = serde_json::from_str(&json).expect("JSON");
    assert_eq!(emit::json(&super::from_json(&tree).value.expect("a template")), json);
}

#[test]
fn duplicate_key_is_reported_with_both_places() {
    let report = template("a.yaml", "Resources:\n  A: {Type: X}\n  A: {Type: Y}\n");
    assert_eq!(codes(&report), ["duplicate-key"]);
    let lines: Vec<u32> = report.problems[0].labels.iter().map(|label| label.origin.line).collect();
    assert_eq!(lines, [3, 2]);
    assert_eq!(codes(&template("a.json", r#"{"Resources": {"A": {"Type": "X", "Type": "Y"}}}"#)), ["duplicate-key"]);
}

#[test]
fn aliases_and_merges_are_read_with_one_warning() {
    let text = "Metadata:\n  Tags: &tags {Key: a, Value: b}\nResources:\n  A:\n    Type: X\n    Properties:\n      \
                One: *tags\n      Two:\n        <<: *tags\n        Value: c\n";
    let report = template("a.yaml", text);
    assert_eq!(codes(&report), ["yaml-alias"]);
    let two = &report.value.expect("a template").resources["A"].properties["Two"];
    assert_eq!(
        (two.get("Key").and_then(Value::as_str), two.get("Value").and_then(Value::as_str)),
        (Some("a"), Some("c"))
    );
}

#[test]
#[allow(clippy::format_collect, reason = "a test makes its text as it reads best")]
fn invalid_template_gets_one_error() {
    let deep = "[".repeat(5_000);
    let laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned()
        + (b'b'..=b'j')
            .map(|c| {
                let before = (c - 1) as char;
                let aliases = vec![format!("*{before}"); 10].join(",");
                format!("{0}: &{0} [{aliases}]\n", c as char)
            })
            .collect::<String>()
            .as_str();
    let cases = [
        ("", "template-empty"),
        (" \n\n", "template-empty"),
        ("# only words\n", "template-empty"),
        ("- a\n- b\n", "template-structure"),
        ("just text", "template-structure"),
        ("a\0b", "not-text"),
        ("Resources:\n\tA: 1\n", "template-syntax"),
        ("Resources: [", "template-syntax"),
        ("{\"Resources\": {", "template-syntax"),
        ("a: 1\n---\nb: 2\n", "template-syntax"),
        ("A: !!binary aGk=\n", "template-syntax"),
        ("a: &a [*a]\n", "template-syntax"),
        (deep.as_str(), "template-nesting"),
        (laughs.as_str(), "template-syntax"),
    ];
    for (text, code) in cases {
        let report = template("a.txt", text);
        assert!(report.value.is_none(), "{text:.40}");
        assert_eq!(codes(&report).last(), Some(&code), "{text:.40}: {:.300}", format!("{:?}", report.problems));
    }
    let deep_json = "{\"a\":".repeat(5_000);
    assert_eq!(codes(&template("a.json", "{\"Resources\": {},}")), ["template-syntax"]);
    assert_eq!(codes(&template("a.json", &deep_json)), ["template-nesting"]);
    assert_eq!(codes(&template("a.yaml", &"x".repeat(LONGEST + 1))), ["template-size"]);
    assert_eq!(decode("a.yaml", b"a: \xff").expect_err("no UTF-8").code, "not-text");
}

#[test]
fn sections_of_a_wrong_shape_are_all_reported() {
    let text = "Resources:\n  A: text\n  B: {Properties: []}\n  C: {Type: X, DependsOn: [1]}\nOutputs:\n  \
                O: {Value: 1, Valu: 2}\n  P: {}\nParameters: []\n";
    let report = template("a.yaml", text);
    let structure = "template-structure";
    let expected = [structure, structure, "missing-type", structure, "unknown-output-key", "output-value", structure];
    assert_eq!(codes(&report), expected);
    assert_eq!(report.value.expect("the rest").resources.len(), 2);
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\n\t]{0,12}",
        "\\PC{0,6}",
        "[-+.0-9eExX_:T ]{0,6}",
        Just("yes".to_owned()),
        Just("a\n  b\n\nc\n".to_owned()),
        Just("x\n\n".to_owned()),
        Just("\u{85}\u{2028}\u{feff}\u{7f}".to_owned()),
        Just("#!/bin/sh\r\n".to_owned()),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        prop::num::f64::NORMAL.prop_map(Value::Float),
        string().prop_map(Value::from),
        "[A-Z][a-z]{0,4}".prop_map(|id| Ref::to(id).into()),
        (prop_oneof![string(), "[${}!a]{0,6}"], "[A-Z][a-z]{1,4}\\.[A-Z]{1,4}")
            .prop_map(|(before, name)| Value::Text(TemplateString::from(before).with(Ref::named(&name)).with("/x"))),
    ];
    leaf.prop_recursive(4, 40, 5, |inner| {
        let functions =
            [Function::Base64, Function::Join, Function::If, Function::GetAzs, Function::ImportValue, Function::Length];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            prop::collection::vec((string(), inner.clone()), 0..5)
                .prop_map(|entries| Value::Map(entries.into_iter().filter(|(key, _)| key != "<<").collect())),
            (prop::sample::select(functions.to_vec()), inner)
                .prop_map(|(function, argument)| Intrinsic::new(function, argument).into()),
        ]
    })
}

proptest! {
    #![proptest_config(crate::testing::property_tests())]

    #[test]
    fn emitted_template_parses_to_the_same_template(value in any_value(), description in string()) {
        let properties: Map = [("Property".to_owned(), value)].into_iter().collect();
        let mut resource = Resource::new("AWS::S3::Bucket", Origin::unknown());
        resource.properties = properties;
        let mut written = Template { description: Some(description), ..Template::default() };
        written.resources.insert("Bucket".into(), resource);
        for (name, text) in [("a.yaml", emit::yaml(&written)), ("a.json", emit::json(&written))] {
            let report = template(name, &text);
            prop_assert!(report.problems.is_empty(), "{text}\n{:?}", report.problems);
            let read = report.value.expect("a template");
            prop_assert_eq!(&read.description, &written.description, "{}", text);
            // A text that no `Fn::Sub` can express is read as an `Fn::Join`: what AWS sees is compared.
            let properties = |template: &Template| Value::Map(template.resources["Bucket"].properties.clone());
            let seen = |template: &Template| emit::json::to_json(&properties(template));
            prop_assert_eq!(seen(&read), seen(&written), "{}", text);
        }
    }

    #[test]
    fn arbitrary_text_does_not_panic(text in "[-\\[\\]{}:,&*!|>'\"%@`#\n\t a-z0-9\\\\]{0,60}") {
        let _ = template("a.yaml", &text);
        let _ = template("a.json", &text);
    }
}
