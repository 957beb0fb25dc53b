use indexmap::IndexMap;

use crate::cfn::{LogicalId, emit};
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};
use crate::synth::DesiredStack;
use crate::synth::SynthesizedStack;

/// The stacks as the engine deploys them, with the values of `--parameter`.
pub(super) fn desired(stacks: Vec<SynthesizedStack>, parameters: &[String]) -> Result<Vec<DesiredStack>, Sink> {
    let (given, mut problems) = parse(parameters);
    let known = |name: &str| stacks.iter().any(|stack| stack.template.parameters.contains_key(name));
    problems.extend(given.keys().filter(|name| !known(name)).map(|name| unknown(name, &stacks)));
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(stacks.into_iter().map(|stack| one(stack, &given)).collect())
}

fn one(stack: SynthesizedStack, given: &IndexMap<String, String>) -> DesiredStack {
    let takes = |name: &String| stack.template.parameters.contains_key(name.as_str());
    let parameters = given.iter().filter(|(name, _)| takes(name)).map(|(name, value)| (name.clone(), value.clone()));
    let literal = |(key, text): &(String, crate::cfn::TemplateString)| Some((key.clone(), text.as_str()?.to_owned()));
    DesiredStack {
        name: stack.name.value,
        region: stack.region,
        body: emit::yaml(&stack.template),
        parameters: parameters.collect(),
        // A tag that holds a reference is on the resources; a stack's own tags are plain text.
        tags: stack.tags.iter().filter_map(literal).collect(),
        termination_protection: stack.termination_protection,
        after: stack.depends_on,
        origin: stack.name.origin,
        template: stack.template,
    }
}

fn parse(parameters: &[String]) -> (IndexMap<String, String>, Sink) {
    let (mut given, mut problems) = (IndexMap::new(), Sink::new());
    for parameter in parameters {
        match parameter.split_once('=') {
            Some((name, value)) if !name.is_empty() => drop(given.insert(name.to_owned(), value.to_owned())),
            _ => problems.push(
                Diagnostic::new(
                    Code::ParameterFlag,
                    format!("`--parameter {parameter}` is not of the form `name=value`"),
                )
                .help("write `--parameter Image=nginx:1.29`"),
            ),
        }
    }
    (given, problems)
}

fn unknown(name: &str, stacks: &[SynthesizedStack]) -> Diagnostic {
    let names: Vec<&str> =
        stacks.iter().flat_map(|stack| stack.template.parameters.keys().map(LogicalId::as_str)).collect();
    let problem =
        Diagnostic::new(Code::UnknownParameter, format!("no template has the parameter `{name}` of `--parameter`"));
    match did_you_mean(name, names.iter().copied()) {
        Some(hint) => problem.help(hint),
        None if names.is_empty() => {
            problem.help("settings are given with `--set`; `parameter(name)` makes a parameter")
        }
        None => problem.help(format!("the parameters are {}", names.join(", "))),
    }
}
