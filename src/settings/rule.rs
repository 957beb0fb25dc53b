use serde_json::Value as Json;

/// The values that a setting accepts, besides its type.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum SettingRule {
    /// Every value of its type.
    #[default]
    Any,
    /// One of these values.
    OneOf(Vec<Json>),
    /// A whole number between two bounds, both included.
    Between(i64, i64),
}

impl SettingRule {
    /// Returns whether the rule accepts a value of the right type.
    pub fn accepts(&self, value: &Json) -> bool {
        match self {
            SettingRule::Any => true,
            SettingRule::OneOf(values) => values.contains(value),
            SettingRule::Between(least, most) => {
                value.as_i64().is_some_and(|number| (*least..=*most).contains(&number))
            }
        }
    }

    /// Returns the accepted values, for messages; none if every value is accepted.
    pub fn expects(&self) -> Option<String> {
        match self {
            SettingRule::Any => None,
            SettingRule::OneOf(values) => {
                let names: Vec<String> = values.iter().map(|value| format!("`{}`", plain(value))).collect();
                Some(format!("one of {}", names.join(", ")))
            }
            SettingRule::Between(least, most) => Some(format!("a whole number from {least} to {most}")),
        }
    }

    /// Returns the accepted values as a user writes them, if they can be listed.
    pub fn choices(&self) -> Vec<String> {
        match self {
            SettingRule::OneOf(values) => values.iter().map(plain).collect(),
            SettingRule::Any | SettingRule::Between(..) => Vec::new(),
        }
    }
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
