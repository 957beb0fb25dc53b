//! Typed settings: flag > environment > file > default, as a pure merge.
//!
//! A script declares names with defaults; [`SettingsResolver::declare`] gives each a value and remembers where it came
//! from. After the evaluation [`SettingsResolver::unclaimed`] reports values that no setting uses.
//!
//! *Invariant*: imports only `diag`, and the names of secrets and secret settings of `cfn`; the environment and files reach it as [`SettingInput`] values.

mod env_file;
mod resolve;
mod rule;
mod setting_type;

pub use env_file::{parse as parse_env_file, shown as shown_env_file};
pub use resolve::{DeclaredSetting, SettingsResolver};
pub use rule::SettingRule;
pub use setting_type::SettingType;

use crate::cfn::check::SecretSetting;
use crate::cfn::sensitive::{HIDDEN, KnownSecrets, is_secret_name};
use crate::diag::Origin;

/// The source of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `--set name=value`.
    Flag,
    /// An environment variable of this name.
    Environment(String),
    /// A line of a `.env` file.
    File(Origin),
    /// A call of a test, which evaluates the script with settings.
    Test(Origin),
    /// The default in the script.
    Default,
}

/// A value that a user set, before the script declares its setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingInput {
    /// `name` for a flag, `PREFIX_NAME` for the others.
    pub name: String,
    /// The text as written.
    pub value: String,
    /// The source.
    pub source: Source,
}

/// A setting with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Setting {
    /// The prefix of its environment variable.
    pub prefix: String,
    /// Its name in the script.
    pub name: String,
    /// Its type.
    pub kind: SettingType,
    /// Its value; null if an optional setting is not set.
    pub value: serde_json::Value,
    /// Its default; null for a setting without one.
    pub default: serde_json::Value,
    /// The values that it accepts.
    pub rule: SettingRule,
    /// Whether it has no default and must be set.
    pub required: bool,
    /// Whether its value is a secret, which is not printed.
    pub secret: bool,
    /// The source of the value.
    pub source: Source,
}

impl Setting {
    /// Returns whether its value is not shown: the script declares it as a secret, or it is named like one.
    pub fn is_secret(&self) -> bool {
        self.secret || is_secret_name(&self.name)
    }

    /// Returns the environment variable that sets it.
    pub fn variable(&self) -> String {
        variable(&self.prefix, &self.name)
    }

    /// Returns the value as it may be printed: that of a secret setting is not.
    pub fn shown(&self) -> serde_json::Value {
        self.hidden(&self.value)
    }

    /// Returns the default as it may be printed.
    pub fn shown_default(&self) -> serde_json::Value {
        self.hidden(&self.default)
    }

    fn hidden(&self, value: &serde_json::Value) -> serde_json::Value {
        if self.is_secret() && !value.is_null() { HIDDEN.into() } else { value.clone() }
    }

    /// Returns the word for the default of a setting that has none.
    pub fn without_default(&self) -> &'static str {
        if self.required { "(required)" } else { "(optional)" }
    }
}

/// Returns the settings that a script declares as secrets, each with the texts of its value.
pub fn secret_settings(settings: &[Setting]) -> Vec<SecretSetting> {
    let of_one = |setting: &Setting| {
        let mut texts = Vec::new();
        collect(&setting.value, &mut texts);
        let name = setting.name.clone();
        texts.into_iter().map(move |value| SecretSetting { name: name.clone(), value }).collect::<Vec<_>>()
    };
    settings.iter().filter(|setting| setting.secret).flat_map(of_one).collect()
}

/// Returns the values of secret settings, with the texts in lists and maps.
pub fn known_secrets(settings: &[Setting]) -> KnownSecrets {
    let mut texts = Vec::new();
    settings.iter().filter(|setting| setting.is_secret()).for_each(|setting| collect(&setting.value, &mut texts));
    KnownSecrets::new(texts)
}

fn collect(value: &serde_json::Value, texts: &mut Vec<String>) {
    use serde_json::Value as Json;
    match value {
        Json::String(text) => texts.push(text.clone()),
        Json::Number(number) => texts.push(number.to_string()),
        Json::Array(items) => items.iter().for_each(|item| collect(item, texts)),
        Json::Object(fields) => fields.values().for_each(|field| collect(field, texts)),
        Json::Null | Json::Bool(_) => {}
    }
}

/// Returns the environment variable of a setting: `TITILER_STACK_TASK_CPU`.
pub(crate) fn variable(prefix: &str, name: &str) -> String {
    format!("{prefix}_{}", name.to_uppercase())
}
