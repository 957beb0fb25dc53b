//! `options(given, #{ .. })`: the options of a function, checked as settings are.

use std::rc::Rc;

use rhai::{Dynamic, EvalAltResult, Map, NativeCallContext};

use super::FunctionNames;
use super::settings::{AnyOption, Form};
use crate::cfn::emit;
use crate::diag::{Code, Diagnostic, did_you_mean, nearest};
use crate::script::declaration::Declaration;
use crate::script::describe::describe;
use crate::script::eval_state::EvalState;
use crate::script::global_functions::GlobalFunctions;
use crate::script::poison::Poison;
use crate::script::raised;
use crate::script::reading::from_json;
use crate::script::registration::stop;
use crate::script::value::to_value;
use crate::settings::SettingType;

/// Registers `options(given, #{ .. })`.
pub(super) fn register(globals: &mut GlobalFunctions) {
    globals.register_fn("options", options);
}

/// Returns the functions of this file for documentation and messages.
pub(super) fn names() -> Vec<FunctionNames> {
    let declaration = Declaration::new("options", OPTIONS, &[("given", "a map"), ("defaults", "a map")]);
    vec![FunctionNames { name: "options".into(), declaration }]
}

const OPTIONS: &str =
    " Checks the options of a function that scripts share, and returns them with the defaults of those that are not given.

 The type of an option is the type of its default. In place of a default: `optional(type)`, `required(type)`, `choice(values)`,
 `range(bounds, default)`; the type `any` also takes blocks. A wrong option is an error at the call of the function.

 ```rhai
 fn web(name, given) {
     let o = options(given, #{ image: required(\"string\"), port: 8080, tasks: range(1..=20, 2), cluster: optional(\"any\") });
     FargateService(name).image(o.image).port(o.port).count(o.tasks).cluster(o.cluster)
 }
 Stack(\"web\").add(web(\"Shop\", #{ image: \"ghcr.io/example/shop:1.4.2\" }))
 ```
";

/// The declaration of an option.
enum Wanted {
    /// Any value, blocks included.
    Any { required: bool },
    /// A value as a setting has it.
    Form(Form),
}

fn options(ctx: NativeCallContext, given: Dynamic, declared: Map) -> Result<Map, Box<EvalAltResult>> {
    let state = EvalState::of(&ctx);
    let mut problems: Vec<(Option<&str>, Diagnostic)> = Vec::new();
    let given = match given.read_lock::<Map>() {
        Some(given) => given.clone(),
        None if given.is_unit() => Map::new(),
        None => {
            let message = format!("the options are {}, not a map", describe(&given));
            problems.push((None, problem(message).help("write `#{ name: value }`")));
            Map::new()
        }
    };
    for name in given.keys().filter(|name| !declared.contains_key(*name)) {
        let names = || declared.keys().map(rhai::Identifier::as_str);
        let all = names().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let unknown = problem(format!("unknown option `{name}`"));
        let unknown = unknown.help_if(did_you_mean(name, names())).help(format!("the options are {all}"));
        problems.push((Some(name), unknown));
    }
    let mut checked = Map::new();
    for (name, default) in &declared {
        let value = given.get(name).filter(|value| !value.is_unit());
        let value = match (wanted(default, &state), value) {
            (Ok(wanted), Some(value)) => accepted(name, value, &wanted, &state).unwrap_or_else(|problem| {
                problems.push((Some(name), problem));
                in_place(&wanted, &state)
            }),
            (Ok(wanted), None) => {
                // A misspelt name is one mistake.
                if wanted.is_required() && !is_misspelt(name, &given, &declared) {
                    let missing = problem(format!("the option `{name}` is missing"));
                    problems.push((None, missing.help(format!("add `{name}: {}`", wanted.example()))));
                }
                in_place(&wanted, &state)
            }
            // A default that is not JSON, such as a block, takes any value.
            (Err(()), value) => value.unwrap_or(default).clone(),
        };
        checked.insert(name.as_str().into(), value);
    }
    for (option, problem) in problems {
        raised::report(&ctx, problem, option);
        if state.ends_here() {
            return Err(stop(&ctx));
        }
    }
    Ok(checked)
}

/// Returns whether an unknown option is probably this one.
fn is_misspelt(name: &str, given: &Map, declared: &Map) -> bool {
    let mut unknown = given.keys().filter(|given| !declared.contains_key(*given));
    unknown.any(|unknown| nearest(unknown, declared.keys().map(rhai::Identifier::as_str)) == Some(name))
}

