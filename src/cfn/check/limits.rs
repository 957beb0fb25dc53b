//! Limits of a template, and the form of its names.
//!
//! Source: "CloudFormation quotas" in the user guide.

use super::context::CheckContext;
use crate::cfn::{PathSegment, PropertyPath, Template};
use crate::diag::{Code, Diagnostic, Origin, Severity, Sink};

const RESOURCES: usize = 500;
/// Parameters, outputs, mappings, and attributes of one mapping.
const ENTRIES: usize = 200;
const NAME_LENGTH: usize = 255;
const DESCRIPTION_BYTES: usize = 1024;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let template = scope.template;
    let place = |section: &str| template.origin_of(&PropertyPath::attribute(section));
    count("resources", template.resources.len(), RESOURCES, &place("Resources"), sink);
    count("parameters", template.parameters.len(), ENTRIES, &place("Parameters"), sink);
    count("mappings", template.mappings.len(), ENTRIES, &place("Mappings"), sink);
    count("outputs", template.outputs.len(), ENTRIES, &place("Outputs"), sink);
    names(scope, sink);
    if let Some(description) = template.description.as_ref().filter(|text| text.len() > DESCRIPTION_BYTES) {
        let message = format!("the description has {} bytes, and may have {DESCRIPTION_BYTES}", description.len());
        sink.push(Diagnostic::new(Code::DescriptionLength, message).at(&place("Description"), ""));
    }
}

/// The number of times that a template may be over its limits and is still checked.
const BEYOND: usize = 2;

/// Returns whether a template is so far over its limits that nothing else about it is worth the time.
pub(super) fn far_beyond(template: &Template) -> bool {
    let entries = [template.parameters.len(), template.mappings.len(), template.outputs.len()];
    template.resources.len() > BEYOND * RESOURCES || entries.iter().any(|found| *found > BEYOND * ENTRIES)
}

/// Creates the warning about a template of which only the limits are checked.
pub(super) fn not_checked() -> Diagnostic {
    let message = "the template is far over the limits of CloudFormation: nothing else is checked";
    Diagnostic::new(Code::TemplateLimit, message).as_warning().help("split the stack first")
}

fn count(what: &str, found: usize, most: usize, origin: &Origin, sink: &mut Sink) {
    if found > most {
        let message = format!("the template has {found} {what}, and may have {most}");
        let problem = Diagnostic::new(Code::TemplateLimit, message).at(origin, "");
        sink.push(problem.help("split the stack into two or more"));
    }
}

fn names(scope: &CheckContext<'_>, sink: &mut Sink) {
    let template = scope.template;
    let outside = |section: &str, name: &str| {
        template.origin_of(&PropertyPath(vec![PathSegment::Key(section.to_owned()), PathSegment::Key(name.to_owned())]))
    };
    for (id, resource) in &template.resources {
        name("resource", id.as_str(), || resource.origin.clone(), sink);
    }
    for (id, parameter) in &template.parameters {
        name("parameter", id.as_str(), || parameter.origin.clone(), sink);
    }
    for (id, output) in &template.outputs {
        name("output", id, || output.origin.clone(), sink);
    }
    for id in template.mappings.keys().filter(|id| !id.starts_with("Fn::")) {
        name("mapping", id, || outside("Mappings", id), sink);
    }
    for id in template.conditions.keys().filter(|id| !id.starts_with("Fn::")) {
        // CloudFormation accepts more characters here than it documents.
        let plain: String = id.chars().filter(|c| *c != '_' && *c != '&').collect();
        let before = sink.len();
        name("condition", if plain.is_empty() { id } else { &plain }, || outside("Conditions", id), sink);
        for problem in &mut sink[before..] {
            problem.severity = Severity::Warning;
            problem.message = format!("`{id}` is not a documented name of a condition");
            problem.hints = vec!["use ASCII letters and digits alone".into()];
        }
    }
}

fn name(what: &str, name: &str, origin: impl Fn() -> Origin, sink: &mut Sink) {
    let alphanumeric = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !alphanumeric {
        let message = format!("`{name}` cannot be the name of a {what}");
        let problem = Diagnostic::new(Code::LogicalId, message).at(&origin(), "");
        sink.push(problem.help("names inside a template have ASCII letters and digits alone"));
    } else if name.len() > NAME_LENGTH {
        let message = format!("the name of a {what} has {} characters, and may have {NAME_LENGTH}", name.len());
        sink.push(Diagnostic::new(Code::LogicalId, message).at(&origin(), ""));
    }
}
