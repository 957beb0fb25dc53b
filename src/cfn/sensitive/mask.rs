//! Hides what is sensitive in resources, as their JSON.

use std::cell::RefCell;

use serde_json::{Map, Value as Json};

use super::rules::{Exposure, below, is_environment, of_property};
use super::{GuardedValue, HIDDEN, KnownSecrets, ShortOption, credentials, is_secret_name, is_secret_option};
use crate::cfn::diff::sections;
use crate::cfn::emit::json::to_json;
use crate::cfn::schema::{Node, Schema};
use crate::cfn::{Parameter, Resource, Template, Value};

/// Keys of lists whose items are the words of a command.
const COMMANDS: [&str; 6] = ["Command", "EntryPoint", "Commands", "Args", "Arguments", "command"];

/// The mask of one resource.
struct Mask<'a> {
    kind: &'a str,
    write_only: Vec<&'a str>,
    known: &'a KnownSecrets,
    /// Whether private values are shown: what is a secret is hidden alone.
    shows_private: bool,
    /// The secrets that were hidden.
    found: RefCell<Vec<String>>,
    /// The other texts that were hidden.
    private: RefCell<Vec<String>>,
}

impl<'a> Mask<'a> {
    fn of(kind: &'a str, schema: Option<&'a Schema>, known: &'a KnownSecrets) -> Self {
        // One of a few values that AWS lists is not a secret, such as the `AccessControl` of a bucket.
        let write_only = schema.and_then(|schema| schema.get(kind)).map(|kind| {
            let is_enum = |path: &&str| kind.properties().at(path).is_some_and(Node::is_enum);
            kind.write_only().filter(|path| !is_enum(path)).collect()
        });
        Self {
            kind,
            write_only: write_only.unwrap_or_default(),
            known,
            shows_private: false,
            found: RefCell::default(),
            private: RefCell::default(),
        }
    }

    fn value(&self, path: &mut Vec<String>, value: &Json, at: Exposure) -> Json {
        let at = if self.shows_private && at == Exposure::Private { Exposure::Shown } else { at };
        match value {
            Json::Object(fields) => match call(fields) {
                Some((name, argument)) => self.call(path, name, argument, at),
                None => self.object(path, fields, at),
            },
            Json::Array(items) => self.list(path, &[], items, at),
            leaf => self.leaf(leaf, at),
        }
    }

    fn object(&self, path: &mut Vec<String>, fields: &Map<String, Json>, at: Exposure) -> Json {
        let masked = fields.iter().map(|(key, value)| {
            let exposure = below(at, fields, key, || self.in_place(path, key, Some(value)));
            path.push(key.clone());
            let masked = match value {
                Json::Array(words) if key == "Command" => self.list(path, &entry_point(fields), words, exposure),
                value => self.value(path, value, exposure),
            };
            path.pop();
            (key.clone(), masked)
        });
        Json::Object(masked.collect())
    }

    /// Returns the exposure of an entry of an object that is shown.
    fn in_place(&self, path: &mut Vec<String>, key: &str, value: Option<&Json>) -> Exposure {
        if is_environment(path, key, value) {
            return Exposure::Private;
        }
        path.push(key.to_owned());
        let exposure = of_property(self.kind, path, &self.write_only, value);
        path.pop();
        exposure
    }

    /// Masks a list. A command continues the words of its entry point.
    fn list(&self, path: &mut Vec<String>, entry_point: &[&str], items: &[Json], at: Exposure) -> Json {
        path.push("*".to_owned());
        let at = if at == Exposure::Shown { of_property(self.kind, path, &self.write_only, items.first()) } else { at };
        // A health check begins with `CMD`.
        let words = items.iter().take(2).filter_map(Json::as_str);
        let program = entry_point.iter().copied().take(2).chain(words).find_map(ShortOption::of);
        let mut before = entry_point.last().copied().unwrap_or_default();
        let masked = items.iter().map(|item| {
            let word = item.as_str().unwrap_or_default();
            let follows = at == Exposure::Shown && is_secret_option(before) && !item_is_option(item);
            let start = secret_start(program, before, word).filter(|_| !follows && at == Exposure::Shown);
            before = word;
            match start {
                Some(start) => {
                    self.found.borrow_mut().push(word[start..].to_owned());
                    Json::from(format!("{}{HIDDEN}", &word[..start]))
                }
                None => self.value(path, item, if follows { Exposure::Secret } else { at }),
            }
        });
        let masked = Json::Array(masked.collect());
        path.pop();
        masked
    }

    /// Masks a call of a function: names of what it refers to are shown.
    fn call(&self, path: &mut Vec<String>, name: &str, argument: &Json, at: Exposure) -> Json {
        let with = |argument: Json| Json::Object([(name.to_owned(), argument)].into_iter().collect());
        match (name, argument) {
            ("Ref" | "Condition" | "Fn::GetAtt" | "Fn::ImportValue" | "Fn::FindInMap" | "Fn::GetAZs", _) => {
                with(argument.clone())
            }
            ("Fn::If", Json::Array(parts)) if at != Exposure::Shown => {
                let masked = parts.iter().enumerate().map(|(index, part)| match index {
                    0 => part.clone(),
                    _ => self.value(path, part, at),
                });
                with(masked.collect())
            }
            _ if at == Exposure::Shown => with(self.plain(argument)),
            _ => {
                self.collect(argument, at);
                Json::from(HIDDEN)
            }
        }
    }