/// Returns the value in place of one that is wrong or missing: the default; without one, a value about which nothing else is reported.
fn in_place(wanted: &Wanted, state: &EvalState) -> Dynamic {
    if !wanted.is_required() {
        return wanted.default();
    }
    state.has_poison.set(true);
    Dynamic::from(Poison)
}

fn problem(message: String) -> Diagnostic {
    Diagnostic::new(Code::FunctionOption, message)
}

/// Returns what is declared for an option.
fn wanted(default: &Dynamic, state: &Rc<EvalState>) -> Result<Wanted, ()> {
    if let Some(any) = default.read_lock::<AnyOption>() {
        return Ok(Wanted::Any { required: any.required });
    }
    if let Some(form) = default.read_lock::<Form>() {
        return Ok(Wanted::Form(form.clone()));
    }
    let json = emit::json::to_json(&to_value(default, &**state).map_err(drop)?);
    let kind = SettingType::of(&json).ok_or(())?;
    Ok(Wanted::Form(Form { default: json, ..Form::without_default(kind) }))
}

/// Returns the value of an option if it is as declared. A value that is known at deployment only is as declared.
fn accepted(name: &str, value: &Dynamic, wanted: &Wanted, state: &Rc<EvalState>) -> Result<Dynamic, Diagnostic> {
    let Wanted::Form(form) = wanted else { return Ok(value.clone()) };
    let is_plain = value.is_int()
        || value.is_float()
        || value.is_bool()
        || value.is_string()
        || value.is_array()
        || value.is::<Map>();
    let refused = || {
        let expected = form.rule.expects().unwrap_or_else(|| kind_in_scripts(form.kind).to_owned());
        let refused = problem(format!("the option `{name}` is {}, not {expected}", describe(value)));
        let hint = written(form, value).map(|written| format!("write `{name}: {written}`"));
        Err(refused.help_if(hint))
    };
    if !is_plain {
        // A reference, such as `queue.Arn`, is text or a number that only AWS knows; a block is neither.
        return if to_value(value, &**state).is_ok() { Ok(value.clone()) } else { refused() };
    }
    let of_kind = match form.kind {
        SettingType::Int => value.is_int(),
        SettingType::Float => value.is_int() || value.is_float(),
        SettingType::Bool => value.is_bool(),
        SettingType::String => value.is_string(),
        SettingType::List => value.is_array(),
        SettingType::Map => value.is::<Map>(),
    };
    let json = to_value(value, &**state).map(|value| emit::json::to_json(&value));
    let fits = json.is_ok_and(|json| form.rule.accepts(&json));
    // Lists and maps may hold blocks; rules are about numbers and texts only.
    if of_kind && (fits || value.is_array() || value.is::<Map>()) { Ok(value.clone()) } else { refused() }
}

/// Returns the value of the right type that a value of another type probably means, as a script writes it.
fn written(form: &Form, value: &Dynamic) -> Option<String> {
    if form.kind == SettingType::String {
        let is_plain = value.is_int() || value.is_float() || value.is_bool();
        let text = is_plain.then(|| value.to_string())?;
        return form.rule.accepts(&text.as_str().into()).then(|| format!("\"{text}\""));
    }
    let text = value.clone().into_immutable_string().ok()?;
    let json = match form.kind {
        SettingType::Int => text.trim().parse::<i64>().ok()?.into(),
        SettingType::Float => text.trim().parse::<f64>().ok()?.into(),
        SettingType::Bool => text.trim().parse::<bool>().ok()?.into(),
        SettingType::List => return Some(format!("[\"{text}\"]")),
        SettingType::Map | SettingType::String => return None,
    };
    form.rule.accepts(&json).then(|| json.to_string())
}

/// Returns the values of a kind, as a script writes them.
fn kind_in_scripts(kind: SettingType) -> &'static str {
    match kind {
        SettingType::List => "a list",
        SettingType::Map => "a map",
        other => other.expects(),
    }
}

impl Wanted {
    fn is_required(&self) -> bool {
        match self {
            Wanted::Any { required } => *required,
            Wanted::Form(form) => form.required,
        }
    }

    fn default(&self) -> Dynamic {
        match self {
            Wanted::Any { .. } => Dynamic::UNIT,
            Wanted::Form(form) => from_json(&form.default),
        }
    }

    /// Returns a value as an example.
    fn example(&self) -> &'static str {
        match self {
            Wanted::Any { .. } => "..",
            Wanted::Form(form) => match form.kind {
                SettingType::Int => "1",
                SettingType::Float => "1.5",
                SettingType::Bool => "true",
                SettingType::String => "\"..\"",
                SettingType::List => "[..]",
                SettingType::Map => "#{ .. }",
            },
        }
    }
}
