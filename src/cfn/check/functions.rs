//! Intrinsic functions: which there are, how many arguments they take, and of which kinds.
//!
//! Source: "Intrinsic function reference" in the CloudFormation user guide.

use super::context::CheckContext;
use super::visitor::{ValueOwner, ValuePath, walk};
use crate::cfn::{Function, Intrinsic, Map, Ref, Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// The problem of a call, before its place is known.
type Verdict = Option<Diagnostic>;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    walk(scope.template, &mut |value, trail| match value {
        Value::Call(call) => {
            report(sink, trail, call.function.name(), check_call(scope, call, trail));
            if let Some((text, variables)) = call.substitution() {
                let text = TemplateString::from_sub(text);
                let own = |reference: &&Ref| !variables.contains_key(reference.to_string().as_str());
                report(sink, trail, "Fn::Sub", list_in_text(scope, text.refs().filter(own)));
            }
        }
        Value::Map(map) => {
            if let Some((name, verdict)) = map_verdict(scope, map, trail) {
                report(sink, trail, name, verdict);
            }
        }
        Value::Text(text) => {
            if text.as_reference().is_none() {
                report(sink, trail, "Fn::Sub", list_in_text(scope, text.refs()));
            }
            for piece in text.pieces() {
                if let Segment::Call(call) = piece {
                    report(sink, trail, call.function.name(), check_call(scope, call, trail));
                }
            }
        }
        _ => {}
    });
}

/// Adds a problem at the function, which is nearer than the property that holds it.
fn report(sink: &mut Sink, trail: &ValuePath<'_>, function: &str, verdict: Verdict) {
    sink.extend(verdict.map(|problem| problem.at(&trail.origin_of_function(function), "")));
}

/// Reports a list in the text of an `Fn::Sub`.
fn list_in_text<'r>(scope: &CheckContext<'_>, mut refs: impl Iterator<Item = &'r Ref>) -> Verdict {
    let reference = refs.find(|reference| super::outputs::is_list(scope, reference))?;
    let message = format!("puts `{reference}` into a string, and that is a list");
    let problem = argument("Fn::Sub", &message)?;
    Some(problem.help("join it with `Fn::Join`, or take one item with `Fn::Select`"))
}

#[allow(clippy::unnecessary_wraps, reason = "it is the verdict of its callers")]
fn argument(function: &str, message: &str) -> Verdict {
    Some(Diagnostic::new(Code::FunctionArgument, format!("`{function}` {message}")))
}

/// Returns an object that only looks like a function.
fn map_verdict<'m>(scope: &CheckContext<'_>, map: &'m Map, trail: &ValuePath<'_>) -> Option<(&'m str, Verdict)> {
    let name = map.keys().find(|key| key.starts_with("Fn::") || (*key == "Ref" && map.len() == 1))?;
    Some((name, misread(scope, name, map, trail)))
}

fn misread(scope: &CheckContext<'_>, name: &str, map: &Map, trail: &ValuePath<'_>) -> Verdict {
    if name.starts_with("Fn::ForEach::") || name == "Fn::Transform" || trail.property() == Some("DefinitionBody") {
        return None;
    }
    let is_unknown = Function::by_name(name).is_none() && name != "Ref";
    if !is_unknown && scope.transforms("AWS::LanguageExtensions") {
        return None;
    }
    if is_unknown {
        let names = Function::ALL.iter().map(|function| function.name());
        let problem = Diagnostic::new(Code::UnknownFunction, format!("there is no function `{name}`"));
        return Some(problem.help_if(scope.suggestions.did_you_mean(name, names)));
    }
    if map.len() > 1 {
        let other = map.keys().find(|key| *key != name)?;
        return argument(name, &format!("is next to `{other}`, and a function must be alone in its object"));
    }
    match name {
        "Ref" => argument("Ref", "takes the name of a resource or parameter"),
        "Fn::GetAtt" => argument(name, "takes the name of a resource and of an attribute, `Alb.DNSName`"),
        _ => argument(name, "takes other arguments"),
    }
}

