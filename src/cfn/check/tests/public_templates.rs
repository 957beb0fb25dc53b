//! Variants of what public templates contain: accepted forms have no error, refused ones have theirs.

use super::*;

fn errors(text: &str) -> Vec<&'static str> {
    problems(text).iter().filter(|problem| problem.is_error()).map(|problem| problem.code.as_str()).collect()
}

fn resource(kind: &str, properties: &str) -> String {
    format!("Resources:\n  A:\n    Type: {kind}\n    Properties: {properties}\n")
}

#[test]
fn yaml_of_cloudformation_is_read() {
    for text in [
        "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: \"first\n\n  second\nthird\"\n",
        "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      Tags: [\n    {Key: a, Value: b}, # one\n  {\n  Key: c,\n  Value: 'd'\n  }\n      ]\n",
        "Resources: {A: {Type: AWS::SNS::Topic}}#all\n",
        "Resources:\n  A:\n    Type: \"AWS::SNS::Topic\"# a topic\n    Properties: {\n  DisplayName: !Sub \"a\n${AWS::Region}\"\n    }\n",
    ] {
        assert_eq!(codes(text), Vec::<&str>::new(), "{text}");
    }
    for text in ["Resources:\n  A: [\n", "Resources:\n  A: 'x\n", "Resources:\n  A: {Type: X]\n", "a: b\n c: d\n"] {
        assert_eq!(codes(text), ["template-syntax"], "{text}");
    }
}

#[test]
fn place_in_a_relaxed_text_is_that_of_the_source() {
    let text = "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties: {\nDisplayNam: a,\n TopicName: b}\n";
    let found = &problems(text)[0];
    assert_eq!(found.origin().map(ToString::to_string).as_deref(), Some("t.yaml:5:1"));
}

#[test]
fn problem_of_a_function_is_at_the_function() {
    let text = "Resources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties:\n      DisplayName: !Join\n        - '-'\n        - - a\n          - \
                !Ref Nothing\n      TopicName: !If [Missing, a, !Select [x, [b]]]\n";
    let places: Vec<String> =
        problems(text).iter().map(|found| format!("{} {}", found.code, found.origin().expect("a place"))).collect();
    assert_eq!(
        places,
        ["undefined-reference t.yaml:8:13", "undefined-condition t.yaml:9:18", "function-argument t.yaml:9:35"]
    );
    let text = "Resources:\n  A:\n    Type: AWS::SNS::Topik\n";
    assert_eq!(problems(text)[0].origin().map(ToString::to_string).as_deref(), Some("t.yaml:3:5"));
}

#[test]
fn problem_in_a_branch_is_at_the_branch() {
    let text = around(
        "Resources:\n  A:\n    Type: AWS::SQS::Queue\n    Properties:\n      DelaySeconds: !If\n        - Prod\n        - 5\n        - many\n",
    );
    let found = problems(&text).into_iter().find(|found| found.code == "wrong-type").expect("a wrong type");
    let line = found.origin().expect("a place").line as usize;
    assert!(text.lines().nth(line - 1).expect("a line").contains("many"));
    assert!(found.message.contains("`A.DelaySeconds`"), "{}", found.message);
}

#[test]
fn last_of_repeated_keys_counts() {
    let text = "Parameters: {P: {Type: String}, Q: {Type: String}}\nResources:\n  A:\n    Type: AWS::SNS::Topic\n    Properties: \
                {DisplayName: !Ref P, DisplayName: !Ref Q}\n";
    assert_eq!(codes(text), ["duplicate-key"]);
}

#[test]
fn scalars_of_other_types_are_accepted() {
    for properties in ["{FifoQueue: 'TRUE', QueueName: a.fifo}", "{FifoQueue: 'tRue', QueueName: a.fifo}"] {
        assert_eq!(errors(&resource("AWS::SQS::Queue", properties)), Vec::<&str>::new(), "{properties}");
    }
    let source = "{DataLakeArn: 'arn:aws:securitylake:us-east-1:123456789012:data-lake/default', SourceName: ROUTE53, SourceVersion: 1.0}";
    assert_eq!(errors(&resource("AWS::SecurityLake::AwsLogSource", source)), Vec::<&str>::new());
    assert_eq!(errors(&resource("AWS::SQS::Queue", "{DelaySeconds: 5.0}")), Vec::<&str>::new());
}

