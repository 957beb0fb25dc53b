use std::collections::BTreeSet;

use serde_json::Value as Json;

use super::{Setting, SettingInput, SettingRule, SettingType, Source, variable};
use crate::cfn::sensitive::is_secret_name;
use crate::diag::{Code, CommandName, Diagnostic, Hint, Origin, Sink, did_you_mean, nearest};

/// A setting that a script declares.
#[derive(Debug, Clone, PartialEq)]
pub struct DeclaredSetting {
    /// Its name in the script.
    pub name: String,
    /// Its type.
    pub kind: SettingType,
    /// Its default; null for a setting without one.
    pub default: Json,
    /// The values that it accepts.
    pub rule: SettingRule,
    /// Whether it must be set.
    pub required: bool,
    /// Whether its value is a secret.
    pub secret: bool,
    /// The place in the script that declares it.
    pub origin: Origin,
}

/// Answers the `settings(..)` calls of one evaluation.
#[derive(Debug, Clone, Default)]
pub struct SettingsResolver {
    inputs: Vec<SettingInput>,
    settings: Vec<Setting>,
}

impl SettingsResolver {
    /// Creates a resolver of these values; of two flags or two lines of a file for one name the later wins.
    pub fn new(inputs: Vec<SettingInput>) -> Self {
        Self { inputs, settings: Vec::new() }
    }

    /// Returns the settings that were declared so far.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// Sets every declared setting to its value; a value of a wrong type is reported, and the default is used.
    pub fn declare(&mut self, prefix: &str, declared: &[DeclaredSetting], problems: &mut Sink) -> Vec<Setting> {
        let settings: Vec<Setting> = declared.iter().map(|wanted| self.value(prefix, wanted, problems)).collect();
        self.settings.extend(settings.iter().filter(|setting| !self.knows(setting)).cloned().collect::<Vec<_>>());
        settings
    }

    fn knows(&self, setting: &Setting) -> bool {
        self.settings.iter().any(|known| known.prefix == setting.prefix && known.name == setting.name)
    }

    fn value(&self, prefix: &str, wanted: &DeclaredSetting, problems: &mut Sink) -> Setting {
        let from_default = Setting {
            prefix: prefix.to_owned(),
            name: wanted.name.clone(),
            kind: wanted.kind,
            value: wanted.default.clone(),
            default: wanted.default.clone(),
            rule: wanted.rule.clone(),
            required: wanted.required,
            secret: wanted.secret,
            source: Source::Default,
        };
        let Some(input) = self.find(prefix, &wanted.name) else {
            if wanted.required {
                problems.push(without_value(prefix, wanted));
            }
            return from_default;
        };
        match wanted.kind.parse(&input.value).filter(|value| wanted.rule.accepts(value)) {
            Some(value) => Setting { value, source: input.source.clone(), ..from_default },
            None => {
                problems.push(wrong_value(input, wanted));
                from_default
            }
        }
    }

    fn find(&self, prefix: &str, name: &str) -> Option<&SettingInput> {
        let variable = variable(prefix, name);
        let is_direct = |input: &&SettingInput| matches!(input.source, Source::Flag | Source::Test(_));
        let flags = self.inputs.iter().rev().filter(is_direct).filter(|input| input.name == name);
        let named = |input: &&SettingInput| input.name == variable;
        let environment =
            self.inputs.iter().filter(|input| matches!(input.source, Source::Environment(_))).filter(named);
        let lines = self.inputs.iter().rev().filter(|input| matches!(input.source, Source::File(_))).filter(named);
        flags.chain(environment).chain(lines).next()
    }

    /// Returns the problems of values that no setting of the evaluated script uses.
    pub fn unclaimed(&self) -> Sink {
        let names: Vec<&str> = self.settings.iter().map(|setting| setting.name.as_str()).collect();
        let variables: Vec<String> = self.settings.iter().map(Setting::variable).collect();
        let prefixes: BTreeSet<String> = self.settings.iter().map(|setting| format!("{}_", setting.prefix)).collect();
        let is_ours = |name: &str| prefixes.iter().any(|prefix| name.starts_with(prefix));
        let known = |name: &str| variables.iter().any(|variable| variable == name);
        let mut problems = Sink::new();
        for input in &self.inputs {
            match &input.source {
                Source::Flag if !names.contains(&input.name.as_str()) => problems.push(unknown_flag(input, &names)),
                Source::Test(origin) if !names.contains(&input.name.as_str()) => {
                    problems.push(unknown_in_test(input, origin, &names));
                }
                Source::File(origin) if is_ours(&input.name) && !known(&input.name) => {
                    problems.push(unknown_line(input, origin, &variables));
                }
                Source::Environment(_) if is_ours(&input.name) && !known(&input.name) => {
                    problems.push(unknown_variable(input, &variables));
                }
                _ => {}
            }
        }
        problems
    }
}

