//! TiTiler's stack against the template that the CDK makes of it.
//!
//! Both templates become graphs: resources of a type with properties, whose references are edges. Logical ids do not
//! count. `meant` turns the CDK's template into the one that we want, by a list of differences with a reason for each;
//! `forms` brings both into one form where two forms mean the same; `graph` pairs their resources.

mod forms;
mod graph;
mod intended;

use rtiler::cfn::emit;
use serde_json::{Map, Value};

use crate::scripted::scripted;
use graph::Graph;

const APP: &str = include_str!("../../../scripts/app.rhai");
const CDK: &str = include_str!("../../data/reference/titiler.template.json");
const SETTINGS: [(&str, &str); 2] = [("name", "mytiler"), ("stage", "dev")];

/// The part of a template that a path leads to, by logical ids and keys.
type Resources = Map<String, Value>;

fn ours() -> Value {
    let stacks = scripted(APP, &SETTINGS).report.value.expect("no errors");
    serde_json::from_str(&emit::json(&stacks[0].template)).expect("JSON")
}

fn wanted() -> Value {
    let mut template: Value = serde_json::from_str(CDK).expect("JSON");
    intended::apply(&mut template);
    template
}

/// Returns the differences as sentences; none if both mean the same.
fn differences(ours: &Value, wanted: &Value) -> Vec<String> {
    let graph = |template: &Value| Graph::of(&forms::one_form(template));
    graph(ours).differences(&graph(wanted))
}

#[test]
fn titiler_stack_equals_the_cdk_stack_except_for_intended_differences() {
    let found = differences(&ours(), &wanted());
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn service_address_is_an_output() {
    let url = |template: &Value, output: &str| {
        let template = forms::one_form(template);
        Graph::of(&template).described(&template["Outputs"][output]["Value"])
    };
    assert_eq!(url(&ours(), "Endpoint"), url(&wanted(), "mytilerecsdevserviceServiceURL519DE44A"));
}

#[test]
fn removed_property_fails_the_comparison() {
    let (ours, wanted) = (ours(), wanted());
    for (id, resource) in ours["Resources"].as_object().unwrap() {
        for property in resource["Properties"].as_object().into_iter().flat_map(Map::keys) {
            let mut without = ours.clone();
            without["Resources"][id]["Properties"].as_object_mut().unwrap().shift_remove(property);
            assert!(!differences(&without, &wanted).is_empty(), "`{property}` of `{id}` is not missed");
        }
    }
}

#[test]
fn changed_reference_fails_the_comparison() {
    let mut crossed = ours();
    let routes = &mut crossed["Resources"];
    routes["TitilerVpcPrivateSubnet1DefaultRoute"]["Properties"]["NatGatewayId"]["Ref"] =
        "TitilerVpcPublicSubnet2NatGateway".into();
    assert!(!differences(&crossed, &wanted()).is_empty());
}

#[test]
fn titiler_stack_has_the_expected_warnings_only() {
    let scripted = scripted(APP, &SETTINGS);
    let codes: Vec<&str> = scripted.report.problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes, ["mutable-image-tag", "low-request-target"], "{}", scripted.shown());
}

#[test]
fn service_without_a_dependency_on_its_listener_fails_the_comparison() {
    let mut hasty = ours();
    hasty["Resources"]["TitilerService"].as_object_mut().unwrap().shift_remove("DependsOn");
    let found = differences(&hasty, &wanted());
    assert!(found.iter().any(|difference| difference.contains("Listener")), "{found:?}");
}
