//! The declarations of functions, methods and properties: what documentation, completion and the engine read.
//!
//! *Invariant*: a declaration is data; a default or an allowed value is declared here and never read out of a sentence.

use std::borrow::Cow;

use rhai::Dynamic;

use super::block_types::BlockType;
use super::call::Call;
use crate::cfn::Value;

/// The name and type of a parameter.
pub(crate) type Parameter = (&'static str, &'static str);

/// The declaration of a function, method or getter: its part for documentation, completion and messages.
#[derive(Clone, Copy)]
pub(crate) struct Declaration {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) parameters: &'static [Parameter],
    /// The value that holds if the setter is not called.
    pub(crate) default: Option<DefaultValue>,
    /// The values of its last argument.
    pub(crate) values: Values,
    /// The noun for each value that a call of the setter adds: `a tag`. None for a setter that holds one value, and that is
    /// called once.
    pub(crate) adds: Option<&'static str>,
    /// The variable in the examples of a setter that several types have, and the variable of this type.
    pub(crate) variables: Option<(&'static str, &'static str)>,
}

/// The value that holds if a setter is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DefaultValue {
    /// The value as it is written (`256`), or a few words.
    pub(crate) text: &'static str,
    /// The setter that removes the default of this one when it is called.
    pub(crate) unless: Option<&'static str>,
}

/// The declared values of an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Values {
    /// Any value of the parameter's type.
    Any,
    /// One of these and no other.
    OneOf(&'static [&'static str]),
    /// Any value, such as one of these.
    SuchAs(&'static [&'static str]),
}

impl Values {
    /// Returns the values to offer.
    pub(crate) fn listed(self) -> &'static [&'static str] {
        match self {
            Values::Any => &[],
            Values::OneOf(values) | Values::SuchAs(values) => values,
        }
    }
}

impl Declaration {
    /// Creates a declaration without a default and without listed values.
    pub(crate) const fn new(name: &'static str, doc: &'static str, parameters: &'static [Parameter]) -> Self {
        Self { name, doc, parameters, default: None, values: Values::Any, adds: None, variables: None }
    }

    /// Sets the default.
    pub(crate) const fn with_default(self, text: &'static str) -> Self {
        Self { default: Some(DefaultValue { text, unless: None }), ..self }
    }

    /// Sets the setter that removes the default.
    pub(crate) const fn unless(self, setter: &'static str) -> Self {
        match self.default {
            Some(default) => Self { default: Some(DefaultValue { unless: Some(setter), ..default }), ..self },
            None => panic!("`#[unless]` belongs to a `#[default]`"),
        }
    }

    /// Sets the values of its last argument.
    pub(crate) const fn with_values(self, values: Values) -> Self {
        Self { values, ..self }
    }

    /// Makes it a setter that adds a value, and that can be called again.
    pub(crate) const fn adding(self, noun: &'static str) -> Self {
        Self { adds: Some(noun), ..self }
    }

    /// Returns the documentation, with the variable of this type in its examples.
    pub(crate) fn documentation(&self) -> Cow<'static, str> {
        let Some((from, to)) = self.variables.filter(|(from, to)| from != to) else { return Cow::Borrowed(self.doc) };
        let mut in_example = false;
        let lines = self.doc.lines().map(|line| {
            in_example ^= line.trim_start().starts_with("```");
            let blanks = line.len() - line.trim_start().len();
            match line[blanks..].strip_prefix(from) {
                Some(rest) if in_example && (rest.is_empty() || rest.starts_with('.')) => {
                    format!("{}{to}{rest}\n", &line[..blanks])
                }
                _ => format!("{line}\n"),
            }
        });
        Cow::Owned(lines.collect())
    }

    /// Returns the sentences that follow from the declaration: `Default: 256.`, `One of: ..`, `Repeatable: ..`.
    pub(crate) fn notes(&self) -> Option<String> {
        let quoted = |values: &[&str]| values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        let values = match self.values {
            Values::Any => None,
            Values::OneOf(values) => Some(format!("One of: {}.", quoted(values))),
            Values::SuchAs(values) => Some(format!("For example: {}.", quoted(values))),
        };
        let default = self.default.map(|default| match default.unless {
            Some(setter) => format!("Default: {}; none with `.{setter}`.", default.text),
            None => format!("Default: {}.", default.text),
        });
        let adds = self.adds.map(|noun| format!("Repeatable: each call adds {noun}."));
        let notes: Vec<String> = adds.into_iter().chain(values).chain(default).collect();
        (!notes.is_empty()).then(|| notes.join(" "))
    }
}

