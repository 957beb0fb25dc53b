//! Texts with references inside JSON that a property holds as text.

use crate::cfn::{Segment, TemplateString};

/// Returns a text as a string of JSON. The values of its references are put in as they are when the stack is deployed.
pub(crate) fn quoted(text: &TemplateString) -> TemplateString {
    let mut quoted = TemplateString::from("\"");
    for piece in text.pieces() {
        quoted = match piece {
            Segment::Literal(literal) => quoted.with(escaped(literal)),
            reference => quoted.with(reference.clone()),
        };
    }
    quoted.with("\"")
}

/// Returns a text as JSON writes it, without its quotes.
fn escaped(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_are_escaped_and_references_are_left_as_they_are() {
        let text = TemplateString::from_sub("say \"${Word}\"\n");
        assert_eq!(quoted(&text).to_string(), "\"say \\\"${Word}\\\"\\n\"");
    }
}
