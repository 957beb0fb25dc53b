mod calls_and_keys;
mod gateways_and_functions;
mod places_and_networks;
mod public_templates;
mod service_rules;

use super::*;

fn problems(text: &str) -> Vec<Diagnostic> {
    file("t.yaml", text, Schema::embedded())
}

fn codes(text: &str) -> Vec<&'static str> {
    problems(text).iter().map(|problem| problem.code.as_str()).collect()
}

/// Returns a template around a part; `Topic` and the parameter `Name` are there to be referred to.
fn around(part: &str) -> String {
    const PARTS: [(&str, &str); 4] = [
        ("Parameters:\n", "  Name: {Type: String}\n"),
        ("Conditions:\n", "  Prod: !Equals [!Ref Name, a]\n"),
        ("Mappings:\n", "  Map: {Row: {Cell: 1}}\n"),
        ("Resources:\n", "  Topic: {Type: AWS::SNS::Topic}\n"),
    ];
    let (sections, rest): (Vec<_>, Vec<_>) = PARTS.iter().partition(|(name, _)| part.starts_with(name));
    let own = sections.iter().map(|(name, known)| format!("{name}{known}{}", &part[name.len()..]));
    let others = rest.iter().map(|(name, known)| format!("{name}{known}"));
    let alone = if sections.is_empty() { part.to_owned() } else { String::new() };
    own.chain(others).chain([alone]).collect()
}

/// Returns the codes of a property's value, without the warnings of what nothing uses.
fn of_value(value: &str) -> Vec<&'static str> {
    let part = format!(
        "Resources:\n  A:\n    Type: Custom::Widget\n    Properties:\n      ServiceToken: x\n      P: {value}\n"
    );
    codes(&around(&part)).into_iter().filter(|code| *code != "unused-parameter").collect()
}

#[test]
fn function_with_wrong_arguments_is_reported() {
    for value in [
        "!Join ['-', [a, !Ref Name]]",
        "!Join ['', !Split [',', !Ref Name]]",
        "!Select [1, [a, b]]",
        "!Select ['0', !GetAZs '']",
        "!FindInMap [Map, Row, Cell]",
        "!FindInMap [Map, !Ref Name, Cell]",
        "!If [Prod, a, !Ref AWS::NoValue]",
        "!Sub ['${a}${Name}', {a: b}]",
        "!Cidr [10.0.0.0/16, 4, 8]",
        "{'Fn::Base64': !Sub '${AWS::Region}'}",
    ] {
        assert_eq!(of_value(value), Vec::<&str>::new(), "{value}");
    }
    for value in [
        "!Join ['-']",
        "!Join [!Ref Name, [a]]",
        "!Join ['-', a]",
        "!Select [2, [a, b]]",
        "!Select [-1, [a, b]]",
        "!Select [x, [a]]",
        "!Split ['', a]",
        "!Split [',', [a]]",
        "!Cidr [10.0.0.0/16]",
        "!Cidr [10.0.0.0/16, 300, 8]",
        "!If [Prod, a]",
        "!FindInMap [Map, Row]",
        "!Sub ['${a}']",
        "!Base64 [a]",
        "!GetAZs [a]",
        "!ImportValue [x]",
        "!ImportValue {'Fn::Sub': 'x-${Topic}'}",
        "{Ref: [a]}",
        "{'Fn::GetAtt': Topic}",
        "{'Fn::Join': ['', [a]], Other: b}",
    ] {
        assert_eq!(of_value(value), ["function-argument"], "{value}");
    }
    for (value, code) in [
        ("!Concat [a, b]", "unknown-function"),
        ("!FindInMap [Mop, Row, Cell]", "undefined-mapping"),
        ("!FindInMap [Map, Raw, Cell]", "undefined-mapping"),
        ("!FindInMap [Map, !Ref Name, Call]", "undefined-mapping"),
        ("!If [Dev, a, b]", "undefined-condition"),
        ("!Equals [a, b]", "misplaced-function"),
        ("!Sub ['${Name}', {a: b}]", "unused-variable"),
        ("{'Fn::ToJsonString': {a: b}}", "missing-transform"),
    ] {
        assert_eq!(of_value(value), [code], "{value}");
    }
}

#[test]
fn reference_to_nothing_is_reported() {
    for (value, code) in [
        ("!Ref Nmae", "undefined-reference"),
        ("!Ref Prod", "undefined-reference"),
        ("!Ref AWS::Regoin", "undefined-reference"),
        ("!GetAtt Name.Arn", "undefined-reference"),
        ("!Sub 'a-${Tpic.Arn}'", "undefined-reference"),
        ("!Sub ['${x}-${y}', {x: a}]", "undefined-reference"),
        ("'http://${Topic}'", "missing-sub"),
        ("!Ref A", "circular-dependency"),
    ] {
        assert_eq!(of_value(value), [code], "{value}");
    }
    assert!(of_value("!Sub 'a-${Topic}-${!Literal}'").is_empty());
    let hints = &problems(&around("Outputs: {O: {Value: !Ref Tpoic}}"))[0].hints;
    assert_eq!(*hints, ["did you mean `Topic`?"]);
}

