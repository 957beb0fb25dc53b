//! Secrets that a template has as they are: in the script each is a parameter whose value is given at deployment, so that the resource
//! of a stack that exists keeps its value.

use indexmap::IndexMap;
use serde_json::Value as Json;

use crate::cfn::schema::Schema;
use crate::cfn::sensitive::{is_secret_name, properties_without_secrets};
use crate::cfn::{LogicalId, Map, Parameter, Ref, Template, TemplateString, Value, names};
use crate::importers::secrets::Secrets;

/// A template without its secrets.
pub(super) struct Cleaned {
    pub(super) template: Template,
    /// The new parameters and those whose default was removed, each with the reason.
    pub(super) removed: IndexMap<LogicalId, String>,
}

/// Returns a template with parameters in place of its secrets, and without the defaults of secret parameters.
pub(super) fn without_secrets(template: &Template, schema: &Schema) -> Cleaned {
    let mut cleaned = Cleaned { template: template.clone(), removed: IndexMap::new() };
    cleaned.remove_defaults();
    let mut known: IndexMap<String, LogicalId> = IndexMap::new();
    for (id, resource) in &template.resources {
        let masked = properties_without_secrets(resource, Some(schema));
        let properties = resource.properties.iter().map(|(name, value)| {
            let mut place = Place { path: vec![id.to_string(), name.clone()], kind: resource.kind.as_str() };
            let value = place.cleaned(value, masked.get(name), &mut |place, text| {
                let parameter =
                    known.entry(text.to_owned()).or_insert_with(|| cleaned.parameter(place, resource.origin.clone()));
                Value::Text(TemplateString::from(Ref::to(parameter.clone())))
            });
            (name.clone(), value)
        });
        let properties: Map = properties.collect();
        if let Some(resource) = cleaned.template.resources.get_mut(id) {
            resource.properties = properties;
        }
    }
    cleaned
}

impl Cleaned {
    /// Removes the defaults of parameters that are secrets. That of a parameter of Systems Manager is its name.
    fn remove_defaults(&mut self) {
        for (id, parameter) in &mut self.template.parameters {
            let is_stored =
                parameter.body.get("Type").and_then(Value::as_str).is_some_and(|kind| kind.starts_with("AWS::SSM"));
            let is_secret = parameter.is_secret() || is_secret_name(id.as_str());
            let is_given = parameter.body.get("Default").and_then(Value::as_str).is_some_and(|text| !text.is_empty());
            if is_secret && is_given && !is_stored {
                parameter.body.shift_remove("Default");
                self.removed.insert(id.clone(), "its default is a secret".to_owned());
            }
        }
    }

    /// Adds the parameter for a secret. Returns its id.
    fn parameter(&mut self, place: &Place<'_>, origin: crate::diag::Origin) -> LogicalId {
        let stem: String = place.name().chars().filter(char::is_ascii_alphanumeric).collect();
        let candidates = std::iter::once(stem.clone()).chain((2..).map(|number| format!("{stem}{number}")));
        let is_free = |id: &String| {
            !self.template.parameters.contains_key(id.as_str()) && !self.template.resources.contains_key(id.as_str())
        };
        let id = LogicalId::from(candidates.into_iter().find(is_free).unwrap_or(stem));
        let body =
            Map::from_iter([("Type".to_owned(), Value::from("String")), ("NoEcho".to_owned(), Value::Bool(true))]);
        self.template.parameters.insert(id.clone(), Parameter { body, origin });
        self.removed.insert(id.clone(), format!("`{}` is a secret", place.path.join(".")));
        id
    }
}

/// A value of a resource.
struct Place<'k> {
    /// The logical id and the keys.
    path: Vec<String>,
    kind: &'k str,
}