/// Returns the source of a value as users know it, and as a place that diagnostics point at. The value of a secret setting is
/// not part of it.
fn place(input: &SettingInput, secret: bool) -> (String, Origin) {
    match &input.source {
        Source::Flag if secret => (format!("the value of `--set {}`", input.name), Origin::new("--set", 0, 0)),
        Source::Flag => (format!("`--set {}={}`", input.name, input.value), Origin::new("--set", 0, 0)),
        Source::Test(origin) => (format!("the setting `{}`", input.name), origin.clone()),
        // The line of the file is shown with a diagnostic, with the secret.
        Source::File(origin) if secret => (format!("`{}` in {origin}", input.name), Origin::unknown()),
        Source::File(origin) => (format!("`{}` in {origin}", input.name), origin.clone()),
        Source::Environment(_) | Source::Default => {
            (format!("the environment variable `{}`", input.name), Origin::new("environment", 0, 0))
        }
    }
}

/// Creates the diagnostic of a value that has the wrong type, or that the setting does not accept.
fn wrong_value(input: &SettingInput, wanted: &DeclaredSetting) -> Diagnostic {
    let secret = wanted.secret || is_secret_name(&wanted.name);
    let (what, origin) = place(input, secret);
    let has_type = wanted.kind.parse(&input.value).is_some();
    let expected = wanted.rule.expects().unwrap_or_else(|| wanted.kind.expects().to_owned());
    let problem = Diagnostic::new(Code::SettingType, format!("{what} is not {expected}"));
    let problem = match &input.source {
        Source::File(_) | Source::Test(_) if origin.is_known() => {
            problem.at(&origin, format!("`{}` is not {expected}", input.value))
        }
        _ => problem,
    };
    let problem = problem
        .at(&wanted.origin, format!("`{}` is declared here, of type {}", wanted.name, wanted.kind.name()))
        .help_if(did_you_mean(&input.value, wanted.rule.choices().iter().map(String::as_str)).filter(|_| has_type));
    if secret {
        return problem.help(format!("give {expected}"));
    }
    problem.help(format!("found `{}`; give {expected}", input.value))
}

fn without_value(prefix: &str, wanted: &DeclaredSetting) -> Diagnostic {
    let name = &wanted.name;
    Diagnostic::new(Code::SettingRequired, format!("the setting `{name}` has no value"))
        .at(&wanted.origin, "required")
        .help(format!(
            "set it with `--set {name}=VALUE`, or with the environment variable `{}`",
            variable(prefix, name)
        ))
}

fn unknown_flag(input: &SettingInput, names: &[&str]) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownSetting, format!("unknown setting `{}` in `--set`", input.name));
    match did_you_mean(&input.name, names.iter().copied()) {
        Some(hint) => problem.help(hint),
        None if names.is_empty() => {
            problem.help("this script declares no settings; declare them with `settings(prefix, #{ .. })`")
        }
        None => problem.help(format!("the settings are {}", names.join(", "))),
    }
}

fn unknown_in_test(input: &SettingInput, origin: &Origin, names: &[&str]) -> Diagnostic {
    Diagnostic::new(Code::UnknownSetting, format!("the script has no setting `{}`", input.name))
        .at(origin, "set here")
        .help_if(did_you_mean(&input.name, names.iter().copied()))
        .help_if((!names.is_empty()).then(|| format!("the settings are {}", names.join(", "))))
}

fn unknown_line(input: &SettingInput, origin: &Origin, variables: &[String]) -> Diagnostic {
    Diagnostic::new(Code::UnknownSetting, format!("unknown setting `{}`", input.name))
        .at(origin, "set here")
        .help_if(did_you_mean(&input.name, variables.iter().map(String::as_str)))
        .help(list_settings(""))
}

fn list_settings(advice: &str) -> Hint {
    Hint::from(advice).text("list the settings with ").command(CommandName::Settings.alone())
}

