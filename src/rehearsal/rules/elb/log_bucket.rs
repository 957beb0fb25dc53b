//! The bucket of a load balancer's access logs: whether Elastic Load Balancing may write to it.

use serde_json::Value as Json;

use super::super::policy::{allows, is_for_everyone, matches, statements, texts};
use super::super::view::{AccountView, Existing};
use super::super::{CHANGES, Refusal, Rule, Subject};
use super::{attribute, invalid_configuration};
use crate::cfn::type_names::{BUCKET, LOAD_BALANCER};
use crate::rehearsal::property_access::{list, text};

pub(in crate::rehearsal::rules) const RULES: &[Rule] = &[
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: bucket_without_access },
    Rule { kind: LOAD_BALANCER, intents: CHANGES, check: bucket_with_a_key },
];

/// Returns the bucket of the access logs, if the account has it, with the key of a file in it that Elastic Load Balancing writes.
fn log_bucket<'v, 'a>(subject: &Subject<'_>, view: &'v AccountView<'a>) -> Option<(&'v Existing<'a>, String)> {
    attribute(subject.properties, "access_logs.s3.enabled").filter(|value| value == "true" && view.complete)?;
    let bucket = attribute(subject.properties, "access_logs.s3.bucket")?;
    let prefix = attribute(subject.properties, "access_logs.s3.prefix").filter(|prefix| !prefix.is_empty());
    let start = prefix.map(|prefix| format!("{prefix}/")).unwrap_or_default();
    Some((view.find(BUCKET, &bucket)?, format!("{start}AWSLogs/{}/ELBAccessLogTestFile", view.account)))
}

/// Refuses a bucket whose policy does not let Elastic Load Balancing write the logs ("Enable access logs for your Application Load
/// Balancer", user guide: "Attach a policy to your S3 bucket"; the message is quoted in aws-cdk#5758). A statement for an account
/// counts, because each older region has its own account of the service.
fn bucket_without_access(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    let (bucket, key) = log_bucket(subject, view)?;
    let name = bucket.physical_id?;
    let policies = view.of("AWS::S3::BucketPolicy").filter(|policy| policy.has("Bucket", name));
    let object = format!("arn:{}:s3:::{name}/{key}", view.partition());
    let writes = |statement: &Json| {
        let actions = texts(statement, "Action");
        let resources = texts(statement, "Resource");
        allows(statement)
            && is_for_load_balancers(statement)
            && (actions.is_empty() || actions.iter().any(|action| matches(action, "s3:PutObject")))
            && (resources.is_empty() || resources.iter().any(|resource| matches(resource, &object)))
    };
    let documents: Vec<_> = policies.filter_map(|policy| policy.properties.get("PolicyDocument")).collect();
    let allowed = documents.iter().flat_map(|document| statements(document)).any(writes);
    let text = format!("Access Denied for bucket: {name}. Please check S3bucket permission");
    (!allowed).then(|| invalid_configuration(text))
}

/// Returns whether a statement is for a service of load balancers, an account, or everyone.
fn is_for_load_balancers(statement: &Json) -> bool {
    const SERVICES: [&str; 3] = [
        "logdelivery.elasticloadbalancing.amazonaws.com",
        "logdelivery.elb.amazonaws.com",
        "delivery.logs.amazonaws.com",
    ];
    let Some(principal) = statement.get("Principal") else { return statement.get("NotPrincipal").is_some() };
    let services = texts(principal, "Service");
    is_for_everyone(statement)
        || !texts(principal, "AWS").is_empty()
        || SERVICES.iter().any(|service| services.contains(service))
}

/// Refuses a bucket of an Application Load Balancer that is encrypted with a key of KMS ("Enable access logs for your Application
/// Load Balancer", user guide: "the only server-side encryption option that's supported is Amazon S3-managed keys"; the message is
/// quoted in terraform-aws-modules/terraform-aws-alb#61).
fn bucket_with_a_key(subject: &Subject<'_>, view: &AccountView<'_>) -> Option<Refusal> {
    if text(subject.properties, "Type").is_some_and(|kind| kind != "application") {
        return None;
    }
    let (bucket, _) = log_bucket(subject, view)?;
    let rules = list(bucket.properties.get("BucketEncryption")?, "ServerSideEncryptionConfiguration");
    let mut defaults = rules.filter_map(|rule| rule.get("ServerSideEncryptionByDefault"));
    defaults.find(|it| text(it, "SSEAlgorithm").is_some_and(|algorithm| algorithm.starts_with("aws:kms")))?;
    let name = bucket.physical_id?;
    Some(invalid_configuration(format!("Access Denied for bucket: {name}. Please check S3bucket permission")))
}