#[test]
fn acl_that_grants_to_others_is_refused() {
    for (properties, expected) in [
        ("{AccessControl: BucketOwnerRead}", false),
        ("{AccessControl: PublicRead}", true),
        ("{AccessControl: PublicRead, OwnershipControls: {Rules: [{ObjectOwnership: ObjectWriter}]}}", false),
        ("{AccessControl: PublicRead, OwnershipControls: {Rules: [{ObjectOwnership: BucketOwnerEnforced}]}}", true),
    ] {
        let found = errors(&resource("AWS::S3::Bucket", properties));
        assert_eq!(found.contains(&"bucket-acl"), expected, "{properties}: {found:?}");
    }
}

#[test]
fn dynamic_reference_in_parts_is_accepted() {
    for (value, expected) in [
        ("!Join [':', ['{{resolve:ssm', '/a/b', '1}}']]", false),
        ("!Join ['', ['{{resolve:secretsmanager:', !Ref Name, ':SecretString:', !Join ['', [a, '}}']]]]", false),
        ("!Sub ['{{resolve:ssm:${a}', {a: 'b}}'}]", false),
        ("!Sub '{{resolve:ssm:${Name}:1}}'", false),
        ("!Join ['', ['{{resolve:smm:', !Ref Name, '}}']]", true),
        ("'{{resolve:ssm:name'", true),
    ] {
        let found = of_value(value);
        assert_eq!(found.contains(&"dynamic-reference"), expected, "{value}: {found:?}");
    }
}

#[test]
fn what_excludes_each_other_may_share_a_name() {
    let template = |second: &str| {
        format!(
            "Parameters: {{S: {{Type: String, AllowedValues: [a, b]}}}}\nConditions:\n  IsA: !Equals [!Ref S, a]\n  IsB: \
             !Equals [!Ref S, b]\n  NotB: !Not [!Condition IsB]\nResources:\n  A: {{Type: AWS::SQS::Queue, Condition: IsA, \
             Properties: {{QueueName: q}}}}\n  B: {{Type: AWS::SQS::Queue, Condition: {second}, Properties: {{QueueName: q}}}}\n\
             Outputs:\n  X: {{Condition: IsA, Value: a, Export: {{Name: e}}}}\n  Y: {{Condition: {second}, Value: a, Export: {{Name: e}}}}\n"
        )
    };
    assert_eq!(errors(&template("IsB")), Vec::<&str>::new());
    assert_eq!(errors(&template("NotB")), ["duplicate-physical-name", "export-name"]);
}

#[test]
fn name_is_unique_in_what_holds_it() {
    let queues = "  A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${AWS::StackName}-q'}}\n  B: {Type: \
                  AWS::SQS::Queue, Properties: {QueueName: !Sub '${AWS::StackName}-q'}}\n";
    assert_eq!(errors(&format!("Resources:\n{queues}")), ["duplicate-physical-name"]);
    let rules = "  A: {Type: AWS::Events::Rule, Properties: {Name: r, EventBusName: one, EventPattern: {source: [a]}}}\n  B: {Type: \
                 AWS::Events::Rule, Properties: {Name: r, EventBusName: two, EventPattern: {source: [a]}}}\n";
    assert_eq!(errors(&format!("Resources:\n{rules}")), Vec::<&str>::new());
}

#[test]
fn dependency_on_what_may_not_exist_is_refused() {
    let template = |own: &str| {
        format!(
            "Parameters: {{S: {{Type: String}}, T: {{Type: String}}}}\nConditions:\n  IsA: !Equals [!Ref S, a]\n  Both: !And \
             [!Condition IsA, !Equals [!Ref T, b]]\n  Other: !Equals [!Ref T, b]\nResources:\n  A: {{Type: AWS::SNS::Topic, \
             Condition: IsA}}\n  B: {{Type: AWS::SQS::Queue, DependsOn: [A]{own}}}\n"
        )
    };
    for own in [", Condition: IsA", ", Condition: Both"] {
        assert_eq!(errors(&template(own)), Vec::<&str>::new(), "{own}");
    }
    for own in ["", ", Condition: Other"] {
        assert_eq!(errors(&template(own)), ["conditional-dependency"], "{own}");
    }
}

#[test]
fn resource_that_never_exists_is_not_checked() {
    let text = "Conditions: {Never: !Equals ['true', 'false']}\nResources:\n  A: {Type: AWS::SNS::Topic}\n  B: {Type: \
                Custom::Nothing, Condition: Never}\n";
    assert_eq!(errors(text), Vec::<&str>::new());
}

