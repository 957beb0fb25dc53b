//! Buckets, topics, queues and distributions.

use std::collections::HashSet;

use super::context::{CheckContext, ResourceEntry, is_true};
use crate::cfn::Value;
use crate::diag::{Code, Sink};

pub(super) fn check(scope: &CheckContext<'_>, sink: &mut Sink) {
    scope.all("AWS::S3::Bucket").for_each(|bucket| acl(bucket, sink));
    scope.all("AWS::SNS::Topic").for_each(|topic| queue_name(topic, "TopicName", 256, "FifoTopic", sink));
    scope.all("AWS::SQS::Queue").for_each(|queue| queue_name(queue, "QueueName", 80, "FifoQueue", sink));
    scope.all("AWS::CloudFront::Distribution").for_each(|distribution| origins(distribution, scope, sink));
}

/// Reports an ACL: since April 2023 new buckets ignore ACLs, and S3 refuses a bucket that sets one ("Controlling
/// ownership of objects" of the S3 user guide).
fn acl(bucket: ResourceEntry<'_>, sink: &mut Sink) {
    // "If you specify this canned ACL when creating a bucket, Amazon S3 ignores it" ("Canned ACL", S3 user guide).
    // The schema reports an ACL that does not exist.
    const REFUSED: [&str; 5] =
        ["AuthenticatedRead", "AwsExecRead", "LogDeliveryWrite", "PublicRead", "PublicReadWrite"];
    let ownership = bucket.text("OwnershipControls.Rules.0.ObjectOwnership");
    let are_off = bucket.lacks("OwnershipControls") || ownership == Some("BucketOwnerEnforced");
    let acls = bucket.branches("AccessControl").into_iter().filter_map(|branch| branch.value?.as_str());
    let refused: Vec<&str> = acls.filter(|acl| REFUSED.contains(acl)).collect();
    if are_off && !refused.is_empty() {
        let problem = bucket.error(Code::BucketAcl, "AccessControl", "new buckets take no ACL");
        sink.push(problem.help("use a bucket policy, or set `OwnershipControls` to `BucketOwnerPreferred`"));
    }
}

fn queue_name(found: ResourceEntry<'_>, property: &str, longest: usize, flag: &str, sink: &mut Sink) {
    let Some(name) = found.text(property) else { return };
    let stem = name.strip_suffix(".fifo").unwrap_or(name);
    let is_name = !stem.is_empty() && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if !is_name || name.len() > longest {
        let problem = found.error(Code::PhysicalName, property, format!("`{name}` cannot be a name here"));
        sink.push(problem.help(format!("it may have letters, digits, hyphens and underscores, {longest} at most")));
    }
    let is_fifo = match found.get(flag) {
        Some(value) => is_true(value),
        None if found.has(flag) => return,
        None => false,
    };
    if is_fifo != (name.len() > stem.len()) {
        let message = format!("a name ends in `.fifo` just where `{flag}` is true");
        sink.push(found.error(Code::PhysicalName, property, message));
    }
}

/// Checks that behaviours send requests to origins of the same distribution.
fn origins(distribution: ResourceEntry<'_>, scope: &CheckContext<'_>, sink: &mut Sink) {
    const CONFIG: &str = "DistributionConfig";
    let Some(config) = distribution.get(CONFIG) else { return };
    let mut known: HashSet<&str> = HashSet::new();
    let lists = [config.get("Origins"), config.get("OriginGroups").and_then(|groups| groups.get("Items"))];
    for item in lists.iter().flatten() {
        let Some(items) = item.as_list() else { return };
        for origin in items {
            let Some(id) = origin.get("Id").and_then(Value::as_str) else { return };
            known.insert(id);
        }
    }
    if known.is_empty() {
        return;
    }
    let behaviors = distribution.list("DistributionConfig.CacheBehaviors");
    let paths = (0..behaviors.len()).map(|at| format!("{CONFIG}.CacheBehaviors.{at}.TargetOriginId"));
    for path in std::iter::once(format!("{CONFIG}.DefaultCacheBehavior.TargetOriginId")).chain(paths) {
        if let Some(id) = distribution.text(&path).filter(|id| !known.contains(id)) {
            let problem =
                distribution.error(Code::UndefinedOrigin, &path, format!("the distribution has no origin `{id}`"));
            sink.push(problem.help_if(scope.suggestions.did_you_mean(id, known.iter().copied())));
        }
    }
}
