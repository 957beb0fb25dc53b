//! Dynamic references: `{{resolve:ssm:name:version}}`.
//!
//! Source: "Get values stored in other services using dynamic references" in the CloudFormation user guide.

use super::context::CheckContext;
use super::visitor::{ValueOwner, ValuePath, walk};
use crate::cfn::{Function, Intrinsic, Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, Sink, did_you_mean};

const OPEN: &str = "{{resolve:";
const SERVICES: [&str; 3] = ["ssm", "ssm-secure", "secretsmanager"];

/// A template may hold this many.
const MOST: usize = 60;

/// The properties that take secure strings of SSM, by type.
const SECURE: [(&str, &str); 13] = [
    ("AWS::DirectoryService::MicrosoftAD", "Password"),
    ("AWS::DirectoryService::SimpleAD", "Password"),
    ("AWS::ElastiCache::ReplicationGroup", "AuthToken"),
    ("AWS::IAM::User", "LoginProfile"),
    ("AWS::KinesisFirehose::DeliveryStream", "RedshiftDestinationConfiguration"),
    ("AWS::OpsWorks::App", "AppSource"),
    ("AWS::OpsWorks::Stack", "CustomCookbooksSource"),
    ("AWS::OpsWorks::Stack", "RdsDbInstances"),
    ("AWS::RDS::DBCluster", "MasterUserPassword"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
    ("AWS::RDS::DBInstance", "TdeCredentialPassword"),
    ("AWS::Redshift::Cluster", "MasterUserPassword"),
    ("AWS::EC2::VPNConnection", "VpnTunnelOptionsSpecifications"),
];

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    let mut count = 0;
    walk(scope.template, &mut |value, trail| {
        let text = match value {
            // The text inside a function may be a part of a reference: the function puts it together.
            Value::Text(text) if !trail.keys().any(|key| key.starts_with("Fn::")) => opaque(text),
            Value::Call(call) if call.function == Function::Join && !trail.is_inside("Fn::Join") => joined(call),
            Value::Call(call) if call.function == Function::Sub => {
                let text = call.substitution().map(|(text, _)| opaque(&TemplateString::from_sub(text)));
                text.unwrap_or_default()
            }
            _ => return,
        };
        for part in text.split(OPEN).skip(1) {
            count += 1;
            sink.extend(problem(part, trail).map(|problem| problem.at(&trail.origin(), "")));
        }
    });
    if count > MOST {
        let message = format!("the template has {count} dynamic references, and may have {MOST}");
        sink.push(Diagnostic::new(Code::TemplateLimit, message));
    }
}

/// Returns the text with a letter in place of what only a deployment knows.
fn opaque(text: &TemplateString) -> String {
    let pieces = text.pieces().iter().map(|piece| match piece {
        Segment::Literal(text) => text.as_str(),
        Segment::Ref(_) | Segment::Call(_) => "\u{0}",
    });
    pieces.collect()
}

/// Returns the text that an `Fn::Join` gives, with such a letter for its items that are not text.
fn joined(call: &Intrinsic) -> String {
    let Some([delimiter, Value::List(items)]) = call.argument.as_list() else { return String::new() };
    let item = |item: &Value| match item {
        Value::Text(text) => opaque(text),
        Value::Call(inner) if inner.function == Function::Join => joined(inner),
        Value::Int(number) => number.to_string(),
        _ => "\u{0}".to_owned(),
    };
    items.iter().map(item).collect::<Vec<_>>().join(delimiter.as_str().unwrap_or("\u{0}"))
}

fn problem(part: &str, trail: &ValuePath<'_>) -> Option<Diagnostic> {
    let malformed = |message: &str| Some(Diagnostic::new(Code::DynamicReference, message.to_owned()));
    let Some((inside, _)) = part.split_once("}}") else {
        // What a deployment fills in may hold the end.
        return if part.contains('\u{0}') { None } else { malformed("a dynamic reference has no end `}}`") };
    };
    let (service, rest) = inside.split_once(':').unwrap_or((inside, ""));
    if service.contains('\u{0}') {
        return None;
    }
    if !SERVICES.contains(&service) {
        let problem = Diagnostic::new(Code::DynamicReference, format!("nothing resolves `{service}`"));
        return Some(problem.help_if(did_you_mean(service, SERVICES)));
    }
    if rest.is_empty() {
        return malformed("a dynamic reference has no name after its service");
    }
    if service == "secretsmanager" {
        return secret(rest);
    }
    let (name, version) = rest.split_once(':').map_or((rest, None), |(name, version)| (name, Some(version)));
    let is_arn = rest.starts_with("arn:") || rest.contains('\u{0}');
    let numbered = version.is_none_or(|version| version.parse::<u64>().is_ok());
    let named = name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-/\u{0}".contains(c));
    if !is_arn && (!named || !numbered || name.is_empty()) {
        return malformed("a dynamic reference to SSM is `{{resolve:ssm:name}}` or `{{resolve:ssm:name:version}}`");
    }
    (service == "ssm-secure").then(|| secure(trail)).flatten()
}

fn secret(rest: &str) -> Option<Diagnostic> {
    let after = match rest.strip_prefix("arn:") {
        // arn:partition:secretsmanager:region:account:secret:name
        Some(arn) => arn.splitn(7, ':').nth(6).unwrap_or_default(),
        None => rest.split_once(':').map_or("", |(_, after)| after),
    };
    let parts: Vec<&str> = after.split(':').collect();
    let valid = after.is_empty() || after.contains('\u{0}') || parts[0] == "SecretString" || parts[0].is_empty();
    (!valid || parts.len() > 4).then(|| {
        let message = "a dynamic reference to a secret is \
                       `{{resolve:secretsmanager:name:SecretString:json-key:version-stage:version-id}}`";
        Diagnostic::new(Code::DynamicReference, message)
    })
}

fn secure(trail: &ValuePath<'_>) -> Option<Diagnostic> {
    let ValueOwner::Resource(resource) = trail.whole() else {
        return Some(Diagnostic::new(Code::SecureString, "only resources take secure strings of SSM"));
    };
    let property = trail.property().unwrap_or("Metadata");
    let kind = resource.kind.as_str();
    (!SECURE.contains(&(kind, property))).then(|| {
        let message = format!("`{property}` of `{kind}` does not take secure strings of SSM");
        let hint = "keep the value in Secrets Manager and use `{{resolve:secretsmanager:..}}`";
        Diagnostic::new(Code::SecureString, message).help(hint)
    })
}
