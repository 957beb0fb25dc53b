//! Versions and aliases of Lambda functions.
//!
//! Sources: "Manage Lambda function versions", "Create an alias for a Lambda function" (weights need published versions),
//! "Configuring provisioned concurrency" (not for `$LATEST`) of the Lambda developer guide; `PublishVersion` of the API (a version
//! of unchanged code and configuration is the existing one).

use std::collections::HashMap;

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::LogicalId;
use crate::diag::{Code, Diagnostic, Sink};

const FUNCTION: &str = "AWS::Lambda::Function";
const VERSION: &str = "AWS::Lambda::Version";
const ALIAS: &str = "AWS::Lambda::Alias";
const LATEST: &str = "$LATEST";

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for alias in scope.all(ALIAS) {
        sink.extend(unpublished(alias));
        sink.extend(other_function(alias, scope));
    }
    second_version(scope, sink);
}

/// Reports an alias of `$LATEST` with settings that need a published version.
fn unpublished(alias: ResourceEntry<'_>) -> Option<Diagnostic> {
    if alias.text("FunctionVersion")? != LATEST {
        return None;
    }
    let weights = alias.list("RoutingConfig.AdditionalVersionWeights");
    let setting = match () {
        () if !weights.is_empty() => "RoutingConfig",
        () if alias.get("ProvisionedConcurrencyConfig").is_some() => "ProvisionedConcurrencyConfig",
        () => return None,
    };
    let message = format!("an alias of `{LATEST}` cannot have `{setting}`");
    let problem = alias.error(Code::LambdaAlias, setting, message);
    let problem = problem.at(alias.origin("FunctionVersion"), "not a published version");
    Some(problem.help("add an `AWS::Lambda::Version`, and set `FunctionVersion` to its attribute `Version`"))
}

/// Reports an alias that takes the number of a version of another function.
fn other_function(alias: ResourceEntry<'_>, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let version = alias.get("FunctionVersion").and_then(|version| scope.target(version, VERSION))?;
    let function = |found: ResourceEntry<'_>| Some(scope.target(found.get("FunctionName")?, FUNCTION)?.id.clone());
    let (of_alias, of_version) = (function(alias)?, function(version)?);
    (of_alias != of_version).then(|| {
        let message = format!("`{}` is a version of `{of_version}`, and the alias is of `{of_alias}`", version.id);
        let problem = alias.error(Code::LambdaAlias, "FunctionVersion", message);
        problem
            .at(version.origin("FunctionName"), "the function of the version")
            .help(format!("use a version of `{of_alias}`"))
    })
}

/// Warns of two versions of one function, which are created at once from the same code.
fn second_version(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut seen: HashMap<&LogicalId, ResourceEntry<'_>> = HashMap::new();
    for version in scope.all(VERSION) {
        let Some(function) = version.get("FunctionName").and_then(|name| scope.target(name, FUNCTION)) else {
            continue;
        };
        let Some(first) = seen.insert(function.id, version) else { continue };
        let conditions = (first.resource.condition.as_deref(), version.resource.condition.as_deref());
        // An old version is usually retained when the template gets a new one.
        let is_retained = [first, version].iter().any(|it| it.resource.attributes.contains_key("DeletionPolicy"));
        if is_retained || !scope.can_both_exist(conditions.0, conditions.1) {
            continue;
        }
        let message = format!("`{}` and `{}` are versions of the same code of `{}`", first.id, version.id, function.id);
        let problem = version.warning(Code::LambdaVersion, "FunctionName", message);
        let problem = problem.at(first.origin("FunctionName"), "the other version");
        let problem = problem
            .note("a new stack fails: Lambda publishes a version only if the function has changed since the last one");
        sink.push(problem.help("keep one of the two"));
    }
}