    /// Masks the argument of a function, in which keys are not properties.
    fn plain(&self, argument: &Json) -> Json {
        match argument {
            Json::Array(items) => items.iter().map(|item| self.plain(item)).collect(),
            Json::Object(fields) => {
                let field = |(key, value): (&String, &Json)| {
                    let is_secret = is_secret_name(key) && call(fields).is_none();
                    let masked = if is_secret { self.leaf_or(value) } else { self.plain(value) };
                    (key.clone(), masked)
                };
                Json::Object(fields.iter().map(field).collect())
            }
            leaf => self.leaf(leaf, Exposure::Shown),
        }
    }

    fn leaf_or(&self, value: &Json) -> Json {
        if value.is_object() || value.is_array() { self.plain(value) } else { self.leaf(value, Exposure::Secret) }
    }

    fn leaf(&self, leaf: &Json, at: Exposure) -> Json {
        match (leaf, at) {
            (Json::Null, _) | (Json::Bool(_), Exposure::Secret) => leaf.clone(),
            (Json::String(text), Exposure::Shown) => {
                let secrets = credentials::places(text).into_iter().map(|place| text[place].to_owned());
                self.found.borrow_mut().extend(secrets);
                Json::from(self.known.text(text))
            }
            (leaf, Exposure::Shown) => leaf.clone(),
            (Json::String(text), _) if credentials::is_reference(text) => leaf.clone(),
            (leaf, _) => {
                self.collect(leaf, at);
                if let (Exposure::Private, Json::String(text)) = (at, leaf) {
                    let secrets = credentials::places(text).into_iter().map(|place| text[place].to_owned());
                    self.found.borrow_mut().extend(secrets);
                }
                Json::from(HIDDEN)
            }
        }
    }

    /// Remembers the texts of a hidden value.
    fn collect(&self, value: &Json, at: Exposure) {
        let texts = if at == Exposure::Secret { &self.found } else { &self.private };
        match value {
            Json::String(text) if !text.contains("${") => texts.borrow_mut().push(text.clone()),
            Json::Number(number) => texts.borrow_mut().push(number.to_string()),
            Json::Array(items) => items.iter().for_each(|item| self.collect(item, at)),
            Json::Object(fields) if call(fields).is_none_or(|(name, _)| name != "Ref" && name != "Fn::GetAtt") => {
                fields.values().for_each(|field| self.collect(field, at));
            }
            _ => {}
        }
    }
}

/// Returns the start of the secret in a word of a command, which follows another word.
fn secret_start(program: Option<&ShortOption>, before: &str, word: &str) -> Option<usize> {
    let of_program = program.and_then(|program| program.secret_start(before, word));
    let is_user = ["-u", "--user"].contains(&before);
    let start = of_program.or_else(|| word.find(':').filter(|_| is_user).map(|colon| colon + 1))?;
    (start < word.len() && !credentials::is_reference(&word[start..])).then_some(start)
}

/// Returns the words of the entry point of a container.
fn entry_point(container: &Map<String, Json>) -> Vec<&str> {
    container.get("EntryPoint").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect()
}

fn item_is_option(item: &Json) -> bool {
    item.as_str().is_some_and(|text| text.starts_with("--"))
}

/// Returns the function and its argument, if an object is a call.
fn call(fields: &Map<String, Json>) -> Option<(&str, &Json)> {
    let mut all = fields.iter();
    let (Some((name, argument)), None) = (all.next(), all.next()) else { return None };
    (name == "Ref" || name == "Condition" || name.starts_with("Fn::")).then_some((name.as_str(), argument))
}

/// Returns the properties of a resource without what is sensitive.
pub fn masked_properties(resource: &Resource, schema: Option<&Schema>, known: &KnownSecrets) -> Json {
    let mask = Mask::of(resource.kind.as_str(), schema, known);
    mask.value(&mut Vec::new(), &properties(resource), Exposure::Shown)
}

/// Returns the properties of a resource without its secrets. Values that are private and no secrets are shown: environment variables
/// whose names do not say that they are secrets.
pub fn properties_without_secrets(resource: &Resource, schema: Option<&Schema>) -> Json {
    let known = KnownSecrets::default();
    let mask = Mask { shows_private: true, ..Mask::of(resource.kind.as_str(), schema, &known) };
    mask.value(&mut Vec::new(), &properties(resource), Exposure::Shown)
}

/// Returns a resource as its template has it, without what is sensitive.
pub fn masked_resource(resource: &Resource, schema: Option<&Schema>, known: &KnownSecrets) -> Json {
    let mask = Mask::of("", None, known);
    let attributes = resource
        .attributes
        .iter()
        .map(|(name, value)| (name.clone(), mask.value(&mut vec![name.clone()], &to_json(value), Exposure::Shown)));
    let mut all: Map<String, Json> = attributes.collect();
    all.insert("Type".to_owned(), resource.kind.as_str().into());
    all.insert("Properties".to_owned(), masked_properties(resource, schema, known));
    let mut after: Vec<&str> = resource.depends_on.iter().map(crate::cfn::LogicalId::as_str).collect();
    after.sort_unstable();
    all.insert("DependsOn".to_owned(), after.into());
    if let Some(condition) = &resource.condition {
        all.insert("Condition".to_owned(), condition.as_str().into());
    }
    Json::Object(all)
}

