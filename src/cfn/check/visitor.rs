//! A walk over every value of a template, with the path to each.

use crate::cfn::{PathSegment, PropertyPath, Ref, Resource, Segment, Template, Value};
use crate::diag::Origin;

/// The part of a template that a value belongs to.
#[derive(Clone, Copy)]
pub(super) enum ValueOwner<'a> {
    /// A resource.
    Resource(&'a Resource),
    /// A condition, by name.
    Condition(&'a str),
    /// An output, by name.
    Output(&'a str, &'a crate::cfn::Output),
}

/// The path to a value: a list on the stack, so that a walk allocates nothing.
#[derive(Clone, Copy)]
pub(super) struct ValuePath<'a> {
    whole: ValueOwner<'a>,
    template: &'a Template,
    before: Option<&'a ValuePath<'a>>,
    step: StepTo<'a>,
}

#[derive(Clone, Copy)]
enum StepTo<'a> {
    Start,
    Key(&'a str),
    Index(usize),
}

impl<'a> ValuePath<'a> {
    pub(super) fn whole(&self) -> ValueOwner<'a> {
        self.whole
    }

    /// Returns the keys on the way, innermost first; the names of functions are among them.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        std::iter::successors(Some(*self), |trail| trail.before.copied()).filter_map(|trail| match trail.step {
            StepTo::Key(key) => Some(key),
            StepTo::Index(_) | StepTo::Start => None,
        })
    }

    /// Returns whether the value is inside a function of this name.
    pub(super) fn is_inside(&self, function: &str) -> bool {
        self.keys().any(|key| key == function)
    }

    /// Returns the property of the resource on the way, outermost.
    pub(super) fn property(&self) -> Option<&'a str> {
        let keys: Vec<&str> = self.keys().collect();
        match keys.as_slice() {
            [.., property, "Properties"] => Some(property),
            _ => None,
        }
    }

    /// Returns the nearest known place.
    pub(super) fn origin(&self) -> Origin {
        match self.whole {
            ValueOwner::Resource(resource) => resource.origin_of(&self.path(Vec::new())).clone(),
            ValueOwner::Condition(name) => self.outside(&["Conditions", name]),
            ValueOwner::Output(name, output) => {
                let origin = self.outside(&["Outputs", name]);
                if origin.is_known() { origin } else { output.origin.clone() }
            }
        }
    }

    /// Returns the nearest known place of a function that is the value.
    pub(super) fn origin_of_function(&self, name: &str) -> Origin {
        self.then(StepTo::Key(name)).origin()
    }

    fn outside(&self, start: &[&str]) -> Origin {
        self.template.origin_of(&self.path(start.iter().map(|key| PathSegment::Key((*key).to_owned())).collect()))
    }

    /// Returns the steps from the whole, after those given.
    pub(super) fn path(&self, mut steps: Vec<PathSegment>) -> PropertyPath {
        let at = steps.len();
        std::iter::successors(Some(self), |trail| trail.before).for_each(|trail| match trail.step {
            StepTo::Key(key) => steps.push(PathSegment::Key(key.to_owned())),
            StepTo::Index(index) => steps.push(PathSegment::Index(index)),
            StepTo::Start => {}
        });
        steps[at..].reverse();
        PropertyPath(steps)
    }

    fn then<'b>(&'b self, step: StepTo<'b>) -> ValuePath<'b>
    where
        'a: 'b,
    {
        ValuePath { whole: self.whole, template: self.template, before: Some(self), step }
    }
}

/// Calls `visit` with every value of resources, conditions and outputs, the outer before the inner.
pub(super) fn walk(template: &Template, visit: &mut impl FnMut(&Value, &ValuePath<'_>)) {
    let start = |whole| ValuePath { whole, template, before: None, step: StepTo::Start };
    for resource in template.resources.values() {
        let start = start(ValueOwner::Resource(resource));
        let properties = start.then(StepTo::Key("Properties"));
        resource.properties.iter().for_each(|(name, value)| inside(value, &properties.then(StepTo::Key(name)), visit));
        resource.attributes.iter().for_each(|(name, value)| inside(value, &start.then(StepTo::Key(name)), visit));
    }
    for (name, value) in &template.conditions {
        inside(value, &start(ValueOwner::Condition(name)), visit);
    }
    for (name, output) in &template.outputs {
        let start = start(ValueOwner::Output(name, output));
        inside(&output.value, &start.then(StepTo::Key("Value")), visit);
        if let Some(export) = &output.export {
            inside(export, &start.then(StepTo::Key("Export")).then(StepTo::Key("Name")), visit);
        }
    }
}

fn inside(value: &Value, trail: &ValuePath<'_>, visit: &mut impl FnMut(&Value, &ValuePath<'_>)) {
    visit(value, trail);
    match value {
        Value::List(items) => each_item(items, trail, visit),
        Value::Map(map) => map.iter().for_each(|(key, value)| inside(value, &trail.then(StepTo::Key(key)), visit)),
        Value::Call(call) => inside(&call.argument, &trail.then(StepTo::Key(call.function.name())), visit),
        Value::Text(text) => text.pieces().iter().for_each(|piece| {
            if let Segment::Call(call) = piece {
                inside(&call.argument, &trail.then(StepTo::Key(call.function.name())), visit);
            }
        }),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

fn each_item(items: &[Value], trail: &ValuePath<'_>, visit: &mut impl FnMut(&Value, &ValuePath<'_>)) {
    items.iter().enumerate().for_each(|(at, item)| inside(item, &trail.then(StepTo::Index(at)), visit));
}

/// Calls `visit` with every reference of a value itself: those of nested values are visited on their own.
pub(super) fn own_refs(value: &Value, visit: &mut impl FnMut(&Ref)) {
    match value {
        Value::Text(text) => text.refs().for_each(visit),
        Value::Call(call) => {
            if let Some((text, variables)) = call.substitution() {
                let own = |reference: &Ref| variables.contains_key(reference.to_string().as_str());
                crate::cfn::TemplateString::from_sub(text).refs().filter(|reference| !own(reference)).for_each(visit);
            }
        }
        _ => {}
    }
}
