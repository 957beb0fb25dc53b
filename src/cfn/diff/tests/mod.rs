use super::*;
use crate::cfn::emit::json::to_json;
use crate::cfn::schema::CreateOnly;
use crate::cfn::{Function, Intrinsic, Ref, Resource, Segment, TemplateString};
use crate::diag::Origin;

fn resource(kind: &str) -> Resource {
    Resource::new(kind, Origin::unknown())
}

fn template<const N: usize>(resources: [(&str, Resource); N]) -> Template {
    let resources = resources.into_iter().map(|(id, resource)| (id.into(), resource)).collect();
    Template { resources, ..Template::default() }
}

fn network(cidr: &str) -> Template {
    template([
        ("Vpc", resource("AWS::EC2::VPC").with("CidrBlock", cidr)),
        ("Subnet", resource("AWS::EC2::Subnet").with("VpcId", Ref::to("Vpc")).with("CidrBlock", "10.0.1.0/24")),
        ("Logs", resource("AWS::Logs::LogGroup").with("RetentionInDays", 30_i64)),
    ])
}

fn diff(before: &Template, after: &Template) -> TemplateDiff {
    templates(before, after, Some(Schema::embedded()))
}

#[test]
fn number_written_as_a_string_makes_no_difference() {
    let mut spelled = network("10.0.0.0/16");
    spelled.resources["Logs"].properties.insert("RetentionInDays".to_owned(), "30".into());
    assert!(diff(&network("10.0.0.0/16"), &spelled).is_empty());
}

#[test]
fn parsed_template_equals_the_emitted_one() {
    let import = Intrinsic::new(Function::ImportValue, "shared-bucket");
    let texts = [
        TemplateString::from("http://").with(Ref::attribute("Alb", "DNSName")),
        TemplateString::from("arn:aws:s3:::").with(Segment::Call(Box::new(import))).with("/*"),
        TemplateString::from("${ZONE:-").with(Ref::to("AWS::Region")).with("}"),
    ];
    for text in texts.map(Value::Text) {
        let read = Value::from_json(&to_json(&text));
        assert_eq!((compare(&text, &read), compare(&read, &text)), (None, None), "{text:?}");
        assert!(compare(&Value::from("http://${Alb.DNSName}"), &read).is_some());
    }
}

#[test]
fn replacement_propagates_to_referring_resources() {
    let found = diff(&network("10.0.0.0/16"), &network("10.1.0.0/16"));
    assert!(matches!(found.resource("Vpc").unwrap().change, ChangeKind::Replaced { delete_first: false }));
    let subnet = found.resource("Subnet").unwrap();
    assert_eq!(subnet.change, ChangeKind::PerhapsReplaced);
    assert_eq!(subnet.causes[0].through, Some("Vpc".into()));
    assert!(found.resource("Logs").is_none());
}

#[test]
fn updatable_property_is_modified_in_place() {
    let mut after = network("10.0.0.0/16");
    after.resources["Logs"].properties.insert("RetentionInDays".to_owned(), 90_i64.into());
    let found = diff(&network("10.0.0.0/16"), &after);
    let logs = found.resource("Logs").unwrap();
    assert_eq!((&logs.change, logs.causes[0].recreation), (&ChangeKind::Modified, CreateOnly::No));
    assert_eq!(found.resources.len(), 1);
}

#[test]
fn added_and_removed_resources_are_listed_with_removals_last() {
    let mut after = network("10.0.0.0/16");
    after.resources.shift_remove("Subnet");
    after.resources.insert("Cluster".into(), resource("AWS::ECS::Cluster"));
    let changes: Vec<_> = diff(&network("10.0.0.0/16"), &after).resources.into_iter().map(|diff| diff.change).collect();
    assert_eq!(changes, [ChangeKind::Added, ChangeKind::Removed]);
}

#[test]
fn environment_variables_are_compared_by_name() {
    let before = crate::cfn!([crate::cfn!({ "Name": "A", "Value": "1" }), crate::cfn!({ "Name": "B", "Value": "2" })]);
    let after = crate::cfn!([crate::cfn!({ "Name": "B", "Value": "3" }), crate::cfn!({ "Name": "A", "Value": "1" })]);
    let Some(Change::Within(entries)) = compare(&before, &after) else { panic!("they differ") };
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].name.as_deref(), Some("B"));
    let leaves = entries[0].change.leaves();
    assert_eq!((leaves.len(), leaves[0].after.and_then(Value::as_str)), (1, Some("3")));
}

#[test]
fn each_output_is_compared_separately() {
    let output = |value: &str| crate::cfn::Output {
        value: value.into(),
        description: None,
        export: None,
        condition: None,
        origin: Origin::unknown(),
    };
    let mut after = network("10.0.0.0/16");
    after.outputs.insert("Endpoint".to_owned(), output("here"));
    let found = diff(&network("10.0.0.0/16"), &after);
    let Change::Within(outputs) = &found.sections[0].change else { panic!("the first output of all is one of them") };
    assert_eq!(outputs[0].step, crate::cfn::PathSegment::Key("Endpoint".to_owned()));
}

#[test]
fn outputs_are_a_separate_section() {
    let mut after = network("10.0.0.0/16");
    after.description = Some("a network".to_owned());
    let found = diff(&network("10.0.0.0/16"), &after);
    assert!(found.resources.is_empty());
    assert_eq!(found.sections[0].step, crate::cfn::PathSegment::Key("Description".to_owned()));
}
