use crate::cfn::{TemplateString, Value};

/// A whole number of the script, or one that is set when the stack is deployed (a template parameter).
#[derive(Debug, Clone, PartialEq)]
pub enum IntOrRef {
    /// A known number, which is checked.
    Literal(i64),
    /// A reference to a parameter.
    Ref(TemplateString),
}

impl IntOrRef {
    /// Returns the number if it is known.
    pub fn literal(&self) -> Option<i64> {
        match self {
            IntOrRef::Literal(number) => Some(*number),
            IntOrRef::Ref(_) => None,
        }
    }

    /// Returns it for a property that is a string, such as a task definition's `Cpu`.
    pub fn to_text(&self) -> TemplateString {
        match self {
            IntOrRef::Literal(number) => TemplateString::from(number.to_string()),
            IntOrRef::Ref(text) => text.clone(),
        }
    }
}

impl From<i64> for IntOrRef {
    fn from(number: i64) -> Self {
        Self::Literal(number)
    }
}

impl From<&IntOrRef> for Value {
    fn from(amount: &IntOrRef) -> Self {
        match amount {
            IntOrRef::Literal(number) => Value::Int(*number),
            IntOrRef::Ref(text) => Value::Text(text.clone()),
        }
    }
}
