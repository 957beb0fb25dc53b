use crate::scripted::{problems, property, resource, stack};

#[test]
fn bucket_that_a_permission_references_is_in_the_stack() {
    let app = stack(
        "let tiles = AWS::S3::Bucket(\"Tiles\", #{});\n\
         Stack(\"a\").add(FargateService(\"Web\").image(\"nginx:1\").allow(\"s3:GetObject\", `${tiles.Arn}/*`))",
    );
    assert_eq!(resource(&app, "Tiles").kind.as_str(), "AWS::S3::Bucket");
    let allowed = property(&app, "WebTaskRole", "Policies.0.PolicyDocument.Statement.0.Resource");
    assert_eq!(allowed, "{\"Fn::Sub\":\"${Tiles.Arn}/*\"}");
}

#[test]
fn references_of_a_referenced_resource_are_in_the_stack() {
    let app = stack(
        "let key = AWS::KMS::Key(\"Key\", #{ KeyPolicy: #{ Version: \"2012-10-17\", Statement: [#{ Effect: \"Allow\", \
         Principal: #{ AWS: `arn:aws:iam::${AWS::AccountId}:root` }, Action: \"kms:*\", Resource: \"*\" }] } });\n\
         let topic = AWS::SNS::Topic(\"Topic\", #{ KmsMasterKeyId: key.Arn });\n\
         Stack(\"a\").add(AWS::SQS::Queue(\"Queue\", #{})).output(\"Topic\", `${topic.TopicArn}`)",
    );
    assert!(app.template.resources.contains_key("Key"), "through the topic, through the output");
}

#[test]
fn resource_attributes_are_emitted_and_retain_covers_replacement() {
    let app = stack(
        "let first = AWS::SNS::Topic(\"First\", #{});\n\
         Stack(\"a\").add(AWS::S3::Bucket(\"Tiles\", #{}).deletion_policy(\"Retain\").depends_on(first))",
    );
    let tiles = resource(&app, "Tiles");
    assert_eq!(tiles.attributes["DeletionPolicy"].as_str(), Some("Retain"));
    assert_eq!(tiles.attributes["UpdateReplacePolicy"].as_str(), Some("Retain"));
    assert_eq!(tiles.depends_on, ["First".into()]);
    assert!(app.template.resources.contains_key("First"));
}

#[test]
fn two_different_blocks_with_one_name_are_reported_with_both_lines() {
    let text = "let one = AWS::S3::Bucket(\"Tiles\", #{});\nlet two = AWS::SQS::Queue(\"Tiles\", #{});\nStack(\"a\").add([one, two])";
    assert_eq!(problems(text), [("duplicate-name", vec!["Queue".to_owned(), "Bucket".to_owned()])]);
}

#[test]
fn equal_blocks_with_one_name_are_merged() {
    let app = stack("Stack(\"a\").add([AWS::S3::Bucket(\"Tiles\", #{}), AWS::S3::Bucket(\"Tiles\", #{})])");
    assert_eq!(app.template.resources.len(), 1);
}

#[test]
fn two_versions_of_one_alb_are_refused() {
    let text = "let old = Alb(\"Front\");\nlet web = FargateService(\"Web\").image(\"nginx:1\").behind(old);\n\
                let alb = old.listen(8080);\nStack(\"a\").add([web, alb])";
    let found = problems(text);
    assert_eq!(found[0].0, "duplicate-name", "{found:?}");
}

#[test]
fn referenced_older_version_means_the_one_in_the_stack() {
    let app = stack(
        "let old = Alb(\"Front\");\nlet name = `${old.dns_name}`;\nlet alb = old.listen(8080);\n\
         Stack(\"a\").add(FargateService(\"Web\").image(\"nginx:1\").behind(alb)).output(\"Name\", name)",
    );
    assert!(app.template.resources.contains_key("FrontListener8080"));
    assert!(!app.template.resources.contains_key("FrontListener80"));
}

#[test]
fn two_versions_that_are_only_referenced_are_refused() {
    let text = "let old = Vpc(\"Main\");\nlet later = old.azs(3);\n\
                Stack(\"a\").add(AWS::SQS::Queue(\"Q\", #{})).output(\"A\", `${old.id}`).output(\"B\", `${later.id}`)";
    let found = problems(text);
    assert_eq!(found[0].0, "conflicting-versions", "{found:?}");
}

#[test]
fn block_that_only_an_output_references_is_in_the_stack_with_its_dependencies() {
    let app = stack(
        "let web = FargateService(\"Web\").image(\"nginx:1\");\n\
         Stack(\"a\").add(AWS::SQS::Queue(\"Q\", #{})).output(\"Service\", `${web.arn}`)",
    );
    for id in ["WebService", "WebTask", "Cluster", "Vpc"] {
        assert!(app.template.resources.contains_key(id), "{id}");
    }
}

#[test]
fn stack_tags_are_on_all_taggable_resources() {
    let app = stack(
        "Stack(\"a\").tag(\"Team\", \"maps\").add([\n\
         AWS::S3::Bucket(\"Tiles\", #{ Tags: [#{ Key: \"Team\", Value: \"own\" }] }),\n\
         AWS::SSM::Parameter(\"Setting\", #{ Type: \"String\", Value: \"1\" }),\n\
         AWS::EC2::EIPAssociation(\"Address\", #{ EIP: \"203.0.113.7\" })])",
    );
    assert_eq!(property(&app, "Tiles", "Tags"), "[{\"Key\":\"Team\",\"Value\":\"own\"}]", "its own tag stays");
    assert_eq!(property(&app, "Setting", "Tags"), "{\"Team\":\"maps\"}");
    assert_eq!(property(&app, "Address", "Tags"), "nothing");
}

#[test]
fn invalid_names_of_outputs_and_stacks_are_refused() {
    let bucket = "AWS::S3::Bucket(\"Tiles\", #{})";
    let found = |text: &str| problems(text).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
    assert_eq!(found(&format!("Stack(\"a_b\").add({bucket})")), ["stack-name"]);
    assert_eq!(found(&format!("Stack(\"a\").add({bucket}).output(\"a b\", \"1\")")), ["output-name"]);
    assert_eq!(found("Stack(\"a\")"), ["empty-stack"]);
    let app = stack(&format!("Stack(\"a\").add({bucket}).export_output(\"tiles-name\", \"1\")"));
    assert_eq!(app.template.outputs["TilesName"].export.as_ref().and_then(|name| name.as_str()), Some("tiles-name"));
}
