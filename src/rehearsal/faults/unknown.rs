//! Reports faults, and subjects of faults, that do not exist.

use super::kinds::{ACCOUNT, JOB_FAULTS, TASK_FAULTS, example, split, steps};
use crate::cfn::type_names::{EXPRESS_SERVICE, SERVICE, TASK_DEFINITION, is_service};
use crate::cfn::{LogicalId, Resource, Template};
use crate::diag::{Code, CommandName, Diagnostic, Hint, did_you_mean};

/// Reports an unknown fault of a resource.
pub(super) fn fault(id: &str, resource: &Resource, kind: &str) -> Diagnostic {
    let tasks: &[&str] = match resource.kind.as_str() {
        SERVICE | EXPRESS_SERVICE => &TASK_FAULTS,
        TASK_DEFINITION => &JOB_FAULTS,
        _ => &[],
    };
    let kinds: Vec<&str> = steps().into_iter().chain(tasks.iter().copied()).collect();
    let examples: Vec<&str> = kinds.iter().map(|kind| example(kind)).collect();
    Diagnostic::new(Code::UnknownFault, format!("`{id}` has no fault `{kind}`"))
        .help_if(did_you_mean(kind, kinds))
        .help(format!("for a failure with your own reason, write several words: `--fault '{id}:it will not start'`"))
        .help(format!("the faults of `{id}` are {}", examples.join(", ")))
}

/// Reports a fault whose subject is missing or unknown.
pub(super) fn subject(written: &str, templates: &[&Template]) -> Diagnostic {
    match written.split_once(':') {
        Some((name, what)) if ACCOUNT.contains(&name) => of_the_account(name, what),
        Some((name, what)) => unknown_resource(name, split(what).0, templates),
        None if TASK_FAULTS.contains(&split(written).0) => {
            missing_subject(written, "a service", services(templates).first())
        }
        None if steps().contains(&written) => missing_subject(written, "a resource", ids(templates).next().as_ref()),
        None => unknown_word(split(written).0, templates),
    }
}

/// Reports a fault of the whole account that is written as one of a resource.
fn of_the_account(kind: &str, value: &str) -> Diagnostic {
    let right = if value.is_empty() { example(kind).to_owned() } else { format!("{kind}={value}") };
    Diagnostic::new(Code::UnknownFault, format!("`{kind}` is a fault of the whole account"))
        .help(format!("write `--fault {right}`"))
}

/// Reports a resource that no stack has.
fn unknown_resource(name: &str, kind: &str, templates: &[&Template]) -> Diagnostic {
    let problem = Diagnostic::new(Code::UnknownFault, format!("the script has no resource `{name}`"))
        .help_if(did_you_mean(name, ids(templates)));
    let services = services(templates);
    if !TASK_FAULTS.contains(&kind) {
        return problem.help(list_of_ids());
    }
    match services.as_slice() {
        [] => problem.help(format!("`{kind}` is a fault of a service's tasks, and the script has no service")),
        [only] => problem.help(format!("its service is `{only}`")),
        several => problem.help(format!("its services are `{}`", several.join("`, `"))),
    }
}

/// Reports a fault of a resource without the resource.
fn missing_subject(written: &str, kind: &str, first: Option<&&str>) -> Diagnostic {
    let fault = split(written).0;
    match first {
        Some(id) => Diagnostic::new(Code::UnknownFault, format!("`{fault}` needs {kind}"))
            .help(format!("write `--fault {id}:{written}`")),
        None => Diagnostic::new(Code::UnknownFault, format!("`{fault}` needs {kind}, and the script has none")),
    }
}

/// Reports a word that is neither a resource nor a fault.
fn unknown_word(name: &str, templates: &[&Template]) -> Diagnostic {
    let names = ids(templates).chain(ACCOUNT).chain(TASK_FAULTS).chain(steps());
    Diagnostic::new(Code::UnknownFault, format!("unknown resource or fault `{name}` in `--fault`"))
        .help_if(did_you_mean(name, names))
        .help(list_of_ids())
        .help(format!("or a fault of the whole account: {}", ACCOUNT.map(example).join(", ")))
}

fn list_of_ids() -> Hint {
    Hint::from("use a logical id from the output of ").command(CommandName::Synth.alone())
}

fn ids<'t>(templates: &[&'t Template]) -> impl Iterator<Item = &'t str> {
    templates.iter().flat_map(|template| template.resources.keys().map(LogicalId::as_str))
}

fn services<'t>(templates: &[&'t Template]) -> Vec<&'t str> {
    let resources = templates.iter().flat_map(|template| &template.resources);
    resources.filter(|(_, resource)| is_service(resource.kind.as_str())).map(|(id, _)| id.as_str()).collect()
}