#[test]
fn unknown_section_or_resource_attribute_is_reported() {
    for (part, code) in [
        ("AWSTemplateFormatVersion: '2010-09-10'\n", "template-version"),
        ("Resource: {}\n", "unknown-section"),
        ("Outputs: {O: {Value: [a]}}\n", "output-value"),
        ("Outputs: {O: {Value: a, Export: {Name: !Ref Topic}}}\n", "export-name"),
        ("Outputs: {O: {Value: a, Condition: Dev}}\n", "undefined-condition"),
        ("Outputs: {O-1: {Value: a}}\n", "logical-id"),
        ("Resources:\n  A: {Type: AWS::SNS::Topic, Propertys: {}}\n", "unknown-resource-attribute"),
        ("Resources:\n  A: {Type: AWS::SNS::Topic, DependsOn: B}\n", "undefined-dependency"),
        ("Resources:\n  A: {Type: AWS::SNS::Topic, Condition: Dev}\n", "undefined-condition"),
        ("Resources:\n  A: {Type: AWS::SNS::Topic, DeletionPolicy: Keep}\n", "policy-value"),
        ("Resources:\n  A: {Type: AWS::SNS::Topic, DeletionPolicy: Snapshot}\n", "snapshot-policy"),
        ("Resources:\n  A: {Type: AWS::SNS::Topic, CreationPolicy: {}}\n", "misplaced-policy"),
        ("Conditions:\n  C: !Equals [!Ref Topic, a]\n", "condition-reference"),
        ("Conditions:\n  C: !Not [!Ref Name]\n", "condition-shape"),
        ("Conditions:\n  C: !Equals [!GetAZs '', a]\n", "misplaced-function"),
        ("Parameters:\n  P: {Type: Strng}\n", "parameter-type"),
        ("Parameters:\n  P: {Type: String, Defualt: a}\n", "unknown-parameter-key"),
        ("Parameters:\n  P: {Type: Number, Default: a}\n", "parameter-default"),
        ("Parameters:\n  P: {Type: String, Default: a, AllowedValues: [b]}\n", "parameter-default"),
        ("Parameters:\n  P: {Type: String, Default: a, AllowedPattern: '[0-9]+'}\n", "parameter-default"),
        ("Parameters:\n  P: {Type: String, Default: a, MinLength: 2}\n", "parameter-default"),
        ("Parameters:\n  Topic: {Type: String}\n", "name-clash"),
    ] {
        let found: Vec<_> = codes(&around(part)).into_iter().filter(|code| *code != "unused-parameter").collect();
        assert_eq!(found, [code], "{part}");
    }
    assert_eq!(codes("Resources: {}\n"), ["no-resources"]);
}

#[test]
fn dynamic_reference_of_a_wrong_form_or_place_is_reported() {
    for value in [
        "'{{resolve:ssm:/a/b:3}}'",
        "'{{resolve:ssm:/a/b}}'",
        "!Sub '{{resolve:ssm:/${Name}/b}}'",
        "'{{resolve:secretsmanager:db:SecretString:password}}'",
        "'{{resolve:secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:db-a1b2c3:SecretString:a::}}'",
    ] {
        assert_eq!(of_value(value), Vec::<&str>::new(), "{value}");
    }
    for (value, code) in [
        ("'{{resolve:ssm:}}'", "dynamic-reference"),
        ("'{{resolve:ssm:a:latest}}'", "dynamic-reference"),
        ("'{{resolve:smm:a}}'", "dynamic-reference"),
        ("'{{resolve:ssm:a'", "dynamic-reference"),
        ("'{{resolve:secretsmanager:db:String:a}}'", "dynamic-reference"),
        ("'{{resolve:ssm-secure:a}}'", "secure-string"),
    ] {
        assert_eq!(of_value(value), [code], "{value}");
    }
}

#[test]
#[allow(clippy::format_collect, reason = "a test makes its text as it reads best")]
fn template_over_a_quota_is_reported() {
    let resources = |n: usize| -> String { (0..n).map(|n| format!("  R{n}: {{Type: AWS::SNS::Topic}}\n")).collect() };
    assert!(codes(&format!("Resources:\n{}", resources(500))).is_empty());
    assert_eq!(codes(&format!("Resources:\n{}", resources(501))), ["template-limit"]);
    let description = format!("Description: {}\nResources:\n{}", "x".repeat(1025), resources(1));
    assert_eq!(codes(&description), ["description-length"]);
    assert_eq!(codes(&format!("Resources:\n  {}: {{Type: AWS::SNS::Topic}}\n", "R".repeat(256))), ["logical-id"]);
}

#[test]
fn reference_to_a_conditional_resource_is_reported_unless_guarded() {
    let part = |value: &str| {
        format!(
            "Resources:\n  B: {{Type: AWS::SNS::Topic, Condition: Prod}}\n  A: {{Type: Custom::A, Properties: \
                 {{ServiceToken: {value}}}}}\n"
        )
    };
    assert_eq!(codes(&around(&part("!Ref B"))), ["conditional-reference"]);
    assert!(codes(&around(&part("!If [Prod, !Ref B, x]"))).is_empty());
}

#[test]
fn cycle_shows_every_resource() {
    let text = "Resources:\n  A: {Type: AWS::SNS::Topic, DependsOn: B}\n  B: {Type: AWS::SNS::Topic, DependsOn: A}\n";
    let problems = problems(text);
    assert_eq!(problems[0].message, "resources need each other: `A` -> `B` -> `A`");
    assert_eq!(problems[0].labels.iter().map(|label| label.origin.line).collect::<Vec<_>>(), [2, 3]);
}
