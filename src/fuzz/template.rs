//! Templates of any origin: read, checked, written and compared.

use arbitrary::Unstructured;

use super::{Allocated, NAME, assert_shown, generate};
use crate::cfn::schema::Schema;
use crate::cfn::{Template, check, diff, emit, graph, parse};
use crate::diag::SourceMap;

/// Reads an input as the text of a template.
pub(super) fn text(input: &[u8], _: Allocated) {
    match parse::decode(NAME, input) {
        Ok(text) => assert_sound(text),
        Err(problem) => assert_shown(&[problem], &SourceMap::default()),
    }
}

/// Makes a template of real resource types from an input: as JSON and as YAML, which mean the same.
pub(super) fn generated(input: &[u8], _: Allocated) {
    let Ok(template) = generate::template(&mut Unstructured::new(input)) else { return };
    let json = serde_json::to_string_pretty(&template).expect("a value is written as JSON");
    assert_sound(&json);
    if let Some(read) = parse::template("input.json", &json).value {
        assert_sound(&emit::yaml(&read));
    }
}

/// Asserts what holds for every text: its problems have places, and what could be read is written as the same template.
fn assert_sound(text: &str) {
    let schema = Schema::embedded();
    let mut sources = SourceMap::default();
    sources.add(NAME, text);
    assert_shown(&check::file(NAME, text, schema), &sources);
    let Some(template) = parse::template(NAME, text).value else { return };
    assert_written_alike(&template);
    let order = graph::Graph::of(&template).order();
    match order {
        Ok(order) => assert_eq!(order.len(), template.resources.len(), "the order has every resource"),
        Err(cycles) => assert!(cycles.iter().all(|cycle| !cycle.members.is_empty()), "a cycle has resources"),
    }
    assert!(diff::templates(&template, &template, Some(schema)).is_empty(), "a template differs from itself");
}

/// Asserts that a template that was written as JSON and as YAML is read as the same template.
pub(super) fn assert_written_alike(template: &Template) {
    let json = emit::json(template);
    let from_json = read_again("input.json", &json);
    assert_eq!(emit::json(&from_json), json, "JSON is read as another template");
    let yaml = emit::yaml(&from_json);
    let from_yaml = read_again("input.yaml", &yaml);
    assert_eq!(emit::json(&from_yaml), json, "YAML is read as another template:\n{yaml}");
    assert_eq!(emit::yaml(&from_yaml), yaml, "YAML is written in another form");
}

fn read_again(name: &str, text: &str) -> Template {
    let read = parse::template(name, text);
    let problems: Vec<&str> = read.problems.iter().map(|problem| problem.message.as_str()).collect();
    assert!(read.value.is_some(), "what was written cannot be read: {problems:?}\n{text}");
    read.value.unwrap_or_default()
}
