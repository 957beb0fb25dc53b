//! The functions of tests: `assert_eq`, `template`, `script`, `snapshot`, `rehearse`.

use std::rc::Rc;

use rhai::{Array, Dynamic, Engine, Map};

use super::comparison::{equal, notes, shown};
use super::{declared, raised, rehearsal, resource_match, snapshot};
use crate::block::{Program, Stack};
use crate::cfn::emit;
use crate::cfn::schema::Schema;
use crate::diag::{Code, Diagnostic, apply_suppressions};
use crate::script::call::{Argument, Call, ConversionError, FromScript};
use crate::script::declaration::{Declaration, Function, Getter};
use crate::script::describe::describe;
use crate::script::eval_state::EvalState;
use crate::script::modules::path_of;
use crate::script::registration::{Modules, record_nothing, register_function, register_getter};
use crate::script::template_view::{self, TemplateView};
use crate::script::testing::session::TestSession;
use crate::script::value::to_value;
use crate::script::{Input, eval};
use crate::settings::{SettingInput, Source};
use crate::synth::{DesiredStack, synth};

/// Any value.
pub(super) struct Anything(pub(super) Dynamic);
/// A map of names and values.
pub(super) struct AnyMap(pub(super) Map);
/// A stack, or a list of stacks.
pub(super) struct Stacks {
    pub(super) stacks: Vec<Rc<Stack>>,
    /// Whether they are in a list.
    pub(super) is_list: bool,
}

impl FromScript for Anything {
    const EXPECTED: &'static str = "a value";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        Ok(Self(value.flatten()))
    }
}

impl FromScript for AnyMap {
    const EXPECTED: &'static str = "a map";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        value.flatten().try_cast::<Map>().map(Self).ok_or(None)
    }
}

impl FromScript for Stacks {
    const EXPECTED: &'static str = "a stack, or a list of stacks";

    fn take(value: Dynamic, _argument: &Argument<'_, '_>) -> Result<Self, ConversionError> {
        Self::of(&value.flatten()).ok_or(None)
    }
}

impl Stacks {
    /// Returns the stacks of a value; none if it is something else, or an empty list.
    pub(super) fn of(value: &Dynamic) -> Option<Self> {
        let stack = |item: &Dynamic| item.read_lock::<Rc<Stack>>().map(|stack| Rc::clone(&stack));
        if let Ok(items) = value.as_array_ref() {
            let stacks: Option<Vec<_>> = items.iter().map(stack).collect();
            return stacks.filter(|stacks| !stacks.is_empty()).map(|stacks| Self { stacks, is_list: true });
        }
        stack(value).map(|stack| Self { stacks: vec![stack], is_list: false })
    }
}

/// Returns the state of the test that makes a call.
pub(super) fn session(state: &EvalState) -> Rc<TestSession> {
    state.test.get().map(Rc::clone).expect("only the engines of tests have the functions of tests")
}

