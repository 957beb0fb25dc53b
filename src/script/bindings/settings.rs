use std::ops::{Range, RangeInclusive};
use std::rc::Rc;

use rhai::{Array, Dynamic, EvalAltResult, ImmutableString, Map, NativeCallContext};
use serde_json::Value as Json;

use super::FunctionNames;
use crate::cfn::{PropertyPath, emit};
use crate::diag::{Code, Diagnostic, Origin, Sink, did_you_mean};
use crate::script::declaration::{Declaration, Values};
use crate::script::describe::describe;
use crate::script::eval_state::{EvalState, package_of};
use crate::script::global_functions::GlobalFunctions;
use crate::script::reading::{from_json, is_credential};
use crate::script::registration::stop;
use crate::script::value::to_value;
use crate::settings::{DeclaredSetting, SettingRule, SettingType};

/// A declaration that says more than a default: `optional("int")`, `choice([..])`.
#[derive(Debug, Clone)]
pub(super) struct Form {
    pub(super) kind: SettingType,
    pub(super) default: Json,
    pub(super) rule: SettingRule,
    pub(super) required: bool,
    pub(super) secret: bool,
}

/// The declaration of an option that takes any value: `optional("any")`, `required("any")`.
#[derive(Debug, Clone)]
pub(super) struct AnyOption {
    pub(super) required: bool,
}

/// The name of the type that takes any value, for options of functions.
const ANY: &str = "any";

impl Form {
    pub(super) fn without_default(kind: SettingType) -> Self {
        Self { kind, default: Json::Null, rule: SettingRule::Any, required: false, secret: false }
    }
}

/// Registers `settings(prefix, #{ .. })` and the declarations of single settings.
pub(super) fn register(globals: &mut GlobalFunctions) {
    globals.register_type_with_name::<Form>("setting declaration");
    globals.register_type_with_name::<AnyOption>("option declaration");
    for (name, required) in [("optional", false), ("required", true)] {
        globals.register_fn(name, move |ctx: NativeCallContext, kind: ImmutableString| {
            if kind == ANY {
                return Dynamic::from(AnyOption { required });
            }
            Dynamic::from(Form { required, ..Form::without_default(type_of(&ctx, &kind)) })
        });
    }
    globals.register_fn("secret", |ctx: NativeCallContext, kind: ImmutableString| Form {
        secret: true,
        ..Form::without_default(type_of(&ctx, &kind))
    });
    globals.register_fn("choice", |ctx: NativeCallContext, values: Array| choice(&ctx, &values, None));
    globals.register_fn("choice", |ctx: NativeCallContext, values: Array, default: Dynamic| {
        choice(&ctx, &values, Some(&default))
    });
    globals.register_fn("range", |ctx: NativeCallContext, bounds: RangeInclusive<i64>, default: i64| {
        range(&ctx, &bounds, default)
    });
    globals.register_fn("range", |ctx: NativeCallContext, bounds: Range<i64>, default: i64| {
        let (start, end) = (bounds.start, bounds.end);
        wrong(
            &ctx,
            &format!("`{start}..{end}` leaves out its end"),
            format!("write `range({start}..={end}, {default})`"),
        );
        range(&ctx, &(start..=end), default)
    });
    globals.register_fn("settings", settings);
}

/// Returns the functions of this file for documentation and messages.
pub(super) fn names() -> Vec<FunctionNames> {
    let named = |declaration: Declaration| FunctionNames { name: declaration.name.into(), declaration };
    let of_type = |name, doc| {
        named(Declaration::new(name, doc, &[("type", "text")]).with_values(Values::OneOf(&SettingType::NAMES)))
    };
    vec![
        named(Declaration::new("settings", SETTINGS, &[("prefix", "text"), ("defaults", "a map")])),
        of_type("optional", OPTIONAL),
        of_type("required", REQUIRED),
        of_type("secret", SECRET),
        named(Declaration::new("choice", CHOICE, &[("values", "a list")])),
        named(Declaration::new(
            "range",
            RANGE,
            &[("bounds", "a range of whole numbers"), ("default", "a whole number")],
        )),
    ]
}

const SETTINGS: &str =
    " Declares typed settings. A value comes from `--set`, else from `PREFIX_NAME` in the environment, else from `.env`,
 else from the default.

 The type of a setting is the type of its default. A value of another type is an error, and so is a setting that the
 script does not declare. In place of a default: `optional(type)`, `required(type)`, `choice(values)`,
 `range(bounds, default)`, `secret(type)`.

 ```rhai
 let settings = settings(\"TILES\", #{ cpu: 512, memory: 1024, stage: \"test\" });
 Stack(\"web\").add(service.cpu(settings.cpu).memory(settings.memory).env(\"STAGE\", settings.stage))
 ```
