//! Checks that the names in `Ref`, `Fn::GetAtt`, `Fn::Sub` and `DependsOn` exist.

use std::collections::HashSet;

use super::condition_logic::Possibility;
use super::context::CheckContext;
use super::visitor::{ValueOwner, ValuePath, own_refs, walk};
use crate::cfn::{LogicalId, PathSegment, PropertyPath, Ref, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// Source: "Pseudo parameters" in the CloudFormation user guide.
const PSEUDO: [&str; 8] = [
    "AWS::AccountId",
    "AWS::NoValue",
    "AWS::NotificationARNs",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// The shortest name of a resource that is suggested for a longer one.
const SHORTEST_ROLE: usize = 3;

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut used: HashSet<LogicalId> = HashSet::new();
    walk(scope.template, &mut |value, trail| {
        own_refs(value, &mut |reference| {
            if scope.template.parameters.contains_key(&reference.id) {
                used.insert(reference.id.clone());
            }
            let found = problem(scope, reference, trail);
            sink.extend(found.map(|problem| problem.at(&trail.origin_of_function(function_of(value, reference)), "")));
        });
        sink.extend(unsubstituted(scope, value, trail));
    });
    depends_on(scope, sink);
    unused(scope, &mut used, sink);
}

/// Returns the function that refers.
fn function_of(value: &Value, reference: &Ref) -> &'static str {
    match (value.as_reference(), &reference.attribute) {
        (None, _) => "Fn::Sub",
        (Some(_), None) => "Ref",
        (Some(_), Some(_)) => "Fn::GetAtt",
    }
}

fn problem(scope: &CheckContext<'_>, reference: &Ref, trail: &ValuePath<'_>) -> Option<Diagnostic> {
    let template = scope.template;
    let id = reference.id.as_str();
    let in_condition = matches!(trail.whole(), ValueOwner::Condition(_));
    if let Some(resource) = template.resources.get(&reference.id) {
        let message = format!("a condition cannot refer to the resource `{id}`");
        return if in_condition {
            Some(
                Diagnostic::new(Code::ConditionReference, message)
                    .help("conditions are decided before resources exist"),
            )
        } else {
            conditional(scope, resource.condition.as_deref(), id, trail)
        };
    }
    if template.parameters.contains_key(&reference.id) || PSEUDO.contains(&id) {
        let attribute = reference.attribute.as_ref()?;
        let message = format!("`{id}` is a parameter and has no attribute `{attribute}`");
        return Some(Diagnostic::new(Code::UndefinedReference, message));
    }
    if id.starts_with("AWS::") {
        let problem = Diagnostic::new(Code::UndefinedReference, format!("there is no pseudo parameter `{id}`"));
        return Some(problem.help_if(scope.suggestions.did_you_mean(id, PSEUDO)));
    }
    let expanded = scope.is_transformed() || is_of_module(scope, id);
    (!expanded).then(|| undefined(scope, reference))
}

/// Returns whether the resource may be of a module: their names begin with that of the module.
fn is_of_module(scope: &CheckContext<'_>, id: &str) -> bool {
    scope.resources().any(|found| found.kind().ends_with("::MODULE") && id.starts_with(found.id.as_str()))
}

fn undefined(scope: &CheckContext<'_>, reference: &Ref) -> Diagnostic {
    let template = scope.template;
    let id = reference.id.as_str();
    let problem = |what: &str| Diagnostic::new(Code::UndefinedReference, format!("`{id}` is {what}"));
    if template.conditions.contains_key(id) {
        return problem("a condition, and has no value").help(format!("use `Fn::If: [{id}, .., ..]`"));
    }
    if template.mappings.contains_key(id) {
        return problem("a mapping").help(format!("use `Fn::FindInMap: [{id}, .., ..]`"));
    }
    let resources = template.resources.keys().map(LogicalId::as_str);
    let shorter = without_stem(id, resources.clone());
    if reference.attribute.is_some() {
        let hint = scope.suggestions.did_you_mean(id, resources).or(shorter);
        return problem("not a resource of this template").help_if(hint);
    }
    let names = resources.chain(template.parameters.keys().map(LogicalId::as_str)).chain(PSEUDO);
    let hint = scope.suggestions.did_you_mean(id, names).or(shorter);
    problem("neither a resource nor a parameter of this template").help_if(hint)
}

