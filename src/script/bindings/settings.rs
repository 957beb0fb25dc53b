use std::rc::Rc;

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, Map, NativeCallContext};
use serde_json::Value as Json;

use super::FunctionNames;
use crate::cfn::{PropertyPath, emit};
use crate::diag::{Code, Diagnostic, Origin, Sink, did_you_mean};
use crate::script::declaration::{Declaration, Values};
use crate::script::describe::describe;
use crate::script::eval_state::EvalState;
use crate::script::registration::stop;
use crate::script::value::to_value;
use crate::settings::{DeclaredSetting, SettingType};

/// A setting without a default: `optional("int")`.
#[derive(Debug, Clone, Copy)]
struct Optional(SettingType);

/// Registers `settings(prefix, #{ .. })` and `optional(type)`.
pub(super) fn register(engine: &mut Engine) {
    engine.register_type_with_name::<Optional>("optional setting");
    engine.register_fn("optional", optional);
    engine.register_fn("settings", settings);
}

/// Returns the functions of this file for documentation and messages.
pub(super) fn names() -> [FunctionNames; 2] {
    [
        FunctionNames {
            name: "settings".into(),
            declaration: Declaration::new("settings", SETTINGS, &[("prefix", "text"), ("defaults", "a map")]),
        },
        FunctionNames {
            name: "optional".into(),
            declaration: Declaration::new("optional", OPTIONAL, &[("type", "text")])
                .with_values(Values::OneOf(&SettingType::NAMES)),
        },
    ]
}

const SETTINGS: &str =
    " Declares typed settings. A value comes from `--set`, else from `PREFIX_NAME` in the environment, else from `.env`,
 else from the default.

 The type of a setting is the type of its default. A value of another type is an error, and so is a setting that the
 script does not declare.

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

fn optional(ctx: NativeCallContext, kind: ImmutableString) -> Result<Optional, Box<EvalAltResult>> {
    SettingType::by_name(&kind).map(Optional).ok_or_else(|| {
        let state = EvalState::of(&ctx);
        let problem = Diagnostic::new(Code::SettingType, format!("`{kind}` is not a type of settings"))
            .at(&state.origin(&ctx), "")
            .help_if(did_you_mean(&kind, SettingType::NAMES))
            .help(format!("the types are {}", SettingType::NAMES.join(", ")));
        state.report(problem);
        stop(&ctx)
    })
}

fn settings(ctx: NativeCallContext, prefix: ImmutableString, defaults: Map) -> Map {
    let state = EvalState::of(&ctx);
    let call = state.origin(&ctx);
    let mut problems = Sink::new();
    if !is_prefix(&prefix) {
        problems.push(bad_prefix(&prefix, &call));
    }
    let origins = state.literal_origins(&call, 1);
    let origin_of = |name: &str| {
        let path = PropertyPath::attribute(name);
        origins.iter().find(|(known, _)| *known == path).map_or_else(|| call.clone(), |(_, origin)| origin.clone())
    };
    let declared = defaults.iter().map(|(name, default)| declare(name, default, origin_of(name), &state));
    let (declared, wrong): (Vec<_>, Vec<_>) = declared.partition(Result::is_ok);
    problems.extend(wrong.into_iter().filter_map(Result::err));
    let mut declared: Vec<DeclaredSetting> = declared.into_iter().flatten().collect();
    // Rhai's maps are sorted by name; users want the order of the script.
    declared.sort_by_key(|setting| (setting.origin.line, setting.origin.column));
    let origins = declared.iter().map(|setting| (setting.name.clone(), setting.origin.clone()));
    state.setting_origins.borrow_mut().extend(origins);
    let values = state.settings.borrow_mut().declare(&prefix, &declared, &mut problems);
    problems.into_iter().for_each(|problem| state.report(problem));
    values.into_iter().map(|setting| (setting.name.into(), from_json(&setting.value))).collect()
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
    if let Some(optional) = default.read_lock::<Optional>() {
        return Ok(DeclaredSetting { name, kind: optional.0, default: Json::Null, origin });
    }
    let wrong = |found: String| {
        Diagnostic::new(Code::SettingType, format!("the default of the setting `{name}` is {found}"))
            .at(&origin, "")
            .help("a default is a number, `true` or `false`, text, a list or a map; `optional(\"int\")` has none")
    };
    let default = match to_value(default, &**state) {
        Ok(value) => emit::json::to_json(&value),
        Err(_) => return Err(wrong(describe(default))),
    };
    let kind = SettingType::of(&default).ok_or_else(|| wrong("nothing".into()))?;
    Ok(DeclaredSetting { name, kind, default, origin })
}

fn from_json(json: &Json) -> Dynamic {
    match json {
        Json::Null => Dynamic::UNIT,
        Json::Bool(flag) => (*flag).into(),
        Json::Number(number) => match number.as_i64() {
            Some(whole) => whole.into(),
            None => number.as_f64().unwrap_or(f64::NAN).into(),
        },
        Json::String(text) => text.clone().into(),
        Json::Array(items) => items.iter().map(from_json).collect::<rhai::Array>().into(),
        Json::Object(entries) => {
            entries.iter().map(|(key, value)| (key.as_str().into(), from_json(value))).collect::<Map>().into()
        }
    }
}