fn check_call(scope: &CheckContext<'_>, call: &Intrinsic, trail: &ValuePath<'_>) -> Verdict {
    let name = call.function.name();
    if let Some(problem) = misplaced(scope, call.function, trail) {
        return Some(problem);
    }
    if scope.transforms("AWS::LanguageExtensions") {
        return None;
    }
    let items = call.argument.as_list();
    match call.function {
        Function::Join => join(items),
        Function::Select => select(items),
        Function::Split => split(items),
        Function::Cidr => cidr(items),
        Function::FindInMap => find_in_map(scope, items),
        Function::If => branches(scope, items),
        Function::Sub => substitute(&call.argument, items),
        Function::Equals => arity(name, items, 2, 2),
        Function::And | Function::Or => arity(name, items, 2, 10),
        Function::Not => arity(name, items, 1, 1),
        Function::GetAzs if !is_word(&call.argument) => {
            let problem = argument(name, "takes the name of a region, or \"\" for this one")?;
            // Published templates have null here, which other tools write for an empty string.
            Some(if call.argument == Value::Null { problem.as_warning() } else { problem })
        }
        Function::Base64 if !is_word(&call.argument) => argument(name, "takes a string"),
        Function::ImportValue => import(scope, &call.argument),
        Function::Condition => defined(scope, call.argument.as_str()),
        Function::Transform if items.is_none() && call.argument.get("Name").is_none() => {
            argument(name, "takes an object with a `Name`")
        }
        Function::GetStackOutput if call.argument.get("OutputName").is_none() => {
            argument(name, "takes an object with a `StackName` and an `OutputName`")
        }
        Function::Length | Function::ToJsonString => {
            let problem = Diagnostic::new(Code::MissingTransform, format!("`{name}` needs a transform"));
            Some(problem.help("add `Transform: AWS::LanguageExtensions` to the template"))
        }
        _ => None,
    }
}

/// Reports a function that is not for this place: conditions know other functions than resources do.
fn misplaced(scope: &CheckContext<'_>, function: Function, trail: &ValuePath<'_>) -> Verdict {
    use Function as F;
    let name = function.name();
    let message = match (trail.whole(), function) {
        (_, F::Contains | F::EachMemberEquals | F::EachMemberIn | F::RefAll | F::ValueOf | F::ValueOfAll) => {
            format!("`{name}` belongs in the section `Rules`")
        }
        (ValueOwner::Condition(_), F::Base64 | F::Cidr | F::GetAtt | F::GetAzs | F::ImportValue | F::Transform) => {
            format!("a condition cannot use `{name}`")
        }
        (ValueOwner::Resource(..) | ValueOwner::Output(..), F::And | F::Equals | F::Not | F::Or)
            if !scope.is_transformed() =>
        {
            format!("`{name}` belongs in the section `Conditions`")
        }
        _ => return None,
    };
    Some(Diagnostic::new(Code::MisplacedFunction, message))
}

fn arity(name: &str, items: Option<&[Value]>, least: usize, most: usize) -> Verdict {
    let wanted = if least == most { least.to_string() } else { format!("{least} to {most}") };
    match items {
        Some(items) if (least..=most).contains(&items.len()) => None,
        Some(items) => argument(name, &format!("takes a list of {wanted}, not of {}", items.len())),
        None => argument(name, &format!("takes a list of {wanted}")),
    }
}

/// Returns whether it is a string, or may become one.
fn is_word(value: &Value) -> bool {
    matches!(value, Value::Text(_) | Value::Call(_) | Value::Int(_) | Value::Bool(_) | Value::Float(_))
}

/// Returns whether it is a list, or may become one.
fn is_listlike(value: &Value) -> bool {
    matches!(value, Value::List(_) | Value::Call(_)) || value.as_reference().is_some()
}

fn join(items: Option<&[Value]>) -> Verdict {
    const NAME: &str = "Fn::Join";
    match items {
        Some([delimiter, _]) if delimiter.as_str().is_none() => argument(NAME, "takes a literal string to join with"),
        Some([_, list]) if !is_listlike(list) => argument(NAME, "takes a list of what it joins"),
        items => arity(NAME, items, 2, 2),
    }
}

fn select(items: Option<&[Value]>) -> Verdict {
    const NAME: &str = "Fn::Select";
    let Some([index, list]) = items else { return arity(NAME, items, 2, 2) };
    if !is_listlike(list) {
        return argument(NAME, "takes a list to select from");
    }
    match (index.as_int(), list.as_list()) {
        (Some(at), _) if at < 0 => argument(NAME, "counts from 0"),
        (Some(at), Some(items)) if usize::try_from(at).is_ok_and(|at| at >= items.len()) => {
            argument(NAME, &format!("selects item {at} of a list of {}; it counts from 0", items.len()))
        }
        (None, _) if index.as_str().is_some() || !is_word(index) => argument(NAME, "takes a number first"),
        _ => None,
    }
}

fn split(items: Option<&[Value]>) -> Verdict {
    const NAME: &str = "Fn::Split";
    match items {
        Some([delimiter, _]) if delimiter.as_str().is_none_or(str::is_empty) => {
            argument(NAME, "takes a literal string to split at")
        }
        Some([_, text]) if !is_word(text) => argument(NAME, "takes a string to split"),
        items => arity(NAME, items, 2, 2),
    }
}

