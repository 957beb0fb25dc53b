//! Removes secrets from records and saved plans.

use std::collections::HashSet;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value as Json;

use crate::cfn::Resource;
use crate::cfn::emit::json::to_json;
use crate::cfn::schema::Schema;
use crate::synth::DesiredStack;

/// The text in the place of a secret.
const HIDDEN: &str = "(not recorded)";

/// The length of the shortest secret that is searched in free text: shorter ones are parts of many words.
const MIN_LENGTH: usize = 4;

/// The secrets of a run: values of parameters with `NoEcho`, properties that AWS never returns (write-only in the schema)
/// or that are named like secrets, the values of environment variables, and credentials in any text.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    /// Values that must not appear anywhere.
    literals: Vec<String>,
    /// Resource types and names of write-only properties.
    write_only: HashSet<(String, String)>,
    /// Names of parameters with `NoEcho`.
    parameters: HashSet<String>,
}

impl Redactor {
    /// Collects the secrets of stacks.
    pub fn of(stacks: &[DesiredStack], schema: Option<&Schema>) -> Self {
        let mut found = Self::default();
        for stack in stacks {
            for (name, parameter) in &stack.template.parameters {
                if parameter.is_secret() {
                    found.parameters.insert(name.to_string());
                    let default = parameter.body.get("Default").map(|value| plain(&to_json(value)));
                    let values = [stack.parameters.get(name.as_str()).cloned(), default].into_iter().flatten();
                    found.literals.extend(values);
                }
            }
            for resource in stack.template.resources.values() {
                found.add_resource(resource, schema);
            }
        }
        found.literals.retain(|literal| literal.chars().count() >= MIN_LENGTH);
        // The longest first: one may contain another.
        found.literals.sort_by_key(|literal| std::cmp::Reverse(literal.len()));
        found.literals.dedup();
        found
    }

    fn add_resource(&mut self, resource: &Resource, schema: Option<&Schema>) {
        let kind = resource.kind.as_str();
        let known = schema.and_then(|schema| schema.get(kind));
        let paths: Vec<&str> = known.as_ref().map(|known| known.write_only().collect()).unwrap_or_default();
        let names = paths.iter().filter_map(|path| path.rsplit(['/', '.']).find(|part| *part != "*"));
        self.write_only.extend(names.map(|name| (kind.to_owned(), name.to_owned())));
        for (name, value) in &resource.properties {
            self.add_literals(kind, name, &to_json(value), false);
        }
    }