/// Returns the hint of a resource whose whole name is the end of this one: `Cluster` for `WebCluster`.
fn without_stem<'a>(id: &str, resources: impl Iterator<Item = &'a str>) -> Option<String> {
    let is_role = |known: &&str| known.len() >= SHORTEST_ROLE && id.ends_with(known);
    let known = resources.filter(is_role).max_by_key(|known| known.len())?;
    Some(format!("did you mean `{known}`?"))
}

/// Reports a reference to a resource that exists under a condition only.
fn conditional(
    scope: &CheckContext<'_>,
    condition: Option<&str>,
    id: &str,
    trail: &ValuePath<'_>,
) -> Option<Diagnostic> {
    let condition = condition?;
    let own = match trail.whole() {
        ValueOwner::Resource(resource) => resource.condition.as_deref(),
        ValueOwner::Output(_, output) => output.condition.as_deref(),
        ValueOwner::Condition(_) => None,
    };
    if own == Some(condition) || trail.is_inside("Fn::If") {
        return None;
    }
    let needed = match own {
        Some(own) if scope.possibility(&[(own, true), (condition, false)]) != Possibility::Possible => return None,
        Some(own) => format!("if `{own}` holds"),
        None if scope.possibility(&[(condition, false)]) == Possibility::Impossible => return None,
        None => "always".to_owned(),
    };
    let message = format!("`{id}` exists only where `{condition}` holds, and this needs it {needed}");
    let problem = Diagnostic::new(Code::ConditionalReference, message);
    Some(problem.help(format!("use `Fn::If: [{condition}, .., !Ref AWS::NoValue]`, or the same `Condition` here")))
}

/// Reports a known name in `${...}` in a plain string, which CloudFormation does not replace.
fn unsubstituted(scope: &CheckContext<'_>, value: &Value, trail: &ValuePath<'_>) -> Option<Diagnostic> {
    let text = value.as_str()?;
    let start = text.find("${")?;
    if text.contains('\n') || matches!(trail.whole(), ValueOwner::Condition(_)) || is_left_alone(scope, trail) {
        return None;
    }
    let name = &text[start + 2..start + text[start..].find('}')?];
    let id = name.split('.').next().unwrap_or(name);
    let known = scope.template.resources.contains_key(id) || scope.template.parameters.contains_key(id);
    (known || PSEUDO.contains(&id)).then(|| {
        let message = format!("`${{{name}}}` in a plain string is not replaced");
        Diagnostic::new(Code::MissingSub, message).at(&trail.origin(), "").help("use `Fn::Sub`")
    })
}

/// Returns whether another tool than CloudFormation reads `${...}` in this place.
fn is_left_alone(scope: &CheckContext<'_>, trail: &ValuePath<'_>) -> bool {
    const ELSEWHERE: [&str; 7] =
        ["Fn::Sub", "DefinitionString", "Definition", "DefinitionBody", "ZipFile", "BuildSpec", "UserData"];
    let in_attribute = matches!(trail.whole(), ValueOwner::Resource(..)) && trail.property().is_none();
    scope.is_transformed() || in_attribute || trail.keys().any(|key| ELSEWHERE.contains(&key))
}

fn depends_on(scope: &CheckContext<'_>, sink: &mut Sink) {
    if scope.is_transformed() {
        return;
    }
    for found in scope.resources() {
        for (at, id) in found.resource.depends_on.iter().enumerate() {
            if scope.template.resources.contains_key(id) {
                continue;
            }
            let path = PropertyPath::attribute("DependsOn").then(PathSegment::Index(at));
            let known = scope.template.resources.keys().map(LogicalId::as_str);
            let message = format!("`{}` depends on `{id}`, which is not a resource of this template", found.id);
            let problem = Diagnostic::new(Code::UndefinedDependency, message);
            sink.push(
                problem
                    .at(found.resource.origin_of(&path), "")
                    .help_if(scope.suggestions.did_you_mean(id.as_str(), known)),
            );
        }
    }
}

fn unused(scope: &CheckContext<'_>, used: &mut HashSet<LogicalId>, sink: &mut Sink) {
    if scope.is_transformed() {
        return;
    }
    let mut note = |reference: &Ref| {
        used.insert(reference.id.clone());
    };
    let others = scope.template.other.values().chain(&scope.template.replaced);
    others.for_each(|value| value.each_ref(&mut note));
    for (id, parameter) in &scope.template.parameters {
        if !used.contains(id) {
            let problem = Diagnostic::new(Code::UnusedParameter, format!("nothing uses the parameter `{id}`"));
            sink.push(problem.at(&parameter.origin, ""));
        }
    }
}
