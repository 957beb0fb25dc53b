//! The bucket of access logs that a load balancer creates, with the policy that lets Elastic Load Balancing write to it.
//!
//! Source: "Enable access logs for your Application Load Balancer" of the Elastic Load Balancing guide.

use super::{AccessLogs, Alb};
use crate::block::lowering::Lowering;
use crate::cfn;
use crate::cfn::type_names::{BUCKET, BUCKET_POLICY};
use crate::cfn::{LogicalId, Ref, Resource, TemplateString, Value};

const WRITER: &str = "logdelivery.elasticloadbalancing.amazonaws.com";
const BUCKET_ATTRIBUTE: &str = "access_logs.s3.bucket";

/// Returns the name of the bucket of the logs.
pub(super) fn bucket(alb: &Alb, logs: &AccessLogs) -> TemplateString {
    logs.bucket.clone().unwrap_or_else(|| Ref::to(bucket_id(alb)).into())
}

/// Returns whether an attribute of a load balancer names the bucket.
pub(super) fn is_bucket(attribute: &Value) -> bool {
    attribute.get("Key").and_then(Value::as_str) == Some(BUCKET_ATTRIBUTE)
}

fn bucket_id(alb: &Alb) -> LogicalId {
    format!("{}AccessLogs", alb.logical_id()).into()
}

/// Adds the bucket and its policy, unless the script names a bucket. A bucket with logs in it cannot be deleted, so it is kept.
pub(super) fn lower(alb: &Alb, lowering: &mut Lowering<'_>) {
    let Some(logs) = alb.access_logs.as_ref().filter(|logs| logs.value.bucket.is_none()) else { return };
    let id = bucket_id(alb);
    let mut made = Resource::new(BUCKET, logs.origin.clone()).with("PublicAccessBlockConfiguration", private());
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        made.attributes.insert(policy.to_owned(), "Retain".into());
    }
    let prefix = logs.value.prefix.clone().map(|prefix| prefix.with("/")).unwrap_or_default();
    let objects = TemplateString::from(Ref::attribute(id.clone(), "Arn"))
        .with("/")
        .join(prefix)
        .with("AWSLogs/")
        .with(Ref::to("AWS::AccountId"))
        .with("/*");
    let statement = cfn!({
        "Effect": "Allow",
        "Principal": cfn!({ "Service": WRITER }),
        "Action": "s3:PutObject",
        "Resource": objects,
    });
    let document = cfn!({ "Version": "2012-10-17", "Statement": cfn!([statement]) });
    let policy = Resource::new(BUCKET_POLICY, logs.origin.clone())
        .with("Bucket", Ref::to(id.clone()))
        .with("PolicyDocument", document);
    lowering.add(format!("{id}Policy"), policy);
    lowering.add(id, made);
}

fn private() -> Value {
    cfn!({
        "BlockPublicAcls": true,
        "BlockPublicPolicy": true,
        "IgnorePublicAcls": true,
        "RestrictPublicBuckets": true,
    })
}