#[test]
fn list_is_not_put_into_a_string() {
    let template = |output: &str| {
        format!(
            "Parameters:\n  L: {{Type: CommaDelimitedList}}\n  S: {{Type: 'AWS::SSM::Parameter::Value<List<String>>'}}\nConditions: {{C: \
             !Equals [!Ref 'AWS::Region', a]}}\nResources:\n  Z: {{Type: AWS::Route53::HostedZone, Properties: {{Name: !Join ['', [!Join \
             ['', !Ref L], !Join ['', !Ref S]]]}}}}\nOutputs: {{O: {{Value: {output}}}}}\n"
        )
    };
    for output in ["!Ref L", "!Ref S", "!If [C, a, !Ref L]", "!GetAtt Z.NameServers", "!Split [',', a]", "!GetAZs ''"] {
        assert_eq!(errors(&template(output)), ["output-value"], "{output}");
    }
    for output in ["!Sub 'a-${L}'", "!Sub ['${x}-${L}', {x: a}]", "!Sub 'a-${Z.NameServers}'"] {
        assert_eq!(errors(&template(output)), ["function-argument"], "{output}");
    }
    for output in ["!Join [',', !Ref L]", "!Sub ['${L}-', {L: a}]", "!Select [0, !Ref L]", "!Sub 'a-${Z}'"] {
        assert_eq!(errors(&template(output)), Vec::<&str>::new(), "{output}");
    }
}

#[test]
fn macro_hides_everything_but_limits_and_parameters() {
    let text = "Transform: [AWS::Serverless-2016-10-31, Mine]\nParameters: {P: {Type: Strin}}\nResources:\n  A: {Type: \
                My::Own, Count: 3, Properties: {X: !Ref Nothing}}\n";
    assert_eq!(codes(text), ["macro-not-checked", "parameter-type"]);
    let nested = resource("AWS::SQS::Queue", "{'Fn::Transform': {Name: Mine}, Anything: 1}");
    assert_eq!(errors(&nested), Vec::<&str>::new());
    let included = resource(
        "AWS::SQS::Queue",
        "{'Fn::Transform': {Name: 'AWS::Include', Parameters: {Location: a}}, Anything: 1}",
    );
    assert_eq!(errors(&included), ["unknown-property"]);
}

#[test]
fn service_transform_moves_references_to_other_resources() {
    let template = |function: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: a, \
             DefinitionBody: {{x: !GetAtt F.Arn}}}}}}\n  Alarm: {{Type: AWS::CloudWatch::Alarm, Properties: {{ComparisonOperator: \
             GreaterThanThreshold, EvaluationPeriods: 1, Dimensions: [{{Name: FunctionName, Value: !Ref F}}]}}}}\n  F:\n    Type: \
             AWS::Serverless::Function\n    Properties: {{Runtime: python3.13, Handler: a.b, CodeUri: ., {function}}}\n"
        )
    };
    let events = "Events: {A: {Type: Api, Properties: {Path: /a, Method: get, RestApiId: !Ref Api}}}";
    for function in [events, "DeploymentPreference: {Type: AllAtOnce, Alarms: [!Ref Alarm]}"] {
        assert!(!errors(&template(function)).contains(&"circular-dependency"), "{function}");
    }
    let variable = "Environment: {Variables: {API: !Ref Api}}";
    assert!(errors(&template(variable)).contains(&"circular-dependency"));
}

#[test]
fn suggestion_is_the_likely_name() {
    let hints = |kind: &str, properties: &str| {
        let found = problems(&resource(kind, properties));
        found.iter().flat_map(|found| found.hints.iter().map(ToString::to_string)).collect::<Vec<_>>().join("; ")
    };
    assert!(hints("AWS::S3::Bucket", "{VersioningConfig: {}}").contains("did you mean `VersioningConfiguration`?"));
    let listed = hints("AWS::S3::Bucket", "{Settings: {}}");
    assert!(listed.contains("`VersioningConfiguration`") && !listed.contains("`Arn`"), "{listed}");
    let versioning = hints("AWS::S3::Bucket", "{VersioningConfiguration: {Status: Disabled}}");
    assert!(!versioning.contains("did you mean"), "{versioning}");
    let group = hints(
        "AWS::EC2::SecurityGroup",
        "{GroupDescription: a, SecurityGroupIngress: {IpProtocol: tcp, FromPort: 1, ToPort: 1, CidrIp: 10.0.0.0/8}}",
    );
    assert!(!group.contains("Key"), "{group}");
}