";

const OPTIONAL: &str = " Declares the type of a setting without a default. Its value is `()` if it is not set.

 A setter that gets `()` changes nothing.

 ```rhai
 let settings = settings(\"TILES\", #{ memory: optional(\"int\") });
 Stack(\"web\").add(service.memory(settings.memory))
 ```
";

const REQUIRED: &str = " Declares the type of a setting that must be set: without a value the script is refused.

 ```rhai
 let settings = settings(\"TILES\", #{ stage: required(\"string\") });
 Stack(\"web\").add(service.env(\"STAGE\", settings.stage))
 ```
";

const SECRET: &str = " Declares the type of a secret setting. Its value is `()` if it is not set, and it is never printed.

 A secret that tasks read belongs into Secrets Manager or Parameter Store; `.secret` gives it to them. A template shows what
 is written into it to everyone who may read it.

 ```rhai
 let settings = settings(\"TILES\", #{ header: secret(\"string\") });
 Stack(\"web\").add(service)
     .add(AWS::SecretsManager::Secret(\"Header\", #{ SecretString: settings.header }))
 ```
";

const CHOICE: &str =
    " Declares a setting that takes one of some values. Its default is the first one, or a second argument.

 ```rhai
 let settings = settings(\"TILES\", #{ stage: choice([\"test\", \"production\"]) });
 Stack(\"web\").add(service.env(\"STAGE\", settings.stage))
 ```
";

const RANGE: &str = " Declares a setting that takes a whole number between two bounds, with its default.

 ```rhai
 let settings = settings(\"TILES\", #{ tasks: range(1..=20, 2) });
 Stack(\"web\").add(service.count(settings.tasks))
 ```
";

/// Reports a wrong argument of a declaration; the evaluation continues.
fn wrong(ctx: &NativeCallContext, message: &str, help: String) {
    let state = EvalState::of(ctx);
    state.report(Diagnostic::new(Code::SettingType, message).at(&state.origin(ctx), "").help(help));
}

/// Returns the type of a name; one that does not exist is reported, and is text.
fn type_of(ctx: &NativeCallContext, name: &str) -> SettingType {
    SettingType::by_name(name).unwrap_or_else(|| {
        let state = EvalState::of(ctx);
        let problem = Diagnostic::new(Code::SettingType, format!("`{name}` is not a type of settings"))
            .at(&state.origin(ctx), "")
            .help_if(did_you_mean(name, SettingType::NAMES))
            .help(format!("the types are {}", SettingType::NAMES.join(", ")));
        state.report(problem);
        SettingType::String
    })
}

fn choice(ctx: &NativeCallContext, values: &Array, default: Option<&Dynamic>) -> Form {
    let state = EvalState::of(ctx);
    let json = |value: &Dynamic| to_value(value, &*state).ok().map(|value| emit::json::to_json(&value));
    let found: Vec<Json> = values.iter().filter_map(json).collect();
    let kinds: Vec<Option<SettingType>> = found.iter().map(SettingType::of).collect();
    let is_plain = |kind: &Option<SettingType>| {
        matches!(kind, Some(SettingType::String | SettingType::Int | SettingType::Float)) && *kind == kinds[0]
    };
    if found.is_empty() || found.len() != values.len() || !kinds.iter().all(is_plain) {
        let help = "write `choice([\"dev\", \"production\"])`".to_owned();
        wrong(ctx, "`choice` takes a list of texts, or of numbers", help);
        return Form::without_default(SettingType::String);
    }
    let rule = SettingRule::OneOf(found.clone());
    let default = default.map_or_else(|| Some(found[0].clone()), json).filter(|default| rule.accepts(default));
    let default = default.unwrap_or_else(|| {
        let expected = rule.expects().unwrap_or_default();
        wrong(ctx, &format!("the default is not {expected}"), "add it to the list, or leave it out".to_owned());
        found[0].clone()
    });
    Form { default, rule, ..Form::without_default(kinds[0].unwrap_or(SettingType::String)) }
}

fn range(ctx: &NativeCallContext, bounds: &RangeInclusive<i64>, default: i64) -> Form {
    let (least, most) = (*bounds.start(), *bounds.end());
    if least > most {
        let help = format!("did you mean `{most}..={least}`?");
        wrong(ctx, &format!("no number is in `{least}..={most}`"), help);
    } else if !bounds.contains(&default) {
        let help = format!("choose a default from {least} to {most}");
        wrong(ctx, &format!("the default {default} is not in `{least}..={most}`"), help);
    }
    let rule = SettingRule::Between(least, most);
    Form { default: default.into(), rule, ..Form::without_default(SettingType::Int) }
}