impl Place<'_> {
    /// Returns the name of a parameter for it: the logical id and the last key, or the name of an item.
    fn name(&self) -> String {
        let last = self
            .path
            .iter()
            .rev()
            .find(|step| !matches!(step.as_str(), "Value" | "value") && step.parse::<usize>().is_err());
        format!("{}{}", names::stem(&self.path[0]), last.map_or_else(String::new, |last| names::stem(last)))
    }

    /// Returns whether a text that may be a secret is one.
    fn is_secret(&self, text: &str) -> bool {
        let last = self.path.last().map_or("", String::as_str);
        // The template of a generated secret has none, and a parameter of Systems Manager may hold anything.
        if self.path.iter().any(|step| step == "GenerateSecretString") {
            return false;
        }
        let is_parameter = self.kind == "AWS::SSM::Parameter" && last == "Value";
        !is_parameter || Secrets::is_secret(&self.path[0], text)
    }

    /// Returns a value with what `replace` returns in place of its secrets.
    fn cleaned(
        &mut self,
        value: &Value,
        masked: Option<&Json>,
        replace: &mut impl FnMut(&Self, &str) -> Value,
    ) -> Value {
        match (value, masked) {
            (Value::Text(text), Some(Json::String(shown))) => {
                let written = crate::cfn::emit::json::to_json(value);
                let whole = text.as_str().map_or_else(|| written.to_string(), str::to_owned);
                if written.as_str() == Some(shown) || !self.is_secret(&whole) {
                    value.clone()
                } else {
                    replace(self, &whole)
                }
            }
            // A text with references is a call of a function: `Fn::Sub`, `Fn::Join`.
            (Value::Text(text), Some(shown)) if text.as_str().is_none() => {
                let written = crate::cfn::emit::json::to_json(value);
                if written == *shown { value.clone() } else { replace(self, &written.to_string()) }
            }
            (Value::List(items), Some(Json::Array(shown))) => {
                let items = items.iter().enumerate().map(|(at, one)| {
                    self.path.push(at.to_string());
                    let one = self.cleaned(one, shown.get(at), replace);
                    self.path.pop();
                    one
                });
                Value::List(items.collect())
            }
            (Value::Map(map), Some(Json::Object(shown))) => {
                let own = ["Name", "Key"].iter().find_map(|key| map.get(*key)?.as_str());
                let entries = map.iter().map(|(key, one)| {
                    let named = own.filter(|_| matches!(key.as_str(), "Value" | "value"));
                    self.path.extend(named.map(str::to_owned));
                    self.path.push(key.clone());
                    let one = self.cleaned(one, shown.get(key), replace);
                    self.path.truncate(self.path.len() - 1 - usize::from(named.is_some()));
                    (key.clone(), one)
                });
                Value::Map(entries.collect())
            }
            // A whole value under the name of a secret.
            (Value::Call(_), Some(Json::String(_))) => {
                replace(self, &crate::cfn::emit::json::to_json(value).to_string())
            }
            _ => value.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cfn::{emit, parse};

    fn cleaned(text: &str) -> (String, Vec<String>) {
        let template = parse::template("a.yaml", text).value.expect("a template");
        let cleaned = without_secrets(&template, Schema::embedded());
        (emit::yaml(&cleaned.template), cleaned.removed.keys().map(ToString::to_string).collect())
    }

    #[test]
    fn secrets_are_parameters_and_other_values_stay() {
        let (text, parameters) = cleaned(
            "Parameters:
  ApiToken: {Type: String, Default: hunter1}
  Stored: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /a/password}
Resources:
  Db: {Type: AWS::RDS::DBInstance, Properties: {MasterUsername: admin, MasterUserPassword: hunter2, DBSnapshotIdentifier: nightly}}
  Key: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: hunter3}}
  Made: {Type: AWS::SecretsManager::Secret, Properties: {GenerateSecretString: {SecretStringTemplate: '{\"username\":\"app\"}', GenerateStringKey: password}}}
  Name: {Type: AWS::SSM::Parameter, Properties: {Type: String, Value: tiles}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
      - Name: web
        Environment:
        - {Name: DB_PASSWORD, Value: hunter2}
        - {Name: LEVEL, Value: info}
        - {Name: URL, Value: 'postgres://app:hunter4@db/app'}
        - {Name: API_KEY, Value: !Ref ApiToken}
        Secrets: [{Name: TOKEN, ValueFrom: 'arn:aws:ssm:eu-west-1:123456789012:parameter/token'}]
  Fn: {Type: AWS::Lambda::Function, Properties: {Environment: {Variables: {API_SECRET: hunter5, STAGE: dev}}}}
",
        );
        assert!(!text.contains("hunter"), "{text}");
        for kept in [
            "/a/password",
            "admin",
            "nightly",
            "tiles",
            "info",
            "parameter/token",
            "STAGE: dev",
            "username",
            "GenerateStringKey: password",
        ] {
            assert!(text.contains(kept), "{kept}: {text}");
        }
        assert_eq!(parameters, ["ApiToken", "DbMasterUserPassword", "KeySecretString", "TaskURL", "FnAPISECRET"]);
    }

    #[test]
    fn references_and_dynamic_references_are_no_secrets() {
        let text = "Parameters: {Password: {Type: String, NoEcho: true}}
Resources:
  Db: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: !Ref Password}}
  Other: {Type: AWS::RDS::DBInstance, Properties: {MasterUserPassword: '{{resolve:secretsmanager:db}}'}}
";
        assert_eq!(cleaned(text).1, [""; 0]);
    }
}