#[test]
fn one_object_for_the_rules_of_a_group_counts_as_its_rule() {
    let found = errors(&resource(
        "AWS::EC2::SecurityGroup",
        "{GroupDescription: a, SecurityGroupIngress: {IpProtocol: tcp, FromPort: 9, ToPort: 1, CidrIp: 10.0.0.0/8}}",
    ));
    assert_eq!(found, ["port-range"]);
    let bad = errors(&resource(
        "AWS::EC2::SecurityGroup",
        "{GroupDescription: a, SecurityGroupEgress: {IpProtocol: '-1', Cidr: 10.0.0.0/8}}",
    ));
    assert_eq!(bad, ["missing-property", "security-group-source", "unknown-property"]);
}

#[test]
fn mapping_has_two_levels() {
    let of =
        |mapping: &str| errors(&format!("Mappings: {{M: {mapping}}}\nResources: {{A: {{Type: AWS::SNS::Topic}}}}\n"));
    assert_eq!(of("{a: {b: c, d: [e, 1]}}"), Vec::<&str>::new());
    for mapping in ["{a: b}", "{a: {b: {c: d}}}", "{a: {b: !Ref 'AWS::Region'}}", "{a: [b]}", "{a: {b: [[c]]}}"] {
        assert_eq!(of(mapping), ["mapping-shape"], "{mapping}");
    }
}

#[test]
fn keys_of_a_table_fit_its_attributes() {
    let table = |attributes: &str, rest: &str| {
        errors(&format!(
            "Resources:\n  T:\n    Type: AWS::DynamoDB::Table\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    Properties: {{BillingMode: PAY_PER_REQUEST, \
             AttributeDefinitions: {attributes}, {rest}}}\n"
        ))
    };
    let id = "{AttributeName: id, AttributeType: S}";
    let at = "{AttributeName: at, AttributeType: N}";
    let key = "KeySchema: [{AttributeName: id, KeyType: HASH}]";
    let both = "KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]";
    let index = "{IndexName: byTime, Projection: {ProjectionType: ALL}, KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]}";
    assert_eq!(table(&format!("[{id}]"), key), Vec::<&str>::new());
    assert_eq!(
        table(&format!("[{id}, {at}]"), &format!("{both}, LocalSecondaryIndexes: [{index}]")),
        Vec::<&str>::new()
    );
    assert_eq!(
        table(
            &format!("[{id}, {at}]"),
            &format!("{key}, GlobalSecondaryIndexes: !If [X, [{index}], !Ref AWS::NoValue]")
        ),
        ["undefined-condition"]
    );
    assert_eq!(table(&format!("[{id}, {at}]"), key), ["key-schema"]);
    assert_eq!(table(&format!("[{id}]"), &format!("{key}, GlobalSecondaryIndexes: [{index}]")), ["key-schema"]);
    assert_eq!(table(&format!("[{id}]"), "KeySchema: [{AttributeName: id, KeyType: RANGE}]"), ["key-schema"]);
}

#[test]
fn record_fits_its_type() {
    let record =
        |rest: &str| errors(&resource("AWS::Route53::RecordSet", &format!("{{HostedZoneName: example.com., {rest}}}")));
    assert_eq!(
        record("Name: a.example.com, Type: CNAME, TTL: '60', ResourceRecords: [b.example.com]"),
        Vec::<&str>::new()
    );
    assert_eq!(record("Name: example.com, Type: CNAME, TTL: '60', ResourceRecords: [b.example.com]"), ["dns-record"]);
    assert!(
        record("Name: a.example.com, Type: CNAME, TTL: '60', ResourceRecords: [b.example.com, c.example.com]")
            .contains(&"dns-record")
    );
    assert!(record("Name: a.example.com, Type: TXT, TTL: '60', ResourceRecords: [v=spf1]").contains(&"dns-record"));
}

#[test]
fn part_of_another_api_is_refused() {
    let template = |api: &str| {
        format!(
            "Resources:\n  One: {{Type: AWS::ApiGatewayV2::Api, Properties: {{Name: a, ProtocolType: HTTP}}}}\n  Two: {{Type: \
             AWS::ApiGatewayV2::Api, Properties: {{Name: b, ProtocolType: HTTP}}}}\n  I: {{Type: AWS::ApiGatewayV2::Integration, Properties: \
             {{ApiId: !Ref {api}, IntegrationType: HTTP_PROXY, IntegrationUri: 'https://example.com', IntegrationMethod: GET, \
             PayloadFormatVersion: '1.0'}}}}\n  R: {{Type: AWS::ApiGatewayV2::Route, Properties: {{ApiId: !Ref One, RouteKey: GET /, Target: \
             !Sub 'integrations/${{I}}'}}}}\n"
        )
    };
    assert_eq!(errors(&template("One")), Vec::<&str>::new());
    assert_eq!(errors(&template("Two")), ["other-api"]);
}

