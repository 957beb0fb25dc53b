//! Policies: functions of scripts that get each synthesised template and return findings.
//!
//! [`findings`] evaluates the policies of a manifest. `functions` has what they may call besides the language.
//!
//! *Invariant*: a policy reads the template and its own script; it has the limits of an evaluation and no rights. A policy that
//! fails is an error that names it, never a template without findings.

pub(crate) mod functions;

use std::collections::BTreeSet;
use std::rc::Rc;

use rhai::{Array, CallFnOptions, Dynamic, Map, Scope};

use super::describe::describe;
use super::eval_state::EvalState;
use super::restricted_files::ScriptsOnly;
use super::source::Source;
use super::source_loader::SourceLoader;
use super::template_view::{self, TemplateView};
use super::{Input, Limits, engine, error};
use crate::budget::Budget;
use crate::cfn::PropertyPath;
use crate::diag::{Code, Diagnostic, Origin, Severity, SourceMap, WithOrigin, did_you_mean};
use crate::package::PolicyFunction;
use crate::script::global_functions::GlobalFunctions;
use crate::synth::DesiredStack;
use functions::SEVERITIES;

/// The name under which the module of a policy is imported. Users do not see it.
const ALIAS: &str = "policy__";

/// The end of the name of the script that calls a policy. Users do not see it.
const SCRIPT_OF_CALL: &str = " (policy)";

/// The problems that policies report.
#[derive(Default)]
pub struct PolicyReport {
    /// The findings, and the errors of policies that fail.
    pub problems: Vec<Diagnostic>,
    /// The texts of the policies.
    pub sources: SourceMap,
    /// The lines that policies printed, each with its origin.
    pub printed: Vec<(Origin, String)>,
}

/// Evaluates policies over the templates of a script.
pub fn findings(
    policies: &[WithOrigin<PolicyFunction>],
    stacks: &[DesiredStack],
    files: &Rc<dyn SourceLoader>,
    limits: &Limits,
) -> PolicyReport {
    let mut report = PolicyReport::default();
    for policy in policies {
        let (state, values) = evaluate(policy, stacks, files, limits);
        match values {
            Some(values) => {
                for (stack, value) in stacks.iter().zip(values) {
                    let mut found = Vec::new();
                    flatten(value, &mut found);
                    report.problems.extend(found.iter().map(|value| problem_of(value, policy, stack)));
                }
            }
            None => {
                let problems = state.problems.take().into_iter().filter(Diagnostic::is_error);
                report.problems.extend(problems.map(|problem| failure(problem, policy)));
            }
        }
        report.sources.extend(&state.sources.take());
        report.printed.extend(state.printed.take());
    }
    report
}

/// Returns the value of a policy for each template; none if it fails.
fn evaluate(
    policy: &WithOrigin<PolicyFunction>,
    stacks: &[DesiredStack],
    files: &Rc<dyn SourceLoader>,
    limits: &Limits,
) -> (Rc<EvalState>, Option<Array>) {
    let mut types = BTreeSet::new();
    let budget = limits.start();
    loop {
        let files: Rc<dyn SourceLoader> = Rc::new(ScriptsOnly(Rc::clone(files)));
        let state = Rc::new(EvalState::new(None, Rc::clone(&files), limits.clone()));
        state.known_types.borrow_mut().clone_from(&types);
        let values = attempt((policy, stacks), files, (limits, &budget), &types, &state);
        // As for scripts: a module named types that the engine has no functions for.
        let missing = state.missing_types.take();
        if missing.is_empty() {
            return (state, values);
        }
        types.extend(missing);
    }
}

fn attempt(
    (policy, stacks): (&WithOrigin<PolicyFunction>, &[DesiredStack]),
    files: Rc<dyn SourceLoader>,
    (limits, budget): (&Limits, &Budget),
    types: &BTreeSet<String>,
    state: &Rc<EvalState>,
) -> Option<Array> {
    let PolicyFunction { module, function } = &policy.value;
    // The script is where the manifest is: a path in it is relative to that.
    let name = format!("{}{SCRIPT_OF_CALL}", policy.origin.source);
    let text = format!(
        "import {module:?} as {ALIAS};\nfn findings(templates) {{\n    let all = [];\n    \
         for template in templates {{ all.push({ALIAS}::{function}(template)); }}\n    all\n}}\n"
    );
    let input = Input { name: &name, text: &text, files, given: Vec::new(), limits: limits.clone() };
    let mut engine = engine(&input, state, types, budget);
    let mut globals = GlobalFunctions::new();
    template_view::register(&mut globals);
    functions::register(&mut globals);
    globals.add_to(&mut engine);
    let view = |stack: &DesiredStack| Dynamic::from(Rc::new(TemplateView::new(stack.clone(), Vec::new())));
    let templates: Array = stacks.iter().map(view).collect();
    let result = Source::new(&name, &text).compile(&engine, state).and_then(|ast| {
        let options = CallFnOptions::new().eval_ast(true);
        engine.call_fn_with_options::<Array>(options, &mut Scope::new(), &ast, "findings", (templates,))
    });
    let values = match result {
        Ok(values) => Some(values),
        Err(error) => {
            if error::report(*error, &name, state, limits) {
                state.report(Diagnostic::new(Code::PolicyError, "the evaluation was interrupted"));
            }
            None
        }
    };
    // A problem after which the evaluation continued.
    values.filter(|_| !state.problems.borrow().iter().any(Diagnostic::is_error))
}

