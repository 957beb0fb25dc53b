//! `script`: evaluates a script of the project with the settings of a test.

use std::rc::Rc;

use rhai::{Array, Dynamic, Map};

use super::arguments::{AnyMap, session};
use crate::block::Program;
use crate::cfn::emit;
use crate::diag::{Code, Diagnostic};
use crate::script::call::Call;
use crate::script::describe::describe;
use crate::script::modules::path_of;
use crate::script::value::to_value;
use crate::script::{Input, eval};
use crate::settings::{SettingInput, Source};

/// Evaluates the script that a call names, and returns its stack, or the list of its stacks.
pub(super) fn evaluated(call: &mut Call<'_>, has_settings: bool) -> Option<Dynamic> {
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
