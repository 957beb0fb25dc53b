//! Versions and aliases of functions.
//!
//! A published version does not change, and a version of unchanged code is not published twice ("Manage Lambda function versions",
//! Lambda developer guide).

use serde_json::Value as Json;

use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, CREATION, DELETION, Refusal, Rule, Subject};
use super::function_name;
use crate::cfn::type_names::{FUNCTION, FUNCTION_ALIAS, FUNCTION_VERSION};
use crate::rehearsal::property_access::{list, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: FUNCTION_VERSION, intents: CREATION, check: function_unchanged },
    Rule { kind: FUNCTION_VERSION, intents: DELETION, check: version_has_an_alias },
    Rule { kind: FUNCTION_ALIAS, intents: CREATION, check: alias_exists },
    Rule { kind: FUNCTION_ALIAS, intents: CHANGES, check: version_missing },
];

/// Returns a refusal because of the state of a function.
fn conflict(handler: &'static str, text: String) -> Refusal {
    Refusal::new("Lambda", "ResourceConflictException", handler, text).with_status(409)
}

/// Returns whether a resource belongs to a function.
fn is_of(other: &Existing<'_>, function: &str) -> bool {
    other.text("FunctionName").is_some_and(|reference| function_name(&reference) == function)
}

/// Returns the number of a version.
fn number(version: &Existing<'_>) -> Option<String> {
    Some(version.physical_id?.rsplit(':').next()?.to_owned())
}

/// Returns the versions that an alias points to.
fn targets(alias: &Json) -> Vec<String> {
    let weights = alias.get("RoutingConfig").into_iter().flat_map(|it| list(it, "AdditionalVersionWeights"));
    let weighted = weights.filter_map(|weight| text(weight, "FunctionVersion"));
    text(alias, "FunctionVersion").into_iter().chain(weighted).collect()
}

/// Refuses a second version of a function that did not change since the first (`PublishVersion`, Lambda API: "Lambda doesn't publish
/// a version if the function's configuration and code haven't changed since the last version"; CloudFormation's message is quoted in
/// serverless/serverless#8392). A function whose history is not known may have changed.
fn function_unchanged(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let reference = text(subject.properties, "FunctionName")?;
    let function = view.find(FUNCTION, function_name(&reference))?;
    let changed = view.changed_at(function)?;
    let published = |other: &&Existing<'_>| {
        is_of(other, function_name(&reference)) && view.created_at(other).is_none_or(|at| at >= changed)
    };
    let number = number(view.others(FUNCTION_VERSION, subject).find(published)?)?;
    let text =
        format!("A version for this Lambda function exists ( {number} ). Modify the function to create a new version.");
    Some(conflict("AlreadyExists", text))
}

/// Refuses the deletion of a version that an alias points to (`Qualifier` of `DeleteFunction`, Lambda API: "you can't delete a version
/// that an alias references"; the message is quoted in karl-cardenas-coding/go-lambda-cleanup#45).
fn version_has_an_alias(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (reference, id) = (text(subject.properties, "FunctionName")?, subject.physical_id?);
    let number = id.rsplit(':').next()?;
    let points = |other: &&Existing<'_>| {
        other.kind == FUNCTION_ALIAS
            && is_of(other, function_name(&reference))
            && targets(other.properties).iter().any(|target| target == number)
    };
    let names: Vec<String> = view.staying().filter(points).filter_map(|alias| alias.text("Name")).collect();
    let text = format!("Unable to delete version because the following aliases reference it: [{}]", names.join(", "));
    (!names.is_empty()).then(|| conflict("ResourceConflict", text))
}

/// Refuses a second alias with a name (`ResourceConflictException` of `CreateAlias`, Lambda API; the message is inferred from the
/// one about functions).
fn alias_exists(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (reference, name) = (text(subject.properties, "FunctionName")?, text(subject.properties, "Name")?);
    let same = |other: &&Existing<'_>| is_of(other, function_name(&reference)) && other.has("Name", &name);
    view.others(FUNCTION_ALIAS, subject).find(same)?;
    let text = format!("Alias already exists: {}", arn(view, function_name(&reference), &name));
    Some(conflict("AlreadyExists", text))
}

/// Refuses an alias of a version that does not exist, or no longer (`ResourceNotFoundException` of `CreateAlias` and `UpdateAlias`,
/// Lambda API). The versions of a function outside of the rehearsal are not known.
fn version_missing(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let reference = text(subject.properties, "FunctionName")?;
    let function = function_name(&reference);
    view.find(FUNCTION, function).filter(|_| view.complete)?;
    let exists = |target: &String| {
        let mut versions = view.of(FUNCTION_VERSION).filter(|version| is_of(version, function));
        versions.any(|version| number(version).as_ref() == Some(target))
    };
    let is_number = |target: &&String| target.parse::<u64>().is_ok();
    let targets = targets(subject.properties);
    let missing = targets.iter().filter(is_number).find(|target| !exists(target))?;
    let text = format!("Function not found: {}", arn(view, function, missing));
    Some(Refusal::new("Lambda", "ResourceNotFoundException", "NotFound", text).with_status(404))
}

/// Returns the ARN of a version or an alias.
fn arn(view: &AccountView<'_>, function: &str, qualifier: &str) -> String {
    let AccountView { region, account, .. } = view;
    format!("arn:{}:lambda:{region}:{account}:function:{function}:{qualifier}", view.partition())
}
