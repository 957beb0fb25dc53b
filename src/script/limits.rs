//! The limits of an evaluation. A script that never ends, or that uses too much memory, is reported at its line.

use std::rc::Rc;
use std::time::Duration;

use rhai::{Dynamic, Engine, EvalAltResult, ImmutableString, NativeCallContext};

use super::eval_state::EvalState;
use super::registration::stop;
use crate::cfn::TemplateString;
use crate::diag::{Code, Diagnostic};

/// Limits of one evaluation.
#[derive(Clone)]
pub struct Limits {
    /// Steps of the interpreter.
    pub operations: u64,
    /// Characters of one source.
    pub source: usize,
    /// Bytes of one string.
    pub string: usize,
    /// Items of one list, with the items inside them.
    pub array: usize,
    /// Entries of one map, with the entries inside them.
    pub map: usize,
    /// Calls inside calls.
    pub calls: usize,
    /// Time of the whole evaluation, however often it starts again.
    pub time: Duration,
    /// Bytes of memory of the whole process.
    pub memory: usize,
    /// The measurement of time and memory; the clock and the allocator are the caller's.
    pub meter: Rc<dyn UsageMeter>,
}

/// Measures an evaluation.
pub trait UsageMeter {
    /// Returns the time since any moment before the evaluation.
    fn elapsed(&self) -> Duration;
    /// Returns the bytes of memory in use; 0 if that is not known.
    fn allocated(&self) -> usize;
    /// Returns whether the user interrupted the evaluation.
    fn interrupted(&self) -> bool {
        false
    }
}

/// Measures nothing: for tests and callers that trust the script.
struct Unmeasured;

impl UsageMeter for Unmeasured {
    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn allocated(&self) -> usize {
        0
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            operations: 50_000_000,
            source: 2 << 20,
            string: 1 << 20,
            array: 20_000,
            map: 20_000,
            calls: 64,
            time: Duration::from_secs(20),
            memory: 512 << 20,
            meter: Rc::new(Unmeasured),
        }
    }
}

/// The limit that ended an evaluation.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Exceeded {
    Time,
    Memory,
    Interrupted,
}

/// The number of operations between two looks at the clock. The memory is checked at every operation: one may take any
/// amount.
const CLOCK_INTERVAL: u64 = 1 << 6;

impl Limits {
    /// Returns the limit that an evaluation exceeds at an operation; it started when the meter showed `started`.
    fn exceeded(&self, started: Duration, operations: u64) -> Option<Exceeded> {
        if self.meter.allocated() > self.memory {
            return Some(Exceeded::Memory);
        }
        if !operations.is_multiple_of(CLOCK_INTERVAL) {
            return None;
        }
        if self.meter.interrupted() {
            return Some(Exceeded::Interrupted);
        }
        (self.meter.elapsed().saturating_sub(started) > self.time).then_some(Exceeded::Time)
    }
}

/// Sets how deeply expressions may be nested, at the top of a script and in functions.
pub(crate) fn limit_depths(engine: &mut Engine) {
    engine.set_max_expr_depths(128, 64);
}

/// Sets the limits of an engine for an evaluation that started when the meter showed `started`.
pub(crate) fn apply(engine: &mut Engine, limits: &Limits, started: Duration) {
    engine.set_max_operations(limits.operations);
    engine.set_max_string_size(limits.string);
    engine.set_max_array_size(limits.array);
    engine.set_max_map_size(limits.map);
    engine.set_max_call_levels(limits.calls);
    limit_depths(engine);
    engine.set_max_modules(200);
    engine.set_max_variables(10_000);
    engine.set_max_functions(5_000);
    let metered = limits.clone();
    engine.on_progress(move |operations| metered.exceeded(started, operations).map(Dynamic::from));
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