/// Returns everything but the resources of a template, by section, without what is sensitive.
pub fn masked_sections(template: &Template, has_no_echo: impl Fn(&str) -> bool, known: &KnownSecrets) -> Json {
    let mask = Mask::of("", None, known);
    let mut path = Vec::new();
    let masked = sections(template).into_iter().map(|(section, value)| {
        let masked = match (section.as_str(), &value) {
            ("Parameters" | "Outputs", Value::Map(entries)) => {
                let entry = |(name, value): (&String, &Value)| {
                    let secret = is_secret_name(name) || (section == "Parameters" && has_no_echo(name));
                    (name.clone(), mask_entry(&mask, &mut path, &to_json(value), secret))
                };
                Json::Object(entries.iter().map(entry).collect())
            }
            (_, value) => mask.value(&mut path, &to_json(value), Exposure::Shown),
        };
        (section, masked)
    });
    Json::Object(masked.collect())
}

/// Masks a parameter or output: of a secret, only its type and description are shown.
fn mask_entry(mask: &Mask<'_>, path: &mut Vec<String>, value: &Json, secret: bool) -> Json {
    const DESCRIPTIVE: [&str; 6] = ["Type", "Description", "NoEcho", "MinLength", "MaxLength", "Export"];
    match value {
        Json::Object(fields) if secret && call(fields).is_none() => {
            let masked = fields.iter().map(|(key, value)| {
                let at = if DESCRIPTIVE.contains(&key.as_str()) { Exposure::Shown } else { Exposure::Secret };
                (key.clone(), mask.value(path, value, at))
            });
            Json::Object(masked.collect())
        }
        value => mask.value(path, value, if secret { Exposure::Secret } else { Exposure::Shown }),
    }
}

/// Returns the secrets that a template holds.
pub fn secrets_of(template: &Template, schema: Option<&Schema>) -> KnownSecrets {
    let (known, mut found, mut private) = (KnownSecrets::default(), Vec::new(), Vec::new());
    for resource in template.resources.values() {
        let mask = Mask::of(resource.kind.as_str(), schema, &known);
        mask.value(&mut Vec::new(), &properties(resource), Exposure::Shown);
        found.extend(mask.found.take());
        private.extend(mask.private.take());
    }
    let mask = Mask::of("", None, &known);
    for (name, output) in &template.outputs {
        let at = if is_secret_name(name) { Exposure::Secret } else { Exposure::Shown };
        mask.value(&mut Vec::new(), &to_json(&output.value), at);
    }
    found.extend(mask.found.take());
    let is_secret = |name: &str, parameter: &Parameter| parameter.is_secret() || is_secret_name(name);
    let secret = template.parameters.iter().filter(|(name, parameter)| is_secret(name.as_str(), parameter));
    found.extend(secret.filter_map(|(_, parameter)| default(parameter)));
    KnownSecrets::new(found).with_private(private)
}

fn properties(resource: &Resource) -> Json {
    Json::Object(resource.properties.iter().map(|(name, value)| (name.clone(), to_json(value))).collect())
}

fn default(parameter: &Parameter) -> Option<String> {
    match to_json(parameter.body.get("Default")?) {
        Json::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Returns a value that AWS reports at a JSON pointer below the properties of a resource (`/Tags/0/Value`), guarded.
pub fn guarded_at(
    kind: &str,
    pointer: &str,
    value: Json,
    schema: Option<&Schema>,
    known: &KnownSecrets,
) -> GuardedValue {
    let mask = Mask::of(kind, schema, known);
    let (mut path, mut at) = (Vec::new(), Exposure::Shown);
    let steps: Vec<String> = pointer.split('/').filter(|step| !step.is_empty()).map(unescaped).collect();
    for (index, step) in steps.iter().enumerate() {
        if step.parse::<usize>().is_ok() {
            // The option before a word of a command is not known here.
            let is_word = path.last().is_some_and(|key: &String| COMMANDS.contains(&key.as_str()));
            path.push("*".to_owned());
            at = if is_word { Exposure::Private } else { at };
            continue;
        }
        let last = index + 1 == steps.len();
        at = match at {
            _ if step == "ValueFrom" || (at == Exposure::Private && step == "Name") => Exposure::Shown,
            Exposure::Secret => at,
            _ if is_secret_name(step) => Exposure::Secret,
            Exposure::Private => at,
            Exposure::Shown => mask.in_place(&mut path, step, last.then_some(&value)),
        };
        path.push(step.clone());
    }
    let visible = mask.value(&mut path, &value, at);
    GuardedValue::new(value, visible)
}

fn unescaped(step: &str) -> String {
    step.replace("~1", "/").replace("~0", "~")
}
