//! Versions and aliases of Lambda functions.

use super::{accepts_each, accepts_update, reasons, refuses_creation, refuses_update, template};
use crate::testing::harness::{Harness, stack};

const FUNCTIONS: &str = "
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Resize:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn, Runtime: python3.13, Handler: app.run, Code: {ZipFile: 'one'}}
  Other:
    Type: AWS::Lambda::Function
    Properties: {Role: !GetAtt Role.Arn, Runtime: python3.13, Handler: app.run, Code: {ZipFile: 'other'}}
";

/// Returns a version of a function.
fn version(id: &str, description: &str) -> String {
    format!(
        "  {id}: {{Type: AWS::Lambda::Version, Properties: {{FunctionName: !Ref Resize, Description: {description}}}}}\n"
    )
}

/// Returns an alias `live` of a function.
fn alias(id: &str, function: &str, version: &str) -> String {
    format!(
        "  {id}: {{Type: AWS::Lambda::Alias, Properties: {{FunctionName: !Ref {function}, Name: live, FunctionVersion: {version}}}}}\n"
    )
}

const EXISTS: &str = "A version for this Lambda function exists ( 1 ). Modify the function to create a new version.";

#[test]
fn second_version_of_an_unchanged_function_is_refused() {
    let first = template(&[FUNCTIONS, &version("One", "first")]);
    let expected = ("ResourceConflictException", EXISTS);
    let both = template(&[FUNCTIONS, &version("One", "first"), &version("Two", "second")]);
    refuses_update(&first, &both, "Two", expected);
    refuses_update(&first, &template(&[FUNCTIONS, &version("One", "other")]), "One", expected);
    accepts_update(&first, &both.replace("'one'", "'changed'"));
    accepts_update(&first, &template(&[FUNCTIONS, &version("Two", "second")]).replace("'one'", "'changed'"));
}

#[test]
fn version_after_a_change_of_an_earlier_deployment_is_published() {
    let harness = Harness::new(5);
    let first = template(&[FUNCTIONS, &version("One", "first")]);
    let changed = first.replace("'one'", "'changed'");
    let both =
        template(&[FUNCTIONS, &version("One", "first"), &version("Two", "second")]).replace("'one'", "'changed'");
    for body in [first, changed, both] {
        let report = harness.deploy(&[stack("web", &body)]);
        assert!(report.outcome.is_success(), "{:?}", reasons(&report, "web"));
    }
}

#[test]
fn alias_points_to_the_number_of_a_version() {
    let with = |alias: &str| template(&[FUNCTIONS, &version("One", "first"), alias]);
    accepts_each(&[&format!(
        "{FUNCTIONS}{}{}",
        version("One", "first"),
        alias("Live", "Resize", "!GetAtt One.Version")
    )]);
    accepts_each(&[&format!("{FUNCTIONS}{}", alias("Live", "Resize", "$LATEST"))]);
    let missing = ("ResourceNotFoundException", "Function not found: arn:aws:lambda:");
    refuses_creation(&with(&alias("Live", "Resize", "'7'")), "Live", missing);
    refuses_creation(&with(&alias("Live", "Other", "!GetAtt One.Version")), "Live", missing);
    let weights = alias("Live", "Resize", "!GetAtt One.Version").replace(
        "Name: live",
        "Name: live, RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '9', FunctionWeight: 0.1}]}",
    );
    refuses_creation(&with(&weights), "Live", missing);
}

#[test]
fn name_of_an_alias_is_unique_in_its_function() {
    let first = format!("{FUNCTIONS}{}", alias("Live", "Resize", "$LATEST"));
    accepts_update(&template(&[&first]), &template(&[&first, &alias("OtherLive", "Other", "$LATEST")]));
    let again = template(&[&first, &alias("Again", "Resize", "$LATEST")]);
    refuses_update(
        &template(&[&first]),
        &again,
        "Again",
        ("ResourceConflictException", "Alias already exists: arn:aws:"),
    );
}

#[test]
fn version_with_an_alias_is_not_deleted() {
    let harness = Harness::new(5);
    let pinned = alias("Live", "Resize", "'1'").replace("{Type", "{DependsOn: One, Type");
    let published = version("One", "first");
    let first = template(&[FUNCTIONS, &published, &pinned]);
    assert!(harness.deploy(&[stack("web", &first)]).outcome.is_success());
    let without = template(&[FUNCTIONS, &alias("Live", "Resize", "'1'")]);
    let report = harness.deploy(&[stack("web", &without)]);
    let reasons = reasons(&report, "web");
    let message = "Unable to delete version because the following aliases reference it: [live]";
    assert!(reasons.iter().any(|reason| reason.starts_with("One: ") && reason.contains(message)), "{reasons:#?}");
}
