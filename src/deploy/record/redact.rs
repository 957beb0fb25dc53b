use std::collections::HashSet;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value as Json;

use crate::cfn::Resource;
use crate::cfn::emit::json::to_json;
use crate::cfn::schema::Schema;
use crate::synth::DesiredStack;

/// What stands in the place of a secret.
const HIDDEN: &str = "(not recorded)";

/// The shortest text that is looked for in free text: shorter ones are parts of many words.
const SHORTEST: usize = 4;

/// What is secret in an operation: values of parameters with `NoEcho`, properties that AWS never gives back (write-only
/// in the schema) or whose names speak of secrets, the values of environment variables, and credentials in any text.
#[derive(Debug, Clone, Default)]
pub struct Redactor {
    /// Values that must not appear anywhere.
    literals: Vec<String>,
    /// Names of properties that are write-only, by resource type.
    write_only: HashSet<(String, String)>,
    /// Parameters with `NoEcho`.
    parameters: HashSet<String>,
}

impl Redactor {
    /// The secrets of stacks.
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
                found.learn(resource, schema);
            }
        }
        found.literals.retain(|literal| literal.chars().count() >= SHORTEST);
        // The longest first: one may hold another.
        found.literals.sort_by_key(|literal| std::cmp::Reverse(literal.len()));
        found.literals.dedup();
        found
    }

    fn learn(&mut self, resource: &Resource, schema: Option<&Schema>) {
        let kind = resource.kind.as_str();
        let known = schema.and_then(|schema| schema.get(kind));
        let paths: Vec<&str> = known.as_ref().map(|known| known.write_only().collect()).unwrap_or_default();
        let names = paths.iter().filter_map(|path| path.rsplit(['/', '.']).find(|part| *part != "*"));
        self.write_only.extend(names.map(|name| (kind.to_owned(), name.to_owned())));
        for (name, value) in &resource.properties {
            self.literals_of(kind, name, &to_json(value), false);
        }
    }

    /// Texts under names of secrets. Those of environment variables are hidden where they stand; only those of variables
    /// that are called like secrets are looked for everywhere.
    fn literals_of(&mut self, kind: &str, name: &str, value: &Json, secret: bool) {
        let secret = secret || speaks_of_secrets(name) || self.is_write_only(kind, name) && is_text(value);
        match value {
            Json::Object(fields) => {
                let named = fields.get("Name").and_then(Json::as_str).is_some_and(speaks_of_secrets);
                for (name, value) in fields {
                    self.literals_of(kind, name, value, (secret || named) && name != "Name");
                }
            }
            Json::Array(items) => items.iter().for_each(|item| self.literals_of(kind, "", item, secret)),
            Json::String(text) if secret && !text.contains("arn:") => self.literals.push(text.clone()),
            _ => {}
        }
    }

    /// Takes the secrets out of plans that are saved to a file; a saved plan is carried out by its marks, not by them.
    pub fn saved(&self, plans: &mut Json) {
        for stack in plans["stacks"].as_array_mut().into_iter().flatten() {
            if let Some(plan) = stack.get_mut("plan") {
                self.plan(plan);
                self.texts(plan, "");
            }
        }
    }

    /// Takes the secrets out of a line.
    pub(super) fn scrub(&self, line: &mut Json) {
        if let Some(plan) = line.pointer_mut("/event/plan") {
            self.plan(plan);
        }
        self.texts(line, "");
    }

    /// Hides the values of secrets in a plan, by their names.
    fn plan(&self, plan: &mut Json) {
        for other in plan["others"].as_array_mut().into_iter().flatten() {
            let path = other["path"].as_str().unwrap_or_default().to_owned();
            let name = path.strip_prefix("Parameters.").unwrap_or_default();
            let secret = self.parameters.contains(name) || path.split(['.', '[', ']']).any(speaks_of_secrets);
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

    /// Hides what is under names of secrets; what is not there stays so, and names of variables stay.
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
        ENVIRONMENTS.contains(&name) || speaks_of_secrets(name) || self.is_write_only(kind, name)
    }

    fn is_write_only(&self, kind: &str, name: &str) -> bool {
        self.write_only.contains(&(kind.to_owned(), name.to_owned()))
    }

    /// Takes known secrets and credentials out of every text. Names and statuses, which the record is read by, are left.
    fn texts(&self, json: &mut Json, name: &str) {
        const READ_BY: [&str; 8] =
            ["record", "fact", "stack", "logical_id", "status", "situation", "verdict", "ending"];
        match json {
            // Variables of containers, as `ContainerEdit` and `ContainerDefinition` hold them.
            Json::Object(_) if ["set", "environment"].contains(&name) => self.value("", json, true),
            Json::Object(fields) => fields.iter_mut().for_each(|(name, value)| self.texts(value, name)),
            Json::Array(items) => items.iter_mut().for_each(|item| self.texts(item, name)),
            Json::String(text) if !READ_BY.contains(&name) => *text = self.text(text),
            _ => {}
        }
    }

    /// A text without known secrets and without credentials.
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

/// What credentials look like: AWS's access keys, signed addresses, headers, passwords in addresses and assignments.
fn credentials() -> &'static [Regex] {
    static PATTERNS: OnceLock<Vec<Regex>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        const WRITTEN: [&str; 5] = [
            r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
            r#"(?i)(x-amz-(?:security-token|signature|credential)=)[^&\s"]+"#,
            r"(?i)\b((?:bearer|basic)\s+)[a-z0-9._~+/=-]{12,}",
            r"(://[^/\s:@]+:)[^/\s@]+",
            r#"(?i)(\b(?:\w+[_-])?(?:password|passwd|secret|token|api_?key|secret_?access_?key)["']?\s*[=:]\s*["']?)[^\s"',;&)(]{4,}"#,
        ];
        WRITTEN.iter().map(|pattern| Regex::new(pattern).expect("the patterns of credentials are well formed")).collect()
    })
}

fn speaks_of_secrets(name: &str) -> bool {
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