fn settings(ctx: NativeCallContext, prefix: ImmutableString, defaults: Map) -> Result<Map, Box<EvalAltResult>> {
    let state = EvalState::of(&ctx);
    let call = state.origin(&ctx);
    let mut problems = Sink::new();
    if let Some(package) = package_of(&ctx) {
        let name = &package.manifest.name;
        let message = format!("the package `{name}` has no permission to declare settings");
        let problem = Diagnostic::new(Code::PermissionDenied, message).at(&call, "");
        state.report(problem.help("let the function take the value as an argument; the project declares the setting"));
        return Err(stop(&ctx));
    }
    if !is_prefix(&prefix) {
        problems.push(bad_prefix(&prefix, &call));
    }
    let origins = state.literal_origins(&call, 1);
    let origin_of = |name: &str| {
        let path = PropertyPath::attribute(name);
        origins.iter().find(|(known, _)| *known == path).map_or_else(|| call.clone(), |(_, origin)| origin.clone())
    };
    let declared = defaults.iter().map(|(name, default)| declare(name, default, origin_of(name), &state));
    let declared = declared.map(|setting| setting.and_then(|setting| without_credentials(&prefix, setting)));
    let (declared, wrong): (Vec<_>, Vec<_>) = declared.partition(Result::is_ok);
    problems.extend(wrong.into_iter().filter_map(Result::err));
    let mut declared: Vec<DeclaredSetting> = declared.into_iter().flatten().collect();
    // Rhai's maps are sorted by name; users want the order of the script.
    declared.sort_by_key(|setting| (setting.origin.line, setting.origin.column));
    let origins = declared.iter().map(|setting| (setting.name.clone(), setting.origin.clone()));
    state.setting_origins.borrow_mut().extend(origins);
    let values = state.settings.borrow_mut().declare(&prefix, &declared, &mut problems);
    problems.into_iter().for_each(|problem| state.report(problem));
    Ok(values.into_iter().map(|setting| (setting.name.into(), from_json(&setting.value))).collect())
}

/// Refuses a setting whose variable holds credentials: its value could be written into a template.
fn without_credentials(prefix: &str, setting: DeclaredSetting) -> Result<DeclaredSetting, Diagnostic> {
    let variable = format!("{prefix}_{}", setting.name);
    if !is_credential(&variable) {
        return Ok(setting);
    }
    let variable = variable.to_uppercase();
    let message = format!("the setting `{}` would read `{variable}`, which holds credentials", setting.name);
    Err(Diagnostic::new(Code::PermissionDenied, message).at(&setting.origin, "").help("choose another prefix or name"))
}

fn is_prefix(prefix: &str) -> bool {
    prefix.starts_with(|first: char| first.is_ascii_uppercase())
        && prefix.chars().all(|letter| letter.is_ascii_uppercase() || letter.is_ascii_digit() || letter == '_')
}

fn bad_prefix(prefix: &str, call: &Origin) -> Diagnostic {
    let suggestion = prefix.to_uppercase().replace('-', "_");
    Diagnostic::new(Code::SettingPrefix, format!("`{prefix}` cannot begin the names of environment variables"))
        .at(call, "")
        .help(format!("use capital letters, digits and underscores: `{}`", suggestion.trim_end_matches('_')))
}

fn declare(
    name: &str,
    default: &Dynamic,
    origin: Origin,
    state: &Rc<EvalState>,
) -> Result<DeclaredSetting, Diagnostic> {
    let name = name.to_owned();
    if let Some(form) = default.read_lock::<Form>() {
        let Form { kind, default, rule, required, secret } = form.clone();
        return Ok(DeclaredSetting { name, kind, default, rule, required, secret, origin });
    }
    let wrong = |found: String| {
        Diagnostic::new(Code::SettingType, format!("the default of the setting `{name}` is {found}"))
            .at(&origin, "")
            .help("a default is a number, `true` or `false`, text, a list or a map; `optional(\"int\")` has none")
    };
    if default.is::<AnyOption>() {
        return Err(wrong("of any type".into()));
    }
    let default = match to_value(default, &**state) {
        Ok(value) => emit::json::to_json(&value),
        Err(_) => return Err(wrong(describe(default))),
    };
    let kind = SettingType::of(&default).ok_or_else(|| wrong("nothing".into()))?;
    Ok(DeclaredSetting { name, kind, default, rule: SettingRule::Any, required: false, secret: false, origin })
}
