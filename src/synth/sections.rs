//! Sections of a template that the script writes as CloudFormation does.

use crate::block::Section;
use crate::cfn::{Map, Output, Template, Value};
use crate::diag::{Code, Diagnostic, Origin, Sink, WithOrigin};

/// Adds the entries of a section to a template. Returns the problems.
pub(super) fn add(template: &mut Template, section: &WithOrigin<Section>) -> Sink {
    let (origin, Section { name, value }) = (&section.origin, &section.value);
    // A transform is a name or a list of names.
    if name == "Transform" {
        return put(&mut template.other, name, value, origin).into_iter().collect();
    }
    let Value::Map(entries) = value else {
        let problem = wrong(origin, format!("the section `{name}` is a map of names and values"));
        return vec![problem.help(format!("write `.section(\"{name}\", #{{ Name: #{{ .. }} }})`"))];
    };
    match name.as_str() {
        "Conditions" => put_all(&mut template.conditions, entries, origin),
        "Mappings" => put_all(&mut template.mappings, entries, origin),
        "Outputs" => entries.iter().filter_map(|(name, body)| add_output(template, name, body, origin)).collect(),
        _ => {
            let mut whole = match template.other.get(name) {
                Some(Value::Map(before)) => before.clone(),
                _ => Map::new(),
            };
            let problems = put_all(&mut whole, entries, origin);
            template.other.insert(name.clone(), whole.into());
            problems
        }
    }
}

fn put_all(map: &mut Map, entries: &Map, origin: &Origin) -> Sink {
    entries.iter().filter_map(|(name, value)| put(map, name, value, origin)).collect()
}

fn put(map: &mut Map, name: &str, value: &Value, origin: &Origin) -> Option<Diagnostic> {
    let before = map.insert(name.to_owned(), value.clone())?;
    (before != *value)
        .then(|| wrong(origin, format!("the section has two entries `{name}`")).help("remove one of the two"))
}

fn add_output(template: &mut Template, name: &str, body: &Value, origin: &Origin) -> Option<Diagnostic> {
    let Some(value) = body.get("Value") else {
        let problem = wrong(origin, format!("the output `{name}` has no `Value`"));
        return Some(problem.help("write `#{ Value: value, Export: #{ Name: name } }`"));
    };
    let text = |key: &str| body.get(key).and_then(Value::as_str).map(str::to_owned);
    let output = Output {
        value: value.clone(),
        description: text("Description"),
        export: body.get("Export").and_then(|export| export.get("Name")).cloned(),
        condition: text("Condition"),
        origin: origin.clone(),
    };
    let before = template.outputs.insert(name.to_owned(), output.clone())?;
    (before.value != output.value).then(|| {
        let problem = Diagnostic::new(Code::DuplicateOutput, format!("two outputs are named `{name}`"));
        problem.at(origin, "the second").at(&before.origin, "the first").help("rename one of the two")
    })
}

fn wrong(origin: &Origin, message: String) -> Diagnostic {
    Diagnostic::new(Code::TemplateStructure, message).at(origin, "")
}