/// A method that returns a changed value.
pub(crate) struct Method<T> {
    pub(crate) declaration: Declaration,
    pub(crate) apply: fn(&mut T, &mut Call<'_>) -> Option<()>,
}

/// A method that returns a result and does not change the value.
pub(crate) struct Getter<T> {
    pub(crate) declaration: Declaration,
    pub(crate) get: fn(&T, &mut Call<'_>) -> Option<Dynamic>,
}

/// A read-only property, whose value is resolved at deployment.
pub(crate) struct Property<T> {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static str,
    pub(crate) get: fn(&T) -> Value,
}

/// A function that returns a new value.
pub(crate) struct Function {
    /// Its module: `Vpc` for `Vpc::existing`.
    pub(crate) module: Option<&'static str>,
    pub(crate) declaration: Declaration,
    pub(crate) make: fn(&mut Call<'_>) -> Option<Dynamic>,
}

/// Setters that several types have.
pub(crate) struct SharedSetters<T: 'static> {
    /// The variable of the examples in their documentation.
    pub(crate) variable: &'static str,
    /// The setters.
    pub(crate) methods: &'static [Method<T>],
}

/// The functions, methods and properties of a type.
pub(crate) trait ScriptType: BlockType {
    /// The variable of the type in the examples of shared setters.
    const VARIABLE: &'static str = "";
    /// The setters that other types have too.
    const SHARED: &'static [SharedSetters<Self>] = &[];
    const METHODS: &'static [Method<Self>];
    const GETTERS: &'static [Getter<Self>] = &[];
    const PROPERTIES: &'static [Property<Self>] = &[];
    const FUNCTIONS: &'static [Function];
}

/// Builds a [`Declaration`] from what a binding declares.
macro_rules! declaration {
    ($name:ident, [$($doc:literal)+], [$($parameter:ident: $take:ty),*]) => {
        $crate::script::declaration::Declaration::new(
            $crate::script::declaration::without_raw_prefix(stringify!($name)),
            concat!($($doc, "\n"),+),
            &[$((stringify!($parameter), <$take as $crate::script::call::FromScript>::EXPECTED)),*],
        )
    };
}

/// Declares methods: `fn cpu(units: IntOrRef) |service, at| service.cpu = at.set(units);`, after the documentation and
/// these attributes, in this order and each only if it applies:
///
/// - `#[adds = "a tag"]`: each call adds a value; a setter without it holds one value and is called once;
/// - `#[default = "256"]`: the value that holds if the setter is not called;
/// - `#[unless = "scaling"]`: the setter that removes the default of this one;
/// - `#[one_of = ["public", "private"]]`: the only values of the last argument;
/// - `#[such_as = ["s3", "logs"]]`: some of its values, for completion.
macro_rules! methods {
    ($(
        $(#[doc = $doc:literal])+
        $(#[adds = $adds:literal])?
        $(#[default = $default:literal])?
        $(#[unless = $unless:literal])?
        $(#[one_of = $one_of:expr])?
        $(#[such_as = $such_as:expr])?
        fn $name:ident($($parameter:ident: $take:ty),*) |$this:ident, $at:ident| $body:expr;
    )*) => {
        &[$($crate::script::declaration::Method {
            declaration: $crate::script::declaration::declaration!($name, [$($doc)+], [$($parameter: $take),*])
                $(.adding($adds))?
                $(.with_default($default))?
                $(.unless($unless))?
                $(.with_values($crate::script::declaration::Values::OneOf(&$one_of)))?
                $(.with_values($crate::script::declaration::Values::SuchAs(&$such_as)))?,
            apply: |$this, call| {
                $(let $parameter: $take = call.take(stringify!($parameter))?;)*
                let $at = &call.at;
                $body;
                Some(())
            },
        }),*]
    };
}

/// Declares getters: `fn workers(cpu: i64) |gunicorn| gunicorn.workers(cpu);`, documentation first.
macro_rules! getters {
    ($($(#[doc = $doc:literal])+ fn $name:ident($($parameter:ident: $take:ty),*) |$this:ident| $body:expr;)*) => {
        &[$($crate::script::declaration::Getter {
            declaration: $crate::script::declaration::declaration!($name, [$($doc)+], [$($parameter: $take),*]),
            get: |$this, call| {
                let _ = &call;
                $(let $parameter: $take = call.take(stringify!($parameter))?;)*
                Some(rhai::Dynamic::from($body))
            },
        }),*]
    };
}

/// Declares functions: `fn Cluster(name: Name) |at| Cluster::new(at.put(name));`, documentation first.
macro_rules! functions {
    ($($(#[doc = $doc:literal])+ fn $first:ident$(::$second:ident)?($($parameter:ident: $take:ty),*) |$at:ident| $body:expr;)*) => {
        &[$($crate::script::declaration::Function {
            module: $crate::script::declaration::path(stringify!($first), &[$(stringify!($second))?]).0,
            declaration: $crate::script::declaration::Declaration::new(
                $crate::script::declaration::path(stringify!($first), &[$(stringify!($second))?]).1,
                concat!($($doc, "\n"),+),
                &[$((stringify!($parameter), <$take as $crate::script::call::FromScript>::EXPECTED)),*],
            ),
            make: |call| {
                $(let $parameter: $take = call.take(stringify!($parameter))?;)*
                let $at = &call.at;
                Some(rhai::Dynamic::from(std::rc::Rc::new($body)))
            },
        }),*]
    };
}

/// Declares properties: `url |alb| alb.url();`, documentation first.
macro_rules! properties {
    ($($(#[doc = $doc:literal])+ $name:ident |$this:ident| $body:expr;)*) => {
        &[$($crate::script::declaration::Property {
            name: stringify!($name),
            doc: concat!($($doc, "\n"),+),
            get: |$this| $crate::cfn::Value::from($body),
        }),*]
    };
}

pub(crate) use {declaration, functions, getters, methods, properties};

/// Returns the module and name of `Vpc::existing`, or of a plain `Vpc`.
pub(crate) const fn path(first: &'static str, second: &[&'static str]) -> (Option<&'static str>, &'static str) {
    match second {
        [name] => (Some(first), without_raw_prefix(name)),
        _ => (None, without_raw_prefix(first)),
    }
}

/// Returns the name without the prefix of a raw identifier: `override` for `r#override`.
pub(crate) const fn without_raw_prefix(name: &'static str) -> &'static str {
    match name.as_bytes() {
        [b'r', b'#', ..] => name.split_at(2).1,
        _ => name,
    }
}

/// The methods and properties of a type, for documentation and messages.
pub(crate) struct TypeNames {
    pub(crate) name: &'static str,
    pub(crate) methods: Vec<Declaration>,
    /// Name and documentation of each property.
    pub(crate) properties: Vec<(&'static str, &'static str)>,
}

impl TypeNames {
    pub(crate) fn of<T: ScriptType>() -> Self {
        Self {
            name: T::NAME,
            methods: declarations_of::<T>(),
            properties: T::PROPERTIES.iter().map(|property| (property.name, property.doc)).collect(),
        }
    }
}

/// Returns the methods of a type: those that it shares with other types, its own, then those that return results.
fn declarations_of<T: ScriptType>() -> Vec<Declaration> {
    let shared = T::SHARED.iter().flat_map(|setters| {
        let variables = Some((setters.variable, T::VARIABLE));
        setters.methods.iter().map(move |method| Declaration { variables, ..method.declaration })
    });
    let own = T::METHODS.iter().map(|method| method.declaration);
    shared.chain(own).chain(T::GETTERS.iter().map(|getter| getter.declaration)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_of_a_shared_setter_has_the_variable_of_the_type() {
        const DOC: &str =
            "Sets the size of the container.\ncontainer.\n```rhai\n container.cpu(container)\n```\ncontainer.";
        let shared = Declaration { variables: Some(("container", "job")), ..Declaration::new("cpu", DOC, &[]) };
        let expected = "Sets the size of the container.\ncontainer.\n```rhai\n job.cpu(container)\n```\ncontainer.\n";
        assert_eq!(shared.documentation(), expected);
    }
}
