//! Keys of KMS that an override sets for a linked block: the tasks need permission to use them.
//!
//! Sources: "Configuring KMS permissions" (SQS developer guide: a producer needs `GenerateDataKey` and `Decrypt`, a consumer
//! `Decrypt`; SNS developer guide for publishers); "Protecting data using server-side encryption with KMS keys" (S3 user guide:
//! `GenerateDataKey` to upload, `Decrypt` to download and for uploads of several parts); "DynamoDB encryption at rest" (`DynamoDB`
//! developer guide: a table key is decrypted for the principal). Keys of AWS (`alias/aws/sqs`) admit the principals of the account.

use super::{Link, LinkMode};
use crate::block::{Block, Override, Permission};
use crate::cfn::{Ref, Segment, TemplateString, Value};
use crate::diag::{Code, Diagnostic, WithOrigin};

const BUCKET_KEY: &str =
    "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID";

/// Returns the permission to use the key of the linked block, if an override sets one.
pub(super) fn permission(link: &Link) -> Option<Permission> {
    let (key, _) = key(&link.target)?;
    let resource = key_arn(key).ok().flatten()?;
    let actions = actions(link).into_iter().map(TemplateString::from).collect();
    Some(Permission { actions, resources: vec![resource] })
}

/// Reports a key whose ARN does not follow from what the override says: an alias.
pub(super) fn unknown(link: &WithOrigin<Link>) -> Option<Diagnostic> {
    let (key, set) = key(&link.value.target)?;
    key_arn(key).is_err().then(|| {
        let which = if let Value::Text(text) = key { format!(" `{text}`") } else { String::new() };
        let actions: Vec<String> = actions(&link.value).iter().map(|action| format!("\"{action}\"")).collect();
        Diagnostic::new(
            Code::Link,
            format!("the ARN of the key{which} is not known, so the link does not let the tasks use it"),
        )
        .as_warning()
        .at(&link.origin, "linked here")
        .at(&set.origin, "the key is set here")
        .help("set the key by its id or ARN")
        .help(format!("or add `.allow([{}], key_arn)` to the tasks", actions.join(", ")))
    })
}

fn actions(link: &Link) -> Vec<&'static str> {
    let mode: LinkMode = link.mode();
    let generates = mode.writes() && !matches!(link.target, Block::Table(_));
    if generates { vec!["kms:Decrypt", "kms:GenerateDataKey"] } else { vec!["kms:Decrypt"] }
}

/// Returns the key that an override sets, with the override.
fn key(target: &Block) -> Option<(&Value, &WithOrigin<Override>)> {
    let (overrides, role, path) = match target {
        Block::Queue(queue) => (&queue.overrides, "Queue", "KmsMasterKeyId"),
        Block::Topic(topic) => (&topic.overrides, "Topic", "KmsMasterKeyId"),
        Block::Bucket(bucket) => (&bucket.overrides, "Bucket", BUCKET_KEY),
        Block::Table(table) => (&table.overrides, "Table", "SSESpecification.KMSMasterKeyId"),
        _ => return None,
    };
    let is_of_role = |set: &&WithOrigin<Override>| {
        let name = set.value.role.as_str();
        name == role || name.starts_with("AWS::") && name.rsplit("::").next() == Some(role)
    };
    overrides.iter().filter(is_of_role).rev().find_map(|set| Some((set_at(&set.value, path)?, set)))
}

/// Returns the value that an override sets at a path.
fn set_at<'o>(set: &'o Override, path: &str) -> Option<&'o Value> {
    let own = set.path.as_deref().unwrap_or_default().replace("[0]", ".0");
    let rest = match own.as_str() {
        "" => path,
        own if own == path => "",
        own => path.strip_prefix(own)?.strip_prefix('.')?,
    };
    rest.split('.').filter(|step| !step.is_empty()).try_fold(&set.value, |value, step| match step {
        "0" => value.as_list()?.first(),
        key => value.get(key),
    })
}

/// Returns the ARN of a key; nothing for a key of AWS. The `Ref` of a key is its id (`AWS::KMS::Key`, CloudFormation guide).
fn key_arn(key: &Value) -> Result<Option<TemplateString>, ()> {
    let Value::Text(text) = key else { return Err(()) };
    let is_arn = |start: &str| start.starts_with("arn:");
    match text.pieces() {
        [] => Ok(None),
        [Segment::Literal(start), ..] if start.starts_with("alias/aws/") || start.contains(":alias/aws/") => Ok(None),
        [Segment::Literal(start), ..] if start.starts_with("alias/") || start.contains(":alias/") => Err(()),
        [Segment::Literal(start), ..] if is_arn(start) => Ok(Some(text.clone())),
        [Segment::Ref(reference)] if reference.attribute.is_some() => Ok(Some(text.clone())),
        [Segment::Literal(_) | Segment::Ref(_)] => Ok(Some(own_key().join(text.clone()))),
        _ => Err(()),
    }
}

/// Returns the start of the ARNs of the keys of the account and region.
fn own_key() -> TemplateString {
    TemplateString::from("arn:")
        .with(Ref::to("AWS::Partition"))
        .with(":kms:")
        .with(Ref::to("AWS::Region"))
        .with(":")
        .with(Ref::to("AWS::AccountId"))
        .with(":key/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(key: impl Into<Value>) -> Result<Option<String>, ()> {
        key_arn(&key.into()).map(|arn| arn.map(|arn| arn.to_string()))
    }

    #[test]
    fn key_is_known_by_its_id_its_arn_or_a_reference() {
        let of =
            |id: &str| Ok(Some(format!("arn:${{AWS::Partition}}:kms:${{AWS::Region}}:${{AWS::AccountId}}:key/{id}")));
        assert_eq!(arn("1234abcd"), of("1234abcd"));
        assert_eq!(arn(Ref::to("Key")), of("${Key}"));
        assert_eq!(arn("arn:aws:kms:eu-west-1:1:key/a"), Ok(Some("arn:aws:kms:eu-west-1:1:key/a".to_owned())));
        assert_eq!(arn("alias/aws/sqs"), Ok(None));
        assert_eq!(arn("alias/shop"), Err(()));
    }

    #[test]
    fn override_is_found_at_its_path_and_inside_of_a_map() {
        let set = |path: Option<&str>, value: Value| Override {
            role: "Bucket".to_owned(),
            path: path.map(str::to_owned),
            value,
            origins: crate::block::PropertyOrigins::default(),
        };
        let by_path = set(
            Some("BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault"),
            crate::cfn!({ "SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "k" }),
        );
        assert_eq!(set_at(&by_path, BUCKET_KEY).and_then(Value::as_str), Some("k"));
        let inside = crate::cfn!({ "ServerSideEncryptionByDefault": crate::cfn!({ "KMSMasterKeyID": "k" }) });
        let encryption = crate::cfn!({ "ServerSideEncryptionConfiguration": crate::cfn!([inside]) });
        let merged = set(None, crate::cfn!({ "BucketEncryption": encryption }));
        assert_eq!(set_at(&merged, BUCKET_KEY).and_then(Value::as_str), Some("k"));
        assert!(set_at(&set(Some("BucketName"), "k".into()), BUCKET_KEY).is_none());
    }
}