/// Adds the findings of a value: a list, with lists inside, or a single one.
fn flatten(value: Dynamic, found: &mut Vec<Dynamic>) {
    match value.flatten().try_cast_result::<Array>() {
        Ok(items) => items.into_iter().for_each(|item| flatten(item, found)),
        Err(value) if value.is_unit() => {}
        Err(value) => found.push(value),
    }
}

/// Returns a finding as a problem at the line of its resource.
fn problem_of(value: &Dynamic, policy: &WithOrigin<PolicyFunction>, stack: &DesiredStack) -> Diagnostic {
    let Ok(map) = value.as_map_ref() else {
        return wrong_finding(policy, &format!("returned {} as a finding", describe(value)));
    };
    let text = |name: &str| map.get(name).and_then(|value| value.clone().into_string().ok());
    let (Some(id), Some(message)) = (text("resource").or_else(|| resource_of(&map)), text("message")) else {
        return wrong_finding(policy, "returned a finding without `resource` or `message`");
    };
    let Some(resource) = stack.template.resources.get(id.as_str()) else {
        let problem = wrong_finding(policy, &format!("found `{id}`, and `{}` has no such resource", stack.name));
        let ids = stack.template.resources.keys().map(crate::cfn::LogicalId::as_str);
        return problem.help_if(did_you_mean(&id, ids));
    };
    let severity = text("severity").unwrap_or_else(|| "warning".to_owned());
    if !SEVERITIES.contains(&severity.as_str()) {
        return wrong_finding(policy, &format!("returned the severity `{severity}`; it is \"error\" or \"warning\""));
    }
    let origin = match text("property") {
        Some(path) => resource.origin_of(&PropertyPath::property(&path)),
        None => &resource.origin,
    };
    let PolicyFunction { module, function } = &policy.value;
    let place = if origin.is_known() { origin } else { &stack.origin };
    let mut problem = Diagnostic::new(Code::Policy, message)
        .of_rule(function)
        .at(place, "")
        .note(format!("found by the policy `{function}` of `{module}` in `{id}` of the stack `{}`", stack.name))
        .help_if(text("help"));
    if severity == "error" {
        problem.severity = Severity::Error;
        return problem;
    }
    let accept = if problem.hints.is_empty() { "accept" } else { "or accept" };
    let comment = format!("`// rtiler: allow({}) REASON`", problem.name());
    problem.help(format!("{accept} it with a comment above the line: {comment}"))
}

/// Returns the logical id if the resource itself is the value of `resource`.
fn resource_of(finding: &Map) -> Option<String> {
    let resource = finding.get("resource")?.as_map_ref().ok()?;
    resource.get("id")?.clone().into_string().ok()
}

fn wrong_finding(policy: &WithOrigin<PolicyFunction>, what: &str) -> Diagnostic {
    Diagnostic::new(Code::PolicyError, format!("the policy {} {what}", name_of(policy)))
        .at(&policy.origin, "")
        .help("return a list of `finding(resource, \"warning\", message, help)`")
}

/// Returns the error of a policy as a problem that names the policy.
fn failure(problem: Diagnostic, policy: &WithOrigin<PolicyFunction>) -> Diagnostic {
    if is_in_call(&problem) {
        return not_a_policy(&problem, policy);
    }
    let is_inside = |origin: &Origin| !origin.source.ends_with(SCRIPT_OF_CALL);
    let mut failure =
        Diagnostic::new(Code::PolicyError, format!("the policy {} fails: {}", name_of(policy), problem.message));
    failure.labels = problem.labels.into_iter().filter(|label| is_inside(&label.origin)).collect();
    failure.trace = problem.trace.into_iter().filter(|frame| is_inside(&frame.origin)).collect();
    failure.notes = problem.notes;
    failure.hints = problem.hints;
    failure.at(&policy.origin, "this policy")
}

/// Returns whether a problem is about the call of the policy, or the import of its module, and not about the code of the policy.
fn is_in_call(problem: &Diagnostic) -> bool {
    problem.origin().is_some_and(|origin| origin.source.ends_with(SCRIPT_OF_CALL))
}

/// Returns the error of a name in the manifest that is not the name of a policy.
fn not_a_policy(problem: &Diagnostic, policy: &WithOrigin<PolicyFunction>) -> Diagnostic {
    let PolicyFunction { module, function } = &policy.value;
    // The hints about functions name them with the module, as the manifest does.
    let named = |text: &str| text.replace(&format!("{ALIAS}::"), &format!("{module}::"));
    let (message, hints) = match problem.code {
        Code::WrongArguments => (
            format!("the function {} does not take one argument, the template", name_of(policy)),
            vec![format!("write `fn {function}(template) {{ .. }}`")],
        ),
        _ => (named(&problem.message), problem.hints.iter().map(|hint| named(&hint.to_string())).collect()),
    };
    let mut failure = Diagnostic::new(Code::PolicyError, message).at(&policy.origin, "");
    failure.notes.clone_from(&problem.notes);
    hints.into_iter().fold(failure, Diagnostic::help)
}

fn name_of(policy: &WithOrigin<PolicyFunction>) -> String {
    format!("`{}::{}`", policy.value.module, policy.value.function)
}

#[cfg(test)]
mod tests;
