//! Values of template parameters, as `--parameter` gives them.

use indexmap::IndexMap;

use super::DesiredStack;
use crate::cfn::LogicalId;
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};

/// Gives every stack the values of the parameters that its template declares. Each value is written `name=value`.
///
/// # Errors
///
/// Returns a diagnostic for each value of another form, and for each name that no template declares.
pub fn with_parameters(mut stacks: Vec<DesiredStack>, values: &[String]) -> Result<Vec<DesiredStack>, Sink> {
    let (values, mut problems) = parse(values);
    let declares = |stack: &DesiredStack, name: &str| stack.template.parameters.contains_key(name);
    let unknown_names = values.keys().filter(|name| !stacks.iter().any(|stack| declares(stack, name)));
    problems.extend(unknown_names.map(|name| unknown(name, &stacks)));
    if !problems.is_empty() {
        return Err(problems);
    }
    for stack in &mut stacks {
        let own = values.iter().filter(|(name, _)| declares(stack, name));
        stack.parameters = own.map(|(name, value)| (name.clone(), value.clone())).collect();
    }
    Ok(stacks)
}

fn parse(parameters: &[String]) -> (IndexMap<String, String>, Sink) {
    let (mut values, mut problems) = (IndexMap::new(), Sink::new());
    for parameter in parameters {
        match parameter.split_once('=') {
            Some((name, value)) if !name.is_empty() => drop(values.insert(name.to_owned(), value.to_owned())),
            _ => problems.push(
                Diagnostic::new(
                    Code::ParameterFlag,
                    format!("`--parameter {parameter}` is not of the form `name=value`"),
                )
                .help("write `--parameter Image=nginx:1.29`"),
            ),
        }
    }
    (values, problems)
}

fn unknown(name: &str, stacks: &[DesiredStack]) -> Diagnostic {
    let names: Vec<&str> =
        stacks.iter().flat_map(|stack| stack.template.parameters.keys().map(LogicalId::as_str)).collect();
    let problem =
        Diagnostic::new(Code::UnknownParameter, format!("no template has the parameter `{name}` of `--parameter`"));
    match did_you_mean(name, names.iter().copied()) {
        Some(hint) => problem.help(hint),
        None if names.is_empty() => {
            problem.help("set settings with `--set`; `parameter(name)` in the script declares a parameter")
        }
        None => problem.help(format!("the parameters are {}", names.join(", "))),
    }
}
