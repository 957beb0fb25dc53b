//! The values of properties.

use indexmap::IndexMap;

use super::text::{Ref, TemplateString};

/// Names and values, in the order in which they were written.
pub type Map = IndexMap<String, Value>;

/// A value of a template.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Value {
    /// JSON's null; CloudFormation refuses it almost everywhere.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A string, a `Ref`, an `Fn::GetAtt`, or an `Fn::Sub` of those.
    Text(TemplateString),
    /// A list.
    List(Vec<Value>),
    /// An object.
    Map(Map),
    /// Any other intrinsic function.
    Call(Box<Intrinsic>),
}

/// An intrinsic function with its argument as CloudFormation writes it: `Fn::Join: ["-", [..]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Intrinsic {
    /// The function.
    pub function: Function,
    /// Its argument: a list for functions of several arguments.
    pub argument: Value,
}

impl Intrinsic {
    /// Creates a call of a function.
    pub fn new(function: Function, argument: impl Into<Value>) -> Self {
        Self { function, argument: argument.into() }
    }

    /// Calls `visit` with every reference in the argument.
    pub fn each_ref(&self, visit: &mut impl FnMut(&Ref)) {
        if let Some((text, variables)) = self.substitution() {
            let own = |reference: &Ref| variables.contains_key(reference.to_string().as_str());
            TemplateString::from_sub(text).refs().filter(|reference| !own(reference)).for_each(&mut *visit);
        }
        self.argument.each_ref(visit);
    }

    /// Returns the text and the variables of an `Fn::Sub` that has variables of its own.
    pub fn substitution(&self) -> Option<(&str, &Map)> {
        match self.argument.as_list()? {
            [text, Value::Map(variables)] if self.function == Function::Sub => Some((text.as_str()?, variables)),
            _ => None,
        }
    }
}

macro_rules! functions {
    ($($variant:ident $name:literal,)*) => {
        /// The intrinsic functions. `Ref` and `Fn::GetAtt` are [`TemplateString`], but for an `Fn::GetAtt` with a
        /// computed attribute.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "each variant is the function of its name")]
        pub enum Function { $($variant,)* }

        impl Function {
            /// Every function.
            pub const ALL: &[Function] = &[$(Function::$variant,)*];

            /// Returns the long name: `Fn::Join`.
            pub fn name(self) -> &'static str {
                match self { $(Function::$variant => $name,)* }
            }
        }
    };
}

functions! {
    And "Fn::And",
    Base64 "Fn::Base64",
    Cidr "Fn::Cidr",
    Condition "Condition",
    Contains "Fn::Contains",
    EachMemberEquals "Fn::EachMemberEquals",
    EachMemberIn "Fn::EachMemberIn",
    Equals "Fn::Equals",
    FindInMap "Fn::FindInMap",
    GetAzs "Fn::GetAZs",
    GetStackOutput "Fn::GetStackOutput",
    If "Fn::If",
    ImportValue "Fn::ImportValue",
    Join "Fn::Join",
    Length "Fn::Length",
    Not "Fn::Not",
    Or "Fn::Or",
    RefAll "Fn::RefAll",
    Select "Fn::Select",
    Split "Fn::Split",
    Sub "Fn::Sub",
    ToJsonString "Fn::ToJsonString",
    Transform "Fn::Transform",
    ValueOf "Fn::ValueOf",
    ValueOfAll "Fn::ValueOfAll",
    GetAtt "Fn::GetAtt",
}

impl Function {
    /// Returns the function of this long name.
    pub fn by_name(name: &str) -> Option<Function> {
        Self::ALL.iter().copied().find(|function| function.name() == name)
    }
}

impl Value {
    /// Returns a list of values.
    pub fn list<V: Into<Value>>(items: impl IntoIterator<Item = V>) -> Value {
        Value::List(items.into_iter().map(Into::into).collect())
    }

    /// Returns a call of an intrinsic function.
    pub fn call(function: Function, argument: impl Into<Value>) -> Value {
        Value::Call(Box::new(Intrinsic::new(function, argument)))
    }