fn cidr(items: Option<&[Value]>) -> Verdict {
    const NAME: &str = "Fn::Cidr";
    match items {
        Some([_, count, ..]) if count.as_int().is_some_and(|count| !(1..=256).contains(&count)) => {
            argument(NAME, "makes 1 to 256 blocks")
        }
        Some([_, _, bits]) if bits.as_int().is_some_and(|bits| !(1..=128).contains(&bits)) => {
            argument(NAME, "takes 1 to 128 subnet bits")
        }
        items => arity(NAME, items, 2, 3),
    }
}

fn find_in_map(scope: &CheckContext<'_>, items: Option<&[Value]>) -> Verdict {
    const NAME: &str = "Fn::FindInMap";
    let Some([map, keys @ ..]) = items.filter(|items| items.len() == 3 || items.len() == 4) else {
        return arity(NAME, items, 3, 4);
    };
    let name = map.as_str().filter(|_| items.is_some_and(|items| items.len() == 3))?;
    let mappings = &scope.template.mappings;
    let unknown = |what: &str, name: &str, known: Vec<&str>| {
        let problem = Diagnostic::new(Code::UndefinedMapping, format!("there is no {what} `{name}`"));
        Some(problem.help_if(scope.suggestions.did_you_mean(name, known)))
    };
    if scope.is_transformed() {
        return None;
    }
    let Some(mapping) = mappings.get(name) else {
        return unknown("mapping", name, mappings.keys().map(String::as_str).collect());
    };
    let mapping = mapping.as_map()?;
    let rows: Vec<&Value> = match keys[0].as_str() {
        Some(key) => match mapping.get(key) {
            Some(row) => vec![row],
            None => return unknown(&format!("key in the mapping `{name}`"), key, names(mapping)),
        },
        None => mapping.values().collect(),
    };
    let key = keys[1].as_str()?;
    if rows.iter().any(|row| row.as_map().is_none_or(|row| row.contains_key(key))) {
        return None;
    }
    let known = rows.iter().filter_map(|row| row.as_map()).flat_map(names).collect();
    unknown(&format!("second key in the mapping `{name}`"), key, known)
}

fn names(map: &Map) -> Vec<&str> {
    map.keys().map(String::as_str).collect()
}

fn branches(scope: &CheckContext<'_>, items: Option<&[Value]>) -> Verdict {
    match items {
        Some([name, _, _]) => match name.as_str() {
            Some(name) => defined(scope, Some(name)),
            None => argument("Fn::If", "takes the name of a condition first"),
        },
        items => arity("Fn::If", items, 3, 3),
    }
}

/// Returns a condition that the template does not have.
pub(super) fn defined(scope: &CheckContext<'_>, name: Option<&str>) -> Verdict {
    let Some(name) = name else { return argument("Condition", "takes the name of a condition") };
    let conditions = &scope.template.conditions;
    if conditions.contains_key(name) || scope.is_transformed() {
        return None;
    }
    let problem = Diagnostic::new(Code::UndefinedCondition, format!("there is no condition `{name}`"));
    Some(problem.help_if(scope.suggestions.did_you_mean(name, conditions.keys().map(String::as_str))))
}

fn substitute(whole: &Value, items: Option<&[Value]>) -> Verdict {
    const NAME: &str = "Fn::Sub";
    match items {
        Some([text, Value::Map(variables)]) => match text.as_str() {
            Some(text) => unused_variable(text, variables),
            None => argument(NAME, "takes a literal string"),
        },
        Some([_, Value::Call(_)]) => None,
        None if matches!(whole, Value::Text(_)) => None,
        None if matches!(whole, Value::Call(call) if call.function == Function::Transform) => None,
        _ => argument(NAME, "takes a string, or a list of a string and an object of variables"),
    }
}

fn unused_variable(text: &str, variables: &Map) -> Verdict {
    let text = crate::cfn::TemplateString::from_sub(text);
    let used: std::collections::HashSet<String> = text.refs().map(ToString::to_string).collect();
    let name = variables.keys().find(|name| !used.contains(*name))?;
    let message = format!("the text of this `Fn::Sub` does not use its variable `{name}`");
    Some(Diagnostic::new(Code::UnusedVariable, message))
}

fn import(scope: &CheckContext<'_>, value: &Value) -> Verdict {
    const NAME: &str = "Fn::ImportValue";
    if !is_word(value) {
        return argument(NAME, "takes the name of an export");
    }
    let mut resource = None;
    value.each_ref(&mut |reference| {
        if scope.template.resources.contains_key(&reference.id) {
            resource = Some(reference.id.clone());
        }
    });
    let id = resource?;
    argument(NAME, &format!("must be known before resources exist, so it cannot depend on the resource `{id}`"))
}
