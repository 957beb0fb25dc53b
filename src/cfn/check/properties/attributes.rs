//! Attributes that are read with `Fn::GetAtt`, in every place: in properties, in outputs, inside functions.

use crate::cfn::schema::{Schema, TypeSchema};
use crate::cfn::{Function, Intrinsic, Map, PathSegment, PropertyPath, Ref, Segment, Template, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Origin, Suggestions};

/// Reports every reference to an attribute that its resource's type does not have.
pub(super) fn check(template: &Template, schema: &Schema, suggestions: &Suggestions, problems: &mut Vec<Diagnostic>) {
    let mut search = Search { template, schema, suggestions, path: Vec::new(), problems };
    for resource in template.resources.values() {
        for (sections, prefix) in [(&resource.properties, Some("Properties")), (&resource.attributes, None)] {
            for (name, value) in sections {
                search.path =
                    prefix.into_iter().chain([name.as_str()]).map(|key| PathSegment::Key(key.to_owned())).collect();
                search.value(value, &|path| resource.origin_of(path).clone());
            }
        }
    }
    for output in template.outputs.values() {
        search.path.clear();
        search.value(&output.value, &|_| output.origin.clone());
        output.export.iter().for_each(|export| search.value(export, &|_| output.origin.clone()));
    }
}

struct Search<'a, 'p> {
    template: &'a Template,
    schema: &'a Schema,
    suggestions: &'a Suggestions,
    path: Vec<PathSegment>,
    problems: &'p mut Vec<Diagnostic>,
}

type Place<'f> = &'f dyn Fn(&PropertyPath) -> Origin;

impl Search<'_, '_> {
    fn value(&mut self, value: &Value, place: Place<'_>) {
        match value {
            Value::Text(text) => self.text(text, None, place),
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    self.inside(PathSegment::Index(at), item, place);
                }
            }
            Value::Map(map) => {
                for (name, item) in map {
                    self.inside(PathSegment::Key(name.clone()), item, place);
                }
            }
            Value::Call(call) => self.call(call, place),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
        }
    }

    fn inside(&mut self, step: PathSegment, value: &Value, place: Place<'_>) {
        self.path.push(step);
        self.value(value, place);
        self.path.pop();
    }

    /// Visits a function call; the text of an `Fn::Sub` with variables of its own is still a plain string here.
    fn call(&mut self, call: &Intrinsic, place: Place<'_>) {
        if let (Function::Sub, Some([text, variables])) = (call.function, call.argument.as_list()) {
            if let Some(text) = text.as_str() {
                self.text(&TemplateString::from_sub(text), variables.as_map(), place);
            }
            return self.value(variables, place);
        }
        self.value(&call.argument, place);
    }

    fn text(&mut self, text: &TemplateString, own: Option<&Map>, place: Place<'_>) {
        for piece in text.pieces() {
            match piece {
                Segment::Literal(_) => {}
                Segment::Ref(reference) if own.is_some_and(|own| own.contains_key(&reference.to_string())) => {}
                Segment::Ref(reference) => self.reference(reference, place),
                Segment::Call(call) => self.call(call, place),
            }
        }
    }

    fn reference(&mut self, reference: &Ref, place: Place<'_>) {
        let Some(name) = &reference.attribute else { return };
        let Some((kind, type_name)) = self.kind_of(reference) else { return };
        if kind.attribute(name).is_none() {
            let origin = place(&PropertyPath(self.path.clone()));
            let problem = unknown(&kind, type_name.as_str(), reference, name, self.suggestions);
            self.problems.push(problem.at(&origin, format!("not an attribute of `{type_name}`")));
        }
    }

    fn kind_of(&self, reference: &Ref) -> Option<(TypeSchema<'_>, String)> {
        let name = self.template.resources.get(reference.id.as_str())?.kind.as_str();
        // SAM gives its resources more attributes than their schemas have (`Version.FunctionArn`).
        if name.starts_with("AWS::Serverless::") {
            return None;
        }
        let name = if name.starts_with("Custom::") { "AWS::CloudFormation::CustomResource" } else { name };
        Some((self.schema.get(name)?, name.to_owned()))
    }
}

fn unknown(
    kind: &TypeSchema<'_>,
    type_name: &str,
    reference: &Ref,
    name: &str,
    suggestions: &Suggestions,
) -> Diagnostic {
    let names: Vec<_> = kind.attributes().iter().map(|attribute| attribute.name).collect();
    let problem = Diagnostic::new(Code::UnknownAttribute, format!("`{}` has no attribute `{name}`", reference.id))
        .help_if(suggestions.did_you_mean(name, names.iter().copied()));
    if names.is_empty() {
        return problem.help(format!("`{type_name}` has no attributes; a `Ref` gives its identifier"));
    }
    problem.help(format!("its attributes are {}", super::messages::listed_for(name, &names, suggestions)))
}