#[test]
fn engine_that_rds_does_not_offer_is_refused() {
    let of = |engine: &str, version: &str| {
        let found = problems(&resource(
            "AWS::RDS::DBInstance",
            &format!(
                "{{Engine: {engine}, EngineVersion: {version}, DBInstanceClass: db.t3.micro, AllocatedStorage: '20', MasterUsername: app, ManageMasterUserPassword: true}}"
            ),
        ));
        found.iter().find(|found| found.code == "database-engine").map(Diagnostic::is_error)
    };
    assert_eq!(of("mysql", "8.0"), None);
    assert_eq!(of("mysql", "99.1"), None);
    assert_eq!(of("mysql", "5.6"), Some(true));
    assert_eq!(of("postgres", "9.6.1"), Some(true));
    assert_eq!(of("postgres", "13.2"), Some(false));
    assert_eq!(of("postgresql", "13"), Some(true));
    assert_eq!(of("oracle-se1", "'11.2'"), Some(true));
    assert_eq!(of("sqlserver-ex", "'15.00'"), None);
}

#[test]
fn action_and_resource_of_a_statement_are_checked() {
    let of = |statement: &str| {
        let text = resource(
            "AWS::IAM::ManagedPolicy",
            &format!("{{PolicyDocument: {{Version: '2012-10-17', Statement: [{statement}]}}}}"),
        );
        codes(&format!("{text}  B: {{Type: AWS::S3::Bucket}}\n"))
    };
    for statement in [
        "{Effect: Allow, Action: ['s3:GetObject*', 's3:ListBucket'], Resource: ['arn:aws:s3:::a', 'arn:aws:s3:::a/*']}",
        "{Effect: Allow, Action: 's3:getobject', Resource: !Sub '${B.Arn}/*'}",
        "{Effect: Allow, Action: 'ecr:GetAuthorizationToken', Resource: '*'}",
        "{Effect: Allow, Action: 's3:*', Resource: 'arn:aws:s3:::a'}",
        "{Effect: Deny, Action: '*', Resource: '*'}",
        "{Effect: Allow, Action: '*', Resource: '*', Condition: {Bool: {'aws:MultiFactorAuthPresent': 'true'}}}",
        "{Effect: Allow, Action: 'sqs:SendMessage', Resource: !ImportValue queue}",
        "{Effect: Allow, Action: 'cloudformation:CreateChangeSet', Resource: 'arn:aws:cloudformation:eu-west-1:aws:transform/Serverless-2016-10-31'}",
    ] {
        assert_eq!(of(statement), Vec::<&str>::new(), "{statement}");
    }
    for (statement, code) in [
        ("{Effect: Allow, Action: 's3:GetObjects', Resource: '*'}", "unknown-action"),
        ("{Effect: Allow, Action: 's3:Gett*', Resource: '*'}", "unknown-action"),
        ("{Effect: Allow, Action: 'dynamodb2:Query', Resource: '*'}", "unknown-action"),
        ("{Effect: Allow, Action: 's3:GetObject', Resource: 'arn:aws:s3:::a'}", "action-resource"),
        ("{Effect: Allow, Action: 's3:PutObject', Resource: !GetAtt B.Arn}", "action-resource"),
        ("{Effect: Allow, Action: 's3:ListBucket', Resource: !Sub '${B.Arn}/*'}", "action-resource"),
        ("{Effect: Allow, Action: 'sns:Publish', Resource: 'arn:aws:sqs:eu-west-1:123456789012:a'}", "action-resource"),
        (
            "{Effect: Allow, Action: 'ecr:GetAuthorizationToken', Resource: 'arn:aws:ecr:eu-west-1:123456789012:repository/a'}",
            "action-resource",
        ),
        ("{Effect: Allow, Action: '*', Resource: '*'}", "action-resource"),
    ] {
        assert_eq!(of(statement), [code], "{statement}");
    }
}

#[test]
fn tag_is_set_once() {
    let of = |tags: &str| errors(&resource("AWS::SQS::Queue", &format!("{{Tags: {tags}}}")));
    assert_eq!(of("[{Key: a, Value: b}, {Key: A, Value: b}]"), Vec::<&str>::new());
    assert_eq!(of("[{Key: a, Value: b}, {Key: a, Value: c}]"), ["duplicate-item"]);
    assert_eq!(of("[{Key: a, Value: b}, {Key: a, Value: b}]"), ["duplicate-item"]);
}
