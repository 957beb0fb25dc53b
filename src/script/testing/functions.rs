//! The functions of tests: `assert_eq`, `template`, `script`, `snapshot`, `rehearse`.

use std::rc::Rc;

use rhai::{Array, Dynamic};

use super::arguments::{AnyMap, Anything, Stacks, fail, failed, session, synthesized};
use super::comparison::{equal, notes, shown};
use super::{declared, other_script, raised, rehearsal, resource_match, snapshot};
use crate::diag::Diagnostic;
use crate::script::call::Call;
use crate::script::declaration::{Declaration, Function, Getter};
use crate::script::global_functions::GlobalFunctions;
use crate::script::registration::{Modules, record_nothing, register_function, register_getter};
use crate::script::template_view::{self, TemplateView};

const fn function(declaration: Declaration, make: fn(&mut Call<'_>) -> Option<Dynamic>) -> Function {
    Function { module: None, declaration, make }
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
    function(declared::SCRIPT, |call| other_script::evaluated(call, false)),
    function(declared::SCRIPT_WITH_SETTINGS, |call| other_script::evaluated(call, true)),
    function(declared::SET_ENV, set_variable),
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

/// Registers the functions of tests.
pub(super) fn register(globals: &mut GlobalFunctions) {
    template_view::register(globals);
    register_getter::<TemplateView>(globals, &HAS);
    let mut modules = Modules::default();
    FUNCTIONS.iter().for_each(|function| register_function(globals, &mut modules, function, record_nothing));
    raised::register(globals);
}

fn compare(call: &mut Call<'_>, wants_equal: bool) -> Option<Dynamic> {
    let Anything(left) = call.take("left")?;
    let Anything(right) = call.take("right")?;
    if equal(&left, &right, call.state) == wants_equal {
        return Some(Dynamic::UNIT);
    }
    let (left, right) = (shown(&left), shown(&right));
    let problem = if wants_equal {
        notes(&left, &right, ("left", "right")).into_iter().fold(failed("the values differ"), Diagnostic::note)
    } else {
        failed("the values are equal").note(format!("both are {left}"))
    };
    fail(call, problem)
}

fn set_variable(call: &mut Call<'_>) -> Option<Dynamic> {
    let [name, value] = [call.take::<String>("name")?, call.take("value")?];
    session(call.state).variables.borrow_mut().insert(name, value);
    Some(Dynamic::UNIT)
}

fn template(call: &mut Call<'_>) -> Option<Dynamic> {
    let given: Stacks = call.take("stack")?;
    let (stacks, warnings) = synthesized(call, given.stacks)?;
    let warnings: Rc<[Diagnostic]> = warnings.into();
    let view = |stack| Dynamic::from(Rc::new(TemplateView::new(stack, Rc::clone(&warnings))));
    let mut views: Array = stacks.into_iter().map(view).collect();
    if given.is_list { Some(views.into()) } else { views.pop() }
}