fn unknown_variable(input: &SettingInput, variables: &[String]) -> Diagnostic {
    let message = format!("the environment variable `{}` sets no setting of the script", input.name);
    match nearest(&input.name, variables.iter().map(String::as_str)) {
        Some(name) => Diagnostic::new(Code::UnknownSetting, message).help(format!("did you mean `{name}`?")),
        None => Diagnostic::new(Code::UnknownSetting, message)
            .as_warning()
            .help(list_settings("unset it, unless another stack uses the same prefix; ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn declared(name: &str, default: Json) -> DeclaredSetting {
        DeclaredSetting {
            name: name.into(),
            kind: SettingType::of(&default).unwrap_or(SettingType::String),
            default,
            rule: SettingRule::Any,
            required: false,
            secret: false,
            origin: Origin::new("a.rhai", 1, 1),
        }
    }

    fn input(name: &str, value: &str, source: Source) -> SettingInput {
        SettingInput { name: name.into(), value: value.into(), source }
    }

    fn env(name: &str, value: &str) -> SettingInput {
        input(name, value, Source::Environment(name.into()))
    }

    fn file(name: &str, value: &str) -> SettingInput {
        input(name, value, Source::File(Origin::new(".env", 3, 0)))
    }

    fn resolve(inputs: Vec<SettingInput>) -> (Json, Sink) {
        let mut resolver = SettingsResolver::new(inputs);
        let mut problems = Sink::new();
        let settings = resolver.declare("APP", &[declared("task_cpu", json!(256))], &mut problems);
        problems.extend(resolver.unclaimed());
        (settings[0].value.clone(), problems)
    }

    #[test]
    fn flag_overrides_environment_which_overrides_file() {
        let all = || vec![input("task_cpu", "1", Source::Flag), env("APP_TASK_CPU", "2"), file("APP_TASK_CPU", "3")];
        assert_eq!(resolve(all()).0, json!(1));
        assert_eq!(resolve(all().split_off(1)).0, json!(2));
        assert_eq!(resolve(all().split_off(2)).0, json!(3));
        assert_eq!(resolve(Vec::new()).0, json!(256));
    }

    #[test]
    fn later_line_of_the_file_wins() {
        assert_eq!(resolve(vec![file("APP_TASK_CPU", "1"), file("APP_TASK_CPU", "2")]).0, json!(2));
    }

    #[test]
    fn value_of_a_wrong_type_names_the_source_and_the_declaration() {
        let (_, problems) = resolve(vec![file("APP_TASK_CPU", "many")]);
        let places: Vec<String> = problems[0].labels.iter().map(|label| label.origin.to_string()).collect();
        assert_eq!(places, [".env:3", "a.rhai:1:1"]);
        assert_eq!(problems[0].code, "setting-type");
    }

    fn resolved(wanted: DeclaredSetting, inputs: Vec<SettingInput>) -> (Setting, Sink) {
        let mut problems = Sink::new();
        let setting = SettingsResolver::new(inputs).declare("APP", &[wanted], &mut problems).remove(0);
        (setting, problems)
    }

    #[test]
    fn required_setting_without_a_value_is_an_error() {
        let wanted = || DeclaredSetting { required: true, ..declared("tag", Json::Null) };
        let (_, problems) = resolved(wanted(), Vec::new());
        assert_eq!(problems[0].code, "setting-required");
        assert!(problems[0].hints[0].to_string().contains("`APP_TAG`"), "{:?}", problems[0].hints);
        let (setting, problems) = resolved(wanted(), vec![env("APP_TAG", "1.2")]);
        assert_eq!((setting.value, problems.len()), (json!("1.2"), 0));
    }

    #[test]
    fn value_outside_of_the_rule_is_refused_and_the_default_is_used() {
        let stage = || DeclaredSetting {
            rule: SettingRule::OneOf(vec![json!("dev"), json!("production")]),
            ..declared("stage", json!("dev"))
        };
        let (setting, problems) = resolved(stage(), vec![env("APP_STAGE", "producton")]);
        assert_eq!(setting.value, json!("dev"));
        assert_eq!(problems[0].message, "the environment variable `APP_STAGE` is not one of `dev`, `production`");
        assert_eq!(problems[0].hints[0].to_string(), "did you mean `production`?");
        let tasks = || DeclaredSetting { rule: SettingRule::Between(1, 5), ..declared("tasks", json!(2)) };
        assert_eq!(resolved(tasks(), vec![env("APP_TASKS", "5")]).0.value, json!(5));
        for wrong in ["6", "0", "many"] {
            let (_, problems) = resolved(tasks(), vec![env("APP_TASKS", wrong)]);
            assert!(problems[0].message.ends_with("is not a whole number from 1 to 5"), "{wrong}");
        }
    }

    #[test]
    fn secret_setting_is_in_no_message_and_is_not_shown() {
        let wanted = || DeclaredSetting { secret: true, kind: SettingType::Int, ..declared("pin", Json::Null) };
        for source in [Source::Flag, Source::File(Origin::new(".env", 3, 0))] {
            let name = if source == Source::Flag { "pin" } else { "APP_PIN" };
            let (_, problems) = resolved(wanted(), vec![input(name, "hunter2", source)]);
            assert_eq!(problems.len(), 1);
            assert!(!format!("{:?}", problems[0]).contains("hunter2"), "{:?}", problems[0]);
            assert!(problems[0].labels.iter().all(|label| &*label.origin.source != ".env"));
        }
        let (setting, _) = resolved(wanted(), vec![env("APP_PIN", "1234")]);
        assert_eq!((setting.value.clone(), setting.shown()), (json!(1234), json!("(not shown)")));
    }

    #[test]
    fn unknown_setting_is_an_error_or_a_warning() {
        let is_error = |input: SettingInput| resolve(vec![input]).1.first().map(Diagnostic::is_error);
        assert_eq!(is_error(input("task_cup", "1", Source::Flag)), Some(true));
        assert_eq!(is_error(file("APP_ELSE", "1")), Some(true));
        assert_eq!(is_error(env("APP_TASK_CPUS", "1")), Some(true));
        assert_eq!(is_error(env("APP_OTHER_STACKS_SETTING", "1")), Some(false));
        assert_eq!(is_error(env("OTHER_TASK_CPU", "1")), None);
    }
}
