//! Sections, the format version, and the attributes of resources.
//!
//! Source: "Template sections" and "Resource attribute reference" of the CloudFormation user guide.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::type_names::AUTO_SCALING_GROUP;
use crate::cfn::{PathSegment, PropertyPath, Value};
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};

const SERVERLESS: &str = "AWS::Serverless-2016-10-31";

const SECTIONS: [&str; 11] = [
    "AWSTemplateFormatVersion",
    "Description",
    "Metadata",
    "Parameters",
    "Rules",
    "Mappings",
    "Conditions",
    "Transform",
    "Resources",
    "Outputs",
    "Hooks",
];

const ATTRIBUTES: [&str; 10] = [
    "Type",
    // CloudFormation accepts it and shows it nowhere.
    "Description",
    "Properties",
    "DependsOn",
    "Condition",
    "Metadata",
    "DeletionPolicy",
    "UpdateReplacePolicy",
    "UpdatePolicy",
    "CreationPolicy",
];

/// Types whose data AWS keeps as a snapshot when the resource is deleted.
const SNAPSHOT: [&str; 9] = [
    "AWS::DocDB::DBCluster",
    "AWS::EC2::Volume",
    "AWS::ElastiCache::CacheCluster",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::Neptune::DBCluster",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::OpenSearchServerless::Collection",
];

const SIGNALLED: [&str; 4] =
    ["AWS::AppStream::Fleet", AUTO_SCALING_GROUP, "AWS::CloudFormation::WaitCondition", "AWS::EC2::Instance"];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    sections(scope, sink);
    if scope.template.resources.is_empty() && !scope.is_transformed() {
        let origin = scope.template.origin_of(&PropertyPath::attribute("Resources"));
        let problem = Diagnostic::new(Code::NoResources, "the template has no resources").at(&origin, "");
        sink.push(problem.help("a stack needs at least one resource"));
    }
    scope.resources().for_each(|found| attributes(found, scope, sink));
    untransformed(scope, sink);
}

/// Reports resources of SAM in a template that SAM does not transform.
fn untransformed(scope: &CheckContext<'_>, sink: &mut Sink) {
    if scope.transforms(SERVERLESS) || scope.template.other.keys().any(|name| name.starts_with("Fn::")) {
        return;
    }
    for found in scope.resources().filter(|found| found.kind().starts_with("AWS::Serverless::")) {
        let message = format!("`{}` needs the transform of SAM", found.kind());
        let origin = found.resource.origin_of(&PropertyPath::attribute("Type"));
        let problem = Diagnostic::new(Code::MissingTransform, message).at(origin, "");
        sink.push(problem.help(format!("add `Transform: {SERVERLESS}` to the template")));
    }
}

fn sections(scope: &CheckContext<'_>, sink: &mut Sink) {
    let serverless = scope.transforms(SERVERLESS);
    for (name, value) in &scope.template.other {
        let at = |problem: Diagnostic| problem.at(&scope.template.origin_of(&PropertyPath::attribute(name)), "");
        match (name.as_str(), value.as_str()) {
            ("AWSTemplateFormatVersion", Some("2010-09-09")) => {}
            ("AWSTemplateFormatVersion", _) => {
                let problem = Diagnostic::new(Code::TemplateVersion, "this is not a version of the template format");
                sink.push(at(problem).help("the only version is \"2010-09-09\""));
            }
            ("Globals", _) if serverless => {}
            (name, _) if SECTIONS.contains(&name) || name.starts_with("Fn::") => {}
            _ => {
                let problem = Diagnostic::new(Code::UnknownSection, format!("a template has no section `{name}`"));
                sink.push(at(problem).help_if(scope.suggestions.did_you_mean(name, SECTIONS)));
            }
        }
    }
}

fn attributes(found: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    let serverless = found.kind().starts_with("AWS::Serverless::");
    let is_custom = found.kind().starts_with("Custom::") || found.kind() == "AWS::CloudFormation::CustomResource";
    for (name, value) in &found.resource.attributes {
        let at = |problem: Diagnostic| problem.at(found.resource.origin_of(&PropertyPath::attribute(name)), "");
        match name.as_str() {
            "DeletionPolicy" => {
                policy(found, name, value, &["Delete", "Retain", "RetainExceptOnCreate", "Snapshot"], sink);
            }
            "UpdateReplacePolicy" if follows_deletion(found, value) => {}
            "UpdateReplacePolicy" => policy(found, name, value, &["Delete", "Retain", "Snapshot"], sink),
            "CreationPolicy" if !SIGNALLED.contains(&found.kind()) && !scope.is_transformed() => {
                let message = format!("`{}` takes no `CreationPolicy`", found.kind());
                let problem = at(Diagnostic::new(Code::MisplacedPolicy, message));
                sink.push(problem.help(format!("only {} wait for signals", SIGNALLED.join(", "))));
            }
            "UpdatePolicy" | "CreationPolicy" if !matches!(value, Value::Map(_) | Value::Call(_)) => {
                sink.push(at(Diagnostic::new(Code::TemplateStructure, format!("`{name}` must be an object"))));
            }
            known if ATTRIBUTES.contains(&known) || known.starts_with("Fn::") => {}
            // The transform drops the attributes of its resources that it does not know.
            _ if serverless => {}
            "Version" if is_custom => {}
            unknown => {
                let message = format!("a resource has no attribute `{unknown}`");
                let property = scope.schema.get(found.kind()).and_then(|kind| kind.properties().property(unknown));
                let hint = match property {
                    Some(_) => Some(format!("`{unknown}` is a property: write it below `Properties`")),
                    None => scope.suggestions.did_you_mean(unknown, ATTRIBUTES),
                };
                sink.push(at(Diagnostic::new(Code::UnknownResourceAttribute, message)).help_if(hint));
            }
        }
    }
}

/// Returns whether one call of a script set both policies: its mistake is reported once.
fn follows_deletion(found: ResourceEntry<'_>, value: &Value) -> bool {
    let origin = |name: &str| found.resource.origin_of(&PropertyPath::attribute(name));
    found.resource.attributes.get("DeletionPolicy") == Some(value)
        && origin("DeletionPolicy") == origin("UpdateReplacePolicy")
}

fn policy(found: ResourceEntry<'_>, name: &str, value: &Value, allowed: &[&str], sink: &mut Sink) {
    let at = |problem: Diagnostic| {
        problem.at(found.resource.origin_of(&PropertyPath(vec![PathSegment::Key(name.to_owned())])), "")
    };
    match value.as_str() {
        Some("Snapshot") if !SNAPSHOT.contains(&found.kind()) => {
            let message = format!("`{}` does not support snapshots", found.kind());
            sink.push(at(Diagnostic::new(Code::SnapshotPolicy, message)).help("use `Retain` or `Delete`"));
        }
        Some(word) if allowed.contains(&word) => {}
        Some(word) => {
            let problem = at(Diagnostic::new(Code::PolicyValue, format!("`{name}` cannot be `{word}`")));
            let hint = did_you_mean(word, allowed.iter().copied());
            sink.push(problem.help_if(hint.or_else(|| Some(format!("it is one of {}", allowed.join(", "))))));
        }
        None if matches!(value, Value::Call(_) | Value::Text(_)) => {}
        None => sink.push(at(Diagnostic::new(Code::PolicyValue, format!("`{name}` must be a plain string")))),
    }
}
