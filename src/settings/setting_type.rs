use serde_json::Value as Json;

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettingType {
    /// A whole number.
    Int,
    /// A number.
    Float,
    /// `true` or `false`.
    Bool,
    /// Text.
    String,
    /// A list: JSON, or `a,b,c`.
    List,
    /// A map: JSON.
    Map,
}

impl SettingType {
    /// Every kind.
    pub const ALL: [SettingType; 6] = [
        SettingType::Int,
        SettingType::Float,
        SettingType::Bool,
        SettingType::String,
        SettingType::List,
        SettingType::Map,
    ];

    /// The names of all types, in the order of [`SettingType::ALL`].
    pub const NAMES: [&'static str; 6] = {
        let mut names = [""; 6];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::ALL[at].name();
            at += 1;
        }
        names
    };

    /// Returns the name in scripts: `optional("int")`.
    pub const fn name(self) -> &'static str {
        match self {
            SettingType::Int => "int",
            SettingType::Float => "float",
            SettingType::Bool => "bool",
            SettingType::String => "string",
            SettingType::List => "list",
            SettingType::Map => "map",
        }
    }

    /// Returns the kind of this name.
    pub fn by_name(name: &str) -> Option<SettingType> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Returns the kind of a default; null has none.
    pub fn of(value: &Json) -> Option<SettingType> {
        match value {
            Json::Null => None,
            Json::Bool(_) => Some(SettingType::Bool),
            Json::Number(number) if number.is_i64() || number.is_u64() => Some(SettingType::Int),
            Json::Number(_) => Some(SettingType::Float),
            Json::String(_) => Some(SettingType::String),
            Json::Array(_) => Some(SettingType::List),
            Json::Object(_) => Some(SettingType::Map),
        }
    }

    /// Returns what may be written for it, for messages.
    pub fn expects(self) -> &'static str {
        match self {
            SettingType::Int => "a whole number",
            SettingType::Float => "a number",
            SettingType::Bool => "`true` or `false`",
            SettingType::String => "text",
            SettingType::List => "a list, as JSON or as `a,b,c`",
            SettingType::Map => "a map, as JSON such as `{\"key\": \"value\"}`",
        }
    }

    /// Reads what a user wrote; none when it is not of this kind.
    pub fn parse(self, written: &str) -> Option<Json> {
        let trimmed = written.trim();
        match self {
            SettingType::Int => trimmed.parse::<i64>().ok().map(Json::from),
            SettingType::Float => trimmed.parse::<f64>().ok().filter(|number| number.is_finite()).map(Json::from),
            SettingType::Bool => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(Json::Bool(true)),
                "false" | "0" | "no" | "off" => Some(Json::Bool(false)),
                _ => None,
            },
            SettingType::String => Some(Json::from(written)),
            SettingType::List if trimmed.starts_with('[') => json(trimmed, Json::is_array),
            SettingType::List if trimmed.starts_with('{') => None,
            SettingType::List => {
                Some(trimmed.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Json::from).collect())
            }
            SettingType::Map => json(trimmed, Json::is_object),
        }
    }
}

fn json(written: &str, wanted: fn(&Json) -> bool) -> Option<Json> {
    serde_json::from_str(written).ok().filter(wanted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn value_is_parsed_by_its_type() {
        assert_eq!(SettingType::Int.parse(" 512 "), Some(json!(512)));
        assert_eq!(SettingType::Int.parse("512.5"), None);
        assert_eq!(SettingType::Bool.parse("False"), Some(json!(false)));
        assert_eq!(SettingType::Bool.parse("maybe"), None);
        assert_eq!(SettingType::String.parse(" x "), Some(json!(" x ")));
        assert_eq!(SettingType::Map.parse("{\"A\": \"1\"}"), Some(json!({"A": "1"})));
        assert_eq!(SettingType::Map.parse("[1]"), None);
    }

    #[test]
    fn list_is_json_or_comma_separated() {
        assert_eq!(SettingType::List.parse("a, b,c"), Some(json!(["a", "b", "c"])));
        assert_eq!(SettingType::List.parse("[\"a\", 1]"), Some(json!(["a", 1])));
        assert_eq!(SettingType::List.parse(""), Some(json!([])));
        assert_eq!(SettingType::List.parse("[\"a\""), None);
    }
}
