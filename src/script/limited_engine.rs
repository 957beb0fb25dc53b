//! The limits of an engine, and the functions of Rhai that have none of their own.

use std::rc::Rc;

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext};

use super::eval_state::EvalState;
use super::growth;
use super::limits::Limits;
use super::registration::stop;
use crate::budget::Budget;
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic};

/// Sets how deeply expressions may be nested, at the top of a script and in functions.
pub(crate) fn limit_depths(engine: &mut Engine) {
    engine.set_max_expr_depths(128, 64);
}

/// Sets the limits of an engine for an evaluation with a budget.
pub(crate) fn apply(engine: &mut Engine, limits: &Limits, budget: &Budget, state: &Rc<EvalState>) {
    engine.set_max_string_size(limits.string);
    engine.set_max_array_size(limits.array);
    engine.set_max_map_size(limits.map);
    engine.set_max_call_levels(limits.calls);
    limit_depths(engine);
    engine.set_max_modules(200);
    engine.set_max_variables(10_000);
    engine.set_max_functions(5_000);
    let (limited, budget, running) = (limits.clone(), budget.clone(), Rc::clone(state));
    engine.on_progress(move |_| running.step(&limited, &budget).map(Dynamic::from));
    growth::limit(engine, limits);
    let longest = limits.string;
    engine.register_fn(
        "replace",
        move |ctx: NativeCallContext, text: &mut ImmutableString, from: ImmutableString, to: ImmutableString| {
            replace(&ctx, text, &from, &to, longest)
        },
    );
    for (name, change) in [("to_upper", str::to_uppercase as fn(&str) -> String), ("to_lower", str::to_lowercase)] {
        engine.register_fn(name, move |ctx: NativeCallContext, text: &mut ImmutableString| cased(&ctx, text, change));
    }
    engine.register_fn("trim", |text: &mut ImmutableString| {
        *text = text.trim().into();
        text.clone()
    });
    engine.register_fn("sleep", |ctx: NativeCallContext, _: i64| no_sleep(&ctx));
    engine.register_fn("sleep", |ctx: NativeCallContext, _: f64| no_sleep(&ctx));
}

type Fallible<T> = Result<T, Box<EvalAltResult>>;

/// Replaces text within the limit on strings. Rhai's own `replace` has no limit: a short text can become gigabytes in
/// one step. It also returns `()`, which a setter takes as "not set" after `let name = name.replace(..)`.
fn replace(
    ctx: &NativeCallContext,
    text: &mut ImmutableString,
    from: &str,
    to: &str,
    longest: usize,
) -> Fallible<ImmutableString> {
    let found = if from.is_empty() { 0 } else { text.matches(from).count() };
    if text.len() + found * to.len() > longest {
        let position = ctx.call_position();
        return Err(Box::new(EvalAltResult::ErrorDataTooLarge("Length of string".into(), position)));
    }
    if found > 0 {
        *text = text.replace(from, to).into();
    }
    Ok(text.clone())
}

/// Changes the case of a text without references: in a text with a reference it would change the reference.
fn cased(ctx: &NativeCallContext, text: &str, change: fn(&str) -> String) -> String {
    if TemplateString::parse(text).is_ok_and(|text| text.as_str().is_some()) {
        return change(text);
    }
    let state = EvalState::of(ctx);
    let message = "the characters of a reference are only known at deployment";
    let problem = Diagnostic::new(Code::DeferredValue, message).at(&state.origin(ctx), "");
    state.report_in_call(problem.help("change the text before the reference is put into it"));
    text.to_owned()
}

fn no_sleep(ctx: &NativeCallContext) -> Fallible<()> {
    let state = EvalState::of(ctx);
    state.report(
        Diagnostic::new(Code::UnknownFunction, "a script cannot sleep: it describes stacks and waits for nothing")
            .at(&state.origin(ctx), "")
            .help("take the call away; rtiler itself waits for what it deploys"),
    );
    Err(stop(ctx))
}
