//! References that give a name, an id or a URL where an ARN is needed.
//!
//! Sources: "Return values" of each type in the CloudFormation template reference; "IAM JSON policy elements: Resource" (a
//! resource is an ARN or `*`); the API references of the services behind the properties.

use super::context::{CheckContext, ResourceEntry};
use crate::cfn::{Ref, Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Sink};

/// Types whose `Ref` is not their ARN, which is the attribute `Arn`, with what `Ref` gives.
const REFS: [(&str, &str); 18] = [
    ("AWS::CodeBuild::Project", "the name of a project"),
    ("AWS::Cognito::UserPool", "the id of a user pool"),
    ("AWS::DynamoDB::GlobalTable", "the name of a table"),
    ("AWS::DynamoDB::Table", "the name of a table"),
    ("AWS::ECR::Repository", "the name of a repository"),
    ("AWS::ECS::Cluster", "the name of a cluster"),
    ("AWS::EFS::FileSystem", "the id of a file system"),
    ("AWS::Events::EventBus", "the name of an event bus"),
    ("AWS::IAM::Group", "the name of a group"),
    ("AWS::IAM::Role", "the name of a role"),
    ("AWS::IAM::User", "the name of a user"),
    ("AWS::KMS::Key", "the id of a key"),
    ("AWS::Kinesis::Stream", "the name of a stream"),
    ("AWS::KinesisFirehose::DeliveryStream", "the name of a delivery stream"),
    ("AWS::Lambda::Function", "the name of a function"),
    ("AWS::Logs::LogGroup", "the name of a log group"),
    ("AWS::S3::Bucket", "the name of a bucket"),
    ("AWS::SQS::Queue", "the URL of a queue"),
];

/// Properties that take an ARN and nothing else.
const PROPERTIES: [(&str, &str); 10] = [
    ("AWS::Events::Rule", "Targets.*.Arn"),
    ("AWS::Events::Rule", "Targets.*.DeadLetterConfig.Arn"),
    ("AWS::Lambda::EventInvokeConfig", "DestinationConfig.OnFailure.Destination"),
    ("AWS::Lambda::EventSourceMapping", "EventSourceArn"),
    ("AWS::Lambda::Function", "DeadLetterConfig.TargetArn"),
    ("AWS::Lambda::Permission", "SourceArn"),
    ("AWS::Pipes::Pipe", "Source"),
    ("AWS::Pipes::Pipe", "Target"),
    ("AWS::S3::Bucket", "NotificationConfiguration.QueueConfigurations.*.Queue"),
    ("AWS::SQS::Queue", "RedrivePolicy.deadLetterTargetArn"),
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    for (kind, pattern) in PROPERTIES {
        for found in scope.all(kind) {
            found.each_path(pattern, &mut |path| sink.extend(property(found, path, scope)));
        }
    }
}

fn property(found: ResourceEntry<'_>, path: &str, scope: &CheckContext<'_>) -> Option<Diagnostic> {
    let Value::Text(text) = found.get(path)? else { return None };
    let (reference, what) = name_in_place_of_arn(text, scope)?;
    let problem = found.error(Code::ArnForm, path, format!("`{text}` is {what}, and `{}` takes its ARN", last(path)));
    Some(problem.help(instead(reference)))
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// Returns the reference with which a text begins and what it gives, if that is certainly not an ARN.
pub(super) fn name_in_place_of_arn<'t>(
    text: &'t TemplateString,
    scope: &CheckContext<'_>,
) -> Option<(&'t Ref, &'static str)> {
    let Some(Segment::Ref(reference)) = text.pieces().first() else { return None };
    if reference.attribute.is_some() {
        return None;
    }
    let kind = scope.template.resources.get(&reference.id)?.kind.as_str();
    let (_, what) = REFS.iter().find(|(known, _)| *known == kind)?;
    Some((reference, what))
}

/// Returns what to write for the ARN.
pub(super) fn instead(reference: &Ref) -> String {
    format!("use the attribute `Arn`: `!GetAtt {}.Arn`, or `.Arn` of the resource in a script", reference.id)
}
