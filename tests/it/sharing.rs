//! Several stacks: who makes what, and how the others reach it.

use crate::scripted::{problems, property, resource, stacks};
use rtiler::synth::DesiredStack;

const SHARED: &str = "let vpc = Vpc(\"Shared\");\nlet cluster = Cluster(\"Shared\").vpc(vpc);\n\
    let alb = Alb(\"Front\").vpc(vpc);\n\
    let one = FargateService(\"One\").image(\"nginx:1\").cluster(cluster).behind(alb, \"/one/*\");\n\
    let two = FargateService(\"Two\").image(\"nginx:1\").cluster(cluster).behind(alb);\n\
    [Stack(\"net\").add(cluster).add(alb), Stack(\"one\").add(one), Stack(\"two\").add(two).output(\"Url\", alb.url)]";

fn named<'a>(stacks: &'a [DesiredStack], name: &str) -> &'a DesiredStack {
    stacks.iter().find(|stack| stack.name == name).expect("the stack")
}

#[test]
fn block_of_one_stack_is_read_by_others_from_ssm_parameters() {
    let stacks = stacks(SHARED);
    let (net, one) = (named(&stacks, "net"), named(&stacks, "one"));
    assert_eq!(property(net, "SharedClusterShared", "Name"), "\"/rtiler/net/SharedCluster/Ref\"");
    assert_eq!(property(net, "SharedClusterShared", "Value"), "{\"Ref\":\"SharedCluster\"}");
    let parameter = &one.template.parameters["SharedCluster"].body;
    assert_eq!(parameter["Type"].as_str(), Some("AWS::SSM::Parameter::Value<String>"));
    assert_eq!(parameter["Default"].as_str(), Some("/rtiler/net/SharedCluster/Ref"));
    assert_eq!(property(one, "OneService", "Cluster"), "{\"Ref\":\"SharedCluster\"}");
}

#[test]
fn attributes_and_strings_cross_stacks() {
    let stacks = stacks(SHARED);
    let two = named(&stacks, "two");
    let source = property(two, "TwoServiceSecurityGroup", "SecurityGroupIngress.0.SourceSecurityGroupId");
    assert_eq!(source, "{\"Ref\":\"FrontAlbSecurityGroupGroupId\"}");
    let url = rtiler::cfn::emit::json::compact(&two.template.outputs["Url"].value);
    assert_eq!(url, "{\"Fn::Sub\":\"http://${FrontAlbDNSName}\"}");
}

#[test]
fn dependencies_of_an_added_block_belong_to_its_stack() {
    let stacks = stacks(SHARED);
    assert!(named(&stacks, "net").template.resources.contains_key("SharedVpc"), "the cluster's network");
    for name in ["one", "two"] {
        let made = named(&stacks, name).template.resources.values();
        assert_eq!(made.filter(|resource| resource.kind.as_str() == "AWS::EC2::VPC").count(), 0, "{name}");
    }
}

#[test]
fn reading_stack_comes_after_its_source_without_depends_on() {
    let stacks = stacks(SHARED);
    assert_eq!(named(&stacks, "one").after, ["net"]);
    assert!(named(&stacks, "net").after.is_empty());
    let waits = &resource(named(&stacks, "one"), "OneService").depends_on;
    assert_eq!(*waits, ["FrontAlbToOneService".into(), "OneFrontListenerRule80One".into()]);
}

#[test]
fn routes_of_different_stacks_have_distinct_priorities() {
    let stacks = stacks(SHARED);
    let rest = named(&stacks, "two");
    assert_eq!(
        property(rest, "FrontListener80RuleLast", "Priority"),
        "50000",
        "the requests that no other route takes"
    );
    assert_eq!(property(rest, "FrontListener80RuleLast", "Conditions.0.PathPatternConfig.Values"), "[\"/*\"]");
    let one = |stacks: &[DesiredStack]| property(named(stacks, "one"), "OneFrontListenerRule80One", "Priority");
    let both = crate::scripted::stacks(&SHARED.replace(".behind(alb);", ".behind(alb, \"/two/*\");"));
    let two = property(named(&both, "two"), "TwoFrontListenerRule80Two", "Priority");
    assert_eq!(one(&both), one(&stacks), "a route of another stack changes no priority");
    assert_ne!(one(&both), two);
}

#[test]
fn stacks_of_one_function_share_no_block() {
    let stacks = stacks(
        "fn app(stage) { let web = FargateService(\"Web\").image(\"nginx:1\"); Stack(`app-${stage}`).add(web).output(\"Arn\", web.arn) }\n\
         [app(\"dev\"), app(\"prod\")]",
    );
    for stack in &stacks {
        assert!(stack.after.is_empty());
        assert!(stack.template.resources.contains_key("Vpc"), "{}", stack.name);
        assert!(stack.template.parameters.is_empty());
    }
}

#[test]
fn each_stack_has_a_network_of_its_own_also_where_one_uses_a_service_of_the_other() {
    let stacks = stacks(
        "let api = FargateService(\"Api\").image(\"nginx:1\");\n\
         let web = FargateService(\"Web\").image(\"nginx:1\").env(\"API\", api.name);\n\
         let alarm = AWS::SQS::Queue(\"Late\").depends_on(api);\n\
         [Stack(\"web\").add(web).add(alarm), Stack(\"api\").add(api)]",
    );
    for stack in &stacks {
        assert!(stack.template.resources.contains_key("Vpc"), "{}", stack.name);
    }
    assert_eq!(named(&stacks, "web").after, ["api"]);
}

