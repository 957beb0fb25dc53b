use serde_json::Value as Json;

/// The type of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 6] = [Kind::Int, Kind::Float, Kind::Bool, Kind::String, Kind::List, Kind::Map];

    /// The name in scripts: `optional("int")`.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Int => "int",
            Kind::Float => "float",
            Kind::Bool => "bool",
            Kind::String => "string",
            Kind::List => "list",
            Kind::Map => "map",
        }
    }

    /// The kind of this name.
    pub fn by_name(name: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// The kind of a default; null has none.
    pub fn of(value: &Json) -> Option<Kind> {
        match value {
            Json::Null => None,
            Json::Bool(_) => Some(Kind::Bool),
            Json::Number(number) if number.is_i64() || number.is_u64() => Some(Kind::Int),
            Json::Number(_) => Some(Kind::Float),
            Json::String(_) => Some(Kind::String),
            Json::Array(_) => Some(Kind::List),
            Json::Object(_) => Some(Kind::Map),
        }
    }

    /// What may be written for it, for messages.
    pub fn expects(self) -> &'static str {
        match self {
            Kind::Int => "a whole number",
            Kind::Float => "a number",
            Kind::Bool => "`true` or `false`",
            Kind::String => "text",
            Kind::List => "a list, as JSON or as `a,b,c`",
            Kind::Map => "a map, as JSON such as `{\"key\": \"value\"}`",
        }
    }

    /// Reads what a user wrote; none when it is not of this kind.
    pub fn parse(self, written: &str) -> Option<Json> {
        let trimmed = written.trim();
        match self {
            Kind::Int => trimmed.parse::<i64>().ok().map(Json::from),
            Kind::Float => trimmed.parse::<f64>().ok().filter(|number| number.is_finite()).map(Json::from),
            Kind::Bool => match trimmed.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Some(Json::Bool(true)),
                "false" | "0" | "no" | "off" => Some(Json::Bool(false)),
                _ => None,
            },
            Kind::String => Some(Json::from(written)),
            Kind::List if trimmed.starts_with('[') => json(trimmed, Json::is_array),
            Kind::List if trimmed.starts_with('{') => None,
            Kind::List => {
                Some(trimmed.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Json::from).collect())
            }
            Kind::Map => json(trimmed, Json::is_object),
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
    fn values_are_read_by_their_kind() {
        assert_eq!(Kind::Int.parse(" 512 "), Some(json!(512)));
        assert_eq!(Kind::Int.parse("512.5"), None);
        assert_eq!(Kind::Bool.parse("False"), Some(json!(false)));
        assert_eq!(Kind::Bool.parse("maybe"), None);
        assert_eq!(Kind::String.parse(" x "), Some(json!(" x ")));
        assert_eq!(Kind::Map.parse("{\"A\": \"1\"}"), Some(json!({"A": "1"})));
        assert_eq!(Kind::Map.parse("[1]"), None);
    }

    #[test]
    fn a_list_is_json_or_words_between_commas() {
        assert_eq!(Kind::List.parse("a, b,c"), Some(json!(["a", "b", "c"])));
        assert_eq!(Kind::List.parse("[\"a\", 1]"), Some(json!(["a", 1])));
        assert_eq!(Kind::List.parse(""), Some(json!([])));
        assert_eq!(Kind::List.parse("[\"a\""), None);
    }
}
