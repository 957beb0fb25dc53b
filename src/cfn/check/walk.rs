//! A walk over every value of a template, with the way to each.

use crate::cfn::{Path, Piece, Ref, Resource, Step, Template, Value};
use crate::diag::Origin;

/// What a value belongs to.
#[derive(Clone, Copy)]
pub(super) enum Whole<'a> {
    /// A resource.
    Resource(&'a Resource),
    /// A condition, by name.
    Condition(&'a str),
    /// An output, by name.
    Output(&'a str, &'a crate::cfn::Output),
}

/// The way to a value: a list on the stack, so that a walk allocates nothing.
#[derive(Clone, Copy)]
pub(super) struct Trail<'a> {
    whole: Whole<'a>,
    template: &'a Template,
    before: Option<&'a Trail<'a>>,
    step: StepTo<'a>,
}

#[derive(Clone, Copy)]
enum StepTo<'a> {
    Start,
    Key(&'a str),
    Index(usize),
}

impl<'a> Trail<'a> {
    pub(super) fn whole(&self) -> Whole<'a> {
        self.whole
    }

    /// The keys on the way, innermost first; the names of functions are among them.
    pub(super) fn keys(&self) -> impl Iterator<Item = &'a str> {
        std::iter::successors(Some(*self), |trail| trail.before.copied()).filter_map(|trail| match trail.step {
            StepTo::Key(key) => Some(key),
            StepTo::Index(_) | StepTo::Start => None,
        })
    }

    /// True inside a function of this name.
    pub(super) fn is_inside(&self, function: &str) -> bool {
        self.keys().any(|key| key == function)
    }

    /// The property of the resource on the way, outermost.
    pub(super) fn property(&self) -> Option<&'a str> {
        let keys: Vec<&str> = self.keys().collect();
        match keys.as_slice() {
            [.., property, "Properties"] => Some(property),
            _ => None,
        }
    }

    /// The nearest known place.
    pub(super) fn origin(&self) -> Origin {
        match self.whole {
            Whole::Resource(resource) => resource.origin_of(&self.path(Vec::new())).clone(),
            Whole::Condition(name) => self.outside(&["Conditions", name]),
            Whole::Output(name, output) => {
                let origin = self.outside(&["Outputs", name]);
                if origin.is_known() { origin } else { output.origin.clone() }
            }
        }
    }

    fn outside(&self, start: &[&str]) -> Origin {
        self.template.origin_of(&self.path(start.iter().map(|key| Step::Key((*key).to_owned())).collect()))
    }

    /// The steps from the whole, after those given.
    pub(super) fn path(&self, mut steps: Vec<Step>) -> Path {
        let at = steps.len();
        std::iter::successors(Some(self), |trail| trail.before).for_each(|trail| match trail.step {
            StepTo::Key(key) => steps.push(Step::Key(key.to_owned())),
            StepTo::Index(index) => steps.push(Step::Index(index)),
            StepTo::Start => {}
        });
        steps[at..].reverse();
        Path(steps)
    }

    fn then<'b>(&'b self, step: StepTo<'b>) -> Trail<'b>
    where
        'a: 'b,
    {
        Trail { whole: self.whole, template: self.template, before: Some(self), step }
    }
}

/// Calls `visit` with every value of resources, conditions and outputs, the outer before the inner.
pub(super) fn walk(template: &Template, visit: &mut impl FnMut(&Value, &Trail<'_>)) {
    let start = |whole| Trail { whole, template, before: None, step: StepTo::Start };
    for resource in template.resources.values() {
        let start = start(Whole::Resource(resource));
        let properties = start.then(StepTo::Key("Properties"));
        resource.properties.iter().for_each(|(name, value)| inside(value, &properties.then(StepTo::Key(name)), visit));
        resource.attributes.iter().for_each(|(name, value)| inside(value, &start.then(StepTo::Key(name)), visit));
    }
    for (name, value) in &template.conditions {
        inside(value, &start(Whole::Condition(name)), visit);
    }
    for (name, output) in &template.outputs {
        let start = start(Whole::Output(name, output));
        inside(&output.value, &start.then(StepTo::Key("Value")), visit);
        if let Some(export) = &output.export {
            inside(export, &start.then(StepTo::Key("Export")).then(StepTo::Key("Name")), visit);
        }
    }
}

fn inside(value: &Value, trail: &Trail<'_>, visit: &mut impl FnMut(&Value, &Trail<'_>)) {
    visit(value, trail);
    match value {
        Value::List(items) => each_item(items, trail, visit),
        Value::Map(map) => map.iter().for_each(|(key, value)| inside(value, &trail.then(StepTo::Key(key)), visit)),
        Value::Call(call) => inside(&call.argument, &trail.then(StepTo::Key(call.function.name())), visit),
        Value::Text(text) => text.pieces().iter().for_each(|piece| {
            if let Piece::Call(call) = piece {
                inside(&call.argument, &trail.then(StepTo::Key(call.function.name())), visit);
            }
        }),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

fn each_item(items: &[Value], trail: &Trail<'_>, visit: &mut impl FnMut(&Value, &Trail<'_>)) {
    items.iter().enumerate().for_each(|(at, item)| inside(item, &trail.then(StepTo::Index(at)), visit));
}

/// Calls `visit` with every reference of a value itself: those of what stands inside are met on the way there.
pub(super) fn own_refs(value: &Value, visit: &mut impl FnMut(&Ref)) {
    match value {
        Value::Text(text) => text.refs().for_each(visit),
        Value::Call(call) => {
            if let Some((text, variables)) = call.substitution() {
                let own = |reference: &Ref| variables.contains_key(reference.to_string().as_str());
                crate::cfn::Text::from_sub(text).refs().filter(|reference| !own(reference)).for_each(visit);
            }
        }
        _ => {}
    }
}
