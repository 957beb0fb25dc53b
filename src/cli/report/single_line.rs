use std::ops::Deref;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::printable::one_line;

/// A value in which each text is on one line, so that a text of it cannot look like a line of ours.
pub(super) struct SingleLine<T>(T);

impl<T: Serialize + DeserializeOwned + Clone> SingleLine<T> {
    /// Makes the control characters and line breaks of each text visible.
    pub(super) fn of(value: &T) -> Self {
        let copy = serde_json::to_value(value).map(on_one_line).and_then(serde_json::from_value);
        // Records keep such values as JSON, so it can be read again.
        Self(copy.unwrap_or_else(|_| value.clone()))
    }
}

impl<T> Deref for SingleLine<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

fn on_one_line(value: Json) -> Json {
    match value {
        Json::String(text) => Json::String(one_line(&text).into_owned()),
        Json::Array(items) => items.into_iter().map(on_one_line).collect(),
        Json::Object(entries) => {
            entries.into_iter().map(|(key, value)| (one_line(&key).into_owned(), on_one_line(value))).collect()
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deploy::{DeployEvent, DeployEventKind};

    #[test]
    fn reason_of_an_event_is_one_line() {
        let event = r#"{"stack":"web","at":"1970-01-01T00:00:05Z","type":"cancel-rejected","reason":"no\nerror: forged\u001b[2J"}"#;
        let event: DeployEvent = serde_json::from_str(event).expect("an event");
        let DeployEventKind::CancelRejected { reason } = &SingleLine::of(&event).kind else { panic!("another event") };
        assert_eq!(reason, "no␊error: forged␛[2J");
    }
}