#[test]
fn load_balancer_of_services_in_the_network_of_another_stack_needs_a_network() {
    let text = "let alb = Alb(\"Front\");\nlet web = FargateService(\"Web\").image(\"nginx:1\").behind(alb);\n\
                [Stack(\"front\").add(alb), Stack(\"web\").add(web)]";
    assert_eq!(problems(text)[0], ("alb-without-network", vec!["Alb".to_owned(), "Stack".to_owned()]));
    let one = text
        .replace("Alb(\"Front\")", "Alb(\"Front\").vpc(net)")
        .replace("Stack(\"web\")", "Stack(\"web\").vpc(net)")
        .replace(".add(alb)", ".add(alb).add(net)");
    let one = format!("let net = Vpc(\"Net\");\n{one}");
    assert_eq!(problems(&one), []);
    let two = one.replace("Stack(\"web\").vpc(net)", "Stack(\"web\")");
    assert_eq!(problems(&two)[0].0, "alb-two-networks");
}

#[test]
fn block_of_two_stacks_that_is_not_added_to_exactly_one_is_refused() {
    let text = "let cluster = Cluster(\"Shared\");\nlet one = FargateService(\"One\").image(\"nginx:1\").cluster(cluster);\n\
                let two = FargateService(\"Two\").image(\"nginx:1\").cluster(cluster);\n[Stack(\"one\").add(one), Stack(\"two\").add(two)]";
    let words = ["Cluster", "Stack", "Stack"].map(str::to_owned).to_vec();
    assert_eq!(problems(text), [("shared-block", words)]);
    let twice = "let bucket = AWS::S3::Bucket(\"B\", #{});\n[Stack(\"one\").add(bucket), Stack(\"two\").add(bucket)]";
    assert_eq!(problems(twice), [("shared-block", ["add", "add", "Bucket"].map(str::to_owned).to_vec())]);
}

#[test]
fn bucket_referenced_by_two_stacks_and_added_to_none_is_refused() {
    let text = "let bucket = AWS::S3::Bucket(\"B\", #{});\n\
                let allow = |name| FargateService(name).image(\"nginx:1\").allow(\"s3:ListBucket\", bucket.Arn);\n\
                [Stack(\"one\").add(allow.call(\"One\")), Stack(\"two\").add(allow.call(\"Two\"))]";
    let found = problems(text);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].0, "shared-block");
}

#[test]
fn referenced_bucket_of_another_stack_is_read_from_there() {
    let stacks = stacks(
        "let bucket = AWS::S3::Bucket(\"B\", #{});\n\
         let web = FargateService(\"Web\").image(\"nginx:1\").env(\"BUCKET\", bucket).allow(\"s3:GetObject\", `${bucket.Arn}/*`);\n\
         [Stack(\"app\").add(web), Stack(\"data\").add(bucket)]",
    );
    let app = named(&stacks, "app");
    assert_eq!(app.after, ["data"]);
    let allowed = property(app, "WebTaskRole", "Policies.0.PolicyDocument.Statement.0.Resource");
    assert_eq!(allowed, "{\"Fn::Sub\":\"${BArn}/*\"}");
    assert_eq!(property(app, "WebTask", "ContainerDefinitions.0.Environment.0.Value"), "{\"Ref\":\"B\"}");
}

#[test]
fn parameter_is_declared_by_each_stack_that_uses_it() {
    let stacks = stacks(
        "fn web(name, tag) { FargateService(name).image(\"nginx:1\").env(\"TAG\", tag) }\nlet tag = parameter(\"Tag\");\n\
         [Stack(\"one\").add(web(\"One\", tag)), Stack(\"two\").add(web(\"Two\", tag))]",
    );
    assert!(stacks.iter().all(|stack| stack.template.parameters.contains_key("Tag") && stack.after.is_empty()));
}

#[test]
fn block_shared_across_regions_is_refused() {
    let text = SHARED.replace("Stack(\"one\")", "Stack(\"one\").region(\"eu-west-1\")");
    let codes: Vec<&str> = problems(&text).into_iter().map(|(code, _)| code).collect();
    assert!(!codes.is_empty() && codes.iter().all(|code| *code == "shared-across-regions"), "{codes:?}");
}

#[test]
fn stacks_that_depend_on_each_other_are_refused() {
    let text = "let a = AWS::S3::Bucket(\"A\", #{});\nlet b = AWS::S3::Bucket(\"B\", #{});\n\
                [Stack(\"one\").add(a).output(\"B\", b.Arn), Stack(\"two\").add(b).output(\"A\", a.Arn)]";
    assert_eq!(problems(text), [("stack-cycle", vec!["Stack".to_owned(), "Stack".to_owned()])]);
}

#[test]
fn after_orders_two_stacks() {
    let text = "let one = Stack(\"one\").add(AWS::S3::Bucket(\"A\", #{}));\n\
                let two = Stack(\"two\").add(AWS::S3::Bucket(\"B\", #{})).after(one);\n";
    assert_eq!(named(&stacks(&format!("{text}[two, one]")), "two").after, ["one"]);
    assert_eq!(problems(&format!("{text}two")), [("unknown-stack", vec!["after".to_owned()])]);
}

#[test]
fn two_stacks_with_one_name_are_refused() {
    let text = "[Stack(\"a\").add(AWS::S3::Bucket(\"A\", #{})), Stack(\"a\").add(AWS::S3::Bucket(\"B\", #{}))]";
    assert_eq!(problems(text), [("duplicate-stack", vec!["Stack".to_owned(), "Stack".to_owned()])]);
}
