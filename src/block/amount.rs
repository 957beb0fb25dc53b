use crate::cfn::{Text, Value};

/// A whole number of the script, or one that is given when the stack is deployed (a template parameter).
#[derive(Debug, Clone, PartialEq)]
pub enum Amount {
    /// Known now, and so checked now.
    Known(i64),
    /// A reference to a parameter.
    Given(Text),
}

impl Amount {
    /// The number where it is known.
    pub fn known(&self) -> Option<i64> {
        match self {
            Amount::Known(number) => Some(*number),
            Amount::Given(_) => None,
        }
    }

    /// As a property that wants a string, such as a task definition's `Cpu`.
    pub fn to_text(&self) -> Text {
        match self {
            Amount::Known(number) => Text::from(number.to_string()),
            Amount::Given(text) => text.clone(),
        }
    }
}

impl From<i64> for Amount {
    fn from(number: i64) -> Self {
        Self::Known(number)
    }
}

impl From<&Amount> for Value {
    fn from(amount: &Amount) -> Self {
        match amount {
            Amount::Known(number) => Value::Int(*number),
            Amount::Given(text) => Value::Text(text.clone()),
        }
    }
}
