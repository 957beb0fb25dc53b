//! TiTiler's stack against the template that the CDK makes of it.

use crate::scripted::scripted;

const APP: &str = include_str!("../../scripts/app.rhai");
const SETTINGS: [(&str, &str); 2] = [("name", "mytiler"), ("stage", "dev")];

#[test]
fn the_stack_of_titiler_has_what_its_script_deserves_and_no_more() {
    let scripted = scripted(APP, &SETTINGS);
    let codes: Vec<&str> = scripted.report.problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["mutable-image-tag", "low-request-target"], "{}", scripted.shown());
    assert!(scripted.report.value.is_some());
}