    /// Returns a tree of JSON in CloudFormation's long forms: an object of one key that is a function becomes that
    /// function.
    ///
    /// An object that only looks like one (`{"Ref": 5}`) stays an object; the template check reports it.
    pub fn from_json(json: &serde_json::Value) -> Value {
        use serde_json::Value as Json;
        match json {
            Json::Null => Value::Null,
            Json::Bool(boolean) => Value::Bool(*boolean),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN)), Value::Int)
            }
            Json::String(text) => text.as_str().into(),
            Json::Array(items) => Value::list(items.iter().map(Value::from_json)),
            Json::Object(entries) => {
                Value::Map(entries.iter().map(|(key, value)| (key.clone(), Value::from_json(value))).collect()).folded()
            }
        }
    }

    /// Returns an object of one key that names a function, as that function; anything else as it is.
    #[must_use]
    pub fn folded(self) -> Value {
        let Value::Map(map) = &self else { return self };
        let mut entries = map.iter();
        let (Some((name, argument)), None) = (entries.next(), entries.next()) else { return self };
        fold(name, argument).unwrap_or(self)
    }

    /// Returns a number as CloudFormation turns it into a string: `2.0` keeps its fraction.
    pub fn float_text(number: f64) -> String {
        format!("{number:?}")
    }

    /// Returns the string if it has no references.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => text.as_str(),
            _ => None,
        }
    }

    /// Returns the reference if the value is nothing else.
    pub fn as_reference(&self) -> Option<&Ref> {
        match self {
            Value::Text(text) => text.as_reference(),
            _ => None,
        }
    }

    /// Returns the number if it is a whole one, also when written as a string, as CloudFormation allows.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            Value::Text(text) => text.as_str()?.parse().ok(),
            _ => None,
        }
    }

    /// Returns the items of a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Value::List(items) => Some(items),
            _ => None,
        }
    }

    /// Returns the entries of an object.
    pub fn as_map(&self) -> Option<&Map> {
        match self {
            Value::Map(map) => Some(map),
            _ => None,
        }
    }

    /// Returns an entry of an object.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_map()?.get(key)
    }

    /// Calls `visit` with every reference in the value, inside functions too; the own variables of an `Fn::Sub` are not
    /// references.
    pub fn each_ref(&self, visit: &mut impl FnMut(&Ref)) {
        match self {
            Value::Text(text) => text.pieces().iter().for_each(|piece| match piece {
                super::Segment::Literal(_) => {}
                super::Segment::Ref(reference) => visit(reference),
                super::Segment::Call(call) => call.each_ref(visit),
            }),
            Value::List(items) => items.iter().for_each(|item| item.each_ref(visit)),
            Value::Map(map) => map.values().for_each(|item| item.each_ref(visit)),
            Value::Call(call) => call.each_ref(visit),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
        }
    }

    /// Calls `change` with every reference in the value, inside functions too.
    pub fn each_ref_mut(&mut self, change: &mut impl FnMut(&mut Ref)) {
        match self {
            Value::Text(text) => text.pieces_mut().iter_mut().for_each(|piece| match piece {
                super::Segment::Literal(_) => {}
                super::Segment::Ref(reference) => change(reference),
                super::Segment::Call(call) => call.argument.each_ref_mut(change),
            }),
            Value::List(items) => items.iter_mut().for_each(|item| item.each_ref_mut(change)),
            Value::Map(map) => map.values_mut().for_each(|item| item.each_ref_mut(change)),
            Value::Call(call) => call.argument.each_ref_mut(change),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
        }
    }
}

fn fold(name: &str, argument: &Value) -> Option<Value> {
    match (name, argument) {
        ("Ref", id) => Some(Ref::to(id.as_str()?).into()),
        ("Fn::GetAtt", Value::List(parts)) => match parts.as_slice() {
            [id, attribute] => match attribute.as_str() {
                Some(attribute) => Some(Ref::attribute(id.as_str()?, attribute).into()),
                None => Some(Value::call(Function::GetAtt, argument)),
            },
            _ => None,
        },
        ("Fn::GetAtt", text) => {
            let (id, attribute) = text.as_str()?.split_once('.')?;
            Some(Ref::attribute(id, attribute).into())
        }
        ("Fn::Sub", Value::Text(text)) => Some(
            text.as_str()
                .map_or_else(|| Value::call(Function::Sub, argument), |sub| Value::Text(TemplateString::from_sub(sub))),
        ),
        ("Condition", Value::Text(_)) => Some(Value::call(Function::Condition, argument)),
        ("Condition", _) => None,
        _ => Function::by_name(name).map(|function| Value::call(function, argument)),
    }
}

macro_rules! from {
    ($($from:ty => |$value:ident| $make:expr;)*) => {
        $(impl From<$from> for Value {
            fn from($value: $from) -> Self { $make }
        })*
    };
}

from! {
    bool => |value| Value::Bool(value);
    i64 => |value| Value::Int(value);
    u16 => |value| Value::Int(value.into());
    f64 => |value| Value::Float(value);
    &str => |value| Value::Text(value.into());
    String => |value| Value::Text(value.into());
    &String => |value| Value::Text(value.as_str().into());
    TemplateString => |value| Value::Text(value);
    &TemplateString => |value| Value::Text(value.clone());
    Ref => |value| Value::Text(value.into());
    &Ref => |value| Value::Text(value.clone().into());
    Map => |value| Value::Map(value);
    Vec<Value> => |value| Value::List(value);
    Intrinsic => |value| Value::Call(Box::new(value));
    &Value => |value| value.clone();
}

/// Builds a [`Value`] in the look of JSON: `cfn!({ "Type": "forward", "Weight": 1 })`,
/// `cfn!(["a", "b"])`; each item is an expression, nested ones with `cfn!` again.
#[macro_export]
macro_rules! cfn {
    ({ $($key:literal : $value:expr),* $(,)? }) => {
        $crate::cfn::Value::Map([$(($key.to_owned(), $crate::cfn::Value::from($value))),*].into_iter().collect())
    };
    ([ $($item:expr),* $(,)? ]) => { $crate::cfn::Value::List(vec![$($crate::cfn::Value::from($item)),*]) };
}
