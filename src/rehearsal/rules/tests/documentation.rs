//! `docs/rehearsal.md` has the table of the rules as they are in the code.

use std::collections::BTreeMap;

use crate::rehearsal::rules::{RULES, counted_types, task_start};

/// Returns the table of the types of each service with the number of their rules, and the totals.
fn table() -> String {
    let mut services: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    let counts = counted_types();
    for (kind, rules) in &counts {
        let (service, name) = kind.trim_start_matches("AWS::").split_once("::").expect("a type of AWS");
        services.entry(service).or_default().push(format!("`{name}` {rules}"));
    }
    let rows: Vec<String> =
        services.iter().map(|(service, types)| format!("| {service} | {} |", types.join(", "))).collect();
    let rules = RULES.iter().map(|rules| rules.len()).sum::<usize>() + task_start::RULES.len();
    format!(
        "| service | rules of its types |\n|---|---|\n{}\n\n{rules} rules, {} types.",
        rows.join("\n"),
        counts.len()
    )
}

#[test]
fn table_of_rules_in_the_documentation_is_that_of_the_code() {
    let page = include_str!("../../../../docs/rehearsal.md");
    assert!(page.contains(&table()), "docs/rehearsal.md needs this table:\n\n{}", table());
}

#[test]
fn each_rule_is_about_a_type_of_the_schema() {
    for kind in counted_types().keys() {
        assert!(crate::cfn::schema::Schema::embedded().contains(kind), "{kind}");
    }
}

#[test]
fn types_without_rules_are_found_in_a_template() {
    let body = "Resources:\n  Acl: {Type: AWS::WAFv2::WebACL}\n  Bucket: {Type: AWS::S3::Bucket}\n  Own: {Type: Custom::Own}\n";
    let template = crate::cfn::parse::template("web", body).value.expect("a template");
    assert_eq!(crate::rehearsal::types_without_rules(&template), ["AWS::WAFv2::WebACL", "Custom::Own"]);
}
