//! The tree of a text as the sections of a template.

use super::node::{Key, Kind, Node, to_map};
use super::shape::{entries, is_expanded, objects, text};
use super::{ParseContext, resource};
use crate::cfn::{Output, Parameter, PathSegment, PropertyPath, Template};
use crate::diag::{Code, Diagnostic, did_you_mean};

/// Returns the template of a tree; nothing where the tree is not an object.
pub(super) fn read(node: &Node, reader: &mut ParseContext) -> Option<Template> {
    let Kind::Map(sections) = &node.kind else {
        reader.shape(node, "a template", "an object with a section `Resources`");
        return None;
    };
    let mut template = Template::default();
    for (key, node) in sections {
        section(&mut template, key, node, reader);
    }
    template.replaced = std::mem::take(&mut reader.replaced);
    Some(template)
}

fn section(template: &mut Template, key: &Key, node: &Node, reader: &mut ParseContext) {
    if key.name != "Resources" {
        node.mark_at(PathSegment::Key(key.name.clone()), key.at, &mut Vec::new(), &mut template.origins, reader);
    }
    match key.name.as_str() {
        "Description" => match node.as_str() {
            Some(text) => template.description = Some(text.to_owned()),
            None => reader.shape(node, "`Description`", "a string"),
        },
        "Parameters" => objects(key, node, reader, |key, body, reader| {
            let parameter = Parameter { body: to_map(body), origin: reader.origin(key.at) };
            template.parameters.insert(key.name.as_str().into(), parameter);
        }),
        "Mappings" => objects(key, node, reader, |key, body, _| {
            template.mappings.insert(key.name.clone(), to_map(body).into());
        }),
        "Conditions" => entries(key, node, reader, |key, node, _| {
            template.conditions.insert(key.name.clone(), node.to_value());
        }),
        "Resources" => resources(template, key, node, reader),
        "Outputs" => objects(key, node, reader, |key, body, reader| {
            template.outputs.insert(key.name.clone(), output(key, body, reader));
        }),
        _ => {
            template.other.insert(key.name.clone(), node.to_value());
        }
    }
}

fn resources(template: &mut Template, section: &Key, node: &Node, reader: &mut ParseContext) {
    template.origins.push(PropertyPath::attribute("Resources"), reader.origin(section.at));
    entries(section, node, reader, |key, node, reader| match node.as_map() {
        _ if is_expanded(&key.name) => {
            template.other.insert(key.name.clone(), node.to_value());
        }
        Some(body) => {
            template.resources.insert(key.name.as_str().into(), resource::read(key, node, body, reader));
        }
        None => reader.shape(node, &format!("the resource `{}`", key.name), "an object with a `Type`"),
    });
}

const OUTPUT_KEYS: [&str; 4] = ["Description", "Value", "Export", "Condition"];

fn output(key: &Key, body: &[(Key, Node)], reader: &mut ParseContext) -> Output {
    let origin = reader.origin(key.at);
    let mut output =
        Output { value: crate::cfn::Value::Null, description: None, export: None, condition: None, origin };
    for (name, node) in body {
        match name.name.as_str() {
            "Value" => output.value = node.to_value(),
            "Description" => output.description = text(name, node, reader),
            "Condition" => output.condition = text(name, node, reader),
            "Export" => match node.as_map() {
                Some([(inner, value)]) if inner.name == "Name" => output.export = Some(value.to_value()),
                _ => reader.shape(node, "`Export`", "an object with just a `Name`"),
            },
            other => {
                let problem = Diagnostic::new(Code::UnknownOutputKey, format!("an output has no `{other}`"))
                    .help_if(did_you_mean(other, OUTPUT_KEYS));
                reader.report(problem, name.at, "");
            }
        }
    }
    if !body.iter().any(|(name, _)| name.name == "Value") {
        let problem = Diagnostic::new(Code::OutputValue, format!("the output `{}` has no `Value`", key.name));
        reader.report(problem, key.at, "");
    }
    output
}