    /// Adds texts under names of secrets. Values of environment variables are hidden in their place; only those of
    /// variables that are named like secrets are searched everywhere.
    fn add_literals(&mut self, kind: &str, name: &str, value: &Json, secret: bool) {
        let secret = secret || is_secret_name(name) || self.is_write_only(kind, name) && is_text(value);
        match value {
            Json::Object(fields) => {
                let named = fields.get("Name").and_then(Json::as_str).is_some_and(is_secret_name);
                for (name, value) in fields {
                    self.add_literals(kind, name, value, (secret || named) && name != "Name");
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.add_literals(kind, "", item, secret)),
            Json::String(text) if secret && !text.contains("arn:") => self.literals.push(text.clone()),
            _ => {}
        }
    }

    /// Removes the secrets from saved plans; a saved plan is executed by its fingerprints, not by these values.
    pub fn redact_plans(&self, plans: &mut Json) {
        for stack in plans["stacks"].as_array_mut().into_iter().flatten() {
            if let Some(plan) = stack.get_mut("plan") {
                self.plan(plan);
                self.texts(plan, "");
            }
        }
    }

    /// Removes the secrets from a line.
    pub(super) fn redact_line(&self, line: &mut Json) {
        if let Some(plan) = line.pointer_mut("/event/plan") {
            self.plan(plan);
        }
        // The account and region of a run are not the environment of a container.
        let place = (line["record"] == "run-started").then(|| line["environment"].take());
        self.texts(line, "");
        if let Some(place) = place {
            line["environment"] = place;
        }
    }

    /// Hides the values of secrets in a plan, by their names.
    fn plan(&self, plan: &mut Json) {
        for other in plan["others"].as_array_mut().into_iter().flatten() {
            let path = other["path"].as_str().unwrap_or_default().to_owned();
            let name = path.strip_prefix("Parameters.").unwrap_or_default();
            let secret = self.parameters.contains(name) || path.split(['.', '[', ']']).any(is_secret_name);
            self.detail("", other, secret);
        }
        for resource in plan["resources"].as_array_mut().into_iter().flatten() {
            let kind = resource["kind"].as_str().unwrap_or_default().to_owned();
            for detail in resource["details"].as_array_mut().into_iter().flatten() {
                let path = detail["path"].as_str().unwrap_or_default().to_owned();
                let secret = path.split(['.', '[', ']', '/']).any(|name| self.hides(&kind, name));
                self.detail(&kind, detail, secret);
            }
        }
    }

    fn detail(&self, kind: &str, detail: &mut Json, secret: bool) {
        for side in ["before", "after"] {
            if let Some(value) = detail.get_mut(side) {
                self.value(kind, value, secret);
            }
        }
    }

    /// Hides what is under names of secrets; keeps nulls and the names of variables.
    fn value(&self, kind: &str, value: &mut Json, secret: bool) {
        match value {
            Json::Object(fields) => {
                for (name, value) in fields {
                    let named = name == "Name" && secret;
                    self.value(kind, value, !named && (secret || self.hides(kind, name)));
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| self.value(kind, item, secret)),
            Json::Null => {}
            other if secret => *other = Json::from(HIDDEN),
            _ => {}
        }
    }

    fn hides(&self, kind: &str, name: &str) -> bool {
        const ENVIRONMENTS: [&str; 4] = ["Environment", "EnvironmentVariables", "UserData", "Variables"];
        ENVIRONMENTS.contains(&name) || is_secret_name(name) || self.is_write_only(kind, name)
    }

    fn is_write_only(&self, kind: &str, name: &str) -> bool {
        self.write_only.contains(&(kind.to_owned(), name.to_owned()))
    }

    /// Removes known secrets and credentials from every text, except names and statuses that a reader needs.
    fn texts(&self, json: &mut Json, name: &str) {
        const KEPT: [&str; 8] = ["record", "type", "event", "stack", "logical_id", "status", "state", "result"];
        match json {
            // Variables of containers, in `ContainerOverride` and `ContainerDefinition`.
            Json::Object(_) if ["set", "environment"].contains(&name) => self.value("", json, true),
            Json::Object(fields) => fields.iter_mut().for_each(|(name, value)| self.texts(value, name)),
            Json::Array(items) => items.iter_mut().for_each(|item| self.texts(item, name)),
            Json::String(text) if !KEPT.contains(&name) => *text = self.text(text),
            _ => {}
        }
    }

    /// Returns a text without known secrets and credentials.
    pub fn text(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        for literal in self.literals.iter().filter(|literal| text.contains(literal.as_str())) {
            clean = clean.replace(literal.as_str(), HIDDEN);
        }
        for pattern in credentials() {
            if pattern.is_match(&clean) {
                clean = pattern.replace_all(&clean, format!("${{1}}{HIDDEN}")).into_owned();
            }
        }
        clean
    }
}

/// Returns the patterns of credentials: AWS's access keys, signed URLs, headers, passwords in URLs and assignments.
fn credentials() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        const SOURCES: [&str; 5] = [
            r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
            r#"(?i)(x-amz-(?:security-token|signature|credential)=)[^&\s"]+"#,
            r"(?i)\b((?:bearer|basic)\s+)[a-z0-9._~+/=-]{12,}",
            r"(://[^/\s:@]+:)[^/\s@]+",
            r#"(?i)(\b(?:\w+[_-])?(?:password|passwd|secret|token|api_?key|secret_?access_?key)["']?\s*[=:]\s*["']?)[^\s"',;&)(]{4,}"#,
        ];
        SOURCES.iter().map(|pattern| Regex::new(pattern).expect("the patterns of credentials are well formed")).collect()
    })
}

/// Returns whether a name shows that its value is a secret.
pub(crate) fn is_secret_name(name: &str) -> bool {
    const WORDS: [&str; 9] = [
        "password",
        "passwd",
        "secret",
        "token",
        "apikey",
        "credential",
        "privatekey",
        "connectionstring",
        "accesskey",
    ];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    WORDS.iter().any(|word| name.contains(word))
}

fn is_text(value: &Json) -> bool {
    value.is_string()
}

fn plain(value: &Json) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
