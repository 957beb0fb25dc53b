//! Removes secrets from records, events and diagnostics.

use serde_json::Value as Json;

use crate::cfn::schema::Schema;
use crate::cfn::sensitive::{HIDDEN, KnownSecrets, secrets_among};
use crate::deploy::DeployEvent;
use crate::deploy::api::StackOutput;
use crate::synth::DesiredStack;

/// Returns the secrets among the outputs of a stack.
pub fn secrets_of_outputs(outputs: &[StackOutput]) -> KnownSecrets {
    secrets_among(outputs.iter().map(|output| (output.key.as_str(), output.value.as_str())))
}

/// The secrets of a run: those of its stacks, and credentials in any text. A plan holds guarded values, so it needs no
/// redaction.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    known: KnownSecrets,
}

impl Redactor {
    /// Collects the secrets of stacks.
    pub fn of(stacks: &[DesiredStack], schema: Option<&Schema>) -> Self {
        let known = stacks.iter().map(|stack| stack.known_secrets(schema));
        Self { known: known.fold(KnownSecrets::default(), |all, next| all.with(&next)) }
    }

    /// Returns the redactor with further secrets.
    #[must_use]
    pub fn with(&self, further: &KnownSecrets) -> Self {
        Self { known: self.known.with(further) }
    }

    /// Returns an event without secrets. A plan is kept as it is, with its places in the script.
    pub fn event(&self, event: &DeployEvent) -> DeployEvent {
        if matches!(event.kind, crate::deploy::DeployEventKind::Planned { .. }) {
            return event.clone();
        }
        let mut json = serde_json::to_value(event).unwrap_or_default();
        self.texts(&mut json, "");
        serde_json::from_value(json).unwrap_or_else(|_| event.clone())
    }

    /// Removes the secrets from a line.
    pub(super) fn redact_line(&self, line: &mut Json) {
        // The account and region of a run are not the environment of a container.
        let place = (line["record"] == "run-started").then(|| line["environment"].take());
        self.texts(line, "");
        if let Some(place) = place {
            line["environment"] = place;
        }
    }

    /// Removes known secrets and credentials from every text, except names and statuses that a reader needs.
    fn texts(&self, json: &mut Json, name: &str) {
        const KEPT: [&str; 8] = ["record", "type", "event", "stack", "logical_id", "status", "state", "result"];
        match json {
            // Variables of containers, in `ContainerOverride` and `ContainerDefinition`.
            Json::Object(variables) if ["set", "environment"].contains(&name) => {
                variables.values_mut().for_each(|value| *value = HIDDEN.into());
            }
            Json::Object(fields) => fields.iter_mut().for_each(|(name, value)| self.texts(value, name)),
            Json::Array(items) => items.iter_mut().for_each(|item| self.texts(item, name)),
            Json::String(text) if !KEPT.contains(&name) => *text = self.text(text),
            _ => {}
        }
    }

    /// Returns a text without known secrets and credentials.
    pub fn text(&self, text: &str) -> String {
        self.known.text(text)
    }
}