const fn function(declaration: Declaration, make: fn(&mut Call<'_>) -> Option<Dynamic>) -> Function {
    Function { module: None, declaration, make }
}

/// Reports the failure of an assertion, which ends the test.
pub(super) fn fail(call: &Call<'_>, problem: Diagnostic) -> Option<Dynamic> {
    let mut problem = problem;
    let others = std::mem::take(&mut problem.labels);
    let mut problem = problem.at(&call.at.origin, "");
    problem.labels.extend(others);
    call.report(problem);
    None
}

const FUNCTIONS: &[Function] = &[
    function(declared::ASSERT, |call| {
        let condition: bool = call.take("condition")?;
        if condition { Some(Dynamic::UNIT) } else { fail(call, failed("the condition is `false`")) }
    }),
    function(declared::ASSERT_WITH_MESSAGE, |call| {
        let condition: bool = call.take("condition")?;
        let message: String = call.take("message")?;
        if condition { Some(Dynamic::UNIT) } else { fail(call, failed(&message)) }
    }),
    function(declared::ASSERT_EQ, |call| compare(call, true)),
    function(declared::ASSERT_NE, |call| compare(call, false)),
    function(declared::TEMPLATE, template),
    function(declared::SCRIPT, |call| evaluated(call, false)),
    function(declared::SCRIPT_WITH_SETTINGS, |call| evaluated(call, true)),
    function(declared::SNAPSHOT, snapshot::compare),
    function(declared::REHEARSE, |call| rehearsal::run(call, false)),
    function(declared::REHEARSE_WITH_OPTIONS, |call| rehearsal::run(call, true)),
];

/// The method `has` of a template, which fails the test.
const HAS: Getter<TemplateView> = Getter {
    declaration: declared::HAS,
    get: |template, call| {
        let kind = call.take("kind")?;
        let AnyMap(properties) = call.take("properties")?;
        match resource_match::check(template, &kind, &properties, call.state) {
            Ok(()) => Some(Dynamic::UNIT),
            Err(problem) => fail(call, problem),
        }
    },
};

/// Registers the functions with the engine of a test.
pub(super) fn register(engine: &mut Engine) {
    template_view::register(engine);
    register_getter::<TemplateView>(engine, &HAS);
    let mut modules = Modules::default();
    FUNCTIONS.iter().for_each(|function| register_function(engine, &mut modules, function, record_nothing));
    raised::register(engine);
}

pub(super) fn failed(message: &str) -> Diagnostic {
    Diagnostic::new(Code::Assertion, message)
}

fn compare(call: &mut Call<'_>, wants_equal: bool) -> Option<Dynamic> {
    let Anything(left) = call.take("left")?;
    let Anything(right) = call.take("right")?;
    if equal(&left, &right, call.state) == wants_equal {
        return Some(Dynamic::UNIT);
    }
    let (left, right) = (shown(&left), shown(&right));
    let problem = match wants_equal {
        true => notes(&left, &right, ("left", "right")).into_iter().fold(failed("the values differ"), Diagnostic::note),
        false => failed("the values are equal").note(format!("both are {left}")),
    };
    fail(call, problem)
}

/// Returns the templates of stacks with their warnings; reports errors of the synthesis.
pub(super) fn synthesized(call: &Call<'_>, stacks: Vec<Rc<Stack>>) -> Option<(Vec<DesiredStack>, Vec<Diagnostic>)> {
    let (program, mut warnings) = session(call.state).program(stacks, &call.state.mentions.borrow());
    let report = synth(&program, Schema::embedded());
    let Some(stacks) = report.value else {
        for problem in report.problems.into_iter().filter(Diagnostic::is_error) {
            let is_elsewhere = problem.origin().is_some_and(|origin| origin.source != call.at.origin.source);
            let problem = if is_elsewhere { problem.at(&call.at.origin, "found here") } else { problem };
            call.report(problem);
        }
        return None;
    };
    warnings.extend(report.problems);
    let mut warnings = apply_suppressions(warnings, &call.state.sources.borrow(), false);
    warnings.retain(|problem| problem.code != Code::SuppressionWithoutReason);
    Some((stacks, warnings))
}

fn template(call: &mut Call<'_>) -> Option<Dynamic> {
    let given: Stacks = call.take("stack")?;
    let (stacks, warnings) = synthesized(call, given.stacks)?;
    let warnings: Rc<[Diagnostic]> = warnings.into();
    let view = |stack| Dynamic::from(Rc::new(TemplateView::new(stack, Rc::clone(&warnings))));
    let mut views: Array = stacks.into_iter().map(view).collect();
    if given.is_list { Some(views.into()) } else { views.pop() }
}

fn evaluated(call: &mut Call<'_>, has_settings: bool) -> Option<Dynamic> {
    let path: String = call.take("path")?;
    let settings: Option<AnyMap> = if has_settings { call.take("settings")? } else { None };
    evaluate(call, &path, &settings.map_or_else(Map::new, |settings| settings.0))
}

/// Evaluates a script with settings of the test alone.
fn evaluate(call: &Call<'_>, path: &str, settings: &Map) -> Option<Dynamic> {
    let (state, session) = (call.state, session(call.state));
    let name = path_of(&call.at.origin.source, path);
    let text = match session.files.read(&name) {
        Ok(text) => text,
        Err(why) => {
            let relative = "the path is relative to the test file";
            call.report(why.problem(&name).at(&call.at.origin, "").help(relative));
            return None;
        }
    };
    let given = given(call, settings)?;
    let (files, limits) = (Rc::clone(&session.files), session.limits.clone());
    let evaluation = eval(&Input { name: &name, text: &text, files, given, limits });
    state.sources.borrow_mut().extend(&evaluation.sources);
    evaluation.printed.into_iter().for_each(|(origin, text)| state.print(origin, &text));
    let Some(program) = evaluation.report.value else {
        for problem in evaluation.report.problems.into_iter().filter(Diagnostic::is_error) {
            call.report(problem.at(&call.at.origin, "evaluated here"));
        }
        return None;
    };
    let mut stacks: Array = program.stacks.iter().map(|stack| Dynamic::from(Rc::clone(stack))).collect();
    session.add_program(Program::clone(&program), evaluation.report.problems);
    if stacks.len() == 1 { stacks.pop() } else { Some(stacks.into()) }
}

/// Returns the settings of a test as the resolver takes them. `()` leaves one out.
fn given(call: &Call<'_>, settings: &Map) -> Option<Vec<SettingInput>> {
    let mut given = Vec::new();
    for (name, value) in settings.iter().filter(|(_, value)| !value.is_unit()) {
        let text = match to_value(value, call.state) {
            Ok(value) => value.as_str().map_or_else(|| emit::json::compact(&value), str::to_owned),
            Err(_) => {
                let message = format!("the setting `{name}` cannot be {}", describe(value));
                call.report(Diagnostic::new(Code::SettingType, message));
                return None;
            }
        };
        let source = Source::Test(call.at.origin.clone());
        given.push(SettingInput { name: name.to_string(), value: text, source });
    }
    Some(given)
}
