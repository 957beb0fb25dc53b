//! The bucket of access logs that a load balancer creates, with the policy that lets the logs be written to it.
//!
//! Sources: "Enable access logs for your Application Load Balancer" and "Enable access logs for your Network Load Balancer" of the
//! Elastic Load Balancing guides.

use super::AccessLogs;
use crate::block::lowering::Lowering;
use crate::cfn;
use crate::cfn::type_names::{BUCKET, BUCKET_POLICY};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};
use crate::diag::WithOrigin;

const BUCKET_ATTRIBUTE: &str = "access_logs.s3.bucket";

/// The service that writes the logs of a kind of load balancer.
#[derive(Debug, Clone, Copy)]
pub(in crate::block) struct LogWriter {
    principal: &'static str,
    /// Whether it reads the ACL of the bucket, and gives the owner of the bucket its files.
    reads_acl: bool,
}

/// The writer of the logs of an Application Load Balancer.
pub(in crate::block) const OF_APPLICATION: LogWriter =
    LogWriter { principal: "logdelivery.elasticloadbalancing.amazonaws.com", reads_acl: false };
/// The writer of the logs of a Network Load Balancer.
pub(in crate::block) const OF_NETWORK: LogWriter =
    LogWriter { principal: "delivery.logs.amazonaws.com", reads_acl: true };

/// Returns the name of the bucket of the logs; `own` is the logical id of the bucket that the load balancer makes.
pub(in crate::block) fn bucket(logs: &AccessLogs, own: &LogicalId) -> TemplateString {
    logs.bucket.clone().unwrap_or_else(|| Ref::to(own.clone()).into())
}

/// Returns whether an attribute of a load balancer names the bucket.
pub(super) fn is_bucket(attribute: &Value) -> bool {
    attribute.get("Key").and_then(Value::as_str) == Some(BUCKET_ATTRIBUTE)
}

/// Adds the bucket and its policy, unless the script names a bucket. A bucket with logs in it cannot be deleted, so it is kept.
pub(in crate::block) fn lower(
    logs: &WithOrigin<AccessLogs>,
    id: &LogicalId,
    writer: LogWriter,
    lowering: &mut Lowering<'_>,
) {
    if logs.value.bucket.is_some() {
        return;
    }
    let mut made = Resource::new(BUCKET, logs.origin.clone()).with("PublicAccessBlockConfiguration", private());
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        made.attributes.insert(policy.to_owned(), "Retain".into());
    }
    let document = cfn!({ "Version": "2012-10-17", "Statement": statements(&logs.value, id, writer) });
    let policy = Resource::new(BUCKET_POLICY, logs.origin.clone())
        .with("Bucket", Ref::to(id.clone()))
        .with("PolicyDocument", document);
    lowering.add(format!("{id}Policy"), policy);
    lowering.add(id.clone(), made);
}

fn statements(logs: &AccessLogs, id: &LogicalId, writer: LogWriter) -> Value {
    let prefix = logs.prefix.clone().map(|prefix| prefix.with("/")).unwrap_or_default();
    let bucket = TemplateString::from(Ref::attribute(id.clone(), "Arn"));
    let objects = bucket.clone().with("/").join(prefix).with("AWSLogs/").with(Ref::to("AWS::AccountId")).with("/*");
    let principal = cfn!({ "Service": writer.principal });
    let write = cfn!({
        "Effect": "Allow",
        "Principal": principal.clone(),
        "Action": "s3:PutObject",
        "Resource": objects,
    });
    if !writer.reads_acl {
        return cfn!([write]);
    }
    let read = cfn!({
        "Effect": "Allow",
        "Principal": principal,
        "Action": "s3:GetBucketAcl",
        "Resource": bucket,
    });
    cfn!([read, write])
}

fn private() -> Value {
    cfn!({
        "BlockPublicAcls": true,
        "BlockPublicPolicy": true,
        "IgnorePublicAcls": true,
        "RestrictPublicBuckets": true,
    })
}
